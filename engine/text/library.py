"""Finding fonts: by family, weight and slant, by file, and for characters that the chosen font does not have."""

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.errors import MultiplaneError
from engine.core.settings import Setting
from engine.text.font_file import FONT_SUFFIXES, FontFace, fold_name, read_faces
from engine.text.typeface import Typeface

SYSTEM_FONTS = Setting(
    "MULTIPLANE_SYSTEM_FONTS", 1, "0 or 1", 0, 1, "whether texts may use the fonts that the system has installed"
)

SHIPPED_FONTS = Path(__file__).parent / "fonts"
DEFAULT_FAMILY = "Inter"

MAX_FONT_FILES = 20_000
"""Files that are looked at below one folder."""

_SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

_MARKS = {
    "ja": ("japanese", "jp", "ja"),
    "ko": ("korean", "kr", "ko"),
    "zh-hans": ("schinese", "sc", "hans", "chinese", "cn", "gb"),
    "zh-hant": ("tchinese", "tc", "hant", "chinese", "tw", "hk", "cns"),
}
"""What the names of fonts made for a language's ideographs end with, best first."""

_SERIF = ("serif", "mono", "ming", "song", "mincho", "batang")
"""Families that are taken last as a fallback: the default font has no serifs."""


class FontLibrary:
    """The fonts that texts may use: those that we ship, those in given folders, and the system's.

    Folders are looked at when they are first needed, and not again: fonts that come later are seen by a library that is
    made later. Nothing is fetched. Safe to use from many threads.

    Args:
        folders: searched with all folders below them, in this order, before the system's; None is none.
        system: whether the system's fonts may be used; None asks :data:`SYSTEM_FONTS`. Without them results are the
            same on every machine.
    """

    def __init__(self, folders: Sequence[Path] | None = None, *, system: bool | None = None) -> None:
        own = (SHIPPED_FONTS, *(Path(folder) for folder in folders or ()))
        allowed = SYSTEM_FONTS.int_value() == 1 if system is None else system
        home = tuple(Path(os.path.expanduser(folder)) for folder in _SYSTEM_FOLDERS) if allowed else ()  # noqa: PTH111
        self._tiers: tuple[tuple[Path, ...], ...] = (own, home)
        self._faces: dict[int, tuple[FontFace, ...]] = {}
        self._open: dict[tuple[Path, int, int, bool], Typeface] = {}
        self._fallbacks: dict[tuple[str, int, bool, bool, str], Typeface | None] = {}
        self._lock = threading.RLock()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where fonts are looked for: ours, those given, the system's."""
        return tuple(folder for tier in self._tiers for folder in tier)

    def find(self, name: str | None, weight: int = 400, italic: bool = False) -> tuple[Typeface, tuple[str, ...]]:
        """The face that fits best.

        Args:
            name: of a family or of a face, or a font file; None is :data:`DEFAULT_FAMILY`.
            weight: OpenType weight, 1..1000.
            italic: slanted.

        Returns:
            The face, and notes: sentences where it is not what was asked for.
        """
        notes: list[str] = []
        if name and name.strip():
            try:
                found = self._by_file(name) if _is_file_name(name) else self._by_name(name)
                if found:
                    return self._opened(_nearest(found, weight, italic), weight, italic), ()
                notes.append(f"No font is called {name!r}: the text is set in {DEFAULT_FAMILY}.")
            except MultiplaneError as error:
                notes.append(f"{error.message} The text is set in {DEFAULT_FAMILY}.")
        faces = [face for face in read_shipped() if fold_name(DEFAULT_FAMILY) in face.families]
        return self._opened(_nearest(faces, weight, italic), weight, italic), tuple(notes)

    def fallback(
        self, cluster: str, weight: int = 400, italic: bool = False, *, color: bool = False, language: str = ""
    ) -> Typeface | None:
        """A face that has all characters of a grapheme cluster.

        Args:
            cluster: one grapheme cluster.
            weight, italic: see :meth:`find`.
            color: whether a colour font is wanted; the others are the second choice.
            language: see :func:`engine.text.script.guess_language`: whose ideographs are wanted.

        Returns:
            None where no font has them.
        """
        key = (cluster, weight, italic, color, language)
        with self._lock:
            if key not in self._fallbacks:
                self._fallbacks[key] = self._search(cluster, weight, italic, color, language)
            return self._fallbacks[key]

    def families(self) -> tuple[str, ...]:
        """The names of all families, sorted."""
        return tuple(sorted({face.family for face in self._all()}))

    def _search(self, cluster: str, weight: int, italic: bool, color: bool, language: str) -> Typeface | None:
        other: Typeface | None = None
        for tier in range(len(self._tiers)):
            faces = self._tier(tier)
            families = sorted({face.family for face in faces}, key=lambda family: _preference(family, language))
            for family in families:
                members = [face for face in faces if face.family == family]
                face = _nearest(members, weight, italic)
                # No slant is made for a fallback: most scripts that need one have no slanted letters.
                typeface = self._try(face, weight, italic and face.italic)
                if typeface is None or not typeface.covers(cluster):
                    continue
                if typeface.color == color:
                    return typeface
                other = other or typeface
        return other

    def _try(self, face: FontFace, weight: int, italic: bool) -> Typeface | None:
        try:
            return self._opened(face, weight, italic)
        except MultiplaneError:
            return None  # It has gone since the folder was read.

    def _opened(self, face: FontFace, weight: int, italic: bool) -> Typeface:
        low, high = face.weights
        key = (face.path, face.index, weight if low != high or weight > high else high, italic)
        with self._lock:
            if key not in self._open:
                self._open[key] = Typeface(face, weight, italic)
            return self._open[key]

    def _by_file(self, name: str) -> tuple[FontFace, ...]:
        path = Path(name).expanduser()
        if not path.exists() and path.parent == Path():
            for tier in range(len(self._tiers)):
                found = tuple(face for face in self._tier(tier) if face.path.name == path.name)
                if found:
                    return found
        return read_faces(path)

    def _by_name(self, name: str) -> tuple[FontFace, ...]:
        wanted = fold_name(name)
        for tier in range(len(self._tiers)):
            faces = self._tier(tier)
            found = tuple(face for face in faces if wanted in face.families)
            found = found or tuple(face for face in faces if wanted in face.names)
            if found:
                return found
        return ()

    def _all(self) -> Iterator[FontFace]:
        for tier in range(len(self._tiers)):
            yield from self._tier(tier)

    def _tier(self, tier: int) -> tuple[FontFace, ...]:
        with self._lock:
            if tier not in self._faces:
                self._faces[tier] = tuple(face for folder in self._tiers[tier] for face in _read_folder(folder))
            return self._faces[tier]


def read_shipped() -> tuple[FontFace, ...]:
    """The faces of the fonts that we ship."""
    return tuple(_read_folder(SHIPPED_FONTS))


def _read_folder(folder: Path) -> Iterator[FontFace]:
    for path in _font_files(folder):
        try:
            yield from read_faces(path)
        except MultiplaneError:
            continue  # One broken font must not take the others away.


def _font_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        found.extend(Path(root, name) for name in sorted(names) if name.lower().endswith(FONT_SUFFIXES))
        if len(found) > MAX_FONT_FILES:
            break
    return found[:MAX_FONT_FILES]


def _is_file_name(name: str) -> bool:
    return "/" in name or name.lower().endswith(FONT_SUFFIXES)


def _nearest(faces: Sequence[FontFace], weight: int, italic: bool) -> FontFace:
    """The face that fits best: slant first, then width, then weight (CSS Fonts Level 4, section 5.2)."""

    def distance(face: FontFace) -> tuple[bool, int, int, int]:
        low, high = face.weights
        off = max(low - weight, weight - high, 0)
        # Of two equally near, the bolder one for bold texts and the lighter one for light ones.
        side = -high if weight >= 500 else low
        return face.italic != italic, abs(face.width - 5), off, side

    return min(faces, key=distance)


def _preference(family: str, language: str) -> tuple[int, int, str]:
    folded = fold_name(family)
    marks = _MARKS.get(language, ())
    # "Noto Sans CJK SC" ends with its mark, "Noto Sans SC Thin" holds it.
    for rank, mark in enumerate(marks):
        if folded.endswith(mark) or (len(mark) > 3 and mark in folded):
            return rank, any(word in folded for word in _SERIF), folded
    return len(marks), any(word in folded for word in _SERIF), folded
