"""Directions of mixed text: the Unicode Bidirectional Algorithm (UAX #9), without its optional parts.

Why ours: python-bidi hands out reordered strings only, but shaping needs the level of every character. The tests hold
this module to python-bidi on random text.
"""

import unicodedata
from collections.abc import Sequence

from engine.text.bidi_brackets import RunSequence, resolve_brackets, strong_kind

MAX_DEPTH = 125
"""BD2: the deepest explicit level."""

_EMBEDDINGS = ("LRE", "RLE", "LRO", "RLO")
_ISOLATES = ("LRI", "RLI", "FSI")
_REMOVED = (*_EMBEDDINGS, "PDF", "BN")
_NEUTRAL = ("B", "S", "WS", "ON", *_ISOLATES, "PDI")
_SPACES = ("WS", *_ISOLATES, "PDI", *_REMOVED)


def paragraph_level(text: str) -> int:
    """0 for left-to-right, 1 for right-to-left: by the first strong character outside isolates (rules P2, P3)."""
    return _first_strong([_bidi_class(ch) for ch in text], 0) or 0


def embedding_levels(text: str, base: int | None = None) -> list[int]:
    """The level of each character of one paragraph, before rule L1; odd levels run right-to-left.

    Args:
        text: one paragraph, without its separator.
        base: 0 or 1, the paragraph's own level; None takes :func:`paragraph_level`.
    """
    classes = [_bidi_class(ch) for ch in text]
    if base is None:
        base = _first_strong(classes, 0) or 0
    if base == 0 and not any(c in ("R", "AL", "AN", *_EMBEDDINGS, *_ISOLATES) for c in classes):
        return [0] * len(text)
    levels, resolved = _explicit(classes, base)
    for sequence in _run_sequences(classes, resolved, levels, base):
        _weak(sequence, resolved)
        resolve_brackets(text, sequence, classes, resolved)
        _neutral(sequence, resolved)
        for i in sequence.members:
            levels[i] += _implicit(resolved[i], sequence.level)
    _place_removed(classes, levels, base)
    return levels


def line_levels(text: str, levels: Sequence[int], base: int, start: int, end: int) -> list[int]:
    """The levels of a line [start, end) of a paragraph: separators and trailing spaces get the base level (rule L1)."""
    line = list(levels[start:end])
    trailing = True
    for i in range(end - 1, start - 1, -1):
        kind = _bidi_class(text[i])
        if kind in ("S", "B"):
            trailing = True
        elif kind not in _SPACES:
            trailing = False
        if trailing:
            line[i - start] = base
    return line


def visual_order(levels: Sequence[int]) -> list[int]:
    """The indices of a line's parts from left to right, by their levels (rule L2)."""
    order = list(range(len(levels)))
    odd = [level for level in levels if level % 2]
    if not odd:
        return order
    for level in range(max(levels), min(odd) - 1, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = max(end, at + 1)
    return order


def _bidi_class(ch: str) -> str:
    return unicodedata.bidirectional(ch) or "L"


def _first_strong(classes: Sequence[str], start: int, closing: bool = False) -> int | None:
    """The level that the first strong character gives; ``closing`` stops at the isolate's own end."""
    depth = 0
    for kind in classes[start:]:
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            if depth == 0 and closing:
                return None
            depth = max(depth - 1, 0)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return int(kind != "L")
    return None


def _explicit(classes: Sequence[str], base: int) -> tuple[list[int], list[str]]:
    """Rules X1 to X8: levels, and classes after overrides."""
    levels, resolved = [base] * len(classes), list(classes)
    stack: list[tuple[int, str, bool]] = [(base, "", False)]
    lost_isolates = lost_embeddings = open_isolates = 0
    for i, kind in enumerate(classes):
        level, override, _ = stack[-1]
        if kind in _EMBEDDINGS or kind in _ISOLATES:
            levels[i] = level
            isolate = kind in _ISOLATES
            if isolate and override:
                resolved[i] = override
            rtl = _first_strong(classes, i + 1, closing=True) == 1 if kind == "FSI" else kind[0] == "R"
            new = (level + 1) | 1 if rtl else (level + 2) & ~1
            if new <= MAX_DEPTH and not lost_isolates and not lost_embeddings:
                open_isolates += isolate
                stack.append((new, {"RLO": "R", "LRO": "L"}.get(kind, ""), isolate))
            elif isolate:
                lost_isolates += 1
            elif not lost_isolates:
                lost_embeddings += 1
        elif kind == "PDI":
            if lost_isolates:
                lost_isolates -= 1
            elif open_isolates:
                lost_embeddings = 0
                while not stack[-1][2]:
                    stack.pop()
                stack.pop()
                open_isolates -= 1
            levels[i] = stack[-1][0]
            resolved[i] = stack[-1][1] or kind
        elif kind == "PDF":
            levels[i] = level
            if lost_isolates:
                continue
            if lost_embeddings:
                lost_embeddings -= 1
            elif not stack[-1][2] and len(stack) > 1:
                stack.pop()
        elif kind != "B":
            levels[i] = level
            if override and kind != "BN":
                resolved[i] = override
    return levels, resolved


def _run_sequences(
    classes: Sequence[str], resolved: Sequence[str], levels: Sequence[int], base: int
) -> list[RunSequence]:
    """Rule X10."""
    kept = [i for i, kind in enumerate(classes) if kind not in _REMOVED]
    runs: list[list[int]] = []
    for i in kept:
        if runs and levels[runs[-1][-1]] == levels[i]:
            runs[-1].append(i)
        else:
            runs.append([i])
    sequences: list[RunSequence] = []
    waiting: list[RunSequence | None] = []
    for run in runs:
        continued = None
        if classes[run[0]] == "PDI" and waiting:
            continued = waiting.pop()
        if continued is not None and continued.level == levels[run[0]]:
            continued.members.extend(run)
            sequence = continued
        else:
            sequence = RunSequence(list(run), levels[run[0]])
            sequences.append(sequence)
        # Within the run every isolate is matched with its end already, unless the content was of a higher level.
        if classes[run[-1]] in _ISOLATES:
            waiting.append(sequence if _matched(classes, run[-1]) else None)
            if waiting[-1] is None:
                waiting.pop()
    position = {i: n for n, i in enumerate(kept)}
    for sequence in sequences:
        first, last = position[sequence.members[0]], position[sequence.members[-1]]
        before = levels[kept[first - 1]] if first else base
        open_end = classes[sequence.members[-1]] in _ISOLATES
        after = base if open_end or last + 1 == len(kept) else levels[kept[last + 1]]
        sequence.before = "R" if max(sequence.level, before) % 2 else "L"
        sequence.after = "R" if max(sequence.level, after) % 2 else "L"
    return sequences


def _matched(classes: Sequence[str], start: int) -> bool:
    depth = 0
    for kind in classes[start + 1 :]:
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            if depth == 0:
                return True
            depth -= 1
    return False


def _weak(sequence: RunSequence, kinds: list[str]) -> None:
    """Rules W1 to W7, in place."""
    members = sequence.members
    previous = sequence.before
    for i in members:  # W1
        if kinds[i] == "NSM":
            kinds[i] = "ON" if previous in (*_ISOLATES, "PDI") else previous
        previous = kinds[i]
    strong = sequence.before
    for i in members:  # W2
        if kinds[i] in ("L", "R", "AL"):
            strong = kinds[i]
        elif kinds[i] == "EN" and strong == "AL":
            kinds[i] = "AN"
    for i in members:  # W3
        if kinds[i] == "AL":
            kinds[i] = "R"
    for a, i, b in zip(members, members[1:], members[2:], strict=False):  # W4
        if kinds[a] == kinds[b] and (
            (kinds[i] in ("ES", "CS") and kinds[a] == "EN") or (kinds[i] == "CS" and kinds[a] == "AN")
        ):
            kinds[i] = kinds[a]
    n = 0
    while n < len(members):  # W5, W6
        if kinds[members[n]] == "ET":
            end = n
            while end < len(members) and kinds[members[end]] == "ET":
                end += 1
            beside = (n > 0 and kinds[members[n - 1]] == "EN") or (end < len(members) and kinds[members[end]] == "EN")
            for i in members[n:end]:
                kinds[i] = "EN" if beside else "ON"
            n = end
        else:
            n += 1
    for i in members:
        if kinds[i] in ("ES", "CS"):
            kinds[i] = "ON"
    strong = sequence.before
    for i in members:  # W7
        if kinds[i] in ("L", "R"):
            strong = kinds[i]
        elif kinds[i] == "EN" and strong == "L":
            kinds[i] = "L"


def _neutral(sequence: RunSequence, kinds: list[str]) -> None:
    """Rules N1 and N2, in place."""
    members = sequence.members
    n = 0
    while n < len(members):
        if kinds[members[n]] not in _NEUTRAL:
            n += 1
            continue
        end = n
        while end < len(members) and kinds[members[end]] in _NEUTRAL:
            end += 1
        left = strong_kind(kinds[members[n - 1]]) if n else sequence.before
        right = strong_kind(kinds[members[end]]) if end < len(members) else sequence.after
        for i in members[n:end]:
            kinds[i] = left if left == right else sequence.direction
        n = end


def _implicit(kind: str, level: int) -> int:
    """Rules I1 and I2: how far the level rises."""
    if level % 2:
        return int(kind in ("L", "EN", "AN"))
    return {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)


def _place_removed(classes: Sequence[str], levels: list[int], base: int) -> None:
    """Section 5.2: what rule X9 removes takes the level of what precedes it."""
    previous = base
    for i, kind in enumerate(classes):
        if kind in _REMOVED:
            levels[i] = previous
        previous = levels[i]
