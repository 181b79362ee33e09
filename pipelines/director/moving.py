"""What shall move in the picture, in the user's own words: "make the waves roll", "让她的头发随风飘动".

Found in the text itself before other rules read it, since its verbs ("roll", "drift") are the camera's elsewhere. What
is found becomes one term of the category ``living``, whose value is the prompt: the clause as it was written, without
the verb that only asks for it ("make", "让", "haz que").
"""

from dataclasses import replace

from pipelines.director.lexicon import lexicon
from pipelines.director.moving_clause import find_moving, goes_on_moving
from pipelines.director.moving_look import Look, Moving, goes_on, look_at
from pipelines.director.terms import Term, TermView
from pipelines.director.tokens import is_unspaced

ENDS = frozenset({"mark", "then", "but", "quote", "asset", "join", "listing", "negation"})
"""Categories that end a clause."""

NAMING = ("det", "filler", "unknown", "color", "sizeword", "amount", "number", "focus")
"""Categories of the names of things, in a list of those that move."""


def mark_moving(view: TermView, code: str, *, generated: bool) -> None:
    """Put a term ``living`` in the place of each clause about what moves.

    Args:
        view: the terms, whose texts to be shown are quotes already.
        code: the language.
        generated: whether AI motion is spoken of anyway, so that a bare description ("waves rolling") is a wish too.
    """
    if not lexicon(code).lists:
        return
    look = look_at(view, code)
    found: list[Moving] = []
    segments = _segments(view)
    for place, (first, last) in enumerate(segments):
        moving = find_moving(look, first, last, generated=generated)
        if moving is not None:
            free = [each for each in segments[:place] if not found or each[0] > found[-1].last]
            found.append(_with_list(look, free, moving))
        elif found:
            again = goes_on_moving(look, found[-1], first, last)
            found += [] if again is None else [again]
    for run in reversed(_runs(view, found)):
        start, end = run[0].start, run[-1].end
        if any(each.caused for each in run[1:]):
            mark = "，" if is_unspaced(view.text[start]) else ", "
            words = mark.join(view.text[each.start : each.end] for each in run)
        else:
            words = view.text[start:end]
        first, last = run[0].first, run[-1].last
        term = Term("living", " ".join(words.split()), view.terms[first].start, view.terms[last].end)
        view.terms[first : last + 1] = [term]


def leave_described(view: TermView, code: str) -> None:
    """Take the verb of what is only described for no move of the camera: "zoom in on the waves rolling in"."""
    look = look_at(view, code)
    for index in range(1, len(view.terms)):
        said = look.words("actions", "doing").fullmatch(look.plain, *look.place(index))
        if said is None or view.category(index) not in ("verb", "move") or view.category(index - 1) != "unknown":
            continue
        if not look.words("nature", "beings").fullmatch(look.plain, *look.place(index - 1)):
            continue
        lead = view.skip_back(index - 2, "det", "filler", "color", "sizeword", "unknown")
        if view.category(lead) == "prep" or look.words("doing").fullmatch(look.plain, *look.place(index)):
            view.terms[index] = replace(view.terms[index], category="unknown", value=view.words(index, index))


def _segments(view: TermView) -> list[tuple[int, int]]:
    """Runs of terms between marks and conjunctions, as (first, last)."""
    out: list[tuple[int, int]] = []
    start: int | None = None
    for index, term in enumerate(view.terms):
        if term.category in ENDS:
            if start is not None:
                out.append((start, index - 1))
            start = None
        elif start is None:
            start = index
    return out if start is None else [*out, (start, len(view.terms) - 1)]


def _runs(view: TermView, found: list[Moving]) -> list[list[Moving]]:
    """Clauses that follow each other with nothing but a comma or a conjunction between them."""
    runs: list[list[Moving]] = []
    for moving in found:
        if runs and goes_on(view, runs[-1][-1].last + 1, moving.first):
            runs[-1].append(moving)
        else:
            runs.append([moving])
    return runs


def _with_list(look: Look, before: list[tuple[int, int]], moving: Moving) -> Moving:
    """A clause with the other things that do the same: "make the dog, the cat and the horse run"."""
    if moving.caused:
        return moving
    begin = moving.first
    for first, last in reversed(before):
        left, right = look.view.terms[first].start, look.view.terms[last].end
        cause = look.words("causes").search(look.plain, left, right)
        start = next(
            (
                each
                for each in range(first, last + 1)
                if look.view.terms[each].start >= (cause.end() if cause else left)
            ),
            last + 1,
        )
        named = start <= last and look.words("nature", "beings").search(look.plain, look.view.terms[start].start, right)
        small = all(look.view.category(each) in NAMING for each in range(start, last + 1))
        if not named or not small or not goes_on(look.view, last + 1, begin):
            break
        if cause is not None:
            at = next(each for each in range(first, last + 1) if look.view.terms[each].end > cause.start())
            return Moving(at, moving.last, look.view.terms[start].start, moving.end, caused=True)
        begin = first
    return moving
