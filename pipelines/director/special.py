"""What the words of a piece say together, though no single one of them does."""

from dataclasses import replace

from pipelines.director.clauses import Clause, domain_at
from pipelines.director.measures import is_length, time_place
from pipelines.director.selection import Selection
from pipelines.director.slots import factor_in, share_in
from pipelines.director.terms import TermView

ORDER_VERBS = frozenset({"move", "push", "slide", "pull"})


def _is_told(view: TermView, piece: Clause) -> bool:
    """Whether a piece tells what a photo shows, or anything else that is no wish."""
    told = piece.find(view, "describe")
    return bool(told) and (not piece.act or told[0] == piece.first)


def settle_all_of_it(view: TermView, piece: Clause) -> None:
    """ "delete all" is all of it, "delete all text" is not."""
    for index in piece.find(view, "act", "restart_all"):
        named = [each for each in piece.indexes if each > index and domain_at(view, each) is not None]
        if (view.category(index + 1), view.value(index + 1)) == ("filler", "effect"):
            view.terms[index + 1] = replace(view.terms[index + 1], category="look", value="all")
            named = [index + 1]
        chosen = piece.find(view, "select")
        view.terms[index] = replace(view.terms[index], value="remove" if named or chosen else "restart")
        if chosen and not named:
            piece.act, piece.domain = "remove", "order"
        if named:
            piece.act, piece.head = "remove", named[0]
            piece.domain = domain_at(view, named[0]) or "camera"


def settle_special(view: TermView, piece: Clause) -> None:
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
    alone = ("but", "select", "filler", "det", "photo", "focus", "classifier")
    if (
        piece.find(view, "but", "only")
        and piece.find(view, "select")
        and all(term.category in alone for term in view.terms)
    ):
        piece.domain, piece.head, piece.act = "order", piece.first, "only"  # 只要前两张
        return
    for index in piece.find(view, "prep", "begin"):
        # "start with the last one" is an order, "start with her face" a camera.
        bare = ("prep", "select", "filler", "det", "photo", "act", "number")
        is_order = bool(piece.find(view, "select")) and all(view.category(each) in bare for each in piece.indexes)
        new = ("place", "first") if is_order else ("prep", "from")
        view.terms[index] = replace(view.terms[index], category=new[0], value=new[1])
    questions = piece.find(view, "question")
    lead = view.skip(piece.first, "filler", "det", "mark")
    if _is_asking(view, piece, lead):
        questions = [lead]
    if questions and not piece.act and piece.domain != "session":
        piece.domain, piece.head = "session", questions[0]
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
    if off and piece.head is not None and view.value(piece.head) in ("motion", "animate") and not piece.act:
        piece.negated = True  # "take the movement off"
        view.terms[off[0]] = replace(view.terms[off[0]], category="filler", value="filler")
        view.terms[piece.first] = replace(view.terms[piece.first], category="negation", value="no")
    if off and not piece.act and piece.domain in ("text", "sound", "look", "layer"):
        piece.act = "remove"
    if piece.act == "keep" and piece.head is None and len(_lengths(view, piece)) > 1:
        piece.domain, piece.head, piece.act = "clip", piece.first, ""  # 第3秒到第6秒留下
        return
    if piece.act == "keep" and piece.find(view, "compare"):
        piece.act = ""  # "leave each photo up a little longer"
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
    leads = [view.value(view.skip_back(index - 1, "det", "filler")) for index in _lengths(view, piece)]
    ranged = len(_lengths(view, piece)) > 1 or bool({"between", "and", "to"} & set(leads))
    if (
        piece.act == "remove"
        and ranged
        and piece.find(view, "prep", "between", "from")
        and piece.domain in ("camera", "order", "cut")
    ):
        piece.domain, piece.head = "clip", piece.first  # "cut out the part between 2 and 4 seconds"
        return
    of_total = piece.find(view, "scope", "total") + piece.find(view, "filler", "length")
    if piece.domain == "clip" and of_total and piece.find(view, "off") and len(_lengths(view, piece)) == 1:
        piece.domain, piece.head = "length", of_total[0]  # "shave 4 seconds off the total"
        return
    plain = ("select", "filler", "det", "photo", "amount", "classifier")
    if piece.domain == "camera" and piece.head is None and piece.find(view, "select") and not piece.negated:
        twice = piece.find(view, "amount", "double")
        if twice and all(view.category(index) in plain for index in piece.indexes):
            view.terms[twice[0]] = replace(view.terms[twice[0]], category="act", value="duplicate")
            piece.domain, piece.head = "order", twice[0]  # "use the first photo twice"
            return
    again = piece.find(view, "act", "loop")
    if piece.domain == "clip" and again and piece.find(view, "select") and piece.find(view, "moment", "start", "end"):
        view.terms[again[0]] = replace(view.terms[again[0]], value="duplicate")  # "repeat the first photo at the end"
        piece.domain, piece.head = "order", again[0]
        return
    is_chosen = piece.domain == "clip" and piece.find(view, "act", "trim") and piece.find(view, "select")
    if is_chosen and not any(is_length(view, index) for index in piece.indexes) and not piece.find(view, "timing"):
        piece.domain = "order"  # "only keep the first photo"
        return
    held = piece.find(view, "move", "hold")
    longer = piece.find(view, "compare", "longer", "shorter")
    if piece.domain == "camera" and held and longer and piece.head == held[0]:
        view.terms[held[0]] = replace(view.terms[held[0]], category="filler", value="filler")
        piece.domain, piece.head = "length", longer[0]  # "hold the second photo a bit longer"
        return
    verbs = piece.find(view, "verb", "slide", "push", "zoom", "pan")
    told = piece.find(view, "photo") + piece.find(view, "filler", "it")
    if piece.domain == "camera" and verbs and piece.find(view, "prep", "between") and told:
        piece.domain, piece.head = "cut", verbs[0]  # "slide to the left between the photos"
        return
    at_time = time_place(view, piece.indexes)
    if piece.domain == "cut" and at_time and len(_lengths(view, piece)) == 1:
        for index in piece.find(view, "transition", "cut"):
            view.terms[index] = replace(view.terms[index], category="act", value="split")  # "cut the clip at 3 s"
            piece.domain, piece.head = "clip", index
            return
    for index in piece.find(view, "transition", "cut") if piece.domain == "cut" else ():
        after = view.skip(index + 1, "det", "filler")
        if (view.category(after), view.value(after)) == ("prep", "to") and is_length(view, view.skip(after + 1, "det")):
            view.terms[index] = replace(view.terms[index], category="act", value="trim")  # "cut the clip to 3 s"
            piece.domain, piece.head = "clip", index
            return
    speeds = piece.find(view, "speed", "faster", "slower", "fast", "slow")
    of_clip = piece.domain == "camera" and piece.head is None and piece.find(view, "filler", "video", "clip", "it")
    if of_clip and speeds and (factor_in(view, piece) or share_in(view, piece)):
        clip_speed(view, piece)  # 视频加速2倍
        return
    starts = piece.find(view, "prep", "from") and time_place(view, piece.indexes) and len(_lengths(view, piece)) == 1
    of_video = piece.find(view, "filler", "video", "clip") + files_of(view, piece)
    if piece.domain == "camera" and piece.head is None and starts and of_video and not piece.find(view, "object"):
        piece.domain, piece.head = "clip", piece.first  # 视频从第3秒开始播
        return
    if piece.domain in ("cut", "camera") and piece.find(view, "filler", "length") and factor_in(view, piece):
        piece.domain, piece.head = "length", piece.find(view, "filler", "length")[0]  # "double the length"
        return
    cuts = piece.find(view, "transition", "cut") + piece.find(view, "crop")
    for index in piece.indexes:
        is_ordinal = view.category(index) == "ordinal" and is_length(view, index + 1)
        if is_ordinal and (cuts or piece.act == "remove" or piece.negated) and piece.domain in ("cut", "camera"):
            piece.domain, piece.head = "clip", index
            return
    files = files_of(view, piece)
    if piece.head is None and files and len([index for index in piece.indexes if is_length(view, index)]) > 1:
        piece.domain, piece.head = "clip", files[0]  # "use walk.mp4 from 2 s to 6 s"
        return
    if piece.domain == "order" and piece.head is not None and view.value(piece.head) == "reorder":
        sided = piece.find(view, "direction", "left", "right", "top", "bottom", "up", "down")
        if sided and piece.find(view, "prep", "from") and not piece.find(view, "select"):
            view.terms[piece.head] = replace(view.terms[piece.head], category="verb", value="move")
            piece.domain = "camera"  # 从左下角移动到右上角
            return
    moved = piece.head is None or view.value(piece.head) == "reorder"
    sides = piece.find(view, "direction", "left", "right", "top", "bottom", "center")
    if moved and len(files) == 1 and sides and not piece.negated and piece.act != "remove":
        piece.domain, piece.head = "layer", files[0]  # "logo.png in the top left corner"
        return
    if piece.domain == "camera" and not piece.negated:
        _settle_order(view, piece)
        _settle_delta(view, piece)


def files_of(view: TermView, piece: Clause) -> list[int]:
    """The terms of a piece that name files."""
    chosen = piece.find(view, "select")
    return [index for index in chosen if (view.terms[index].selection or Selection()).noun == "asset"]


def clip_speed(view: TermView, piece: Clause) -> bool:
    """Take "faster" and "slower" for the speed of a clip; tells whether the piece says that."""
    speeds = piece.find(view, "speed", "faster", "slower", "fast", "slow")
    if not speeds or piece.head is not None:
        return False
    act = "slow_motion" if view.value(speeds[0]) in ("slower", "slow") else "fast_motion"
    view.terms[speeds[0]] = replace(view.terms[speeds[0]], category="act", value=act)
    piece.domain, piece.head = "clip", speeds[0]
    return True


def _is_asking(view: TermView, piece: Clause, lead: int) -> bool:
    """Whether a piece is a question: it begins as one, and wants nothing of the camera."""
    if view.category(lead) != "asking" or lead not in piece.indexes or view.value(lead + 1) == "a":
        return False
    if view.value(lead) in ("which", "how_many"):
        return True
    if any(":" in view.value(index) for index in piece.find(view, "look")):
        return False  # "why is it so dark?" wants it brighter
    return not any(view.category(index) in ("verb", "move") for index in piece.indexes)


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
    places += piece.find(view, "prep", "between") if len(selects) > 1 else []
    others = (
        "fade",
        "transition",
        "look",
        "overlay",
        "move",
        "number",
        "speed",
        "quote",
        "fit",
        "focus",
        "compare",
        "engine",
    )
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
