"""Making clauses of pieces: what each is about, how far "no" and "remove" reach, which shots are meant.

A piece that names nothing to act on ("and red", "a bit bigger") goes on with what was spoken of before, where that can
be so.
"""

from itertools import pairwise

from pipelines.director.clauses import Clause, Domain
from pipelines.director.cutting import find_pieces
from pipelines.director.measures import LONGEST_TRANSITION, is_length, time_at, time_place
from pipelines.director.selection import Selection
from pipelines.director.terms import TermView

TWO = 2


ORDER_VERBS = frozenset({"move", "push", "slide", "pull"})


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
        "fade": None, "mood": None, "moment": None, "timing": None, "direction": None, "level": None,
        "compare": frozenset(
            {"louder", "quieter", "earlier", "later", "more", "less", "higher", "lower", "bigger", "smaller"}
        ),
    },
    "look": {"compare": frozenset({"more", "less", "stronger", "weaker"}), "amount": None, "percent": None},
    "cut": {"compare": frozenset({"longer", "shorter", "as_long"}), "speed": None},
    "clip": {"compare": frozenset({"longer", "shorter"})},
    "layer": {"direction": None, "opacity": None, "compare": frozenset({"bigger", "smaller", "higher", "lower", "more", "less"})},
    "camera": {"compare": frozenset({"more", "less", "stronger", "weaker"}), "speed": None, "amount": None},
}  # fmt: skip
"""What a piece without a head may hold to go on with a domain: categories, and their values where not all will do."""


def find_clauses(view: TermView) -> list[Clause]:
    """The clauses of an instruction, in order."""
    pieces = find_pieces(view)
    _spread_negation(view, pieces)
    _settle_domains(view, pieces)
    _announce(view, pieces)
    _list_order(view, pieces)
    _spread_selections(view, pieces)
    return pieces


def _spread_negation(view: TermView, pieces: list[Clause]) -> None:
    """Let "no" and "remove" reach over lists: "no music or text", "remove the music and the title"."""
    for before, piece in pairwise(pieces):
        if piece.sentence != before.sentence or piece.negated or piece.act or not (before.negated or before.act):
            continue
        if before.domain in ("camera", "session") or not _is_bare(view, piece):
            continue
        if piece.lead in ("or", "and") or (piece.lead == "comma" and _list_goes_on(pieces, piece)):
            piece.negated, piece.act = before.negated, before.act


def _is_bare(view: TermView, piece: Clause) -> bool:
    """Whether a piece is the name of a thing and no more."""
    small = ("det", "filler", "object", "look", "overlay", "mood", "amount", "transition", "photo", "unknown", "sound")
    has_new = any(view.category(index) == "det" and view.value(index) == "a" for index in piece.indexes)
    return piece.head is not None and not has_new and all(view.category(index) in small for index in piece.indexes)


def _list_goes_on(pieces: list[Clause], piece: Clause) -> bool:
    later = [each for each in pieces[pieces.index(piece) :] if each.sentence == piece.sentence]
    return any(each.lead == "or" for each in later[1:])


def _settle_domains(view: TermView, pieces: list[Clause]) -> None:
    previous: Clause | None = None
    for piece in pieces:
        _settle_special(view, piece)
        if previous is not None and _is_said_before(view, piece, previous):
            piece.domain, piece.head = "keep", piece.first
        if previous is not None and _is_asked_how(view, piece, previous):
            previous.domain = "keep"
        if previous is not None and piece.head is None and previous.domain == "sound" and _is_short_length(view, piece):
            piece.indexes = [*previous.find(view, "fade"), *piece.indexes]  # "a longer fade, say 3 s"
        if previous is not None and previous.domain in ("text", "layer") and _is_put(view, piece):
            piece.domain, piece.head = "camera", None  # "放到中间" goes on with the text
        if piece.head is None:
            piece.domain = (inherited(view, piece, previous.domain) if previous else None) or _by_itself(view, piece)
            piece.follows = previous is not None and piece.domain == previous.domain
            if piece.follows and previous is not None and piece.domain == "cut" and not piece.find(view, "select"):
                piece.selection = previous.selection or _selected(view, previous)
            if piece.follows and previous is not None and not piece.act and previous.act in ("add", "change"):
                piece.act = "change"
        if piece.act == "keep" and piece.domain not in ("camera", "session"):
            piece.domain = "keep"
        if piece.head is not None or piece.follows or piece.domain != "camera":
            previous = piece


def _is_said_before(view: TermView, piece: Clause, previous: Clause) -> bool:
    """Whether a piece only says the other half: "keep seconds 3 to 6, cut the rest"."""
    kept = previous.domain == "clip" and bool(previous.find(view, "act", "trim", "keep"))
    rest = any((view.terms[index].selection or Selection()).rest for index in piece.find(view, "select"))
    cuts = piece.act == "remove" or bool(piece.find(view, "act", "trim") + piece.find(view, "transition", "cut"))
    return kept and rest and cuts


def _is_asked_how(view: TermView, piece: Clause, previous: Clause) -> bool:
    """Whether the piece before was a question, as this one shows: "Can I add music? How?"."""
    is_help = piece.head is not None and (view.category(piece.head), view.value(piece.head)) == ("session", "help")
    mark = view.skip_back(piece.first - 1, "filler")
    asked = view.category(mark) == "mark" and view.words(mark, mark) in ("?", "？")
    return is_help and asked and previous.domain not in ("session", "keep")


def _selected(view: TermView, piece: Clause) -> Selection | None:
    found = piece.find(view, "select")
    return view.terms[found[0]].selection if found else None


def _is_short_length(view: TermView, piece: Clause) -> bool:
    """Whether a piece is nothing but a length that a transition can have: "0.8 s"."""
    lengths = [found[0] for index in piece.indexes if (found := time_at(view, index)) is not None]
    small = all(view.category(index) in ("number", "unit", "prep", "filler", "det") for index in piece.indexes)
    return small and bool(lengths) and lengths[0] <= LONGEST_TRANSITION


def _is_put(view: TermView, piece: Clause) -> bool:
    """Whether a piece only says to put something to a side."""
    is_put = piece.domain == "order" and piece.head is not None and view.value(piece.head) == "reorder"
    return is_put and not piece.find(view, "select")


def _is_told(view: TermView, piece: Clause) -> bool:
    """Whether a piece tells what a photo shows, or anything else that is no wish."""
    told = piece.find(view, "describe")
    return bool(told) and (not piece.act or told[0] == piece.first)


def _settle_special(view: TermView, piece: Clause) -> None:
    """What the words together mean, though no single one of them says so."""
    costs = piece.find(view, "session", "costs")
    if costs:
        piece.domain, piece.head, piece.negated = "session", costs[0], False
        return
    keeps_part = piece.find(view, "but", "only") and (
        piece.find(view, "moment", "start", "end") + piece.find(view, "ordinal")
    )
    if keeps_part and piece.head is None and any(is_length(view, index) for index in piece.indexes):
        piece.domain, piece.head = "clip", keeps_part[0]  # 只要开头5秒
        return
    asked = piece.find(view, "question")
    if asked and not piece.act and piece.domain != "session":
        piece.domain, piece.head = "session", asked[0]
        return
    if piece.find(view, "except") and not piece.act and not piece.find(view, "select"):
        piece.domain, piece.head = "keep", piece.first  # "except the music": that is not what comes next
        return
    if _is_told(view, piece) or len(piece.find(view, "negation")) > 1:
        # What a photo shows is no instruction; and who does not not want something leaves it as it is.
        piece.domain, piece.head = "keep", piece.first
        return
    if piece.negated and piece.act == "remove" and piece.head is not None:
        piece.domain = "keep"
        return
    off = piece.find(view, "off")
    if off and not piece.act and piece.domain in ("text", "sound", "look", "layer"):
        piece.act = "remove"
    if piece.act == "keep" and piece.head is None and len(_lengths(view, piece)) > 1:
        piece.domain, piece.head, piece.act = "clip", piece.first, ""  # 第3秒到第6秒留下
        return
    if piece.act == "keep" and piece.head is None:
        piece.domain, piece.head = "keep", piece.first
        return
    kept = piece.find(view, "focus", "keep")
    if kept and piece.head is not None and kept[0] < piece.head and piece.domain != "session":
        small = (
            "focus",
            "det",
            "filler",
            "object",
            "look",
            "overlay",
            "transition",
            "select",
            "mood",
            "photo",
            "only",
            "verb",
        )
        if all(view.category(index) in small for index in piece.indexes):
            piece.domain = "keep"
            return
    is_chosen = piece.domain == "clip" and piece.find(view, "act", "trim") and piece.find(view, "select")
    if is_chosen and not any(is_length(view, index) for index in piece.indexes) and not piece.find(view, "timing"):
        piece.domain = "order"  # "only keep the first photo"
        return
    cuts = piece.find(view, "transition", "cut") + piece.find(view, "crop")
    for index in piece.indexes:
        is_ordinal = view.category(index) == "ordinal" and is_length(view, index + 1)
        if is_ordinal and (cuts or piece.act == "remove") and piece.domain in ("cut", "camera"):
            piece.domain, piece.head = "clip", index
            return
    files = [
        index for index in piece.find(view, "select") if (view.terms[index].selection or Selection()).noun == "asset"
    ]
    if piece.head is None and files and len([index for index in piece.indexes if is_length(view, index)]) > 1:
        piece.domain, piece.head = "clip", files[0]  # "use walk.mp4 from 2 s to 6 s"
        return
    moved = piece.head is None or view.value(piece.head) == "reorder"
    sides = piece.find(view, "direction", "left", "right", "top", "bottom", "center")
    if moved and len(files) == 1 and sides and not piece.negated and piece.act != "remove":
        piece.domain, piece.head = "layer", files[0]  # "logo.png in the top left corner"
        return
    if piece.domain == "camera" and not piece.negated:
        _settle_order(view, piece)
        _settle_delta(view, piece)


def _lengths(view: TermView, piece: Clause) -> list[int]:
    return [index for index in piece.indexes if is_length(view, index)]


def _settle_order(view: TermView, piece: Clause) -> None:
    """ "move the last photo to the front", "put a.jpg after b.jpg", "make photo 3 the first one" """
    selects = piece.find(view, "select")
    if not selects:
        return
    verb = piece.head is None or (view.category(piece.head) == "verb" and view.value(piece.head) in ORDER_VERBS)
    if not verb or piece.act == "remove":
        return
    places = piece.find(view, "moment", "start", "end", "middle") + piece.find(
        view, "place", "first", "last", "before", "after"
    )
    places += piece.find(view, "timing", "before", "after") + piece.find(view, "ordinal", "1", "-1")
    others = ("look", "overlay", "move", "number", "speed", "quote", "fit", "focus", "compare", "engine")
    if places and not any(view.category(index) in others for index in piece.indexes):
        piece.domain, piece.head = "order", places[0]


def _settle_delta(view: TermView, piece: Clause) -> None:
    """ "add 2 seconds to the last photo", "take a second off the first" """
    if piece.head is not None or any(piece.find(view, name) for name in ("quote", "fade", "transition")):
        return
    lengths = [index for index in piece.indexes if is_length(view, index) or _is_a_second(view, index)]
    if lengths and (piece.act in ("add", "remove") or piece.find(view, "off")):
        piece.domain, piece.head = "length", lengths[0]


def _is_a_second(view: TermView, index: int) -> bool:
    return (view.category(index), view.value(index)) == ("det", "a") and view.category(index + 1) == "unit"


def inherited(view: TermView, piece: Clause, topic: str) -> Domain | None:
    """The topic, where a piece without a head can go on with it."""
    if topic not in ACCEPTED or (piece.act == "add" and piece.find(view, "quote")):
        return None
    if topic != "camera" and piece.find(view, "camera"):
        return None
    domain: Domain = topic
    accepted = ACCEPTED[domain]
    told = (domain == "cut" and _is_short_length(view, piece)) or (
        domain in ("text", "sound") and (time_place(view, piece.indexes) or _says_at_which(view, piece))
    )
    for index in piece.indexes:
        category, value = view.category(index), view.value(index)
        if category in ("aspect", "platform", "axis", "size", "fit", "photo", "scope"):
            return None
        if category in accepted:
            values = accepted[category]
            if values is not None and value not in values:
                return None
            told = True
    return domain if told else None


def _says_at_which(view: TermView, piece: Clause) -> bool:
    """Whether a piece only says with which shot something begins: "when the third photo starts"."""
    led = piece.find(view, "timing") and piece.find(view, "select")
    small = ("select", "timing", "prep", "filler", "det", "photo", "moment")
    return bool(led) and all(view.category(index) in small for index in piece.indexes)


def _by_itself(view: TermView, piece: Clause) -> Domain:
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
        return "order"
    if piece.act == "add" and (_selected(view, piece) or Selection()).noun == "asset":
        return "order"
    if piece.act in ("remove", "replace") and any(
        view.category(index) in ("photo", "select") for index in piece.indexes
    ):
        return "order"
    two = _selected(view, piece)
    if piece.act == "change" and two is not None and len(two.places) == TWO and not two.excluded:
        bare = ("select", "act", "filler", "det", "photo", "classifier", "place")
        if all(view.category(index) in bare for index in piece.indexes):
            return "order"  # 第三张和第一张换一下
    return "camera"


def _announce(view: TermView, pieces: list[Clause]) -> None:
    """Give the words of a list their head: 'captions: "a" on the first, "b" on the second'."""
    head: Clause | None = None
    for before, piece in pairwise(pieces):
        if before.domain == "text" and before.head is not None:
            head = before
        if head is None or piece.domain != "text" or piece.head is not None or not piece.find(view, "quote"):
            continue
        if before.domain != "text" or (piece.act in ("change", "replace", "remove") and piece.act != "change"):
            continue
        listed = bool(before.find(view, "quote"))
        if not listed and before is not head:
            continue
        if head.act in ("change", "replace", "remove") and listed:
            continue
        # What announces the first words says when and how; the others share what they are.
        shared = head.find(view, "object") if listed else before.indexes
        piece.indexes = [*shared, *piece.indexes]
        piece.act, piece.head, piece.follows = (
            head.act if head.act in ("change", "replace") else "add",
            head.head,
            False,
        )
        if not listed:
            before.domain = "keep"


ORDERED = (
    "select", "filler", "det", "photo", "then", "ordinal", "moment", "place", "classifier", "join", "prep", "number",
)  # fmt: skip
"""Categories of which "first show the last photo, then the first" consists."""


def _list_order(view: TermView, pieces: list[Clause]) -> None:
    """Make one clause of pieces that tell shot by shot in which order they come."""
    for sentence in dict.fromkeys(piece.sentence for piece in pieces):
        listed = [piece for piece in pieces if piece.sentence == sentence]
        terms = [index for piece in listed for index in piece.indexes]
        selects = [index for index in terms if view.category(index) == "select"]
        told = any(piece.lead == "then" for piece in listed) or any(
            (view.category(index), view.value(index)) == ("filler", "first") for index in terms
        )
        small = all(
            view.category(index) in ORDERED or (view.category(index), view.value(index)) == ("act", "reorder")
            for index in terms
        )
        if len(selects) > 1 and told and small:
            listed[0].domain, listed[0].head, listed[0].act = "order", selects[0], "list"
            listed[0].indexes = terms
            for piece in listed[1:]:
                piece.domain, piece.head, piece.indexes = "keep", piece.first, piece.indexes


def _spread_selections(view: TermView, pieces: list[Clause]) -> None:
    """Give each clause the selection that it holds, else the one that opened its sentence."""
    opened: dict[int, Selection] = {}
    for piece in pieces:
        found = piece.find(view, "select")
        if found:
            piece.selection = view.terms[found[0]].selection
            leads = piece.head is None or found[0] < piece.head
            if leads and piece.selection is not None and piece.selection.noun != "object":
                opened[piece.sentence] = piece.selection
        elif piece.find(view, "filler", "all"):
            opened.pop(piece.sentence, None)
        elif piece.domain == "text" and piece.find(view, "moment"):
            continue  # "at the beginning a title"
        elif piece.sentence in opened and piece.domain in ("look", "clip", "text", "length", "cut"):
            piece.selection = opened[piece.sentence]
