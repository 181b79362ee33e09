"""Cutting terms into pieces: at punctuation and conjunctions, and before a word that begins another wish."""

from dataclasses import replace

from pipelines.director.clauses import Clause, Domain, domain_at
from pipelines.director.measures import time_place
from pipelines.director.moves import CLOSER, FARTHER
from pipelines.director.terms import TermView

GENERIC_ACTS = frozenset({"add", "remove", "change", "keep", "replace"})


MODIFIERS = ("det", "filler", "degree", "amount", "speed", "color", "mood", "font", "only", "ease", "sizeword")
"""What may stand before a head and belongs to it."""

CONTENT = ("number", "aspect", "platform", "axis", "size")
"""Categories of what is said of the video as a whole, so that an object after "with" or "add" begins another wish."""


TAKEN_OVER = frozenset({"fly", "move", "motion", "slide", "push", "drift", "rotate", "zoom", "pull"})
"""Verbs of the camera that are about a text, a sound or a layer where that follows: "move the title up"."""


SMALL = ("det", "filler", "select", "ordinal", "speed", "amount", "direction", "off", "degree")


TEXT_MOVES = frozenset({"fly", "slide", "drift", "push", "move", "motion"})
"""Verbs of the camera that a text can do too."""


class _Cutter:
    """Cuts terms into pieces."""

    def __init__(self, view: TermView) -> None:
        self.view = view
        self.pieces: list[Clause] = []
        self.current = Clause("camera")

    def close(self, lead: str, sentence: int) -> None:
        if self.current.indexes:
            self.pieces.append(self.current)
            self.current = Clause("camera", sentence=sentence, lead=lead)
            return
        # "and then", ", but": the word after the mark says more.
        if lead != "comma" or not self.current.lead:
            self.current.lead = lead
        self.current.sentence = sentence

    def split_before(self, index: int) -> None:
        """Begin another piece, with the words that stand before a head and belong to it."""
        start = index
        floor = self.current.head if self.current.head is not None else -1
        small: tuple[str, ...] = (*MODIFIERS, "negation")
        if self.view.category(index) == "transition":
            small += ("number", "unit")  # "with a half second crossfade"
        while start - 1 > floor and start - 1 in self.current.indexes and self.view.category(start - 1) in small:
            start -= 1
            if self.view.category(start) == "negation":
                break  # "zoom lento sin música": what stands before a "no" belongs to what was wanted
        before = (self.view.category(start - 1), self.view.value(start - 1))
        if before == ("prep", "with") and start - 1 > floor:
            start -= 1
        moved = [each for each in self.current.indexes if each >= start]
        self.current.indexes = [each for each in self.current.indexes if each < start]
        sentence = self.current.sentence
        self.close("with" if before == ("prep", "with") else "", sentence)
        self.current.indexes = moved
        if any(self.view.category(each) == "negation" for each in moved):
            self.current.negated = True


def find_pieces(view: TermView) -> list[Clause]:
    """The pieces of an instruction, in order, each with its head where it has one."""
    cutter = _Cutter(view)
    sentence = 0
    for index in range(len(view.terms)):
        category, value = view.category(index), view.value(index)
        if category == "mark" and value == "hard":
            # A colon announces what follows it in the same sentence.
            sentence += view.words(index, index) not in (":", "：")
            cutter.close("hard", sentence)
        elif category in ("mark", "listing"):
            cutter.close("comma", sentence)
        elif category == "describe" and (cutter.current.head is not None or cutter.current.act):
            cutter.close("describe", sentence)
            _take(cutter, index)
        elif category == "join" and not _joins_colors(view, index):
            cutter.close(value, sentence)
        elif category == "then" or (category == "but" and value != "only"):
            cutter.close(category, sentence)
        else:
            _take(cutter, index)
    cutter.close("", sentence)
    return cutter.pieces


def _joins_colors(view: TermView, index: int) -> bool:
    return view.category(index - 1) in ("color", "font") and view.category(index + 1) in ("color", "font", "textfx")


def _take(cutter: _Cutter, index: int) -> None:
    view, piece = cutter.view, cutter.current
    is_reverse = (view.category(index), view.value(index)) == ("act", "reverse")
    if is_reverse and piece.head is not None and view.category(piece.head) == "verb":
        # "move backwards": the way of a camera, not of a clip
        view.terms[index] = replace(view.terms[index], category="direction", value="out")
    category, value = view.category(index), view.value(index)
    if category == "negation":
        # Chinese says what is not wanted first: 音乐不要.
        follows = piece.head is not None and view.category(view.skip(index + 1, "filler")) in (
            "",
            "mark",
            "then",
            "listing",
        )
        if piece.head is not None and not follows:
            cutter.split_before(index)
        cutter.current.negated = True
    domain = domain_at(view, index)
    if category == "says" and piece.head is None and any(view.category(each) in CONTENT for each in piece.indexes):
        cutter.split_before(index)
    if category == "act" and value in GENERIC_ACTS:
        asks = piece.head is not None and view.value(piece.head) == "help"
        if ((piece.act or (piece.head is not None and piece.domain in ("camera", "session"))) and not asks) or (
            piece.head is None
            and value == "add"
            and any(_is_of_whole(view, each) for each in piece.indexes)
            and not time_place(view, piece.indexes)
        ):
            cutter.split_before(index)
        cutter.current.act = value
    elif domain is not None:
        if _takes_over(view, piece, index, domain):
            piece.act = {"swap": "change", "reorder": "change"}.get(view.value(piece.head or 0), piece.act)
            piece.head, piece.domain = index, domain
        elif (
            piece.head is None and domain in ("text", "sound", "look", "layer", "cut") and _is_added(view, piece, index)
        ):
            cutter.split_before(index)
        elif piece.head is not None and _is_another(view, piece, index, domain):
            act, negated = piece.act, piece.negated
            cutter.split_before(index)
            # "a title and music" is cut elsewhere; here nothing stands between: the act is for both.
            cutter.current.act, cutter.current.negated = act, cutter.current.negated or (negated and act == "")
        if cutter.current.head is None or (
            domain == "text" and cutter.current.domain not in ("text", "session", "order")
        ):
            cutter.current.head, cutter.current.domain = index, domain
    cutter.current.indexes.append(index)


def _is_of_whole(view: TermView, index: int) -> bool:
    """Whether a term says something of the video as a whole; "three photos" does not."""
    if view.category(index) == "number":
        return view.category(view.skip(index + 1, "classifier", "filler")) != "photo"
    return view.category(index) in CONTENT


def _is_added(view: TermView, piece: Clause, index: int) -> bool:
    """Whether "with" stands between what is said of the whole and a head: "8 seconds with a title"."""
    lengths = ("number", "unit") if view.category(index) == "transition" else ()
    before = view.skip_back(index - 1, *MODIFIERS, *lengths)
    if (view.category(before), view.value(before)) != ("prep", "with") or before not in piece.indexes:
        return False
    return any(view.category(each) in CONTENT for each in piece.indexes if each < before)


def _takes_over(view: TermView, piece: Clause, index: int, domain: Domain) -> bool:
    """Whether a head turns out to be the object of a verb before it: "slide the title in", "swap the music"."""
    if piece.head is None or domain not in ("text", "sound", "layer", "cut", "look"):
        return False
    category, value = view.category(piece.head), view.value(piece.head)
    small = (*SMALL, "prep") if domain == "cut" else SMALL
    if not all(view.category(each) in small for each in range(piece.head + 1, index)):
        return False
    if category == "act" and value == "loop" and domain == "sound":
        return True  # "loop the music"
    if category == "act":
        return piece.domain == "order" and value in ("swap", "reorder") and view.category(index) != "act"
    if domain == "look":
        return False
    if category == "move":
        return value in (*CLOSER, *FARTHER) and domain in ("text", "layer")
    return category == "verb" and value in TAKEN_OVER and view.category(index) != "act"


def _is_another(view: TermView, piece: Clause, index: int, domain: Domain) -> bool:
    """Whether a head begins another wish, or only tells more about the one at hand."""
    if domain == piece.domain or "session" in (piece.domain, domain):
        return False
    if piece.domain in ("text", "layer") and view.value(index) == "reorder":
        return False  # 标题放到下面
    if piece.domain == "order" or domain == "order":
        return domain == "order" and view.category(index) == "act"
    if piece.domain in ("text", "layer") and domain == "camera":
        is_size = view.category(index) == "move" and view.value(index) in (*CLOSER, *FARTHER)
        if view.value(index) in TEXT_MOVES or (
            is_size and not view.text[: view.terms[index].start].rstrip().endswith('"')
        ):
            return False
    if domain == "sound" and view.value(index) == "volume" and piece.domain == "sound":
        return False
    if piece.domain == "sound" and domain == "look" and view.value(index) in ("cinematic", "moody", "dreamy"):
        return False  # "swap the music for something more cinematic"
    if piece.domain == "look" and view.category(index - 1) == "overlay" and view.value(index) in (*TEXT_MOVES, "fall"):
        return False  # "some dust floating in the air"
    if piece.domain == "sound" and view.value(index) in TEXT_MOVES and view.value(index + 1) in ("in", "out", "filler"):
        return False  # "the music comes in too soon"
    # "mute the video clip", "reverse": what is done to a sound or a clip.
    return not (piece.domain == "sound" and domain == "clip" and view.value(index) == "loop")
