"""Making clauses of pieces: what each is about, how far "no" and "remove" reach, which shots are meant.

A piece that names nothing to act on ("and red", "a bit bigger") goes on with what was spoken of before, where that can
be so.
"""

from dataclasses import replace
from itertools import pairwise

from pipelines.director.clauses import Clause
from pipelines.director.cutting import find_pieces
from pipelines.director.inheriting import by_itself, inherited, is_short_length, selected
from pipelines.director.listing import announce, list_order
from pipelines.director.measures import is_length
from pipelines.director.selection import Selection
from pipelines.director.special import clip_speed, settle_all_of_it, settle_special
from pipelines.director.terms import TermView
from pipelines.director.trims import join_trims

MAX_PIECES = 120
"""Pieces that are weighed; each may ask about all the others."""


def find_clauses(view: TermView) -> list[Clause]:
    """The clauses of an instruction, in order."""
    pieces = find_pieces(view)
    if len(pieces) > MAX_PIECES:
        pieces = pieces[:MAX_PIECES]
        view.cut(pieces[-1].last + 1)
    for piece in pieces:
        settle_all_of_it(view, piece)
    _spread_negation(view, pieces)
    _settle_domains(view, pieces)
    join_trims(view, pieces)
    announce(view, pieces)
    list_order(view, pieces)
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
        settle_special(view, piece)
        if _is_complaint(view, piece) and any(_answers_it(view, each) for each in pieces):
            piece.domain, piece.head = "keep", piece.first
            continue
        chosen = selected(view, previous) if previous is not None and previous.domain in ("sound", "clip") else None
        if chosen is not None and chosen.noun == "asset" and piece.domain == "camera" and clip_speed(view, piece):
            piece.selection = chosen  # "mute walk.mp4, speed it up"
        if previous is not None and previous.domain in ("text", "layer") and moves_it(view, piece):
            piece.domain, piece.head = previous.domain, None
            piece.follows, piece.act = True, "change"
            previous = piece
            continue
        bare = is_short_length(view, piece, longest=None) and piece.head is None and not piece.find(view, "scope")
        if previous is not None and previous.domain == "length" and bare and not previous.find(view, "number"):
            previous.indexes += piece.indexes  # "make photo two longer, like 6 seconds"
            previous.act, piece.domain, piece.head = "change", "keep", piece.first
            continue
        rejects = piece.negated and piece.find(view, "quote") and not piece.find(view, "object")
        if previous is not None and rejects and previous.domain == "text" and previous.find(view, "quote"):
            piece.domain, piece.head = "keep", piece.first  # "say 'Summer 2024' rather than Summer"
            continue
        if previous is not None and _is_taken_away(view, piece, previous):
            previous.act, previous.indexes = "remove", previous.indexes + piece.indexes
            for index in previous.find(view, "compare"):
                view.terms[index] = replace(view.terms[index], category="filler", value="filler")
            piece.domain, piece.head = "keep", piece.first  # "the wind is too loud, switch it off"
            continue
        if previous is not None and _is_why(view, piece, previous):
            piece.domain, piece.head = "keep", piece.first  # "remove the second photo, it's too dark"
            continue
        if previous is not None and _is_exception(view, piece, previous):
            for index in piece.find(view, "select"):
                chosen = view.terms[index].selection or Selection()
                view.terms[index] = replace(view.terms[index], selection=replace(chosen, excluded=True))
            previous.indexes += piece.find(view, "select")
            piece.indexes = [index for index in piece.indexes if view.category(index) != "select"]
            piece.domain, piece.head, piece.negated = "keep", piece.first, False
            continue
        if previous is not None and (_is_said_before(view, piece, previous) or _is_spared(view, piece, previous)):
            piece.domain, piece.head = "keep", piece.first
        if previous is not None and previous.domain == "session" and piece.lead == "or" and piece.head is None:
            piece.domain, piece.head = "keep", piece.first  # "is it vertical or horizontal?"
        if previous is not None and _is_asked_how(view, piece, previous):
            previous.domain = "keep"
        if previous is not None and piece.head is None and previous.domain == "sound" and is_short_length(view, piece):
            # "a longer fade, say 3 s"; "fade the voice in and out, two seconds each"
            same = ("sound", piece.sentence)
            before = [each for each in pieces[: pieces.index(piece)] if (each.domain, each.sentence) == same]
            told = [index for each in before for index in each.indexes if view.category(index) in OF_FADES]
            if any(view.category(index) == "fade" for index in told):
                piece.indexes = [*told, *[index for index in piece.indexes if view.category(index) != "scope"]]
        if previous is not None and previous.domain in ("text", "layer") and _is_put(view, piece):
            piece.domain, piece.head = "camera", None  # "放到中间" goes on with the text
        if piece.head is None:
            piece.domain = (inherited(view, piece, previous.domain) if previous else None) or by_itself(view, piece)
            piece.follows = previous is not None and piece.domain == previous.domain
            if piece.follows and previous is not None and piece.domain == "cut" and not piece.find(view, "select"):
                piece.selection = previous.selection or selected(view, previous)
            if piece.follows and previous is not None and not piece.act and previous.act in ("add", "change"):
                # 'add "1" to the first, "2" to the second': the words are new ones
                another = previous.act == "add" and piece.find(view, "quote") and previous.find(view, "quote")
                piece.act = "add" if another else "change"
        if piece.act == "keep" and piece.domain not in ("camera", "session"):
            piece.domain = "keep"
        shapes = any(view.category(index) in SHAPES for index in piece.indexes)
        if piece.head is not None or piece.follows or piece.domain != "camera" or shapes:
            previous = piece


def _is_complaint(view: TermView, piece: Clause) -> bool:
    """ "it's too slow" """
    small = ("filler", "det", "degree", "speed", "photo")
    told = piece.find(view, "speed", "too_slow", "too_fast")
    return bool(told) and all(view.category(index) in small for index in piece.indexes)


def _answers_it(view: TermView, piece: Clause) -> bool:
    """Whether a piece says what is wanted instead of what is too slow: "each for 3 seconds", "normal speed"."""
    if piece.find(view, "verb") or piece.find(view, "move"):
        return False
    lasts = piece.find(view, "scope", "each") and any(is_length(view, index) for index in piece.indexes)
    return bool(lasts) or any(view.value(index).startswith("speed") for index in piece.find(view, "act"))


SHAPES = ("fit", "aspect", "axis", "platform", "size")
"""Categories of what is said of the whole, so that what follows does not go on with a text before."""

OF_FADES = ("fade", "object", "audio", "direction")
"""Categories of what a length of time that stands behind a fade is about."""


def _speaks_of_it(view: TermView, piece: Clause, before: Clause) -> bool:
    """Whether a clause goes on with the shots of the one before: "take ... off the last one and give it a vignette"."""
    if before.selection is None or before.sentence != piece.sentence or before.selection.noun == "object":
        return False
    same = before.domain == piece.domain == "cut"
    pronoun = bool(piece.find(view, "filler", "it")) and piece.domain in ("look", "clip", "length", "cut")
    return same or (pronoun and before.domain in ("look", "clip", "length", "order", "sound"))


MOVING = ("move", "slide", "push", "drift")
"""Verbs that are said of a text or a layer as well as of a camera."""


def moves_it(view: TermView, piece: Clause) -> bool:
    """Whether a piece moves what was just spoken of: "and move it to the bottom left"."""
    told = bool(piece.find(view, "direction") + piece.find(view, "compare", "higher", "lower"))
    if told and _is_put(view, piece):
        return True  # 放到左下角
    puts = [index for index in piece.indexes if (view.category(index), view.value(index)) == ("act", "add")]
    verb = piece.head if piece.head is not None else puts[0] if puts else None
    if verb is None or not told or piece.domain != "camera":
        return False
    pronoun = (view.category(verb + 1), view.value(verb + 1)) == ("filler", "it")
    return pronoun and (view.category(verb) == "act" or view.value(verb) in MOVING)


def _is_why(view: TermView, piece: Clause, previous: Clause) -> bool:
    """Whether a piece only says why a shot was taken away."""
    gone = previous.domain == "order" and previous.act == "remove" and previous.sentence == piece.sentence
    if not gone or piece.act or piece.negated or piece.domain != "look" or piece.find(view, "select"):
        return False
    small = ("filler", "degree", "look", "amount", "det", "unknown")
    complains = any(":" in view.value(index) for index in piece.find(view, "look"))
    return complains and piece.lead in ("comma", "") and all(view.category(index) in small for index in piece.indexes)


def _is_taken_away(view: TermView, piece: Clause, previous: Clause) -> bool:
    """Whether a piece only says to take away what the one before named."""
    if previous.sentence != piece.sentence or previous.domain not in ("sound", "text", "look", "layer"):
        return False
    if previous.act or previous.negated or previous.head is None or piece.act != "remove" or piece.negated:
        return False
    small = ("act", "filler", "det", "degree", "off")
    return all(view.category(index) in small for index in piece.indexes)


def _is_exception(view: TermView, piece: Clause, previous: Clause) -> bool:
    """Whether a piece only takes shots out of what was said: "zoom in on every photo but not the second one"."""
    small = ("select", "negation", "filler", "det", "photo", "number", "prep")
    bare = (
        piece.negated and piece.find(view, "select") and all(view.category(index) in small for index in piece.indexes)
    )
    wanted = previous.domain in ("camera", "look", "clip", "length") and not previous.find(view, "select")
    first = view.category(view.skip(piece.first, "filler", "det")) == "negation"
    return bool(bare) and wanted and first and len(piece.indexes) > 1 and previous.sentence == piece.sentence


def _is_spared(view: TermView, piece: Clause, previous: Clause) -> bool:
    """视频调成黑白，照片不用: others are left as they are."""
    small = ("select", "negation", "filler", "det", "photo", "classifier")
    named = piece.find(view, "select") and piece.find(view, "negation", "need")
    told = previous.sentence == piece.sentence and previous.domain in ("look", "clip", "text", "camera", "sound")
    return bool(named) and told and all(view.category(index) in small for index in piece.indexes)


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


def _is_put(view: TermView, piece: Clause) -> bool:
    """Whether a piece only says to put something to a side."""
    is_put = piece.domain == "order" and piece.head is not None and view.value(piece.head) == "reorder"
    return is_put and not piece.find(view, "select")


def _spread_selections(view: TermView, pieces: list[Clause]) -> None:
    """Give each clause the selection that it holds, else the one that opened its sentence."""
    opened: dict[int, Selection] = {}
    before: Clause | None = None
    for piece in pieces:
        found = piece.find(view, "select")
        if not found and before is not None and _speaks_of_it(view, piece, before):
            piece.selection = before.selection
        elif found:
            piece.selection = view.terms[found[0]].selection
            leads = piece.head is None or found[0] < piece.head
            if leads and piece.selection is not None and piece.selection.noun != "object":
                opened[piece.sentence] = piece.selection
        elif piece.find(view, "filler", "all"):
            opened.pop(piece.sentence, None)
        elif piece.domain == "text" and piece.find(view, "moment"):
            pass  # "at the beginning a title"
        elif piece.domain == "cut" and before is not None and before.find(view, "select") and before.head is not None:
            pass  # "pan right on the second, fade to black between": all of them
        elif piece.sentence in opened and piece.domain in ("look", "clip", "text", "length", "cut"):
            piece.selection = opened[piece.sentence]
        before = piece
