"""Random drafts for the property tests."""

from fractions import Fraction

from hypothesis import strategies as st

from engine.core.time import FRAME_RATES
from engine.motion import EXTENDS, FAMILIES, MOVES, QUALITIES, Motion
from engine.timeline import (
    AUDIO,
    BLENDS,
    CAPTION_MODES,
    EFFECTS,
    FIT_MODES,
    SIGNED_LOOKS,
    TEXT,
    TRANSITIONS,
    VIDEO,
    Box,
    Canvas,
    Draft,
    Effect,
    Fit,
    Keyframe,
    Outline,
    Placement,
    Playback,
    Segment,
    Shadow,
    Sound,
    TextStyle,
    Track,
    Transition,
)
from engine.timeline.text_style import ALIGNS, ANCHORS, ROLES, TEXT_ANIMATIONS

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
transitions = st.builds(Transition, st.sampled_from(TRANSITIONS), st.none() | seconds(0, 5000), extras)
focuses = st.none() | st.sampled_from(["subject", "face"]) | st.tuples(*[st.floats(0, 1)] * 2)
motions = st.builds(
    Motion,
    st.sampled_from(sorted(MOVES)).map(lambda name: (name,)),
    st.none(),
    st.none() | st.sampled_from(["slow", "normal", "fast"]),
    focuses,
    st.sampled_from(["linear", "in", "out", "in_out"]),
    depth=st.none() | st.sampled_from(["depth/a.png", "pack:maps/a.png"]),
    prompt=st.none() | st.sampled_from(["the waves roll", "浪花翻滚", "  el mar\tse mueve "]),
    extend=st.none() | st.sampled_from(EXTENDS),
    quality=st.none() | st.sampled_from(QUALITIES),
    model=st.none() | st.sampled_from(FAMILIES),
) | st.builds(Motion, st.just(("zoom_in", "pan_left")), st.just((1.25, None)))


eases = st.sampled_from(["linear", "in", "out", "in_out"])
shares = st.floats(0, 1)
places = st.floats(-1, 2)
crops = st.tuples(*[st.floats(0, 0.49)] * 4)
scales = st.floats(0.01, 20)
degrees = st.floats(-720, 720)
placements = st.just(Placement()) | st.builds(
    Placement, places, places, scales, degrees, shares, crops, st.sampled_from(BLENDS), extras
)
keyframes = st.builds(
    Keyframe,
    seconds(0),
    st.none() | places,
    st.none() | places,
    st.none() | scales,
    st.none() | degrees,
    st.none() | shares,
    st.none() | crops,
    eases,
    extras,
)
keyframe_lists = st.lists(keyframes, max_size=3).map(lambda made: tuple(sorted(made, key=lambda item: item.at)))


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    name = draw(st.sampled_from(EFFECTS))
    amounts = st.floats(-1 if name in SIGNED_LOOKS else 0, 1)
    src = draw(names if name == "lut" else st.none() | names)
    return Effect(name, draw(st.none() | amounts), src, draw(st.none() | st.integers(-(2**40), 2**40)), draw(extras))


@st.composite
def playbacks(draw: st.DrawFn) -> Playback:
    start = draw(seconds(0))
    return Playback(
        start,
        draw(st.none() | seconds().map(lambda length: start + length)),
        draw(st.fractions(Fraction(1, 4), 4, max_denominator=1000)),
        draw(st.booleans()),
        draw(st.integers(0, 9)),
        draw(st.none() | seconds(0)),
    )


sounds = st.just(Sound()) | st.builds(Sound, st.floats(0, 2), seconds(0, 3000), seconds(0, 3000), st.booleans())
looks = st.floats(0, 0.5)
animations = st.none() | st.sampled_from(TEXT_ANIMATIONS)
styles = st.builds(
    TextStyle,
    role=st.sampled_from(ROLES),
    anchor=st.none() | st.sampled_from(ANCHORS),
    x=st.none() | places,
    y=st.none() | places,
    size=st.none() | st.floats(0.005, 1),
    width=st.none() | st.floats(0.05, 1),
    color=st.none() | colors,
    font=st.none() | names,
    weight=st.none() | st.integers(1, 1000),
    italic=st.booleans(),
    align=st.none() | st.sampled_from(ALIGNS),
    leading=st.none() | st.floats(0.5, 4),
    outline=st.none() | st.booleans() | st.builds(Outline, colors, looks, extras),
    shadow=st.none() | st.booleans() | st.builds(Shadow, colors, shares, looks, looks, looks, extras),
    box=st.none() | st.booleans() | st.builds(Box, colors, shares, looks, looks, extras),
    enter=animations,
    leave=animations,
    enter_time=st.none() | seconds(0, 3000),
    leave_time=st.none() | seconds(0, 3000),
    by_line=st.booleans(),
    extra=extras,
)


@st.composite
def segments(draw: st.DrawFn, name: str, kind: int, start: Fraction, duration: Fraction) -> Segment:
    """A segment of a track of ``kind`` with all that such a track can hold."""
    common = {"meta": draw(extras), "extra": draw(extras)}
    if kind == VIDEO:
        motion = draw(st.none() | motions)
        return Segment(
            name,
            start,
            duration,
            draw(names),
            motion,
            draw(st.none() | transitions),
            draw(fits),
            draw(placements),
            draw(keyframe_lists),
            tuple(draw(st.lists(effects(), max_size=2))),
            draw(st.just(Playback()) | playbacks()),
            draw(sounds),
            motion_extra=draw(extras) if motion else {},
            **common,
        )
    src = draw(st.none() | names)
    if kind == AUDIO:
        return Segment(name, start, duration, src, playback=draw(playbacks()), sound=draw(sounds), **common)
    if kind == TEXT:
        return Segment(
            name, start, duration, src, text=draw(st.none() | names), style=draw(st.none() | styles), **common
        )
    return Segment(name, start, duration, src, **common)


@st.composite
def tracks(draw: st.DrawFn, number: int, kind: int, gaps: bool) -> Track:
    made = []
    cursor = Fraction(0)
    for index in range(draw(st.integers(0 if gaps else 1, 5))):
        cursor += draw(seconds(0, 3000)) if gaps else 0
        duration = draw(seconds())
        made.append(draw(segments(f"{number}-{index}", kind, cursor, duration)))
        cursor += duration
    captions = draw(st.sampled_from(CAPTION_MODES)) if kind == TEXT else CAPTION_MODES[0]
    return Track(f"track {number}", kind, tuple(made), captions, draw(extras), draw(extras))


@st.composite
def drafts(draw: st.DrawFn, kinds: tuple[int, ...] = (VIDEO, AUDIO, TEXT, 5), gaps: bool = True) -> Draft:
    """Drafts; without ``gaps``, one video track that covers the whole."""
    count = draw(st.integers(0, 3)) if gaps else 1
    made = tuple(draw(tracks(number, draw(st.sampled_from(kinds)), gaps)) for number in range(count))
    end = max((segment.end for track in made for segment in track.segments), default=Fraction(0))
    return Draft(draw(canvases), draw(rates), end, made, draw(extras), draw(extras))
