"""HEIC and AVIF: the primary item of an ISO/IEC 23008-12 file, its size, transformations and colour.

HEIF orders orientation as transformative properties (``irot``, ``imir``) and lets them win over EXIF (ISO/IEC
23008-12 6.5.10): EXIF orientation is therefore ignored here.
"""

from dataclasses import dataclass

from engine.core.errors import UnsupportedMedia
from engine.media.headers.boxes import Box, boxes
from engine.media.headers.heif_items import HeifItems, read_items
from engine.media.headers.hevc import hvcc_sizes
from engine.media.headers.model import MAX_ICC_BYTES, Cicp, PhotoHeader
from engine.media.orientation import then_mirrored, then_rotated
from engine.media.source import PhotoSource

_CODECS = {b"hvc1": "HEIC", b"hev1": "HEIC", b"av01": "AVIF"}
_OTHER_CODECS = {b"avc1": "H.264", b"jpeg": "JPEG", b"j2k1": "JPEG 2000", b"vvc1": "H.266", b"unci": "no"}
_DERIVED = frozenset({b"grid", b"iovl", b"iden", b"tmap"})
_MAX_DERIVATION = 4
_ALPHA_TYPES = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
_MAX_CONFIG_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class _Picture:
    """What the properties of one item say."""

    size: tuple[int, int] | None
    orientation: int
    bit_depth: int
    icc: bytes | None
    cicp: Cicp | None


def _properties(source: PhotoSource, found: list[Box]) -> _Picture:
    size: tuple[int, int] | None = None
    orientation, depth, icc, cicp = 1, 8, None, None
    for box in found:
        length = box.end - box.start
        if box.kind == b"ispe":
            data = source.at(box.start, 12)
            size = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
            source.check_size(*size)
        elif box.kind == b"clap" and size is not None:
            size = _clean_aperture(source, source.at(box.start, 32), size)
        elif box.kind == b"irot":
            orientation = then_rotated(orientation, source.at(box.start, 1)[0] & 3)
        elif box.kind == b"imir":
            orientation = then_mirrored(orientation, left_right=bool(source.at(box.start, 1)[0] & 1))
        elif box.kind == b"pixi" and length > 5:
            depth = source.at(box.start + 5, 1)[0]
        elif box.kind == b"colr" and length >= 4:
            kind = source.at(box.start, 4)
            if kind in (b"prof", b"rICC") and length - 4 <= MAX_ICC_BYTES:
                icc = source.at(box.start + 4, length - 4)
            elif kind == b"nclx":
                data = source.at(box.start + 4, 4)
                cicp = Cicp(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big"))
    return _Picture(size, orientation, depth, icc, None if icc else cicp)


def _clean_aperture(source: PhotoSource, data: bytes, size: tuple[int, int]) -> tuple[int, int]:
    """ISO/IEC 14496-12 12.1.4: width and height as fractions; libheif rounds them to whole pixels."""
    values = [int.from_bytes(data[i : i + 4], "big") for i in range(0, 16, 4)]
    if not values[1] or not values[3]:
        raise source.damaged("a clean aperture with a zero denominator")
    width, height = round(values[0] / values[1]), round(values[2] / values[3])
    if not (1 <= width <= size[0] and 1 <= height <= size[1]):
        raise source.damaged(f"a clean aperture of {width}x{height} in {size[0]}x{size[1]}")
    return width, height


def _canvas(source: PhotoSource, items: HeifItems, item: int, kind: bytes) -> None:
    """The decoder allocates the size in the data of a grid or overlay, whatever ``ispe`` says: check that too."""
    extent = items.extents.get(item)
    if extent is None or kind not in (b"grid", b"iovl"):
        return
    start = extent.offset + (items.idat.start if extent.in_idat and items.idat else 0)
    flags = source.at(start, 2)[1]
    width = 4 if flags & 1 else 2
    # A grid has its rows and columns, an overlay its four 16-bit fill values, in front of the size.
    data = source.at(start + (4 if kind == b"grid" else 10), 2 * width)
    source.check_size(int.from_bytes(data[:width], "big"), int.from_bytes(data[width:], "big"))


def _coded_kind(source: PhotoSource, items: HeifItems) -> bytes:
    """Follow derived items (grid of tiles, overlay, identity) down to the coded ones."""
    item = items.primary
    kind = items.kinds.get(item, b"")
    for _ in range(_MAX_DERIVATION):
        if kind not in _DERIVED:
            break
        _canvas(source, items, item, kind)
        inputs = items.references.get((b"dimg", item), [])
        if not inputs:
            raise source.damaged(f"derived item {item} has no inputs")
        item = inputs[0]
        kind = items.kinds.get(item, b"")
    return kind


def _check_parameter_sets(source: PhotoSource, items: HeifItems) -> None:
    for box in items.all_properties:
        if box.kind == b"hvcC":
            for size in hvcc_sizes(source.up_to(box.start, min(box.end - box.start, _MAX_CONFIG_BYTES))):
                source.check_size(*size)


def _has_alpha(source: PhotoSource, items: HeifItems) -> bool:
    tiles = items.references.get((b"dimg", items.primary), [])[:1]
    for (kind, item), targets in items.references.items():
        if kind == b"auxl" and (items.primary in targets or any(tile in targets for tile in tiles)):
            for box in items.properties.get(item, []):
                if box.kind == b"auxC" and source.up_to(box.start + 4, 48).startswith(_ALPHA_TYPES):
                    return True
    return False


def parse_heif(source: PhotoSource) -> PhotoHeader:
    """Read the primary item.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
        UnsupportedMedia: an image sequence (a video), or another codec than HEVC and AV1.
    """
    top = {box.kind: box for box in boxes(source, 0, source.size, trailer=True)}
    meta = top.get(b"meta")
    if meta is None:
        if b"moov" in top:
            raise UnsupportedMedia(source.path, "this is an image sequence, a video in HEIF; export one frame as JPEG.")
        raise source.damaged("no meta box")
    items = read_items(source, meta)
    picture = _properties(source, items.properties.get(items.primary, []))
    kind = _coded_kind(source, items)
    if kind in _OTHER_CODECS:
        raise UnsupportedMedia(
            source.path, f"this HEIF file holds {_OTHER_CODECS[kind]} coding, which is not read; export it as JPEG."
        )
    if kind not in _CODECS or picture.size is None:
        raise source.damaged(f"the primary item {items.primary} is {kind!r} of size {picture.size}")
    _check_parameter_sets(source, items)
    moving = b"moov" in top
    return PhotoHeader(
        _CODECS[kind],
        *picture.size,
        orientation=picture.orientation,
        bit_depth=picture.bit_depth,
        has_alpha=_has_alpha(source, items),
        # Pillow's AVIF plugin has libavif round to 8 bits; libheif would cut.
        deep=picture.bit_depth > 8 and _CODECS[kind] == "HEIC",
        icc=picture.icc,
        cicp=picture.cicp,
        frames=2 if moving else 1,
        moving=moving,
    )
