"""Terms that mean something else in company: "slow it down", "the clip", the words of a title that is there.

Each rule looks at the terms as they were read and puts others in their place, before anything is cut into pieces.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from engine.timeline import TEXT, VIDEO, Draft
from pipelines.director.idioms import rewrite_idioms
from pipelines.director.lexicon import lexicon
from pipelines.director.phrases import read_terms
from pipelines.director.plan import Asset
from pipelines.director.selection import Selection
from pipelines.director.terms import Term, TermView
from pipelines.director.tokens import fold, is_unspaced

MOST_NAMED = 4
"""Terms of a name in "made for ...": more is no name."""

ENDS = ("", "mark", "join", "then", "but")

FILLED = ("filler", "det", "object", "photo", "camera", "verb", "move", "animate", "select", "transition", "scope")
"""What may stand between "slow" and "down"."""


def rewrite(view: TermView, draft: Draft, assets: Sequence[Asset], code: str) -> None:
    """Apply all rules."""
    view.terms = _without_dedication(view)
    view.terms = [_oriented(term, assets) for term in view.terms]
    _listed_files(view, assets)
    _lasting(view)
    _first_seconds(view)
    _turned(view)
    rewrite_idioms(view, draft)
    _between_numbers(view)
    _slowed_down(view)
    _texts_that_are_there(view, draft, code)
    _the_clip(view, draft, assets)


def _without_dedication(view: TermView) -> list[Term]:
    """The terms without for whom something is made: 给小雪做的 asks for no snow."""
    out = view.terms[:]
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("filler", "for"):
            continue
        for end in range(index + 1, min(index + 2 + MOST_NAMED, len(out))):
            if (view.category(end), view.value(end)) == ("filler", "made"):
                out[index:end] = [replace(each, category="filler", value="filler") for each in out[index:end]]
                break
            if view.category(end) in ("mark", "number", "nth"):
                break
    return out


def _lasting(view: TermView) -> None:
    """ "make the first photo last 6 seconds": a verb."""
    for index, term in enumerate(view.terms):
        is_subject = view.category(index - 1) in ("select", "photo", "video", "asset", "scope")
        is_counted = view.category(index + 1) == "number" and view.value(index + 2) == "second"
        if (term.category, term.value) == ("ordinal", "-1") and is_subject and is_counted:
            view.terms[index] = replace(term, category="filler", value="filler")


def _oriented(term: Term, assets: Sequence[Asset]) -> Term:
    """ "the upright photo" is a selection where the session has others too, else it is the photo."""
    if term.category != "oriented":
        return term
    photos = {place: asset for place, asset in enumerate(assets) if asset.kind == "photo" and asset.width}
    found = [place for place, asset in photos.items() if (asset.height > asset.width) == (term.value == "portrait")]
    if 0 < len(found) < len(photos):
        return replace(term, category="select", selection=Selection(tuple(found), "asset"))
    return replace(term, category="photo", value="photo")


def _listed_files(view: TermView, assets: Sequence[Asset]) -> None:
    """ "c, a, b": in a list of files "a" is one too."""
    stems = {fold(asset.name.rsplit(".", 1)[0]): place for place, asset in reversed(list(enumerate(assets)))}
    between = ("listing", "mark", "join")
    for index, term in enumerate(view.terms):
        place = stems.get(fold(view.words(index, index)))
        beside = (view.category(index - 1), view.category(index + 1))
        files = (view.category(index - 2), view.category(index + 2))
        if place is None or term.category == "asset" or not (set(beside) <= {*between, ""} and "asset" in files):
            continue
        view.terms[index] = Term("asset", assets[place].name, term.start, term.end, Fraction(place))


def _first_seconds(view: TermView) -> None:
    """前面两秒, 后面三秒: the first two seconds, the last three."""
    for index, term in enumerate(view.terms):
        place = {("place", "before"): "1", ("place", "after"): "-1", ("timing", "after"): "-1"}.get(
            (term.category, term.value)
        )
        timed = view.category(index + 1) == "number" and view.category(index + 2) == "unit"
        alone = view.category(index - 1) in ("", "mark", "filler", "join")
        if place is not None and timed and alone and is_unspaced(view.text[term.start]):
            view.terms[index] = replace(term, category="ordinal", value=place)


def _turned(view: TermView) -> None:
    """ "turn it vertical" turns no camera."""
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("verb", "rotate"):
            continue
        after = view.skip(index + 1, "filler", "det", "photo")
        pronoun = after > index + 1 or view.category(index + 1) in ("axis", "aspect")
        if pronoun and view.category(after) in ("axis", "aspect", "platform", "look"):
            view.terms[index] = replace(term, category="filler", value="filler")


def _between_numbers(view: TermView) -> None:
    """ "between 1 and 2" names photos where no unit follows."""
    for index in range(len(view.terms) - 3):
        lead, one, join, two = view.terms[index : index + 4]
        plain = one.category == two.category == "number" and (join.category, join.value) == ("join", "and")
        if (lead.category, lead.value) != ("prep", "between") or not plain:
            continue
        if plain and view.category(index + 4) == "unit":
            view.terms[index] = replace(lead, value="from")  # "between 2 and 4 seconds"
            view.terms[index + 2] = replace(join, category="prep", value="to")
            continue
        if view.category(index + 4) in ("unit", "classifier", "photo") or not 1 <= one.number < two.number <= MOST:
            continue
        if one.number != int(one.number) or two.number != int(two.number):
            continue
        places = (int(one.number) - 1, int(two.number) - 1)
        view.terms[index + 1] = Term("select", "", one.start, two.end, selection=Selection(places, "photo"))
        view.terms[index + 2] = replace(join, category="filler", value="filler")
        view.terms[index + 3] = replace(two, category="filler", value="filler")


MOST = 1000
"""A place beyond it is no place."""


def _slowed_down(view: TermView) -> None:
    """ "slow all the camera moves down" is slower, "speed the second one up" is faster."""
    for index, term in enumerate(view.terms):
        lead = (term.category, term.value)
        if lead not in (("speed", "slow"), ("filler", "speed")):
            continue
        way = "down" if lead[0] == "speed" else "up"
        end = index + 1
        while view.category(end) in FILLED:
            end += 1
        closes = view.category(view.skip(end + 1, "filler", "amount", "degree", "number", "unit", "prep")) in ENDS
        between = {view.category(each) for each in range(index + 1, end)}
        named = bool(between - {"verb", "move", "animate"})  # "slow tilt down" is a tilt
        if named and (view.category(end), view.value(end)) == ("direction", way) and closes:
            view.terms[index] = replace(term, category="speed", value="slower" if way == "down" else "faster")
            view.terms[end] = replace(view.terms[end], category="filler", value="filler")


SPEAKS_OF_TEXTS = (
    "object",
    "act",
    "says",
    "negation",
    "color",
    "compare",
    "font",
    "direction",
    "off",
    "textfx",
    "quote",
)
"""Categories of instructions that may be about a text."""


def _texts_that_are_there(view: TermView, draft: Draft, code: str) -> None:
    """The words of a text on the timeline name it, with quotation marks or without: "the thank you at the end"."""
    if not any(term.category in SPEAKS_OF_TEXTS for term in view.terms):
        return  # "thank you so much"
    texts = {segment.text for track in draft.tracks if track.kind == TEXT for segment in track.segments if segment.text}
    for text in sorted(texts, key=len, reverse=True):
        wanted = [(term.category, term.value) for term in read_terms(text, lexicon(code))]
        if not wanted or (len(wanted) == 1 and wanted[0][0] != "unknown" and " " not in text):
            continue  # "Slow" is a word like any other
        for index in range(len(view.terms) - len(wanted) + 1):
            found = view.terms[index : index + len(wanted)]
            if [(term.category, term.value) for term in found] == wanted:
                view.terms[index : index + len(wanted)] = [Term("quote", text, found[0].start, found[-1].end)]
                break


def _the_clip(view: TermView, draft: Draft, assets: Sequence[Asset]) -> None:
    """ "the clip" is the one that plays, where there is one beside photos; "the photo" the one beside clips."""
    shots = next((track.segments for track in draft.tracks if track.kind == VIDEO), ())
    sources = [shot.src for shot in shots]
    places: dict[str, list[int]] = {"video": [], "photo": []}
    for place, asset in enumerate(assets):
        if asset.kind in places and (asset.src or asset.name) in sources:
            places[asset.kind].append(place)
    if len(sources) < 2 or not places["video"]:
        return
    both = any(term.category == "photo" for term in view.terms)
    for index, term in enumerate(view.terms):
        this = "clip" in (view.value(index - 1), view.value(index + 1))  # 那段视频, 视频那段
        kind = (
            "video"
            if this and (term.category, term.value) == ("filler", "video")
            else {
                ("filler", "clip"): "video",
                ("filler", "video" if both else "clip"): "video",
                ("photo", "photo"): "photo",
            }.get((term.category, term.value))
        )
        if kind is None or len(places[kind]) != 1:
            continue
        start = view.skip_back(index - 1, "unknown")
        has_article = this or (view.category(start) == "det" and view.value(start) != "a")
        counted = (
            view.category(index - 1) in ("number", "ordinal", "scope", "unit") or view.category(index + 1) == "number"
        )
        if counted or not (has_article or start < 0 or view.category(start) == "mark"):
            continue
        selection = Selection((places[kind][0],), "asset")
        view.terms[index] = replace(term, category="select", value="", selection=selection)
        for other in range(start + 1, index):
            view.terms[other] = replace(view.terms[other], category="filler", value="filler")
