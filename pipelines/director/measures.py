"""Rules for everything that is counted: durations, ratios, sizes, frame rates, percentages."""

from fractions import Fraction

from pipelines.director.events import Reading
from pipelines.director.terms import TermView

SECONDS = {"millisecond": Fraction(1, 1000), "second": Fraction(1), "minute": Fraction(60), "hour": Fraction(3600)}

WIDEST = 4
"""Two numbers with a colon are an aspect ratio up to 4:1; beyond that, minutes and seconds."""

SMALLEST_SIDE = 100
"""Pixels: two whole numbers from here on with an x between them are a size, smaller ones a ratio."""

LONGEST_TRANSITION = Fraction(3)
"""Seconds: a duration beside a transition is the transition's up to here."""

_TIMES_SIGNS = {("unit", "times"), ("by", "by"), ("prep", "by")}


def read_number(reading: Reading) -> bool:
    """What starts with a number, or with "a" and a unit of time."""
    return (
        _read_pair(reading)
        or _read_duration(reading)
        or _read_counted(reading)
        or _read_times_sign(reading)
        or _read_plain(reading)
    )


def time_at(reading: TermView, index: int) -> tuple[Fraction, int] | None:
    """A length of time that starts with a term: its seconds, and the index after it."""
    first = _one_time(reading, index)
    if first is None:
        return None
    seconds, index, unit = first
    while True:
        if unit == "minute" and reading.category(index) == "number" and reading.category(index + 1) != "unit":
            # "one minute ten"
            seconds, index = seconds + reading.terms[index].number, index + 1
        rest = _one_time(reading, reading.skip(index, "join"))
        # "1 minute and 30 seconds": each unit smaller than the one before.
        if rest is None or SECONDS[rest[2]] >= SECONDS[unit]:
            return seconds, index
        seconds, index, unit = seconds + rest[0], rest[1], rest[2]


def _one_time(reading: TermView, index: int) -> tuple[Fraction, int, str] | None:
    if _is_a(reading, index) and _is_time_unit(reading, index + 1):
        count, index = Fraction(1), index + 1
    elif reading.category(index) == "number":
        count = reading.terms[index].number
        index = _skip_range(reading, index + 1)
        if reading.category(index) == "fraction":
            count, index = count + Fraction(1, 2), index + 1
        # "half a minute", "a quarter of a minute"
        while count < 1 and (
            _is_a(reading, index) or (reading.category(index), reading.value(index)) == ("prep", "of")
        ):
            index += 1
    else:
        return None
    # "10 more seconds" and the like say something else: only a unit may follow, after signs that compounds leave.
    if not _is_time_unit(reading, index):
        return None
    unit = reading.value(index)
    index += 1
    is_half = reading.category(index) == "number" and reading.terms[index].number == Fraction(1, 2)
    if reading.category(index) == "fraction" or (
        is_half and reading.terms[index].start == reading.terms[index - 1].end
    ):
        count, index = count + Fraction(1, 2), index + 1
    return count * SECONDS[unit], index, unit


def _is_a(reading: TermView, index: int) -> bool:
    return reading.category(index) == "det" and reading.value(index) == "a"


def _is_time_unit(reading: TermView, index: int) -> bool:
    return reading.category(index) == "unit" and reading.value(index) in SECONDS


def _skip_range(reading: TermView, index: int) -> int:
    """Past the second number of "10 to 15", "10-15", "10 or 12": the first one counts."""
    sign = reading.terms[index] if index < len(reading.terms) else None
    is_range = sign is not None and (
        (sign.category, sign.value) in {("prep", "to"), ("join", "or")}
        or (sign.category == "mark" and reading.text[sign.start : sign.end] in "-–—")
    )
    return index + 2 if is_range and reading.category(index + 1) == "number" else index


def _read_duration(reading: Reading) -> bool:
    start = reading.position
    found = time_at(reading, start)
    if found is None:
        return False
    seconds, after = found
    if reading.category(start - 1) == "mark" and reading.words(start - 1, start - 1) == "/":
        reading.position = after  # a shutter speed of 1/100 s
        return True
    before = reading.skip_back(start - 1, "det", "filler")
    if reading.category(before) in ("timing", "ordinal"):
        reading.unknown.discard(before)
        reading.add("timed", after - 1, first=before)
        return True
    beside = seconds <= LONGEST_TRANSITION and _is_beside_transition(reading, start, after)
    event = reading.add("duration", after - 1)
    event.number = seconds
    event.value = "transition" if beside else ""
    behind = reading.skip(after, "filler")
    if not beside and "limit" in (reading.category(before), reading.category(behind)):
        event.value = "most"
    return True


def _is_beside_transition(reading: Reading, start: int, after: int) -> bool:
    """Whether a duration says how long dissolves last: "1 second dissolves", "crossfades between photos, 1 s"."""
    following = reading.skip(after, "filler", "det", "speed", "amount")
    if reading.category(following) == "transition":
        return reading.value(following) != "cut"
    if reading.category(following) == "scope":
        return False
    preceding = reading.skip_back(start - 1, "prep", "filler", "det", "photo", "mark")
    wanted = [event for event in reading.events if event.kind == "transition" and not event.negated]
    return any(event.last == preceding and event.value != "cut" for event in wanted)


def _read_pair(reading: Reading) -> bool:
    """9:16, 16 by 9, 1920x1080, 1:30."""
    start = reading.position
    if reading.category(start) != "number" or reading.category(start + 2) != "number":
        return False
    left, right = reading.terms[start], reading.terms[start + 2]
    sign = reading.terms[start + 1]
    sign_text = reading.text[sign.start : sign.end]
    if not (left.is_digits and right.is_digits) or not left.number or not right.number:
        return sign_text == ":" and right.is_digits and _read_clock(reading)
    is_times = (sign.category, sign.value) in _TIMES_SIGNS
    if is_times and min(left.number, right.number) >= SMALLEST_SIDE:
        end = reading.skip(start + 3, "unit") if reading.value(start + 3) == "pixel" else start + 3
        reading.add("pixels", end - 1).size = (int(left.number), int(right.number))
        return True
    ratio = left.number / right.number
    if sign_text == ":" and not Fraction(1, WIDEST) <= ratio <= WIDEST:
        return _read_clock(reading)
    if (
        (is_times or sign_text in (":", "/"))
        and Fraction(1, WIDEST) <= ratio <= WIDEST
        and max(left.number, right.number) > 1
    ):
        reading.add("aspect", start + 2, value=f"{left.value}:{right.value}")
        return True
    if (is_times or sign_text in (":", "/")) and left.number == right.number:
        reading.add("aspect", start + 2, value="1:1")
        return True
    return False


def _read_clock(reading: Reading) -> bool:
    """1:30 as minutes and seconds."""
    start = reading.position
    left, right = reading.terms[start], reading.terms[start + 2]
    if not left.is_digits or right.end - right.start != 2 or right.number >= 60:
        return False
    end = start + 3
    if reading.category(end) == "unit" and reading.value(end) == "minute":
        end += 1
    reading.add("duration", end - 1).number = 60 * left.number + right.number
    return True


def _read_counted(reading: Reading) -> bool:
    """A number and its unit: 60 fps, 720p, 30 %, 1.5x, 5 degrees."""
    start = reading.position
    if (reading.category(start), reading.value(start)) == ("unit", "fps") and reading.category(start + 1) == "number":
        # 帧率60
        reading.add("fps", start + 1).number = reading.terms[start + 1].number
        return True
    if reading.category(start) != "number":
        return False
    unit_index = reading.skip(start + 1, "filler") if reading.category(start + 1) != "unit" else start + 1
    if reading.category(unit_index) != "unit":
        return False
    number, unit = reading.terms[start].number, reading.value(unit_index)
    if unit == "fps":
        reading.add("fps", unit_index).number = number
    elif unit == "p":
        reading.add("size", unit_index).number = number
    elif unit == "times" and reading.value(unit_index + 1) in ("faster", "slower"):
        reading.position = unit_index + 1  # "1.5x faster" is faster: photos know three speeds
    elif unit in ("percent", "times", "degree"):
        event = reading.add("amount", unit_index, value=unit)
        event.number = number
        before = reading.skip_back(event.first - 1, "filler", "det")
        event.preposition = reading.value(before) if reading.category(before) == "prep" else ""
    else:
        return False
    return True


def _read_times_sign(reading: Reading) -> bool:
    """x2"""
    start = reading.position
    if (reading.category(start), reading.value(start)) != ("unit", "times") or reading.category(start + 1) != "number":
        return False
    reading.add("amount", start + 1, value="times").number = reading.terms[start + 1].number
    return True


def _read_plain(reading: Reading) -> bool:
    """A number without a unit: of photos, a factor of a zoom, a half of the way, or the pronoun "one"."""
    start = reading.position
    if reading.category(start) != "number":
        return False
    term = reading.terms[start]
    before = reading.skip_back(start - 1, "prep", "filler")
    timed = before == start - 1 or any(event.kind == "duration" for event in reading.events)
    if timed and reading.category(before) == "select" and reading.category(start + 1) in ("", "mark", "join", "then"):
        # "the first photo 2 seconds, the second 3", "make the last one 5"
        event = reading.add("duration", start)
        event.number = term.number
        return True
    following = reading.skip(start + 1, "filler", "det")
    if reading.category(following) == "photo" and term.number == int(term.number):
        reading.position = following + 1
        return True
    move = reading.last_move()
    if move is not None and move.part == reading.part:
        is_factor = 1 < term.number <= 10 and term.number != int(term.number)
        is_share = term.number < 1
        if is_factor or is_share:
            reading.add("amount", start, value="times" if is_factor else "share").number = term.number
            return True
    if not term.is_digits and term.number == 1:
        reading.position = start + 1
        return True
    return False


def is_length(view: TermView, index: int) -> bool:
    """Whether a number with a unit stands there."""
    return view.category(index) == "number" and view.category(index + 1) == "unit"


def time_place(view: TermView, indexes: list[int]) -> bool:
    """Whether some terms say at which time something is: "from 2 s", "at 5 seconds", 第3秒."""
    for index in indexes:
        if not is_length(view, index):
            continue
        before = view.skip_back(index - 1, "det", "filler")
        lead = (view.category(before), view.value(before))
        if lead[0] in ("nth", "moment") or lead in (("prep", "from"), ("prep", "at")):
            return True
    return False
