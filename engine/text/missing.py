"""Notes about characters that no font has: which script they are of, and what to install."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fontTools.unicodedata import script as script_of  # type: ignore[import-untyped]
from fontTools.unicodedata import script_name

from engine.text.script import is_emoji


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to install for a script: its name in a sentence, a Debian package, and a pack of ours, if there is one."""

    name: str
    debian: str
    pack: str = ""


EMOJI = Remedy("emoji", "fonts-noto-color-emoji", "fonts-emoji")
OTHER_PACKAGE = "fonts-noto-core"
SYMBOLS = Remedy("symbols", "fonts-noto-core and fonts-symbola")

REMEDIES: Mapping[str, Remedy] = {
    "Hani": Remedy("Chinese", "fonts-noto-cjk", "fonts-chinese"),
    "Hant": Remedy("traditional Chinese", "fonts-noto-cjk", "fonts-chinese-traditional"),
    "Bopo": Remedy("Chinese (Bopomofo)", "fonts-noto-cjk", "fonts-chinese"),
    "Hira": Remedy("Japanese", "fonts-noto-cjk", "fonts-japanese"),
    "Kana": Remedy("Japanese", "fonts-noto-cjk", "fonts-japanese"),
    "Hang": Remedy("Korean", "fonts-noto-cjk", "fonts-korean"),
    "Arab": Remedy("Arabic", OTHER_PACKAGE, "fonts-arabic"),
    "Hebr": Remedy("Hebrew", OTHER_PACKAGE, "fonts-hebrew"),
    "Zyyy": SYMBOLS,
    "Zinh": SYMBOLS,
}
"""By ISO 15924 script."""

_IDEOGRAPHS_OF = {"ja": "Hira", "ko": "Hang", "zh-hant": "Hant"}
UNASSIGNED = "Zzzz"
_SHOWN = 3


def missing_notes(clusters: Iterable[str], language: str) -> tuple[str, ...]:
    """One sentence for each script that has characters which no font has.

    Args:
        clusters: the grapheme clusters that could not be set.
        language: see :func:`engine.text.script.guess_language`: whose pack the ideographs need.
    """
    by_remedy: dict[Remedy | None, list[str]] = {}
    for cluster in clusters:
        found = by_remedy.setdefault(_remedy(cluster, language), [])
        if cluster not in found:
            found.append(cluster)
    return tuple(_note(remedy, found) for remedy, found in by_remedy.items())


def plain_emoji_note(clusters: Iterable[str]) -> tuple[str, ...]:
    """A sentence about emoji that are shown in the text's colour, as no font has them in theirs."""
    plain = list(dict.fromkeys(clusters))
    if not plain:
        return ()
    return (f"No font has these emoji in colour, they are shown without ({_shown(plain)}): {_advice(EMOJI)}.",)


def _remedy(cluster: str, language: str) -> Remedy | None:
    if is_emoji(cluster):
        return EMOJI
    script = next((s for ch in cluster if (s := script_of(ch)) not in ("Zyyy", "Zinh")), "Zyyy")
    if script == UNASSIGNED:
        return None
    if script == "Hani":
        script = _IDEOGRAPHS_OF.get(language, script)
    return REMEDIES.get(script) or Remedy(script_name(script).replace("_", " "), OTHER_PACKAGE)


def _note(remedy: Remedy | None, clusters: list[str]) -> str:
    shown = _shown(clusters)
    if remedy is None:
        return f"Characters that no script has were left out of the text ({shown})."
    return f"No font has these {remedy.name} characters, they were left out of the text ({shown}): {_advice(remedy)}."


def _shown(clusters: Sequence[str]) -> str:
    shown = ", ".join(" ".join(f"U+{ord(ch):04X}" for ch in cluster[:2]) for cluster in clusters[:_SHOWN])
    return shown + (f" and {len(clusters) - _SHOWN} more" if len(clusters) > _SHOWN else "")


def _advice(remedy: Remedy) -> str:
    pack = f"run multiplane packs pull {remedy.pack}, or " if remedy.pack else ""
    return f"{pack}install the Debian package {remedy.debian}"
