"""TIFF 6.0 and BigTIFF directories, and the orientation tag of EXIF, which is a TIFF inside other formats."""

from dataclasses import dataclass

from engine.core.errors import UnsupportedMedia
from engine.media.headers.model import MAX_ICC_BYTES, PhotoHeader
from engine.media.source import PhotoSource

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MAX_ENTRIES = 4096
_NEW_SUBFILE, _WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _MAKE = 254, 256, 257, 258, 262, 271
_ORIENTATION, _SAMPLES, _SUB_IFDS, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 274, 277, 330, 338, 339
_TABLES = (258, 273, 279, 320, 324, 325, 338, 339)
"""Depths, where the strips and tiles are, colour map, channels."""
_ICC, _DNG_VERSION = 34675, 50706
_CFA, _LINEAR_RAW = 32803, 34892
_RAW_MAKERS = {"nikon": "NEF", "sony": "ARW", "pentax": "PEF", "samsung": "SRW", "hasselblad": "3FR", "kodak": "DCR"}
_RAW_EXTENSIONS = frozenset({".nef", ".nrw", ".arw", ".sr2", ".srf", ".pef", ".srw", ".3fr", ".dcr", ".kdc", ".erf"})
_REDUCED_COPY = 1
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_PREMULTIPLIED, _STRAIGHT = 1, 2
_UNSIGNED = 1
_SAMPLE_FORMATS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
_MAX_SAMPLES = 64
"""More channels a pixel than this is data, not a photo; it also bounds what is read of the per-channel tags."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One directory entry: field type, count, the raw value or the offset of it, and where in the file that is."""

    kind: int
    count: int
    inline: bytes
    position: int


@dataclass(frozen=True, slots=True)
class _Directory:
    """The first directory of a file and whether another follows."""

    source: PhotoSource
    order: str
    entries: dict[int, _Entry]
    more: bool

    def raw(self, tag: int, limit: int) -> bytes:
        """The bytes of a tag's value, or nothing when it is absent or above ``limit`` bytes."""
        entry = self.entries.get(tag)
        if entry is None:
            return b""
        size = _TYPE_BYTES.get(entry.kind, 0) * entry.count
        if size > limit:
            return b""
        if size <= len(entry.inline):
            return entry.inline[:size]
        return self.source.at(self._number(entry.inline), size)

    def check_tables(self) -> None:
        """Refuse a file that was cut off inside the tables that its decoder needs."""
        for tag in _TABLES:
            entry = self.entries.get(tag)
            size = _TYPE_BYTES.get(entry.kind, 0) * entry.count if entry else 0
            if entry and size > len(entry.inline) and self._number(entry.inline) + size > self.source.size:
                raise self.source.truncated(f"TIFF tag {tag} reaches over the end")

    def numbers(self, tag: int) -> list[int]:
        """An integer tag as a list; empty when it is absent."""
        entry = self.entries.get(tag)
        if entry is None:
            return []
        width = _TYPE_BYTES.get(entry.kind, 1)
        data = self.raw(tag, 8 * _MAX_SAMPLES)
        return [self._number(data[i : i + width]) for i in range(0, len(data), width)]

    def number(self, tag: int, default: int) -> int:
        """The first value of an integer tag."""
        return next(iter(self.numbers(tag)), default)

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self.order == "little" else "big")


def _read_directory(source: PhotoSource) -> _Directory:
    mark = source.at(0, 16) if source.size >= 16 else source.at(0, 8)
    order = "little" if mark[:2] == b"II" else "big"

    def number(data: bytes) -> int:
        return int.from_bytes(data, "little" if order == "little" else "big")

    big = number(mark[2:4]) == 43
    count_size, offset_size = (8, 8) if big else (2, 4)
    start = number(mark[8:16]) if big else number(mark[4:8])
    count = number(source.at(start, count_size))
    if not 1 <= count <= _MAX_ENTRIES:
        raise source.damaged(f"a TIFF directory of {count} entries at offset {start}")
    entry_size = 4 + 2 * offset_size
    table = source.at(start + count_size, count * entry_size)
    entries: dict[int, _Entry] = {}
    for i in range(0, len(table), entry_size):
        row = table[i : i + entry_size]
        kind, values = number(row[2:4]), number(row[4 : 4 + offset_size])
        position = start + count_size + i + 4 + offset_size
        entries[number(row[:2])] = _Entry(kind, values, row[4 + offset_size :], position)
    more = number(source.up_to(start + count_size + len(table), offset_size)) != 0
    return _Directory(source, order, entries, more)


def parse_tiff(source: PhotoSource) -> PhotoHeader:
    """Read the first directory.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
        UnsupportedMedia: a camera's RAW file, or floating-point samples.
    """
    directory = _read_directory(source)
    _refuse_raw(source, directory)
    width, height = directory.number(_WIDTH, 0), directory.number(_HEIGHT, 0)
    source.check_size(width, height)
    sample_format = directory.number(_SAMPLE_FORMAT, _UNSIGNED)
    if sample_format != _UNSIGNED:
        kind = _SAMPLE_FORMATS.get(sample_format, "undefined")
        raise UnsupportedMedia(
            source.path,
            f"this TIFF holds {kind} values, for which no white is agreed; export it as 8-bit or 16-bit TIFF.",
        )
    directory.check_tables()
    samples = directory.number(_SAMPLES, 1)
    if samples > _MAX_SAMPLES:
        raise source.damaged(f"{samples} samples a pixel")
    orientation = directory.number(_ORIENTATION, 1)
    depth = max(directory.numbers(_BITS), default=1)
    photometric = directory.number(_PHOTOMETRIC, _RGB)
    extra = directory.numbers(_EXTRA_SAMPLES)
    return PhotoHeader(
        "TIFF",
        width,
        height,
        orientation=orientation if 1 <= orientation <= 8 else 1,
        bit_depth=depth,
        has_alpha=_PREMULTIPLIED in extra or _STRAIGHT in extra,
        deep=depth == 16 and photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB),
        premultiplied=_PREMULTIPLIED in extra,
        inverted=photometric == _WHITE_IS_ZERO,
        icc=directory.raw(_ICC, MAX_ICC_BYTES) or None,
        frames=2 if directory.more else 1,
    )


def _refuse_raw(source: PhotoSource, directory: _Directory) -> None:
    """Most camera RAW files are TIFFs whose first directory is a thumbnail: reading it would give a stamp."""
    make = directory.raw(_MAKE, 256).split(b"\0")[0].decode("latin-1").strip()
    kind = ""
    if _DNG_VERSION in directory.entries:
        kind = "DNG"
    elif directory.number(_PHOTOMETRIC, 2) in (_CFA, _LINEAR_RAW) or source.path.suffix.lower() in _RAW_EXTENSIONS:
        kind = source.path.suffix.lstrip(".").upper()
    elif directory.number(_NEW_SUBFILE, 0) & _REDUCED_COPY and _SUB_IFDS in directory.entries:
        kind = next((name for maker, name in _RAW_MAKERS.items() if make.lower().startswith(maker)), "TIFF")
    if kind:
        raise UnsupportedMedia(
            source.path,
            f"this is a camera's RAW photo ({kind}), which is not read; "
            "develop it in a raw converter and export it as JPEG or 16-bit TIFF.",
        )


def read_upright(source: PhotoSource) -> bytearray:
    """The whole file with its orientation tag set to 1, for a decoder that may or may not obey the tag."""
    data = bytearray(source.at(0, source.size))
    entry = _read_directory(source).entries.get(_ORIENTATION)
    if entry is not None:
        little = data[:2] == b"II"
        data[entry.position : entry.position + 2] = b"\1\0" if little else b"\0\1"
    return data


def exif_orientation(exif: bytes) -> int:
    """The orientation tag of an EXIF block (without the ``Exif\\0\\0`` mark): 1..8, and 1 when it says nothing usable.

    Damaged metadata must not cost the user the picture, so nothing is raised here.
    """
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    little = exif[:2] == b"II"

    def number(start: int, size: int) -> int:
        return int.from_bytes(exif[start : start + size], "little" if little else "big")

    start = number(4, 4)
    for entry in range(start + 2, min(start + 2 + 12 * number(start, 2), len(exif) - 11), 12):
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == 3:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
