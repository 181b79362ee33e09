"""Words that shall be shown, where no quotation marks say so: "a title saying Summer in Paris", "标题写城市之梦".

They are found before anything else is read, so that they are never taken for instructions.
"""

from pipelines.director.terms import Term, TermView

OBJECTS = frozenset({"title", "subtitle", "caption", "lower_third", "text"})
"""What can be written."""

ATTRIBUTES = ("direction", "color", "compare", "font", "textfx", "fade", "moment", "anchor", "sizeword")
"""Categories that say how something written looks: after "to" or "in" they are no words to be shown."""

SMALL = ("filler", "det")

DESCRIBING = (
    "prep",
    "det",
    "filler",
    "direction",
    "color",
    "font",
    "sizeword",
    "number",
    "unit",
    "moment",
    "select",
    "ordinal",
    "photo",
)
"""Categories that may stand between an object and the colon before its words."""

OPENERS = ("act", "object", "look", "overlay", "transition", "verb", "move", "mood", "negation", "engine", "session")
"""Categories that begin another wish after a comma or "and"."""


def mark_written(view: TermView) -> list[Term]:
    """The terms, with the words of each unquoted text put together into one ``quote``."""
    out: list[Term] = []
    index = 0
    while index < len(view.terms):
        out.append(view.terms[index])
        start = _written_after(view, index)
        index += 1
        if start is None:
            continue
        end = _end_of_words(view, start)
        if end <= start:
            continue
        out += view.terms[index:start]
        first, last = view.terms[start], view.terms[end - 1]
        words = view.text[first.start : last.end].strip(" \t\n,;:\"'，。；：").removesuffix(".")
        out.append(Term("quote", words, first.start, last.end))
        index = end
    return out


def _written_after(view: TermView, index: int) -> int | None:
    """Where the words to be shown begin, if this term announces some."""
    category, value = view.category(index), view.value(index)
    if category == "name":
        start = view.skip(index + 1, "says")
        return start if view.category(start) not in ("quote", "", "mark") else None
    if category == "says" and value == "write":
        start = _past_colon(view, index + 1)
        return start if _may_begin(view, start, strong=True) else None
    if (category, value) == ("act", "add") and view.words(index, index).casefold() in PUT:
        return _put_somewhere(view, index + 1)
    if category != "object" or value not in OBJECTS:
        return None
    after = view.skip(index + 1, "filler") if view.category(index + 1) == "filler" else index + 1
    while (
        view.category(after) in ("textfx", "font", "color", "direction", "anchor")
        and view.category(after + 1) == "says"
    ):
        after += 1
    if view.category(after) == "says":
        start = _past_colon(view, view.skip(after, "says"))
        return start if _may_begin(view, start, strong=True) else None
    if view.category(after) == "mark" and view.words(after, after) in (":", "："):
        return after + 1 if _may_begin(view, after + 1, strong=True) else None
    colon = view.skip(after, *DESCRIBING)
    if colon > after and view.category(colon) == "mark" and view.words(colon, colon) in (":", "："):
        return colon + 1 if _may_begin(view, colon + 1, strong=True) else None
    far = _announced_far(view, after)
    if far is not None:
        return far
    to = after
    if (view.category(to), view.value(to)) in (("prep", "to"), ("act", "change")) and _is_changed(view, index):
        start = _past_colon(view, view.skip(to + 1, "says"))
        return start if _may_begin(view, start, strong=False) else None
    for start in dict.fromkeys((index + 1, after)):
        if _may_begin(view, start, strong=False) and _is_unannounced(view, start):
            return start
    return None


PUT = ("put", "place")
"""Verbs of "put happy new year at the top"."""

NO_WORDS = (
    "object", "asset", "quote", "overlay", "select", "mark", "negation", "transition", "fade", "audio", "cues",
    "engine", "says", "platform", "background", "crop", "fit", "act", "verb", "photo", "describe", "again", "same",
    "rest",
)  # fmt: skip
"""What words to be shown, without a noun before them and without quotation marks, do not hold."""


def _put_somewhere(view: TermView, start: int) -> int | None:
    """Where the words of "put happy new year at the top" begin: some that nobody knows, before a place."""
    end = start
    while view.category(end) not in ("", "join") and view.category(end) not in NO_WORDS and not _is_place(view, end):
        end += 1
    unknown = any(view.category(index) == "unknown" for index in range(start, end))
    return start if unknown and end > start + 1 and _is_place(view, end) else None


def _is_place(view: TermView, index: int) -> bool:
    """Whether a place of the canvas begins here: "at the top", "in the middle"."""
    at = view.skip(index + 1, "det")
    is_side = view.category(at) == "direction" and view.value(at) in ("top", "bottom", "center")
    return view.category(index) == "prep" and (is_side or view.category(at) == "anchor")


STOPS = ("quote", "mark", "act", "verb", "move", "look", "overlay", "mood", "engine", "transition", "object", "says")
"""What ends the search for the colon before words to be shown."""


def _announced_far(view: TermView, index: int) -> int | None:
    """Where words begin behind a colon further on: "a lower third with her name and job please: ..."."""
    while view.category(index) and view.category(index) not in STOPS:
        index += 1
    if view.category(index) == "mark" and view.words(index, index) in (":", "："):
        return index + 1 if _may_begin(view, index + 1, strong=True) else None
    return None


def _past_colon(view: TermView, index: int) -> int:
    if view.category(index) == "mark" and view.words(index, index) in (":", "：", "-", "–"):
        return index + 1
    return index


def _is_changed(view: TermView, index: int) -> bool:
    """Whether the object is what a change is about: "change the title to ...", "标题改成…"."""
    before = view.skip_back(index - 1, "det", "filler", "select", "ordinal", "of")
    following = view.skip(index + 1, "filler")
    return view.category(before) == "act" or view.category(following) == "act" or view.category(before) == ""


def _may_begin(view: TermView, index: int, *, strong: bool) -> bool:
    """Whether words to be shown can begin at a term; ``strong``: something has announced them."""
    category = view.category(index)
    ends = view.category(index + 1) in ("", "mark", "join")
    if category in ("fade", "textfx") and ends and not view.words(index, index)[:1].isupper():
        return False  # "title: fade in, 5 seconds"
    if category in ("", "quote") or (category == "mark" and not strong):
        return False
    if category == "mark":
        return False
    if strong:
        return True
    start = view.skip(index, *SMALL)
    if category == "scope" and view.category(view.skip(start, "photo", "scope", "mark")) == "quote":
        return False  # "a caption to each photo: ..."
    if view.category(start) in ATTRIBUTES or view.category(start) in ("quote", "", "mark", "join", "prep"):
        return False
    return not (view.category(start) == "number" and view.category(start + 1) == "unit")


def _is_unannounced(view: TermView, index: int) -> bool:
    """Whether what follows an object directly is its words: names begin with a capital, or no rule knows them."""
    first = view.words(index, index)
    if view.category(index) == "unknown" and not first.isascii():
        return True
    capital = first[:1].isupper() and not first.isupper()
    return capital and view.category(index) not in ("prep", "join", "act", "negation", "det")


def _end_of_words(view: TermView, start: int) -> int:
    """The index after the words that begin at a term."""
    index = start
    while index < len(view.terms):
        category, value = view.category(index), view.value(index)
        if category == "quote":
            return index
        if category == "mark":
            if value == "hard" and index > start and not _inside(view, index):
                return index + (view.words(index, index) in ("?", "!", "？", "！"))
            if value == "soft" and index > start and _ends_there(view, index):
                return index
        elif (
            (category == "moment" and index > start and _is_when(view, index))
            or (category in ("join", "then") and index > start and _opens(view, index + 1))
            or (_leads(view, index) and index > start and _tells_how(view, index))
        ):
            return index
        index += 1
    return index


def _is_when(view: TermView, index: int) -> bool:
    """Whether a moment says when, and is no part of the words: "at the end", but not "the end"."""
    words = view.words(index, index)
    after = view.category(view.skip(index + 1, "filler"))
    return " " in words and not words.casefold().startswith("the ") and after in ("", "mark", "join", "prep", "then")


def _leads(view: TermView, index: int) -> bool:
    """Whether a preposition stands there; "in" is a direction to the camera."""
    return view.category(index) == "prep" or (view.category(index), view.value(index)) == ("direction", "in")


def _inside(view: TermView, index: int) -> bool:
    """Whether a mark stands inside a word: "St. Ives", "Vol.2" keep their stop; a sentence ends before a space."""
    end = view.terms[index].end
    if view.category(index - 1) == "abbreviation" and view.words(index, index) == ".":
        return True  # "Dr. Jane Smith"
    return end < len(view.text) and not view.text[end].isspace() and view.text[view.terms[index].start] in ".:"


def _ends_there(view: TermView, index: int) -> bool:
    if view.words(index, index) in ("，", "、", "；"):
        return True
    if view.words(index, index) in ("-", "–", "—", "/", "(", ")", "[", "]", "|"):
        return False
    return _opens(view, index + 1) or _tells_how(view, index + 1)


def _opens(view: TermView, index: int) -> bool:
    start = view.skip(index, *SMALL, "speed", "amount", "degree")
    return view.category(start) in OPENERS or (view.category(start) == "number" and view.category(start + 1) == "unit")


def _tells_how(view: TermView, index: int) -> bool:
    """Whether a preposition leads to where, when or how something is shown."""
    start = view.skip(index + 1 if _leads(view, index) else index, *SMALL)
    if view.category(start) in ATTRIBUTES:
        after = view.skip(start + 1, *SMALL, "font", "place", "photo", "color", "direction", "object", "sizeword")
        return view.category(after) in ("", "mark", "join", "prep", "act", "says", "textfx", "number", "moment")
    if view.category(start) == "number" and view.category(start + 1) == "unit":
        return True
    return view.category(start) == "select" or (
        view.category(start) == "ordinal" and view.category(start + 1) == "number"
    )
