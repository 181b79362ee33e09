"""Which script, language and presentation the characters of a text have."""

import unicodedata
from collections.abc import Sequence

from fontTools.unicodedata import script as script_of  # type: ignore[import-untyped]
from uniseg.emoji import emoji_presentation, extended_pictographic  # type: ignore[import-untyped]

COMMON = ("Zyyy", "Zinh", "Zzzz")
"""Scripts of characters that go with any other: punctuation, marks, unassigned ones."""

HAN_FAMILY = ("Hani", "Hira", "Kana", "Hang", "Bopo")
_TEXT_SELECTOR, _EMOJI_SELECTOR, _KEYCAP = "\ufe0e", "\ufe0f", "\u20e3"
_REGIONAL = range(0x1F1E6, 0x1F200)


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme cluster is to be shown as an emoji (UTS #51, section 4.3)."""
    first = cluster[0]
    if _TEXT_SELECTOR in cluster:
        return False
    if _EMOJI_SELECTOR in cluster or _KEYCAP in cluster or ord(first) in _REGIONAL:
        return ord(first) > 0xFF or cluster != first
    # A letter before a stray modifier stays a letter.
    return emoji_presentation(first) or (extended_pictographic(first) and any(emoji_presentation(c) for c in cluster))


def cluster_scripts(clusters: Sequence[str]) -> list[str]:
    """The ISO 15924 script of each grapheme cluster; common ones take that of what precedes them, else of what follows.

    ``Zyyy`` remains only where a paragraph has no script at all.
    """
    scripts = [next((s for ch in cluster if (s := script_of(ch)) not in COMMON), "Zyyy") for cluster in clusters]
    known = next((s for s in scripts if s != "Zyyy"), "Zyyy")
    for i, name in enumerate(scripts):
        if name == "Zyyy":
            scripts[i] = known
        known = scripts[i]
    return scripts


def is_ideographic_punctuation(clusters: Sequence[str], i: int) -> bool:
    """Whether cluster i is punctuation of ambiguous width (quotes, dashes, ellipses) in the middle of ideographs.

    There it belongs to the ideographs' font, where it fills an em square (UAX #11).
    """
    if unicodedata.east_asian_width(clusters[i][0]) != "A" or script_of(clusters[i][0]) not in COMMON:
        return False
    beside = [c for c in (clusters[i - 1 : i] + clusters[i + 1 : i + 2]) if not c.isspace()]  # type: ignore[operator]
    return any(script_of(c[0]) in HAN_FAMILY for c in beside) and all(
        script_of(c[0]) in (*HAN_FAMILY, *COMMON) for c in beside
    )


def is_in_korean_word(before: str, after: str) -> bool:
    """Whether two neighbouring characters stand within a word of Korean, which is written with spaces.

    UAX #14 lets a line end after any syllable, as newspapers do; titles and subtitles keep words whole.
    """
    if before.isspace() or unicodedata.category(before) in ("Pd", "Cf") or before == "/":
        return False
    scripts = {script_of(before), script_of(after)}
    return "Hang" in scripts and not scripts & {"Hani", "Hira", "Kana", "Bopo"}


def guess_language(text: str) -> str:
    """The language whose forms ideographs take: ``ja``, ``ko``, ``zh-hant``, ``zh-hans``; nothing without ideographs.

    Kana make a text Japanese, Hangul Korean. Chinese is traditional where the old national character sets say so: its
    ideographs fit into Big5 but not into GB 2312.
    """
    scripts = {script_of(ch) for ch in text}
    if scripts & {"Hira", "Kana"}:
        return "ja"
    if "Hang" in scripts:
        return "ko"
    if "Hani" not in scripts:
        return ""
    ideographs = "".join(ch for ch in text if script_of(ch) == "Hani")
    return "zh-hans" if _fits(ideographs, "gb2312") or not _fits(ideographs, "big5") else "zh-hant"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
