"""What one font file holds: its faces, their names, weights and character coverage; read by HarfBuzz, no table by hand
but ``OS/2``."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz as hb  # type: ignore[import-untyped]

from engine.core.errors import CorruptMedia, UnreadableMedia

FONT_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
"""What a folder is searched for; web fonts (woff, woff2) are not read."""

MAX_FACES = 64
"""Faces of a collection that are looked at; the largest we know has 45."""

_REGULAR = 400
_BOLD = 700
_FAMILY_NAMES = (16, 1)
_FACE_NAMES = (4, 6)
_ITALIC_BITS = 0x201  # OS/2 fsSelection: ITALIC and OBLIQUE
_BOLD_BIT = 0x20
_NORMAL_WIDTH = 5
_PICTURES = ("glyf", "CFF ", "CFF2", "CBDT", "sbix")


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file.

    Attributes:
        path: the file.
        index: the face's number within a collection, else 0.
        family: the family's name, English where there is one.
        families: every name of the family, folded by :func:`fold_name`.
        names: the full and PostScript names, folded.
        weight: OpenType weight of a static face, 1..1000.
        weights: lowest and highest weight; both are ``weight`` unless the face has a weight axis.
        italic: whether it is slanted.
        width: OpenType width class, 5 is normal, 3 condensed.
        color: whether it has glyphs in colour.
    """

    path: Path
    index: int
    family: str
    families: frozenset[str]
    names: frozenset[str]
    weight: int
    weights: tuple[int, int]
    italic: bool
    width: int
    color: bool


def fold_name(name: str) -> str:
    """A font's name for comparison: case, spaces and hyphens do not count, nor does a final ``variable``."""
    folded = "".join(ch for ch in name.casefold() if ch not in " -_")
    return folded.removesuffix("variable") or folded


def read_faces(path: Path) -> tuple[FontFace, ...]:
    """The faces of a font file.

    Raises:
        UnreadableMedia: the file is missing or may not be read.
        CorruptMedia: it is not a font that we can read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableMedia(path, "this font file cannot be read. Check the name and the permissions.") from error
    return _read_faces(path, status.st_size, status.st_mtime_ns)


def open_blob(path: Path) -> "hb.Blob":
    """The bytes of a font file, mapped into memory.

    Raises:
        UnreadableMedia: the file is missing or may not be read.
    """
    try:
        return hb.Blob.from_file_path(str(path))
    except (OSError, hb.HarfBuzzError, MemoryError) as error:
        problem = "this font file cannot be read. Check the name and the permissions."
        raise UnreadableMedia(path, problem, detail=str(error)) from error


@lru_cache(maxsize=8192)
def _read_faces(path: Path, size: int, time: int) -> tuple[FontFace, ...]:
    blob = open_blob(path) if size else hb.Blob(b"")
    count = min(hb.Face(blob, 0).count or 0, MAX_FACES)
    faces = tuple(face for index in range(count) if (face := _read_face(path, blob, index)) is not None)
    if not faces:
        raise CorruptMedia(path, "this is not a font that can be used: give a TrueType or OpenType file.")
    return faces


def _read_face(path: Path, blob: "hb.Blob", index: int) -> FontFace | None:
    face = hb.Face(blob, index)
    if not face.glyph_count or not face.upem or not _has(face, "cmap") or not any(_has(face, tag) for tag in _PICTURES):
        return None
    family_names = tuple(_names(face, _FAMILY_NAMES))
    english = next(
        (name for kind in _FAMILY_NAMES if (name := face.get_name(kind, "en"))),
        family_names[0] if family_names else path.stem,
    )
    weight, italic, width = _style(_table(face, "OS/2"), _table(face, "head"))
    axis = next((a for a in face.axis_infos if a.tag == "wght"), None) if face.has_var_data else None
    return FontFace(
        path=path,
        index=index,
        family=english.removesuffix(" Variable"),
        families=frozenset(map(fold_name, family_names or (english,))),
        names=frozenset(map(fold_name, _names(face, _FACE_NAMES))),
        weight=weight,
        weights=(round(axis.min_value), round(axis.max_value)) if axis else (weight, weight),
        italic=italic,
        width=width,
        color=bool(face.has_color_paint or face.has_color_layers or face.has_color_png),
    )


def _names(face: "hb.Face", kinds: tuple[int, ...]) -> Iterator[str]:
    for entry in face.list_names():
        if entry.name_id in kinds:
            name = face.get_name(entry.name_id, entry.language)
            if name:
                yield name


def _table(face: "hb.Face", tag: str) -> bytes:
    return bytes(face.reference_table(tag).data or b"")


def _has(face: "hb.Face", tag: str) -> bool:
    """Whether a table is there in fact: a file that was cut short still lists it."""
    return len(face.reference_table(tag)) > 0


def _style(os2: bytes, head: bytes) -> tuple[int, bool, int]:
    """Weight, slant and width class from ``OS/2``, or from ``head`` where that is missing."""
    if len(os2) >= 64:
        weight, width = struct.unpack_from(">HH", os2, 4)
        selection = struct.unpack_from(">H", os2, 62)[0]
        # Some old fonts count 1 to 9; some bold ones say less than their bit does.
        weight = weight * 100 if 0 < weight < 10 else weight
        if selection & _BOLD_BIT:
            weight = max(weight, _BOLD)
        return min(max(weight, 1), 1000), bool(selection & _ITALIC_BITS), min(max(width, 1), 9)
    style = struct.unpack_from(">H", head, 44)[0] if len(head) >= 46 else 0
    return (_BOLD if style & 1 else _REGULAR), bool(style & 2), _NORMAL_WIDTH
