"""What shall move in the picture, in the user's own words: "make the waves roll", "让她的头发随风飘动".

Found in the text itself before other rules read it, since its verbs ("roll", "drift") are the camera's elsewhere. What
is found becomes one term of the category ``living``, whose value is the prompt: the clause as it was written, without
the verb that only asks for it ("make", "让", "haz que").
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache

from pipelines.director.lexicon import lexicon
from pipelines.director.terms import Term, TermView
from pipelines.director.tokens import is_unspaced

NOT_MOVED = frozenset({
    "photo", "camera", "object", "quote", "asset", "engine", "transition", "mood", "animate", "relative", "act", "says",
    "aspect", "platform", "size", "fit", "textfx", "font", "cues", "audio", "session", "question", "asking", "handle",
    "ordinal", "nth", "classifier",
})  # fmt: skip
"""Categories that do not stand in the name of what moves."""

ENDS = frozenset({"mark", "then", "but", "quote", "asset", "join", "listing", "negation"})
"""Categories that end a clause."""

NOT_TOLD = frozenset({
    "select", "scope", "engine", "aspect", "platform", "size", "transition", "object", "mood", "camera", "session",
    "asset", "quote", "fit", "animate", "photo", "ordinal", "nth", "classifier",
})  # fmt: skip
"""Categories that no prompt holds: what else is wanted begins there."""

CHOOSING = frozenset({"nth", "ordinal", "number", "classifier", "photo"})
"""Categories of which photo is spoken of: 让第二张里的旗帜飘扬."""

NOT_A_THING = NOT_TOLD | {"axis", "direction", "verb", "move", "textfx", "unit"}
"""Categories of terms that hold the sign of a thing by chance: the water in 水平."""

LONGEST_SUBJECT = 7
"""Terms of what moves: "the long golden hair of the girl"."""

LONGEST_UNSPACED = 14
"""Characters between what moves and its verb, in a script without spaces."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clause about what moves.

    Attributes:
        first, last: its terms.
        start, end: of the prompt in the text.
        caused: whether a verb asks for it.
    """

    first: int
    last: int
    start: int
    end: int
    caused: bool


def mark_moving(view: TermView, code: str, *, generated: bool) -> None:
    """Put a term ``living`` in the place of each clause about what moves.

    Args:
        view: the terms, whose texts to be shown are quotes already.
        code: the language.
        generated: whether AI motion is spoken of anyway, so that a bare description ("waves rolling") is a wish too.
    """
    if not lexicon(code).lists:
        return
    plain = flat(view.text)
    found: list[Clip] = []
    for first, last in _segments(view):
        clip = _clip(view, plain, code, first, last, generated=generated)
        clip = clip or (_again(view, plain, code, found[-1], first, last) if found else None)
        if clip is not None:
            found.append(clip)
    for run in reversed(_runs(view, found)):
        start, end = run[0].start, run[-1].end
        if any(clip.caused for clip in run[1:]):
            mark = "，" if is_unspaced(view.text[start]) else ", "
            words = mark.join(view.text[clip.start : clip.end] for clip in run)
        else:
            words = view.text[start:end]
        first, last = run[0].first, run[-1].last
        term = Term("living", " ".join(words.split()), view.terms[first].start, view.terms[last].end)
        view.terms[first : last + 1] = [term]


def flat(text: str) -> str:
    """A text as word lists are: lower case, no accents, every character in its place."""
    return "".join(_flat(character) for character in text)


@cache
def words_of(code: str, *names: str) -> re.Pattern[str]:
    """Any word of some lists of a language; words with letters stand alone, the longest is found first."""
    found = {word for name in names for word in lexicon(code).lists.get(name, ())}
    if not found:
        return re.compile(r"(?!)")
    choices = "|".join(
        re.escape(word) if is_unspaced(word[0]) else rf"(?<!\w){re.escape(word)}(?!\w)"
        for word in sorted(found, key=lambda word: (-len(word), word))
    )
    return re.compile(choices)


def _flat(character: str) -> str:
    plain = unicodedata.normalize("NFD", character.casefold())[:1]
    return plain or character


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


def _clip(view: TermView, plain: str, code: str, first: int, last: int, *, generated: bool) -> Clip | None:
    left, right = view.terms[first].start, view.terms[last].end
    enlivened = _enlivened(view, plain, code, first, last)
    if enlivened is not None:
        return enlivened
    cause = None
    for match in words_of(code, "causes").finditer(plain, left, right):
        cause = match
        if not is_unspaced(plain[match.start()]):
            break
        if words_of(code, "nature", "beings").search(plain, match.end(), right):
            break
    if cause is not None:
        made = _after_cause(view, plain, code, cause, first, last)
        if made is not None:
            return made
    lead = view.skip(first, "filler", "degree", "prep")
    begins = [index for index in range(first, lead) if view.category(index) == "prep"]
    is_led = bool(words_of(code, "led").fullmatch(plain, *_place(view, first - 1))) or any(
        words_of(code, "led").fullmatch(plain, *_place(view, index)) for index in range(first, lead)
    )
    found = None
    if lead <= last and (is_led or not begins):
        found = _sentence(view, plain, code, lead, last, caused=False, open_to_all=generated or is_led)
    return found or _led_inside(view, plain, code, lead, last)


def _led_inside(view: TermView, plain: str, code: str, first: int, last: int) -> Clip | None:
    """The clause after "with": "pan left with the flags fluttering in the wind"."""
    for index in range(first, last):
        begin = view.skip(index + 1, "filler")
        if begin <= last and words_of(code, "led").fullmatch(plain, *_place(view, index)):
            found = _sentence(view, plain, code, begin, last, caused=False, open_to_all=True)
            if found is not None:
                return Clip(index, found.last, found.start, found.end, caused=False)
    return None


def leave_described(view: TermView, code: str) -> None:
    """Take the verb of what is only described for no move of the camera: "zoom in on the waves rolling in"."""
    plain = flat(view.text)
    for index in range(1, len(view.terms)):
        said = words_of(code, "actions", "doing").fullmatch(plain, *_place(view, index))
        if said is None or view.category(index) not in ("verb", "move") or view.category(index - 1) != "unknown":
            continue
        if not words_of(code, "nature", "beings").fullmatch(plain, *_place(view, index - 1)):
            continue
        lead = view.skip_back(index - 2, "det", "filler", "color", "sizeword", "unknown")
        if view.category(lead) == "prep" or words_of(code, "doing").fullmatch(plain, *_place(view, index)):
            view.terms[index] = replace(view.terms[index], category="unknown", value=view.words(index, index))


def _again(view: TermView, plain: str, code: str, before: Clip, first: int, last: int) -> Clip | None:
    """A verb that goes on with what moves in the clause before: "make the girl blink and smile"."""
    start = view.skip(first, "filler", "speed", "amount", "degree")
    if start > last or not before.caused or not _goes_on(view, before.last + 1, start):
        return None
    unspaced = is_unspaced(plain[view.terms[start].start])
    # In a script without spaces "微笑" is "微" and "笑" to the lexicon.
    start = first if unspaced else start
    verb = words_of(code, "actions" if unspaced else "alive").match(plain, view.terms[start].start)
    if verb is None:
        return None
    index = next(each for each in range(start, last + 1) if view.terms[each].end >= min(verb.end(), _end(view, last)))
    end = _told_until(view, index, last, verb.end())
    return Clip(first, end, view.terms[start].start, view.terms[end].end, caused=False)


def _end(view: TermView, index: int) -> int:
    return view.terms[index].end


def _place(view: TermView, index: int) -> tuple[int, int]:
    return (view.terms[index].start, view.terms[index].end) if 0 <= index < len(view.terms) else (0, 0)


def _enlivened(view: TermView, plain: str, code: str, first: int, last: int) -> Clip | None:
    """ "animate the waves": something that moves by itself, and no move of a camera."""
    start = view.skip(first, "filler", "degree")
    verb = words_of(code, "enlivens").match(plain, view.terms[start].start) if start <= last else None
    if verb is None:
        return None
    begin = next((index for index in range(start, last + 1) if view.terms[index].start >= verb.end()), last + 1)
    for index in range(begin, min(last, begin + LONGEST_SUBJECT) + 1):
        if words_of(code, "nature", "beings").fullmatch(plain, *_place(view, index)):
            end = _told_until(view, index, last, view.terms[index].end)
            moves = any(view.category(each) in ("verb", "move") for each in range(index, last + 1))
            return None if moves else Clip(start, end, view.terms[start].start, view.terms[end].end, caused=True)
        if view.category(index) not in ("det", "filler", "unknown", "color", "sizeword", "number", "prep"):
            return None
    return None


def _after_cause(view: TermView, plain: str, code: str, cause: re.Match[str], first: int, last: int) -> Clip | None:
    """The clause after "make", "让" or "haz que"."""
    begin = next((index for index in range(first, last + 1) if view.terms[index].end > cause.end()), None)
    if begin is None:
        return None
    if view.terms[begin].start < cause.end():
        # A phrase of the lexicon holds the cause and who shall move: 用AI让她 的头发飘动.
        if not is_unspaced(plain[cause.start()]):
            return None
        made = _unspaced(view, plain, code, cause.end(), begin, last, caused=True, open_to_all=True)
        if made is None:
            return None
        # Of "用AI让她" the wish for AI motion stays, before the prompt.
        keep = view.category(begin) == "engine" and made.last > begin
        return Clip(begin + 1 if keep else begin, made.last, made.start, made.end, caused=True)
    bare = cause[0] in lexicon(code).lists.get("bare_causes", ())
    made = _sentence(view, plain, code, begin, last, caused=True, open_to_all=True, bare=bare)
    if made is None:
        return None
    at = next(index for index in range(first, last + 1) if view.terms[index].end > cause.start())
    at = made.first if made.first > begin else at
    return Clip(at, made.last, made.start, made.end, caused=True)


def _sentence(
    view: TermView,
    plain: str,
    code: str,
    first: int,
    last: int,
    *,
    caused: bool,
    open_to_all: bool,
    bare: bool = False,
) -> Clip | None:
    """A clause that begins with what moves."""
    if is_unspaced(plain[view.terms[first].start]):
        start = view.terms[first].start
        return _unspaced(view, plain, code, start, first, last, caused=caused, open_to_all=open_to_all)
    lists = ("actions", "alive", "doing") if open_to_all else ("actions",)
    for index in range(first, min(last, first + LONGEST_SUBJECT) + 1):
        verb = words_of(code, *lists).match(plain, view.terms[index].start)
        if verb is not None and _is_noun(view, plain, code, first, index):
            continue
        if verb is not None and _may_move(view, plain, code, first, index, verb[0], caused=caused, bare=bare):
            end = _told_until(view, index, last, verb.end())
            return Clip(first, end, view.terms[first].start, view.terms[end].end, caused)
        moves = words_of(code, "nature", "beings").fullmatch(plain, *_place(view, index))
        if moves is None and view.category(index) in (*NOT_MOVED, "verb", "move"):
            return None
    return None


def _is_noun(view: TermView, plain: str, code: str, first: int, index: int) -> bool:
    """Whether a word that is also a verb names something: "see the waves", but not "make the flag wave"."""
    if words_of(code, "nature").fullmatch(plain, *_place(view, index)) is None:
        return False
    before = (view.terms[first].start, view.terms[index - 1].end) if index > first else (0, 0)
    return words_of(code, "nature", "beings", "pronouns", "plurals").search(plain, *before) is None


def _may_move(
    view: TermView, plain: str, code: str, first: int, verb_at: int, verb: str, *, caused: bool, bare: bool
) -> bool:
    """Whether the terms before a verb name something that moves by that verb."""
    alive = verb in lexicon(code).lists.get("alive", ())
    if verb_at == first:
        return bare and alive
    left, right = view.terms[first].start, view.terms[verb_at - 1].end
    if words_of(code, "nature").search(plain, left, right):
        return caused or not words_of(code, "being").search(plain, left, right)
    subject = plain[left:right]
    of_camera = view.category(verb_at) in ("verb", "move", "direction")
    if words_of(code, "pronouns").fullmatch(subject):
        return caused and (alive or not of_camera)
    if words_of(code, "plurals").fullmatch(subject):
        return caused and alive
    if words_of(code, "beings").search(plain, left, right):
        return caused or not words_of(code, "being").search(plain, left, right)
    unknown = any(view.category(index) == "unknown" for index in range(first, verb_at))
    return caused and unknown


def _unspaced(
    view: TermView, plain: str, code: str, start: int, first: int, last: int, *, caused: bool, open_to_all: bool
) -> Clip | None:
    """A clause of a script without spaces: what moves, and its verb within a few characters."""
    right = view.terms[last].end
    lists = ("nature", "beings") if open_to_all else ("nature",)
    thing = _thing(view, plain, words_of(code, *lists), start, first, last)
    if thing is None and caused:
        thing = _unknown_thing(view, plain, code, start, first, last)
    if thing is None:
        return None
    chooses = [
        index
        for index in range(first, last + 1)
        if start <= view.terms[index].start < thing[0]
        and view.category(index) in CHOOSING
        and (view.category(index) != "photo" or _is_inside(view, code, index))
    ]
    if chooses:
        first = view.skip(chooses[-1] + 1, "filler", "det", "prep")
        start = view.terms[first].start if first <= last else thing[0]
    # What stands before it may only describe it.
    before = [index for index in range(first, last + 1) if start <= view.terms[index].start < thing[0]]
    if any(view.category(index) in NOT_MOVED for index in before):
        return None
    verb = words_of(code, "actions").search(plain, thing[1], min(right, thing[1] + LONGEST_UNSPACED))
    if verb is None:
        return None
    index = next(index for index in range(first, last + 1) if view.terms[index].end >= verb.end())
    between = [
        each
        for each in range(first, index)
        if thing[1] <= view.terms[each].start < verb.start() and view.category(each) in NOT_A_THING
    ]
    if between:
        return None
    end = _told_until(view, index, last, verb.end())
    return Clip(first, end, start, view.terms[end].end, caused)


def _thing(
    view: TermView, plain: str, names: re.Pattern[str], start: int, first: int, last: int
) -> tuple[int, int] | None:
    """The place of the first name in some terms that no other word of the lexicon holds by chance."""
    for match in names.finditer(plain, start, view.terms[last].end):
        touched = [
            index
            for index in range(first, last + 1)
            if view.terms[index].start < match.end() and view.terms[index].end > match.start()
        ]
        if not any(view.category(index) in NOT_A_THING for index in touched):
            return match.span()
    return None


def _unknown_thing(view: TermView, plain: str, code: str, start: int, first: int, last: int) -> tuple[int, int] | None:
    """The place of a word that nobody knows and that somebody wants to move: 让蒲公英飘动."""
    verb = words_of(code, "actions").search(plain, start, view.terms[last].end)
    for index in range(first, last + 1):
        term = view.terms[index]
        is_unknown = term.category == "unknown" or (term.category, term.value) == ("overlay", "unknown")
        if verb is not None and is_unknown and term.start < verb.start():
            end = min(term.end, verb.start())
            is_word = end - term.start > 1 and verb.end() - verb.start() > 1
            return (term.start, end) if is_word else None
    return None


def _is_inside(view: TermView, code: str, index: int) -> bool:
    """Whether a photo is named only as where a thing is: 照片里的水."""
    inside = lexicon(code).lists.get("inside", ())
    following = view.words(index + 1, index + 1) if index + 1 < len(view.terms) else ""
    return following in inside or view.words(index, index).endswith(inside)


def _told_until(view: TermView, index: int, last: int, end: int) -> int:
    """The last term of a prompt whose verb stands at a term and ends at a place of the text."""
    while index < last and view.terms[index].end < end:
        index += 1
    stop = index
    while stop < last and view.category(stop + 1) not in NOT_TOLD:
        counts = view.category(stop + 1) == "number" and view.category(stop + 2) == "unit"
        if counts:
            break
        stop += 1
    if stop < last:
        # "... in the second photo", "... for 10 seconds", "... with AI"
        while stop > index and view.category(stop) in ("prep", "det", "filler", "direction"):
            stop -= 1
    return stop


def _runs(view: TermView, clips: list[Clip]) -> list[list[Clip]]:
    """Clauses that follow each other with nothing but a comma or a conjunction between them."""
    runs: list[list[Clip]] = []
    for clip in clips:
        if runs and _goes_on(view, runs[-1][-1].last + 1, clip.first):
            runs[-1].append(clip)
        else:
            runs.append([clip])
    return runs


def _goes_on(view: TermView, start: int, end: int) -> bool:
    between = [view.terms[index] for index in range(start, end)]
    return all(
        term.category in ("join", "then", "filler", "det", "degree", "listing", "speed", "amount")
        or (term.category, term.value) == ("mark", "soft")
        for term in between
    )
