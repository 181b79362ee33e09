"""Turns of speech: words that together mean something else than each of them.

"still too dark" holds no camera, "never mind" takes back, "too zoomed in" asks for less.
"""

from dataclasses import replace

from engine.timeline import TEXT, VIDEO, Draft
from pipelines.director.selection import Selection
from pipelines.director.terms import Term, TermView

MOST = 1000
"""A place beyond it is no place."""

ENDS = ("", "mark", "join", "then", "but")


def rewrite_idioms(view: TermView, draft: Draft) -> None:
    """Apply all rules."""
    shots = next((len(track.segments) for track in draft.tracks if track.kind == VIDEO), 0)
    _kinds_of_transition(view)
    _still(view)
    _never_mind(view)
    _but(view)
    _the_other_way(view)
    _too_close(view)
    _plain_motion(view)
    _none_of_it(view)
    _switched(view)
    _rising(view, draft)
    _numbered_shots(view, shots)
    _seconds_left_out(view)
    _written_watermark(view)
    _looping_video(view)
    _from_scale_to_scale(view)


def _kinds_of_transition(view: TermView) -> None:
    """ "make the transitions a blur" blurs no picture."""
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("look", "blur") and view.words(index, index).casefold() != "blur":
            continue
        before = view.skip_back(index - 1, "act", "filler", "det", "prep", "scope")
        if (view.category(before), view.value(before)) == ("transition", "any"):
            view.terms[index] = replace(term, category="transition", value="blur")


def _still(view: TermView) -> None:
    """ "still too dark" holds no camera."""
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("move", "hold"):
            continue
        told = (view.category(index + 1), view.value(index + 1))
        complains = told in (("degree", "too"), ("amount", "little")) or told[0] == "compare" or ":" in told[1]
        if complains and view.category(index - 1) in ("", "mark", "filler", "det", "but", "select", "object", "join"):
            view.terms[index] = replace(term, category="filler", value="filler")


def _never_mind(view: TermView) -> None:
    """ "never mind" takes back what was done, unless something else is wanted: "never mind, 20 % will do"."""
    found = [index for index, term in enumerate(view.terms) if (term.category, term.value) == ("act", "never_mind")]
    alone = all(term.category in ("act", "filler", "mark", "det", "session") for term in view.terms) and all(
        term.value in ("never_mind", "undo") for term in view.terms if term.category == "act"
    )
    for index in found:
        category, value = ("act", "undo") if alone else ("filler", "filler")
        view.terms[index] = replace(view.terms[index], category=category, value=value)


WISHES = ("amount", "degree", "speed", "move", "verb", "engine", "compare", "negation", "sizeword", "look", "overlay")


def _but(view: TermView) -> None:
    """ "parallax on all of them but subtle" takes none out."""
    for index, term in enumerate(view.terms):
        if term.category == "except" and view.category(view.skip(index + 1, "filler")) in WISHES:
            view.terms[index] = replace(term, category="but", value="but")


def _the_other_way(view: TermView) -> None:
    """ "the pan should go the other way" takes nothing away."""
    for index, term in enumerate(view.terms[:-1]):
        if term.category == "act" and (view.category(index + 1), view.value(index + 1)) == ("same", "opposite"):
            view.terms[index] = replace(term, category="filler", value="filler")


def _too_close(view: TermView) -> None:
    """ "too zoomed in" asks for less zoom."""
    out: list[Term] = []
    for term in view.terms:
        if (term.category, term.value) == ("compare", "too_close"):
            out.append(replace(term, value="less"))
            out.append(Term("verb", "zoom", term.end, term.end))
        else:
            out.append(term)
    view.terms = out


def _plain_motion(view: TermView) -> None:
    """ "AI motion for the first, ken burns for the others" names two ways to move a photo."""
    if not any(term.category == "engine" for term in view.terms):
        return
    for index, term in enumerate(view.terms):
        if (term.category, term.value) == ("move", "ken_burns"):
            view.terms[index] = replace(term, category="engine", value="kenburns")


def _none_of_it(view: TermView) -> None:
    """ "music: none" is "music none"."""
    for index, term in enumerate(view.terms):
        colon = term.category == "mark" and view.words(index, index) in (":", "：")
        wanted = view.category(index - 1) in ("object", "transition", "engine")
        if colon and wanted and view.category(index + 1) == "negation" and view.category(index + 2) in ENDS:
            view.terms[index] = replace(term, category="filler", value="filler")


SWITCHES = (("act", "remove"), ("act", "swap"), ("verb", "rotate"))
"""What stands before "off": "switch the 3D off", "turn it off"."""


def _switched(view: TermView) -> None:
    """ "parallax off", "disable the 3D", "parallax: none": not wanted; "turn the parallax on" turns no camera."""
    for index, term in enumerate(view.terms):
        if term.category != "engine" or term.value == "kenburns":
            continue
        before = view.skip_back(index - 1, "filler", "det", "prep", "off")
        after = view.skip(index + 1, "filler", "det")
        used = [index]
        lead = (view.category(before), view.value(before))
        is_off = (view.category(after) == "off" or _is(view, after, "act", "remove")) and _closes(view, after + 1)
        is_off = is_off or any(view.category(each) == "off" for each in range(before + 1, index))
        is_on = any(_is(view, each, "prep", "on") for each in (before + 1, after))
        says_none = view.category(after) == "negation" or (
            view.category(after) == "mark" and view.words(after, after) in (":", "：", "=")
        )
        if lead in SWITCHES and (lead == ("act", "remove") or is_off or is_on) and _closes(view, index + 1):
            used += range(before, index)
            is_off = is_off or lead == ("act", "remove")
            if is_off and view.category(before - 1) == "negation":
                used, is_off = [*used, before - 1], False  # "don't turn the parallax off"
        if is_off:
            used += [after] if view.category(after) in ("off", "act") else []
        elif is_on and after < len(view.terms) and _is(view, after, "prep", "on") and _closes(view, after + 1):
            used.append(after)
        elif says_none:
            last = after if view.category(after) == "negation" else view.skip(after + 1, "filler", "det")
            told = view.category(last) in ("negation", "off") or _is(view, last, "act", "remove")
            if told and _closes(view, last + 1):
                is_off, used = True, [*used, *range(after, last + 1)]
        for each in used:
            view.terms[each] = replace(view.terms[each], category="filler", value="filler")
        view.terms[index] = replace(term, value="kenburns") if is_off else term


def _is(view: TermView, index: int, category: str, value: str) -> bool:
    return (view.category(index), view.value(index)) == (category, value)


def _closes(view: TermView, index: int) -> bool:
    """Whether nothing follows that a word would be about instead: "remove the 3D title"."""
    following = view.category(view.skip(index, "filler", "det", "off", "degree"))
    return following in (*ENDS, "prep", "select", "scope", "act", "negation", "photo", "mark")


OF_TEXTS = ("object", "quote", "font", "cues")
"""Categories of what says that a text is spoken of."""


def _rising(view: TermView, draft: Draft) -> None:
    """ "rise up" is the camera, where no text is spoken of."""
    told = any(term.category in OF_TEXTS for term in view.terms)
    has_text = any(segment for track in draft.tracks if track.kind == TEXT for segment in track.segments)
    in_space = any((term.category, term.value) == ("engine", "parallax") for term in view.terms)
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("textfx", "ascend"):
            continue
        before = view.skip_back(index - 1, "filler", "speed", "amount", "degree", "ease")
        alone = view.category(before) in (*ENDS, "select", "negation", "engine")
        is_camera = view.category(before) == "camera" or (alone and not told and (in_space or not has_text))
        view.terms[index] = replace(term, category="move" if is_camera else "textfx", value="rise")


def _numbered_shots(view: TermView, shots: int) -> None:
    """ "zoom in on 2", "swap 1 and 3": numbers that count nothing are places where there are so many shots."""
    for index, term in enumerate(view.terms):
        if (term.category, term.value) not in (("prep", "on"), ("act", "swap")):
            continue
        numbers = [index + 1] if _is_place(view, index + 1, shots) else []
        while numbers and view.category(numbers[-1] + 1) in ("join", "listing", "mark"):
            if not _is_place(view, numbers[-1] + 2, shots):
                break
            numbers.append(numbers[-1] + 2)
        if not numbers or view.category(numbers[-1] + 1) not in ENDS:
            continue
        if term.category == "act" and len(numbers) < 2:
            continue
        places = tuple(int(view.terms[each].number) - 1 for each in numbers)
        first, last = view.terms[numbers[0]], view.terms[numbers[-1]]
        chosen = Term("select", "", first.start, last.end, selection=Selection(places, "photo"))
        view.terms[numbers[0] : numbers[-1] + 1] = [chosen]


def _is_place(view: TermView, index: int, shots: int) -> bool:
    if view.category(index) != "number" or not view.terms[index].is_digits:
        return False
    number = view.terms[index].number
    return number == int(number) and 1 <= number <= max(shots, 1)


def _seconds_left_out(view: TermView) -> None:
    """ "5 seconds on the first and 2 on the rest", "the first 6 seconds and the others 2" """
    counted = False
    out: list[Term] = []
    for index, term in enumerate(view.terms):
        out.append(term)
        counted = counted or (view.category(index - 1), term.category) == ("number", "unit")
        before = view.category(view.skip_back(index - 1, "filler"))
        if term.category != "number" or not counted:
            continue
        if before in ("select", "scope") and view.category(index + 1) in ENDS:
            out.append(Term("unit", "second", term.end, term.end))
        if before not in ("join", "mark", "but"):
            continue
        behind = view.skip(index + 2, "det")
        leads = view.category(index + 1) == "prep" and view.value(index + 1) in ("on", "for", "to")
        if leads and view.category(behind) in ("rest", "ordinal", "nth", "photo", "select", "scope"):
            out.append(Term("unit", "second", term.end, term.end))
    view.terms = out


def _written_watermark(view: TermView) -> None:
    """ "a watermark '@studio' bottom right" is words, no picture."""
    for index, term in enumerate(view.terms):
        if (term.category, term.value) != ("object", "logo"):
            continue
        before = next((at for at in range(index, -1, -1) if view.value(at) == "hard"), -1)
        after = next((at for at in range(index, len(view.terms)) if view.value(at) == "hard"), len(view.terms))
        near = {each.category for each in view.terms[before + 1 : after]}
        if "quote" in near and "asset" not in near:
            view.terms[index] = replace(term, value="text")


def _looping_video(view: TermView) -> None:
    """ "a looping video": what players do with it, not what is done to a clip."""
    for index, term in enumerate(view.terms):
        is_loop = (term.category, term.value) == ("act", "loop")
        if is_loop and view.words(index, index).casefold() in ("looping", "looped", "循环") and index:
            following = view.words(index + 1, index + 1) if index + 1 < len(view.terms) else ""
            if following.casefold() in ("video", "clip", "animation", "story", "reel", "视频"):
                view.terms[index] = replace(term, category="filler", value="filler")


def _from_scale_to_scale(view: TermView) -> None:
    """ "zoom from 100% to 130%" is 1.3 times."""
    shape = ["prep", "number", "unit", "prep", "number", "unit"]
    for index in range(len(view.terms) - len(shape) + 1):
        part = view.terms[index : index + len(shape)]
        percents = part[2].value == part[5].value == "percent"
        if [term.category for term in part] != shape or not percents or part[3].value != "to":
            continue
        zooms = any((term.category, term.value) in (("verb", "zoom"), ("verb", "push")) for term in view.terms[:index])
        first, last = part[1].number, part[4].number
        if part[0].value != "from" or not zooms or not 0 < first != last > 0:
            continue
        start, end = part[0].start, part[5].end
        times = [
            Term("number", "", start, end, max(first, last) / min(first, last), is_digits=True),
            Term("unit", "times", end, end),
        ]
        named = any(term.category == "direction" for term in view.terms[:index])
        way = [] if named or last > first else [Term("direction", "out", start, start)]
        view.terms[index : index + len(shape)] = way + times
        return
