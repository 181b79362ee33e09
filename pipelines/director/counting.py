"""Which of several, counted out: the first two, photos 1 and 3, 第二张."""

from dataclasses import replace

from pipelines.director.selection import MOST, Selection
from pipelines.director.terms import TermView

SMALL = ("det", "filler")


_COUNTED_FROM = {
    ("timing", "after"): "end", ("place", "after"): "end", ("place", "before"): "start",
    ("direction", "center"): "middle",
}  # fmt: skip
"""Where words count from that stand before a number and a measure word."""


def selection_at(view: TermView, index: int) -> tuple[Selection, int] | None:
    """The selection that begins at a term, and the index after it; None where none does."""
    category = view.category(index)
    if category == "except":
        return _excepted(view, index)
    if category == "ends":
        return Selection((0, -1), "photo"), index + 1
    if category == "rest":
        return Selection(rest=True), _past_noun(view, index + 1)[1]
    if category == "again":
        return Selection(again=True), index + 1
    if category == "asset":
        return Selection((int(view.terms[index].number),), "asset"), index + 1
    if category == "nth":
        return _nth(view, index)
    if category in ("ordinal", "unit", "middle"):
        return _ordinals(view, index)
    if (category, view.value(index)) in _COUNTED_FROM:
        # 后两张, 前面两张, 中间那两张
        start = view.skip(index + 1, "det", "filler")
        count = whole(view, start)
        of_photos = view.category(start + 1) == "photo" and category == "direction"
        if count is not None and (view.category(start + 1) == "classifier" or of_photos):
            noun, end = _past_noun(view, view.skip(start + 1, "classifier"))
            where = _COUNTED_FROM[category, view.value(index)]
            if where == "middle":
                return Selection(noun="photo", middle=True), end
            return Selection(tuple(range(-count, 0) if where == "end" else range(count)), noun or "photo"), end
    if category == "place" and view.value(index) == "first" and view.category(index + 1) == "classifier":
        return Selection((0,), "photo"), index + 2  # 放第一张
    if category == "photo" or (category == "hash" and _is_free_number(view, index + 1)):
        return _numbered(view, index)
    return None


def _is_free_number(view: TermView, index: int) -> bool:
    """Whether a whole number stands there that counts nothing: "number 2"."""
    return whole(view, index) is not None and view.category(index + 1) not in ("unit", "photo", "object", "classifier")


def _excepted(view: TermView, index: int) -> tuple[Selection, int] | None:
    """all but the last; 除了第一张以外的其他图"""
    start = view.skip(index + 1, *SMALL, "negation")
    found = selection_at(view, start)
    if found is None:
        return None
    selection, end = found
    if selection.excluded or selection.rest:
        return None
    after = end
    if view.value(index) == "open":
        # 除了第二张，其他都放大: the rest is what is meant, also behind a comma.
        behind = view.skip(end, "filler", "except", "det", "photo", "classifier")
        if view.category(behind) == "mark" and view.category(behind + 1) == "rest":
            behind += 1
        held = (view.category(behind), view.value(behind)) == ("move", "hold")
        if held and view.category(behind + 1) == "mark" and view.category(view.skip(behind + 2, "filler")) == "rest":
            return selection, end  # 除了第三张别动，其他都拉远
        after = view.skip(behind, "filler", "except", "rest", "det", "photo", "classifier")
    return replace(selection, excluded=True), after


def _nth(view: TermView, index: int) -> tuple[Selection, int] | None:
    """第二张, 倒数第一张, 第1、3张"""
    back = view.value(index) == "back"
    places: list[int] = []
    end = index + 1
    while (place := whole(view, end)) is not None:
        if _is_time(view, end + 1):
            return None  # 第4秒
        places.append(-place if back else place - 1)
        end += 1
        following = view.skip(end, "listing", "join")
        if following > end and view.category(following) == "nth":
            break
        if following == end or whole(view, following) is None:
            # 第2到4张, 第2张到第3张
            sign = view.skip(end, "classifier", "photo")
            behind = view.skip(sign + 1, "nth")
            last = whole(view, behind) if _is_range(view, sign) else None
            if last is not None and _is_time(view, behind + 1):
                return None  # 第2到第5秒
            if last is not None and not back and last > places[-1] + 1:
                places += range(places[-1] + 1, min(last, MOST))
                end = behind + 1
            break
        end = following
    if not places:
        return None
    noun, end = _past_noun(view, view.skip(end, "classifier"))
    return Selection(tuple(places), noun), end


def _ordinals(view: TermView, index: int) -> tuple[Selection, int] | None:
    """the first, the first two photos, first and third picture; "second" may be a unit of time."""
    if view.category(index) == "middle":
        count = whole(view, index + 1) if not _is_time(view, index + 2) else None
        _, end = _past_noun(view, view.skip(index + 1 + (count is not None), "classifier"))
        return Selection(noun="photo", middle=True), end
    if view.category(index) == "unit" and view.value(index) != "second":
        return None
    is_unit = view.category(index) == "unit"
    if is_unit and (
        view.category(index - 1) in ("number", "fraction", "amount")
        or (view.category(index - 1), view.value(index - 1)) == ("det", "a")
    ):
        return None
    place = 2 if is_unit else int(view.value(index))
    places = [place - 1 if place > 0 else place]
    end = index + 1
    count = whole(view, end)
    if (
        count is not None
        and not is_unit
        and place in (1, -1)
        and not _is_time(view, end + 1)
        and view.category(end + 1) != "unit"
    ):
        places = list(range(-count, 0)) if place < 0 else list(range(place - 1, place - 1 + min(count, MOST)))
        end = view.skip(end + 1, "classifier")
        noun, after = _past_noun(view, end)
        # "the first 3 seconds" is no selection, "the first two" is.
        return Selection(tuple(places), noun), after
    if view.category(end) == "det" and view.category(end + 1) == "classifier":
        end += 1  # 最后那张
    end = view.skip(end, "classifier")
    noun, after = _past_noun(view, end)
    if noun:
        return Selection(tuple(places), noun), after
    if view.category(end) == "number" and view.value(end) == "1" and not view.terms[end].is_digits:
        return Selection(tuple(places)), end + 1  # "the first one"
    if end > index + 1:
        return Selection(tuple(places), "photo"), end  # 最后一张
    if view.category(end) == "number" and _is_time(view, end + 1) and place in (1, -1):
        return None  # the last 3 seconds
    listed = view.skip(end, "join", "det", "listing")
    leads_on = listed > end and (view.category(listed) in ("ordinal", "nth") or view.value(listed) == "second")
    after_article = view.category(index - 1) in ("det", "prep", "except", "rest") or _has_article(view, index)
    stands_alone = view.category(end) in (
        "degree",
        "moment",
        "filler",
        "look",
        "overlay",
        "negation",
        "compare",
        "but",
        "",
        "mark",
        "join",
        "then",
        "listing",
        "prep",
        "move",
        "verb",
        "number",
    )
    follows_list = view.category(view.skip_back(index - 1, "det")) in ("join", "listing")
    goes_on = view.category(index - 1) == "mark" and any(
        term.category in ("ordinal", "nth") for term in view.terms[:index]
    )
    if goes_on and view.category(end) in ("move", "verb", "number", "look", "overlay", "speed", "quote"):
        return Selection(tuple(places)), end
    if leads_on or (after_article and stands_alone and not _is_time(view, end)) or (follows_list and stands_alone):
        return None if is_unit and not after_article and not follows_list else (Selection(tuple(places)), end)
    return None


def _has_article(view: TermView, index: int) -> bool:
    """Whether the words of an ordinal begin with its article: "the last"."""
    return " " in view.words(index, index)


def _numbered(view: TermView, index: int) -> tuple[Selection, int] | None:
    """photo 2, photos 1, 3 and 4, photos 2-4, 图3"""
    end = view.skip(index + 1, "hash")
    places: list[int] = []
    while (place := whole(view, end)) is not None and place >= 1:
        if _is_time(view, end + 1) or view.category(end + 1) in ("unit", "classifier", "by"):
            break
        places.append(place - 1)
        end += 1
        last = whole(view, end + 1) if _is_range(view, end) else None
        if last is not None and last > place and not _is_time(view, end + 2):
            places += range(place, min(last, MOST))
            end += 2
        following = view.skip(end, "listing", "join", "hash")
        if view.category(end) == "mark" and view.value(end) == "soft":
            following = view.skip(end + 1, "join", "hash")
        if following == end or whole(view, following) is None or _is_time(view, following + 1):
            break
        if view.category(following + 1) in ("unit", "photo"):
            break
        end = following
    return (Selection(tuple(places), "photo"), end) if places else None


def whole(view: TermView, index: int) -> int | None:
    """A whole number from 1 on that a term is."""
    if view.category(index) != "number":
        return None
    number = view.terms[index].number
    return int(number) if number == int(number) and 1 <= number <= MOST else None


def _is_range(view: TermView, index: int) -> bool:
    """Whether "to" or a dash stands there."""
    if (view.category(index), view.value(index)) == ("prep", "to"):
        return True
    return bool(view.category(index)) and view.words(index, index) in ("-", "–", "—", "~", "～", "到", "至")


def _is_time(view: TermView, index: int) -> bool:
    return view.category(index) == "unit"


def _past_noun(view: TermView, index: int) -> tuple[str, int]:
    """The kind of thing that stands at an index, after small words, and the index after it."""
    following = view.skip(index, "of", "filler", "color", "amount") if view.category(index) != "filler" else index + 1
    category = view.category(following)
    if category == "photo" or (category, view.value(following)) in (("filler", "video"), ("filler", "clip")):
        return "photo", following + 1
    if category == "object":
        return "object", following  # the object itself is left for whoever reads about it
    if view.category(index) == "number" and view.value(index) == "1" and not view.terms[index].is_digits:
        return "", index + 1
    return "", index
