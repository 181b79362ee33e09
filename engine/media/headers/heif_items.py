"""The item tables of HEIF (ISO/IEC 23008-12): which item is the picture, its properties, where its bytes are."""

from dataclasses import dataclass, field

from engine.core.errors import CorruptMedia
from engine.media.headers.boxes import Box, Fields, boxes
from engine.media.source import PhotoSource

_MAX_TABLE_BYTES = 4 << 20
"""Largest item table that we read; 1000 items with their references stay below 100 kB."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where the first bytes of an item are: in the file, or in the meta box's ``idat``."""

    in_idat: bool
    offset: int


@dataclass(slots=True)
class HeifItems:
    """The meta box, resolved.

    Attributes:
        primary: id of the picture to show.
        kinds: item id -> four-character item type (``hvc1``, ``av01``, ``grid``, ...).
        properties: item id -> its property boxes, in the order in which they apply.
        all_properties: every property box of the file.
        references: (type, from item) -> item ids.
        extents: item id -> where its data starts.
        idat: payload of the ``idat`` box.
    """

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    properties: dict[int, list[Box]] = field(default_factory=dict)
    all_properties: list[Box] = field(default_factory=list)
    references: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    extents: dict[int, Extent] = field(default_factory=dict)
    idat: Box | None = None


def _payload(source: PhotoSource, box: Box) -> bytes:
    size = box.end - box.start
    if size > _MAX_TABLE_BYTES:
        raise source.damaged(f"box {box.kind!r} of {size} bytes")
    return source.at(box.start, size)


def read_items(source: PhotoSource, meta: Box) -> HeifItems:
    """Read the tables of a ``meta`` box.

    Raises:
        CorruptMedia: a table contradicts itself.
    """
    items = HeifItems()
    associations: list[Box] = []
    for box in boxes(source, meta.start + 4, meta.end):
        if box.kind == b"pitm":
            fields = Fields(source, _payload(source, box))
            items.primary = fields.number(2 if fields.number(4) >> 24 == 0 else 4)
        elif box.kind == b"iinf":
            _read_kinds(source, box, items)
        elif box.kind == b"iref":
            _read_references(source, box, items)
        elif box.kind == b"iloc":
            _read_locations(source, box, items)
        elif box.kind == b"idat":
            items.idat = box
        elif box.kind == b"iprp":
            for part in boxes(source, box.start, box.end):
                if part.kind == b"ipco":
                    items.all_properties = list(boxes(source, part.start, part.end))
                elif part.kind == b"ipma":
                    associations.append(part)
    for box in associations:
        _read_associations(source, box, items)
    return items


def _read_kinds(source: PhotoSource, box: Box, items: HeifItems) -> None:
    version = source.at(box.start, 1)[0]
    for entry in boxes(source, box.start + (6 if version == 0 else 8), box.end):
        if entry.kind != b"infe":
            continue
        fields = Fields(source, source.at(entry.start, min(entry.end - entry.start, 16)))
        entry_version = fields.number(4) >> 24
        if entry_version >= 2:
            item = fields.number(2 if entry_version == 2 else 4)
            fields.number(2)
            items.kinds[item] = fields.take(4)


def _read_references(source: PhotoSource, box: Box, items: HeifItems) -> None:
    width = 2 if source.at(box.start, 1)[0] == 0 else 4
    for entry in boxes(source, box.start + 4, box.end):
        fields = Fields(source, _payload(source, entry))
        item, count = fields.number(width), fields.number(2)
        items.references[entry.kind, item] = [fields.number(width) for _ in range(count)]


def _read_locations(source: PhotoSource, box: Box, items: HeifItems) -> None:
    fields = Fields(source, _payload(source, box))
    version = fields.number(4) >> 24
    sizes = fields.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    id_size = 4 if version == 2 else 2
    for _ in range(fields.number(id_size)):
        item = fields.number(id_size)
        method = fields.number(2) & 15 if version else 0
        fields.number(2)  # data reference: this file
        base = fields.number(base_size)
        for extent in range(fields.number(2)):
            if version:
                fields.number(index_size)
            offset = base + fields.number(offset_size)
            length = fields.number(length_size)
            if extent == 0:
                items.extents[item] = Extent(method == 1, offset)
            if method == 0 and offset + length > source.size:
                raise source.truncated(f"item {item} ends at {offset + length} of {source.size} bytes")


def _read_associations(source: PhotoSource, box: Box, items: HeifItems) -> None:
    fields = Fields(source, _payload(source, box))
    flags = fields.number(4)
    id_size, index_size = (2 if flags >> 24 == 0 else 4), (2 if flags & 1 else 1)
    for _ in range(fields.number(4)):
        item = fields.number(id_size)
        found = items.properties.setdefault(item, [])
        for _ in range(fields.number(1)):
            index = fields.number(index_size) & (0x7FFF if index_size == 2 else 0x7F)
            if index > len(items.all_properties):
                raise _bad_index(source, index)
            if index:
                found.append(items.all_properties[index - 1])


def _bad_index(source: PhotoSource, index: int) -> CorruptMedia:
    return source.damaged(f"property {index} does not exist")
