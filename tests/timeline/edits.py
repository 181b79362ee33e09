"""Random drafts that use everything, and random operations that fit them."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from engine.motion import EASES
from engine.timeline import (
    AUDIO,
    BLENDS,
    CAPTION_MODES,
    EFFECTS,
    TEXT,
    TRANSITIONS,
    VIDEO,
    AddCaptions,
    AddClip,
    AddEffect,
    AddMusic,
    AddPhotos,
    AddSegment,
    AddText,
    AddTrack,
    Caption,
    Draft,
    Effect,
    Keyframe,
    MoveSegment,
    MoveTrack,
    Operation,
    Placement,
    Playback,
    RemoveEffect,
    RemoveMusic,
    RemoveSegments,
    RemoveTrack,
    ReorderSegments,
    ReplaceSource,
    Segment,
    SetCanvas,
    SetCaptionMode,
    SetDuration,
    SetEffects,
    SetFit,
    SetFrameRate,
    SetKeyframes,
    SetMotion,
    SetMusic,
    SetPlacement,
    SetPlayback,
    SetSegmentDuration,
    SetSound,
    SetSpeed,
    SetText,
    SetTextStyle,
    SetTitle,
    SetTransition,
    Sound,
    SplitSegment,
    TextStyle,
    Track,
    Transition,
    TrimSegment,
    on_grid,
)
from tests.timeline.drafts import canvases, colors, extras, fits, motions, rates, seconds

words = st.text("abc é中\n", min_size=1, max_size=8).map(lambda text: f"w{text}")
sources = st.sampled_from(
    ["a.jpg", "b c.PNG", "clip.mp4", "sub/é.mov", "http://host/x.mp4", "color:#102030", "gradient:#000000,#ffffff,45"]
)
shares = st.floats(0, 1)
speeds = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(1, 3), Fraction(5, 4), Fraction(4)])
placements = st.builds(
    Placement, shares, shares, st.floats(0.1, 3), st.floats(-180, 180), shares,
    st.tuples(*[st.floats(0, 0.4)] * 4), st.sampled_from(BLENDS), extras,
)  # fmt: skip
effects = st.builds(
    Effect, st.sampled_from(EFFECTS), st.none() | shares, st.just("look.cube"), st.none() | st.integers(0, 99), extras
)
sounds = st.builds(Sound, st.floats(0, 2), seconds(0, 3000), seconds(0, 3000), st.booleans())
styles = st.builds(
    TextStyle, role=st.sampled_from(["title", "lower_third", "caption"]), size=st.none() | st.floats(0.01, 0.5),
    color=st.none() | colors, leave=st.sampled_from([None, "fade"]), enter_time=st.none() | seconds(0, 2000),
    outline=st.sampled_from([None, True, False]), extra=extras,
)  # fmt: skip
transitions = st.builds(Transition, st.sampled_from(TRANSITIONS), st.none() | seconds(0, 5000), extras)
ids = st.none() | st.sampled_from(["new", "v1", "other id"])
flags = st.none() | st.booleans()


@st.composite
def keyframe_lists(draw: st.DrawFn) -> tuple[Keyframe, ...]:
    times = sorted(draw(st.lists(seconds(0, 8000), max_size=4)))
    some = st.none() | shares
    return tuple(
        Keyframe(
            at, draw(some), draw(some), draw(st.none() | st.floats(0.1, 100)), draw(st.none() | st.floats(-90, 90)),
            draw(some), draw(st.none() | st.just((0.1, 0.0, 0.2, 0.3))), draw(st.sampled_from(EASES)), draw(extras),
        )
        for at in times
    )  # fmt: skip


@st.composite
def playbacks(draw: st.DrawFn) -> Playback:
    start = draw(seconds(0, 5000))
    end = draw(st.none() | seconds(100, 9000).map(lambda length: start + length))
    freeze = draw(st.none() | seconds(0, 3000)) if draw(st.booleans()) else None
    return Playback(start, end, draw(speeds), draw(st.booleans()), draw(st.sampled_from([1, 1, 0, 3])), freeze)


@st.composite
def segments(draw: st.DrawFn, name: str, kind: int, start: Fraction, duration: Fraction) -> Segment:
    base = Segment(name, start, duration, draw(sources), meta=draw(extras), extra=draw(extras))
    if kind == VIDEO:
        motion = draw(st.none() | motions)
        return replace(
            base, motion=motion, transition=draw(st.none() | transitions), fit=draw(fits),
            placement=draw(st.just(Placement()) | placements), keyframes=draw(keyframe_lists()),
            effects=tuple(draw(st.lists(effects, max_size=2))), playback=draw(st.just(Playback()) | playbacks()),
            sound=draw(st.just(Sound()) | sounds), motion_extra={"later": "kept"} if motion else {},
        )  # fmt: skip
    if kind == AUDIO:
        return replace(base, playback=draw(playbacks()), sound=draw(sounds))
    if kind == TEXT:
        text, style = draw(words), draw(st.none() | styles)
        repeated = {"text": text} if draw(st.booleans()) else {}
        if draw(st.integers(0, 3)) == 0:
            return replace(base, src="words.srt", style=style)
        return replace(base, src=None, text=text, style=style, meta=repeated)
    return replace(base, src=None)


@st.composite
def full_drafts(draw: st.DrawFn, rich: bool = True) -> Draft:
    """Drafts of up to four tracks that use everything; some end later than their last segment.

    Without ``rich``, segments have only what an edit of their times must heed.
    """
    tracks = []
    kinds = [VIDEO, *draw(st.lists(st.sampled_from([VIDEO, AUDIO, TEXT, 5]), max_size=3))]
    if draw(st.integers(0, 9)) == 0:
        kinds.pop(0)
    for number, kind in enumerate(kinds):
        cursor, made = Fraction(0), []
        for index in range(draw(st.integers(1 if number == 0 else 0, 3))):
            cursor += draw(st.just(Fraction(0)) | seconds(0, 3000))
            make = segments if rich else plain_segments
            made.append(draw(make(f"{'vatx'[number]}{index}", kind, cursor, draw(seconds(1, 9000)))))
            cursor = made[-1].end
        name = draw(st.sampled_from([{}, {"name": "BGM: Lo-fi"}, {"name": "Video"}]))
        mode = draw(st.sampled_from(CAPTION_MODES)) if kind == TEXT else CAPTION_MODES[0]
        more = draw(extras) if rich else {}
        tracks.append(Track(f"track {number}", kind, tuple(made), mode, name | more, more))
    end = max((segment.end for track in tracks for segment in track.segments), default=Fraction(0))
    later = draw(st.sampled_from([Fraction(0), Fraction(0), Fraction(5, 2)])) if end else Fraction(0)
    more = draw(extras) if rich else {}
    return Draft(draw(canvases), draw(rates), end + later, tuple(tracks), more, more)


@st.composite
def plain_segments(draw: st.DrawFn, name: str, kind: int, start: Fraction, duration: Fraction) -> Segment:
    """Segments with a source, keyframes, a playback and a transition, as far as their track has a use for them."""
    if kind == TEXT:
        return Segment(name, start, duration, text=draw(words))
    base = Segment(name, start, duration, draw(st.sampled_from(["a.jpg", "clip.mp4"])))
    if kind == VIDEO:
        base = replace(base, transition=draw(st.none() | st.just(Transition())), keyframes=draw(keyframe_lists()))
    return replace(base, playback=draw(st.just(Playback()) | playbacks())) if kind in (VIDEO, AUDIO) else base


GROUPS = ("photos", "clips", "cuts", "layers", "texts", "sounds", "tracks")
"""Kinds of operations, so that the tests meet each as often."""


@st.composite
def fitting_operations(draw: st.DrawFn, draft: Draft, group: str) -> Operation:
    """Operations of a group that name what is in a draft; some do not fit it all the same."""
    known = [track for track in draft.tracks if track.kind in (VIDEO, AUDIO, TEXT)]
    names = [segment.id for track in known for segment in track.segments] or ["none"]
    tracks = [track.id for track in draft.tracks] or ["none"]
    pick, pick_track = st.sampled_from(names), st.sampled_from(tracks)
    videos = [segment.id for segment in draft.photos]
    audios = [segment.id for track in draft.tracks if track.kind == AUDIO for segment in track.segments]
    texts = [segment.id for track in draft.tracks if track.kind == TEXT for segment in track.segments]
    time = st.sampled_from(_times(draft)) | seconds(0, int(1000 * draft.duration) + 2000)
    target, both = _targets(videos), _targets([*videos, *audios])
    if group == "photos":
        return draw(_photo_operations(target))
    if group == "clips":
        kind = draw(st.sampled_from([VIDEO, AUDIO, TEXT]))
        some = st.lists(pick, min_size=1, max_size=3, unique=True).map(tuple)
        on = draw(
            st.sampled_from([[s.id for s in track.segments] for track in draft.tracks if track.segments] or [names])
        )
        fitting = st.none() | st.sampled_from([track.id for track in known if track.kind == kind] or tracks)
        add = st.builds(
            AddClip, sources, seconds(), fitting, st.none() | time, st.sampled_from([VIDEO, AUDIO]), ids, flags
        )
        new = segments("new", kind, draw(time), draw(seconds()))
        add_whole = st.builds(AddSegment, fitting.map(lambda name: name or tracks[0]), new, st.just(kind), flags)
        return draw(
            draw(
                st.sampled_from(
                    [
                        add,
                        add_whole,
                        st.builds(RemoveSegments, some, flags),
                        st.builds(ReplaceSource, pick, sources, st.booleans()),
                        st.permutations(on).map(lambda order: ReorderSegments(tuple(order))),
                    ]
                )
            )
        )
    if group == "cuts":
        name = draw(pick)
        segment = next((s for track in draft.tracks for s in track.segments if s.id == name), None)
        inside = time
        if segment is not None:
            most = int(1000 * segment.duration)
            within = st.integers(0, most).map(lambda count: segment.start + Fraction(count, 1000))
            inside = within | st.just(segment.start + Fraction(most // 2, 1000))
        head = st.builds(TrimSegment, st.just(name), inside, st.none(), flags)
        tail = st.builds(TrimSegment, st.just(name), st.none(), inside | time, flags)
        move = st.builds(MoveSegment, st.just(name), time, st.none() | pick_track, flags)
        split = st.builds(SplitSegment, st.just(name), inside, ids)
        return draw(draw(st.sampled_from([split, split, head, tail, _trims(name, time), move, move])))
    if group == "layers":
        return draw(draw(st.sampled_from(_layer_operations(target, both))))
    if group == "texts":
        text = st.sampled_from(texts) if texts else pick
        text_track = st.none() | st.sampled_from([track.id for track in known if track.kind == TEXT] or tracks)
        return draw(draw(st.sampled_from(_text_operations(time, text, text_track, _targets(texts)))))
    if group == "sounds":
        return draw(
            draw(
                st.sampled_from(
                    [
                        st.builds(
                            AddMusic, st.none() | st.just("m.opus"), words, duration=st.none() | seconds(), id=ids
                        ),
                        st.builds(
                            SetMusic, st.none() | st.just("n.opus"), st.none() | words, st.floats(0, 2), loop=flags
                        ),
                        st.just(RemoveMusic()),
                    ]
                )
            )
        )
    return draw(
        st.builds(AddTrack, st.sampled_from([VIDEO, AUDIO, TEXT]), words, st.none() | st.integers(0, 4), ids)
        | st.builds(RemoveTrack, pick_track)
        | st.builds(MoveTrack, pick_track, st.integers(0, 3))
    )


def _photo_operations(target: st.SearchStrategy[tuple[str, ...] | None]) -> st.SearchStrategy[Operation]:
    return st.one_of(
        st.builds(SetDuration, seconds(500, 40_000)),
        st.builds(SetSegmentDuration, seconds(), target),
        st.builds(AddPhotos, st.lists(sources, min_size=1, max_size=3).map(tuple), st.none() | seconds()),
        st.builds(SetCanvas, canvases),
        st.builds(SetFrameRate, rates),
        st.builds(SetTitle, words),
    )


def _layer_operations(
    target: st.SearchStrategy[tuple[str, ...] | None], both: st.SearchStrategy[tuple[str, ...] | None]
) -> list[st.SearchStrategy[Operation]]:
    return [
        st.builds(SetMotion, st.none() | motions, target),
        st.builds(SetFit, fits, target),
        st.builds(SetTransition, st.none() | transitions, target),
        st.builds(SetPlacement, placements, target),
        st.builds(SetKeyframes, keyframe_lists(), target),
        st.builds(SetPlayback, playbacks(), both),
        st.builds(SetSpeed, speeds, both, flags),
        st.builds(SetSound, sounds, both),
        st.builds(SetEffects, st.lists(effects, max_size=3).map(tuple), target),
        st.builds(AddEffect, effects, target),
        st.builds(RemoveEffect, st.none() | st.sampled_from(EFFECTS), target),
    ]


def _text_operations(
    time: st.SearchStrategy[Fraction],
    text: st.SearchStrategy[str],
    track: st.SearchStrategy[str | None],
    target: st.SearchStrategy[tuple[str, ...] | None],
) -> list[st.SearchStrategy[Operation]]:
    languages = st.sampled_from(["", "zh-Hans"])
    return [
        st.builds(AddText, words, time, st.none() | seconds(), st.none() | styles, track, ids),
        st.builds(SetText, text, words),
        st.builds(SetTextStyle, st.none() | styles, target),
        st.builds(AddCaptions, st.just("words.srt"), mode=st.sampled_from(CAPTION_MODES), id=ids),
        st.builds(AddCaptions, cues=cue_lists(), style=st.none() | styles, language=languages),
        st.builds(SetCaptionMode, st.sampled_from(CAPTION_MODES), track),
    ]


def _targets(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    if not names:
        return st.none()
    return st.none() | st.lists(st.sampled_from(list(names)), min_size=1, max_size=2, unique=True).map(tuple)


def _times(draft: Draft) -> list[Fraction]:
    """The ends and the middles of all segments."""
    found = {time for track in draft.tracks for s in track.segments for time in (s.start, (s.start + s.end) / 2, s.end)}
    return sorted({on_grid(time) for time in found}) or [Fraction(0)]


def _trims(name: str, time: st.SearchStrategy[Fraction]) -> st.SearchStrategy[TrimSegment]:
    both = st.tuples(time, time).filter(lambda pair: pair[0] != pair[1]).map(sorted)
    return st.builds(lambda pair, ripple: TrimSegment(name, *pair, ripple), both, flags)


@st.composite
def cue_lists(draw: st.DrawFn) -> tuple[Caption, ...]:
    starts = sorted(draw(st.sets(seconds(0, 20_000), min_size=1, max_size=4)))
    return tuple(Caption(start, start + draw(seconds(1, 4000)), draw(words)) for start in starts)
