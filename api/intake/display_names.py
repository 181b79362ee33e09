"""The name under which an upload is shown: what the client called it, made harmless. Nothing is ever opened by it."""

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.intake.kinds import Kind

LONGEST_NAME = 200
"""Characters of a display name, extension included."""

NAMELESS = "file"
"""The name of what came without one."""

LONGEST_EXTENSION = 12
"""Characters; what is longer after the last point is part of the name."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction of text: ``photo\u202egpj.exe`` reads as a photo."""

_JOINERS = frozenset("\u200c\u200d")
"""Invisible, and needed: Persian and Indian names, and emoji, are spelled with them."""

_EXTENSION = re.compile(rf"\.[A-Za-z0-9]{{1,{LONGEST_EXTENSION}}}$")


def display_name(given: str | None, kind: "Kind | None" = None) -> str:
    """A safe name to show.

    Args:
        given: what the client calls the file: a name, a whole path of any system, or anything else.
        kind: what the file is; the name then ends as files of that kind do.

    Returns:
        1 to :data:`LONGEST_NAME` characters in NFC on one line, without path, control or direction marks.
    """
    text = visible(re.split(r"[/\\]", given or "")[-1])
    if text.strip(". ") == "":
        text = ""
    stem, extension = _parted(text)
    if kind is not None and extension.lower() not in kind.extensions:
        # A wrong extension that is one of a medium is replaced; any other ending may be part of the name.
        stem = stem if _is_medium(extension) else stem + extension
        extension = kind.extensions[0]
    stem = stem.strip(" ") or NAMELESS
    return _cut(stem, LONGEST_NAME - len(extension)) + extension


def visible(text: str) -> str:
    """A text from outside as one line in NFC, without what cannot be seen or turns the text around."""
    text = " ".join(text.split())
    # Category C has lone surrogates too: they come from names that were no UTF-8, and can be stored nowhere.
    kept = (c for c in text if c not in _BIDI and (c in _JOINERS or unicodedata.category(c)[0] != "C"))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _parted(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    # ".jpg" alone is a name without a stem.
    return (text[: found.start()], found.group()) if found else (text, "")


def _is_medium(extension: str) -> bool:
    from api.intake.kinds import KINDS

    return any(extension.lower() in kind.extensions for kind in KINDS)


def _cut(text: str, length: int) -> str:
    """The beginning of a text; no mark or joiner is left without its letter."""
    if len(text) <= length:
        return text
    while length > 1 and (
        unicodedata.combining(text[length]) or text[length] in _JOINERS or text[length - 1] in _JOINERS
    ):
        length -= 1
    return text[:length].rstrip(" .") or text[:length]
