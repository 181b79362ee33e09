"""Random drafts for the property tests."""

from fractions import Fraction

from hypothesis import strategies as st

from engine.core.time import FRAME_RATES
from engine.motion import MOVES, Motion
from engine.timeline import (
    AUDIO,
    FIT_MODES,
    TEXT,
    Canvas,
    Draft,
    Fit,
    Segment,
    Track,
    Transition,
)

names = st.text(min_size=1, max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | names
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
extras = st.dictionaries(names.map(lambda name: f"x-{name}"), values, max_size=3)


def seconds(low: int = 1, high: int = 20_000) -> st.SearchStrategy[Fraction]:
    """Whole milliseconds."""
    return st.integers(low, high).map(lambda count: Fraction(count, 1000))


canvases = st.builds(Canvas, *[st.integers(8, 2048).map(lambda half: 2 * half)] * 2)
rates = st.sampled_from(list(FRAME_RATES.values()))
colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
fits = st.builds(Fit, st.sampled_from(FIT_MODES), colors)
transitions = st.builds(Transition, st.sampled_from(["cut", "cross_dissolve"]), st.none() | seconds(0, 5000), extras)
focuses = st.none() | st.sampled_from(["subject", "face"]) | st.tuples(*[st.floats(0, 1)] * 2)
motions = st.builds(
    Motion,
    st.sampled_from(sorted(MOVES)).map(lambda name: (name,)),
    st.none(),
    st.none() | st.sampled_from(["slow", "normal", "fast"]),
    focuses,
    st.sampled_from(["linear", "in", "out", "in_out"]),
) | st.builds(Motion, st.just(("zoom_in", "pan_left")), st.just((1.25, None)))


@st.composite
def tracks(draw: st.DrawFn, number: int, kind: int, gaps: bool) -> Track:
    segments = []
    cursor = Fraction(0)
    for index in range(draw(st.integers(0 if gaps else 1, 5))):
        cursor += draw(seconds(0, 3000)) if gaps else 0
        duration = draw(seconds())
        segment = Segment(f"{number}-{index}", cursor, duration, draw(st.none() | names), meta=draw(extras))
        if kind == 0:
            segment = Segment(
                segment.id,
                cursor,
                duration,
                draw(names),
                draw(st.none() | motions),
                draw(st.none() | transitions),
                draw(fits),
                draw(extras),
                extra=draw(extras),
            )
        segments.append(segment)
        cursor += duration
    return Track(f"track {number}", kind, tuple(segments), draw(extras), draw(extras))


@st.composite
def drafts(draw: st.DrawFn, kinds: tuple[int, ...] = (0, AUDIO, TEXT, 5), gaps: bool = True) -> Draft:
    """Drafts; without ``gaps``, one video track that covers the whole."""
    count = draw(st.integers(0, 3)) if gaps else 1
    made = tuple(draw(tracks(number, draw(st.sampled_from(kinds)), gaps)) for number in range(count))
    end = max((segment.end for track in made for segment in track.segments), default=Fraction(0))
    return Draft(draw(canvases), draw(rates), end, made, draw(extras), draw(extras))
