"""Pieces that name nothing to act on: what they go on with, or are about by themselves."""

from fractions import Fraction

from pipelines.director.clauses import Clause, Domain
from pipelines.director.measures import LONGEST_TRANSITION, time_at, time_place
from pipelines.director.selection import Selection
from pipelines.director.terms import TermView

TWO = 2


ACCEPTED: dict[Domain, dict[str, frozenset[str] | None]] = {
    "text": {
        "color": None, "direction": None, "font": None, "textfx": None, "fade": None, "moment": None, "quote": None,
        "timing": None,
        "compare": frozenset(
            {"bigger", "smaller", "longer", "shorter", "higher", "lower", "earlier", "later", "as_long"}
        ),
        "sizeword": None, "decor": None,
    },
    "sound": {
        "amount": frozenset({"half", "double", "triple"}),
        "fade": None, "mood": None, "moment": None, "timing": None, "direction": None, "level": None,
        "compare": frozenset(
            {"louder", "quieter", "earlier", "later", "more", "less", "higher", "lower", "bigger", "smaller"}
        ),
    },
    "look": {"compare": frozenset({"more", "less", "stronger", "weaker"}), "amount": None, "percent": None},
    "cut": {"compare": frozenset({"longer", "shorter", "as_long"}), "speed": None},
    "clip": {"compare": frozenset({"longer", "shorter"})},
    "layer": {
        "direction": None, "opacity": None,
        "compare": frozenset({"bigger", "smaller", "higher", "lower", "more", "less"}),
    },
    "length": {
        "compare": frozenset({"longer", "shorter", "more", "less"}),
        "amount": frozenset({"double", "triple", "half"}),
    },
    "camera": {"compare": frozenset({"more", "less", "stronger", "weaker"}), "speed": None, "amount": None},
}  # fmt: skip
"""What a piece without a head may hold to go on with a domain: categories, and their values where not all will do."""


def selected(view: TermView, piece: Clause) -> Selection | None:
    """The first selection in a piece."""
    found = piece.find(view, "select")
    return view.terms[found[0]].selection if found else None


def is_short_length(view: TermView, piece: Clause, longest: Fraction | None = LONGEST_TRANSITION) -> bool:
    """Whether a piece is nothing but a length that a transition can have: "0.8 s"."""
    lengths = [found[0] for index in piece.indexes if (found := time_at(view, index)) is not None]
    small = all(
        view.category(index) in ("number", "unit", "prep", "filler", "det", "scope", "says")
        or (view.category(index), view.value(index)) == ("act", "change")
        for index in piece.indexes
    )
    return small and bool(lengths) and (longest is None or lengths[0] <= longest)


def inherited(view: TermView, piece: Clause, topic: str) -> Domain | None:
    """The topic, where a piece without a head can go on with it."""
    if topic not in ACCEPTED or (piece.find(view, "quote") and (piece.act == "add" or topic != "text")):
        return None
    if topic != "camera" and piece.find(view, "camera"):
        return None
    if topic in ("camera", "text") and piece.find(view, "mood"):
        return None  # "zoom in, soft piano"
    domain: Domain = topic
    accepted = ACCEPTED[domain]
    told = (domain == "cut" and is_short_length(view, piece)) or (
        domain in ("text", "sound") and (time_place(view, piece.indexes) or _says_at_which(view, piece))
    )
    told = told or (domain == "text" and _lasts(view, piece)) or (domain == "sound" and _is_share(view, piece))
    for index in piece.indexes:
        category, value = view.category(index), view.value(index)
        if category in ("aspect", "platform", "axis", "size", "fit", "photo", "scope"):
            return None
        if category in accepted:
            values = accepted[category]
            if values is not None and value not in values:
                if category == "amount" and value in ("little", "strong"):
                    continue  # 調大一些
                return None
            told = True
    return domain if told else None


def _says_at_which(view: TermView, piece: Clause) -> bool:
    """Whether a piece only says with which shot something begins: "when the third photo starts"."""
    led = piece.find(view, "timing") and piece.find(view, "select")
    small = ("select", "timing", "prep", "filler", "det", "photo", "moment")
    return bool(led) and all(view.category(index) in small for index in piece.indexes)


def _is_share(view: TermView, piece: Clause) -> bool:
    """Whether a piece is nothing but a percentage: "20 % will do"."""
    small = ("number", "unit", "prep", "filler", "det", "act")
    return bool(piece.find(view, "unit", "percent")) and all(view.category(index) in small for index in piece.indexes)


def _lasts(view: TermView, piece: Clause) -> bool:
    """Whether a piece only says how long: "for 4 seconds", 停留4秒."""
    small = ("number", "unit", "prep", "filler", "det")
    led = [index for index in piece.find(view, "prep", "for") if time_at(view, index + 1) is not None]
    return bool(led) and all(view.category(index) in small for index in piece.indexes)


def by_itself(view: TermView, piece: Clause) -> Domain:
    """What a piece without a head and without a past is about."""
    if piece.find(view, "name"):
        return "camera"
    for index in piece.indexes:
        category, value = view.category(index), view.value(index)
        if category == "compare":
            if value in ("louder", "quieter"):
                return "sound"
            if value in ("longer", "shorter", "as_long"):
                return "length"
        if category in ("font", "textfx") and not piece.find(view, "camera"):
            return "text"
        if category == "mood":
            return "sound"
        if category == "fade":
            return "cut"
        small = ("session", "filler", "det", "unknown")
        if category == "session" and all(view.category(each) in small for each in piece.indexes):
            piece.head = index
            return "session"
        if category == "quote":
            return "text"
    only = ("select", "photo", "negation", "filler", "det", "classifier")
    if piece.negated and piece.find(view, "select") and all(view.category(index) in only for index in piece.indexes):
        # 第二张不要 takes it away; "not the second" only says which is not meant.
        last = view.category(piece.last) == "negation" or all(term.category in only for term in view.terms)
        return "order" if last else "keep"
    if piece.act == "add" and (selected(view, piece) or Selection()).noun == "asset":
        return "order"
    if piece.act in ("remove", "replace") and any(
        view.category(index) in ("photo", "select") for index in piece.indexes
    ):
        return "order"
    chosen = piece.find(view, "select")
    plain = ("select", "filler", "det", "photo", "number", "classifier")
    if len(chosen) == TWO and all(view.category(index) in plain for index in piece.indexes):
        return "order"  # "make photo 3 the first one"
    two = selected(view, piece)
    if piece.act == "change" and two is not None and len(two.places) == TWO and not two.excluded:
        bare = ("select", "act", "filler", "det", "photo", "classifier", "place")
        if all(view.category(index) in bare for index in piece.indexes):
            return "order"  # 第三张和第一张换一下
    return "camera"
