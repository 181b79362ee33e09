"""Brackets in mixed text: rule N0 of the Unicode Bidirectional Algorithm (UAX #9)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

MAX_OPEN = 63
"""BD16: the stack of open brackets; more than that and the pairs are given up."""


@dataclass(slots=True)
class RunSequence:
    """An isolating run sequence (BD13): its characters, its level, and what stands before and after it."""

    members: list[int]
    level: int
    before: str = field(default="L")
    after: str = field(default="L")

    @property
    def direction(self) -> str:
        """``L`` or ``R``, by the level."""
        return "R" if self.level % 2 else "L"


def strong_kind(kind: str) -> str:
    """For rules N0 to N2 numbers count as right-to-left."""
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def resolve_brackets(text: str, sequence: RunSequence, classes: Sequence[str], kinds: list[str]) -> None:
    """Rule N0, in place: both brackets of a pair take one direction."""
    members = sequence.members
    pairs = _pairs(text, members, kinds)
    for first, last in pairs:
        inside = {strong_kind(kinds[i]) for i in members[first + 1 : last]}
        if sequence.direction in inside:
            direction = sequence.direction
        elif inside & {"L", "R"}:
            direction = next((s for i in reversed(members[:first]) if (s := strong_kind(kinds[i]))), sequence.before)
        else:
            continue
        for n in (first, last):
            kinds[members[n]] = direction
            for i in members[n + 1 :]:
                if classes[i] != "NSM":
                    break
                kinds[i] = direction


def _pairs(text: str, members: Sequence[int], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """BD16: positions within ``members`` of the brackets that belong together, by the opening one."""
    opening, closing = _bracket_tables()
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for n, i in enumerate(members):
        ch = text[i]
        if kinds[i] != "ON":
            continue
        if ch in opening:
            if len(stack) == MAX_OPEN:
                return []
            stack.append((opening[ch], n))
        elif ch in closing:
            wanted = closing[ch]
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == wanted:
                    pairs.append((stack[depth][1], n))
                    del stack[depth:]
                    break
    return sorted(pairs)


@lru_cache(maxsize=1)
def _bracket_tables() -> tuple[dict[str, str], dict[str, str]]:
    """Opening and closing brackets, each with the name of its pair (Unicode's BidiBrackets: mirrored Ps and Pe)."""
    crossed = {0x298D: 0x2990, 0x298F: 0x298E}
    opening: dict[str, str] = {}
    closing: dict[str, str] = {}
    for code in (*range(0x28, 0x7E), *range(0xF3A, 0xF3E), 0x169B, *range(0x2045, 0x300C), *range(0x300C, 0xFF64)):
        ch = chr(code)
        if unicodedata.category(ch) != "Ps" or not unicodedata.mirrored(ch):
            continue
        partner = chr(crossed.get(code, code + (2 if code in (0x5B, 0x7B, 0xFF3B, 0xFF5B) else 1)))
        if unicodedata.category(partner) == "Pe" and unicodedata.bidirectional(partner) == "ON":
            # The angle brackets U+2329 and U+3008 are the same by canonical equivalence.
            name = unicodedata.normalize("NFC", ch)
            opening[ch], closing[partner] = name, name
    return opening, closing
