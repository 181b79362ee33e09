"""OpenTimelineIO: our drafts survive it, other tools read what we mean, their edits win, their timelines are read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError, OutputError
from engine.timeline import (
    AUDIO,
    TEXT,
    VIDEO,
    AddClip,
    AddMusic,
    AddText,
    AddTrack,
    Draft,
    Playback,
    Segment,
    SetPlayback,
    Track,
    Transition,
    apply_all,
    slideshow,
)
from engine.timeline.otio import from_otio, read_otio, to_otio, write_otio
from engine.timeline.otio.files import parse_otio
from tests.checkout import ROOT
from tests.timeline.drafts import drafts
from tests.timeline.edits import full_drafts

FULL = apply_all(
    slideshow(["a.jpg", "b.mp4"]),
    [
        SetPlayback(Playback(Fraction(1), Fraction(9), Fraction(2)), ("p2",)),
        AddText("Sea"),
        AddMusic("m.opus"),
        AddTrack(id="top"),
        AddClip("pip.mp4", Fraction(2), "top", Fraction(3)),
        SetPlayback(Playback(freeze=Fraction(1)), ("c1",)),
    ],
)
THREE = apply_all(slideshow(["a.jpg", "b b.jpg", "c.mp4"]), [AddText("Sea", id="x"), AddMusic("m.opus", id="m")])


def through(timeline: otio.schema.Timeline) -> otio.schema.Timeline:
    """What another tool gets."""
    return otio.adapters.read_from_string(otio.adapters.write_to_string(timeline, "otio_json"), "otio_json")


def seconds(time: otio.opentime.RationalTime) -> float:
    return time.value / time.rate


@settings(max_examples=30, deadline=None)
@given(full_drafts())
def test_a_draft_of_ours_comes_back_equal(draft: Draft):
    read = from_otio(through(to_otio(draft, Path("/media"))))
    assert read.draft == draft
    assert read.notes == ()


@settings(max_examples=30, deadline=None)
@given(drafts())
def test_so_does_any_other(draft: Draft):
    assert from_otio(through(to_otio(draft))).draft == draft


def test_texts_that_the_library_would_change_survive():
    odd = {"a\0b": "c\0d", "big": 10**30, "OTIO_SCHEMA": "Clip.2", "json": 1}
    segment = Segment("s\0", Fraction(0), Fraction(1), "x\0.jpg", meta={"name": "n\0"} | odd, extra=odd)
    draft = Draft(
        duration=Fraction(1), tracks=(Track("t\0", VIDEO, (segment,), extra=odd),), meta={"title": "\0"} | odd
    )
    assert from_otio(through(to_otio(draft, Path("/")))).draft == draft


def test_another_tool_sees_the_same_times(tmp_path: Path):
    overlay = Segment("o", Fraction(5, 2), Fraction(3, 2), "pip.mov", playback=Playback(Fraction(2), speed=Fraction(2)))
    draft = replace(THREE, tracks=(*THREE.tracks, Track("over", VIDEO, (overlay,))))
    write_otio(draft, tmp_path / "cut.otio", base=tmp_path)
    timeline = otio.adapters.read_from_file(str(tmp_path / "cut.otio"))
    assert isinstance(timeline, otio.schema.Timeline)
    assert seconds(timeline.duration()) == 12
    assert [track.kind for track in timeline.tracks] == ["Video", "Video", "Audio", "Video"]
    for track, ours in zip(timeline.tracks, draft.tracks, strict=True):
        clips = list(track.find_clips())
        for clip, segment in zip(clips, ours.segments, strict=True):
            place = clip.range_in_parent()
            assert seconds(place.start_time) == segment.start
            assert seconds(place.duration) == segment.duration
            assert seconds(clip.trimmed_range().start_time) == segment.playback.start
            assert clip.duration().rate == 30
    first, second, third = timeline.tracks[0].find_clips()
    assert first.media_reference.target_url == (tmp_path / "a.jpg").as_uri()
    assert second.media_reference.target_url == (tmp_path / "b b.jpg").as_uri()
    assert third.name == "c.mp4"
    dissolve = timeline.tracks[0][1]
    assert dissolve.transition_type == "SMPTE_Dissolve"
    assert seconds(dissolve.in_offset) == seconds(dissolve.out_offset) == 0.4
    # What the library says is on screen in the middle of a dissolve: both clips.
    before, after = timeline.tracks[0].neighbors_of(dissolve)
    assert (before.name, after.name) == ("a.jpg", "b b.jpg")
    assert seconds(first.visible_range().duration) == 4.4
    assert timeline.tracks[1][0].media_reference.generator_kind == "multiplane:text"
    assert isinstance(timeline.tracks[3][0], otio.schema.Gap)
    (warp,) = timeline.tracks[3][1].effects
    assert warp.time_scalar == 2


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_cuts_on_frames_are_written_in_frames(rate: Fraction):
    draft = slideshow(["a.jpg", "b.jpg", "c.jpg"], Fraction(10), frame_rate=rate)
    timeline = through(to_otio(draft))
    assert {clip.duration().rate for clip in timeline.find_clips()} == {float(rate)}
    assert from_otio(timeline).draft == draft
    # The first frame of each clip is the one that we would show first.
    starts = [clip.range_in_parent().start_time.value for clip in timeline.find_clips()]
    assert starts == [-(-photo.start * rate // 1) for photo in draft.photos]
    tick = Fraction(1, 1000)
    short = Segment("s", 0 * tick, tick, "a.jpg"), Segment("t", tick, tick, "a.jpg")
    tiny = replace(draft, duration=2 * tick, tracks=(Track("t", VIDEO, short),))
    assert {clip.duration().rate for clip in to_otio(tiny).find_clips()} == {1000}


def test_reverse_and_frozen_clips_are_time_effects():
    draft = apply_all(THREE, [SetPlayback(Playback(Fraction(1), Fraction(9), Fraction(1, 2), reverse=True), ("p3",))])
    (warp,) = to_otio(draft).tracks[0][4].effects
    assert warp.time_scalar == -0.5
    frozen = apply_all(THREE, [SetPlayback(Playback(freeze=Fraction(3)), ("p3",))])
    clip = to_otio(frozen).tracks[0][4]
    assert isinstance(clip.effects[0], otio.schema.FreezeFrame)
    assert seconds(clip.source_range.start_time) == 3


def test_markers_go_both_ways():
    draft = replace(THREE, meta={"markers": [{"s": 1500, "name": "beat"}, {"s": 17, "name": "odd"}, "noise"]})
    timeline = through(to_otio(draft))
    assert next((marker.name, seconds(marker.marked_range.start_time)) for marker in timeline.tracks.markers) == (
        "beat",
        1.5,
    )
    assert from_otio(timeline).draft == draft
    timeline.tracks.markers[0].name = "drop"
    assert from_otio(timeline).draft.meta["markers"][0] == {"s": 1500, "name": "drop"}


# Edits in another tool


def frames(count: int, rate: float = 30) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(count, rate)


def span(start: int, count: int, rate: float = 30) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(frames(start, rate), frames(count, rate))


def test_a_clip_that_was_trimmed_elsewhere_is_trimmed():
    timeline = through(to_otio(THREE))
    timeline.tracks[0][4].source_range = span(30, 60)  # one second off its head, two seconds long
    draft = from_otio(timeline).draft
    last = draft.photos[-1]
    assert (last.start, last.end, last.playback.start) == (8, 10, 1)
    assert replace(last, duration=Fraction(4), playback=Playback()) == THREE.photos[-1]
    assert draft.tracks[1] == THREE.tracks[1]
    assert draft.duration == 12  # the music still ends there


def test_clips_that_were_reordered_elsewhere_are_reordered():
    timeline = through(to_otio(THREE))
    track = timeline.tracks[0]
    first, second = track[0], track[2]
    del track[2], track[0]
    track.insert(0, second)
    track.insert(2, first)
    draft = from_otio(timeline).draft
    assert [(photo.id, photo.start) for photo in draft.photos] == [("p2", 0), ("p1", 4), ("p3", 8)]
    assert [photo.transition for photo in draft.photos] == [Transition(), Transition(), None]
    assert draft.photos[0].motion == THREE.photos[1].motion


def test_transitions_that_were_removed_or_lengthened_elsewhere():
    timeline = through(to_otio(THREE))
    timeline.tracks[0][3].in_offset = frames(30)
    del timeline.tracks[0][1]
    photos = from_otio(timeline).draft.photos
    assert [photo.transition for photo in photos] == [None, Transition("cross_dissolve", Fraction(7, 5)), None]


def test_a_clip_that_was_copied_gets_an_id_of_its_own():
    timeline = through(to_otio(THREE))
    timeline.tracks[0].append(timeline.tracks[0][0].deepcopy())
    draft = from_otio(timeline).draft
    assert [photo.id for photo in draft.photos] == ["p1", "p2", "p3", "c1"]
    assert draft.duration == 16


def test_media_speed_and_words_that_were_changed_elsewhere():
    timeline = through(to_otio(THREE))
    clip = timeline.tracks[0][4]
    clip.media_reference = otio.schema.ExternalReference(target_url="file:///new/d%20d.mp4")
    clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=-1.5))
    timeline.tracks[1][0].media_reference.parameters["text"] = "Ocean"
    draft = from_otio(timeline).draft
    assert draft.photos[-1].src == "/new/d d.mp4"
    assert draft.photos[-1].playback == Playback(speed=Fraction(3, 2), reverse=True)
    assert draft.tracks[1].segments[0].text == "Ocean"


def test_tracks_that_lost_their_metadata_keep_their_kind():
    timeline = through(to_otio(THREE))
    for track in timeline.tracks:
        track.metadata.clear()
    draft = from_otio(timeline).draft
    assert [track.kind for track in draft.tracks] == [VIDEO, TEXT, AUDIO]
    assert draft.tracks[1].segments == THREE.tracks[1].segments


def test_names_that_were_given_elsewhere_are_taken():
    timeline = through(to_otio(THREE))
    timeline.name, timeline.tracks[2].name, timeline.tracks[1].name = "Film", "Score", ""
    draft = from_otio(timeline).draft
    assert draft.meta["title"] == "Film"
    assert [track.meta["name"] for track in draft.tracks] == ["Video", "Title", "Score"]


def test_a_title_among_the_clips_and_a_clip_among_the_titles_have_tracks_of_their_own():
    timeline = through(to_otio(THREE))
    title, picture = timeline.tracks[1][0].deepcopy(), timeline.tracks[0][4].deepcopy()
    timeline.tracks[0].append(title)
    timeline.tracks[1].append(picture)
    timeline.tracks[1].append(shot("new", 0, 48))
    timeline.tracks[2].append(picture.deepcopy())
    read = from_otio(timeline)
    draft = read.draft
    assert [track.kind for track in draft.tracks] == [VIDEO, TEXT, TEXT, VIDEO, AUDIO]
    assert [(s.text, s.start, s.end) for s in draft.tracks[1].segments] == [("Sea", 12, 15)]
    assert [(s.src, s.start, s.end) for s in draft.tracks[3].segments] == [("c.mp4", 3, 7), ("/rushes/new.mov", 7, 9)]
    # A clip on a track of sounds is what is heard of it.
    assert [s.src for s in draft.tracks[4].segments] == ["m.opus", "c.mp4"]
    assert read.notes == (
        "Track 1 ('Video') has clips of another kind: they have a track of their own.",
        "Track 2 ('Title') has clips of another kind: they have a track of their own.",
    )
    assert from_otio(through(to_otio(draft))).draft == draft


def test_a_medium_that_was_found_elsewhere_may_count_from_its_timecode():
    draft = apply_all(THREE, [SetPlayback(Playback(Fraction(1)), ("p3",))])
    hour = 3600 * 30
    timeline = through(to_otio(draft))
    clip = timeline.tracks[0][4]
    clip.media_reference.available_range = span(hour, 900)
    clip.source_range = span(hour + 30, 120)
    assert from_otio(timeline).draft == draft
    clip.source_range = span(hour + 60, 120)
    assert from_otio(timeline).draft.photos[-1].playback.start == 2


# Timelines of other tools


def shot(name: str, start: int, count: int, **more: Any) -> otio.schema.Clip:
    media = otio.schema.ExternalReference(f"file:///rushes/{name}.mov", available_range=span(86400, 480, 24))
    return otio.schema.Clip(name, media, span(86400 + start, count, 24), **more)


def dissolve(before: int = 12, after: int = 12, kind: str = "SMPTE_Dissolve") -> otio.schema.Transition:
    return otio.schema.Transition("", kind, frames(before, 24), frames(after, 24))


def test_a_foreign_timeline_with_gaps_a_dissolve_and_timecode():
    timeline = otio.schema.Timeline("Reel 1")
    picture = otio.schema.Track("V1", kind="Video")
    picture.extend([shot("one", 24, 48), dissolve(), shot("two", 0, 72), otio.schema.Gap(source_range=span(0, 24, 24))])
    picture.extend([shot("three", 12, 48, effects=[otio.schema.LinearTimeWarp(time_scalar=2.0)])])
    sound = otio.schema.Track("A1", kind="Audio")
    sound.append(otio.schema.Clip("song", otio.schema.ExternalReference("song.wav"), span(0, 192, 24)))
    timeline.tracks.extend([picture, sound])
    read = from_otio(through(timeline))
    draft = read.draft
    assert read.notes == ()
    assert (draft.frame_rate, draft.duration, draft.meta["title"]) == (24, 8, "Reel 1")
    assert [track.kind for track in draft.tracks] == [VIDEO, AUDIO]
    one, two, three = draft.photos
    assert [(s.src, s.start, s.end) for s in (one, two, three)] == [
        ("/rushes/one.mov", 0, 2),
        ("/rushes/two.mov", 2, 5),
        ("/rushes/three.mov", 6, 8),
    ]
    assert one.transition == Transition("cross_dissolve", Fraction(1))
    assert (one.playback.start, two.playback.start) == (1, 0)
    assert three.playback == Playback(Fraction(1, 2), speed=Fraction(2))
    assert draft.tracks[1].segments[0].src == "song.wav"
    # And what we make of it goes out again.
    assert from_otio(through(to_otio(draft))).draft == draft


def test_a_nested_timeline_is_flattened_and_said():
    below = otio.schema.Track("low", kind="Video")
    below.append(shot("back", 0, 96))
    above = otio.schema.Track("high", kind="Video")
    above.extend([otio.schema.Gap(source_range=span(0, 48, 24)), shot("front", 0, 48)])
    noise = otio.schema.Track("noise", kind="Audio")
    noise.append(shot("hum", 0, 96))
    nested = otio.schema.Stack("scene", [below, above, noise], source_range=span(24, 72, 24))
    track = otio.schema.Track("V1", kind="Video")
    track.extend([shot("one", 0, 24), nested, shot("two", 0, 24)])
    timeline = otio.schema.Timeline("nest")
    timeline.tracks.append(track)
    read = from_otio(through(timeline))
    assert [(s.src, s.start, s.end) for s in read.draft.photos] == [
        ("/rushes/one.mov", 0, 1),
        ("/rushes/back.mov", 1, 2),
        ("/rushes/front.mov", 2, 4),
        ("/rushes/two.mov", 4, 5),
    ]
    assert read.draft.photos[1].playback.start == 1
    assert any("'scene' was flattened" in note for note in read.notes)
    assert any("sound of the nested timeline 'scene'" in note for note in read.notes)


def test_a_generated_title_among_the_clips_is_a_text():
    title = otio.schema.GeneratorReference("text", "Title", parameters={"text": "Hello"})
    track = otio.schema.Track("V1", kind="Video")
    track.extend([shot("one", 0, 24), otio.schema.Clip("t", title, span(0, 48, 24))])
    alone = otio.schema.Track("V2", kind="Video")
    alone.append(otio.schema.Clip("t", title.deepcopy(), span(0, 24, 24)))
    timeline = otio.schema.Timeline("titles")
    timeline.tracks.extend([track, alone])
    draft = from_otio(through(timeline)).draft
    assert [(track.kind, len(track.segments)) for track in draft.tracks] == [(VIDEO, 1), (TEXT, 1), (TEXT, 1)]
    assert [(s.text, s.start, s.end) for s in draft.tracks[1].segments] == [("Hello", 1, 3)]


def test_what_a_draft_has_no_words_for_is_said():
    odd = otio.schema.Clip("odd", otio.schema.MissingReference(), span(0, 24, 24))
    off = shot("off", 0, 24)
    off.enabled = False
    solid = otio.schema.Clip(
        "blue", otio.schema.GeneratorReference("bars", "SolidColor", parameters={"color": "#0000FF"}), span(0, 24, 24)
    )
    blurred = shot(
        "one", 0, 24, effects=[otio.schema.Effect("glow", "Glow"), otio.schema.LinearTimeWarp(time_scalar=9.0)]
    )
    track = otio.schema.Track("V1", kind="Video")
    track.extend([dissolve(0, 12), blurred, odd, dissolve(4, 4, "Custom_Transition"), solid, off, shot("two", 0, 24)])
    data = otio.schema.Track("D1", kind="Data")
    timeline = otio.schema.Timeline("odd")
    timeline.tracks.extend([track, data])
    read = from_otio(through(timeline))
    one, nothing, blue, two = read.draft.photos
    assert one.playback.speed == 4
    assert nothing.src is None
    assert nothing.transition == Transition("cross_dissolve", Fraction(333, 1000))
    assert blue.src == "color:#0000ff"
    assert two.start == 4
    notes = " ".join(read.notes)
    for words in (
        "no neighbour",
        "'glow'",
        "beyond 0.25 to 4",
        "no medium",
        "cross-dissolve",
        "switched off",
        "'Data'",
    ):
        assert words in notes
    assert all(note.endswith(".") for note in read.notes)


def test_a_collection_gives_its_first_timeline():
    collection = otio.schema.SerializableCollection("bin", [otio.schema.Clip(), to_otio(THREE), otio.schema.Timeline()])
    read = from_otio(through(collection))
    assert read.draft == THREE
    assert read.notes == ("The file holds 2 timelines: the first was read.",)


# Files


def test_a_file_goes_there_and_back(tmp_path: Path):
    write_otio(THREE, tmp_path / "a.otio")
    write_otio(THREE, tmp_path / "a.otio", tmp_path)
    read = read_otio(tmp_path / "a.otio")
    assert (read.draft, read.base) == (THREE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.otio"]


def test_files_that_are_none_are_refused(tmp_path: Path):
    bad = tmp_path / "bad.otio"
    with pytest.raises(DraftError, match=r"bad\.otio cannot be read"):
        read_otio(bad)
    for text in ("", "{", "[1]", '{"OTIO_SCHEMA": "Nonsense.1"}', json.dumps({"t": []})):
        bad.write_text(text)
        with pytest.raises(DraftError):
            read_otio(bad)
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DraftError, match="cannot be read"):
        read_otio(bad)
    otio.adapters.write_to_file(otio.schema.Clip("alone"), str(bad))
    with pytest.raises(DraftError, match="no timeline"):
        read_otio(bad)
    with pytest.raises(OutputError, match=r"x\.otio cannot be written"):
        write_otio(THREE, tmp_path / "no" / "x.otio")


def test_metadata_that_are_not_a_draft_are_refused_with_their_path():
    timeline = through(to_otio(THREE))
    timeline.tracks[0][0].metadata["multiplane"]["segment"]["mo"] = {"move": "fly"}
    with pytest.raises(DraftError, match=r"t\[0\]\.sg\[0\]\.mo"):
        from_otio(timeline)


ODD = [None, True, -1, 0, 10**12, 1.5, "", "1/0", "x" * 50, [], [1], {}, {"a": 1}]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(ODD), st.booleans())
def test_a_damaged_file_is_read_or_refused(place: int, value: object, remove: bool):
    tree = json.loads(otio.adapters.write_to_string(to_otio(FULL), "otio_json"))
    spots = [(holder, key) for holder in _containers(tree) for key in holder]
    holder, key = spots[place % len(spots)]
    if remove:
        del holder[key]
    else:
        holder[key] = value
    try:
        read = parse_otio(json.dumps(tree), "a.otio")
    except DraftError as error:
        refused = error.message
        assert refused.endswith(".")
        return
    assert from_otio(through(to_otio(read.draft))).draft == read.draft


def _containers(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _containers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _containers(item)


def test_times_that_are_none_are_refused():
    timeline = through(to_otio(THREE))
    timeline.tracks[0][0].source_range = otio.opentime.TimeRange(
        frames(0), otio.opentime.RationalTime(float("nan"), 30)
    )
    with pytest.raises(DraftError, match="not a number"):
        from_otio(timeline)


@pytest.mark.parametrize("url", ["http://[x", "//[", "file://[::1/a.mov"])
def test_an_address_that_is_none_is_kept_as_it_is(url: str):
    timeline = through(to_otio(THREE))
    timeline.tracks[0][0].media_reference.target_url = url
    assert from_otio(timeline).draft.photos[0].src == url


def test_a_track_of_a_kind_that_no_draft_has_is_left_out():
    timeline = through(to_otio(THREE))
    track = otio.schema.Track("odd", kind="multiplane:" + "9" * 5000)
    timeline.tracks.append(track)
    read = from_otio(timeline)
    assert read.draft == THREE
    assert "was left out" in read.notes[0]


def test_the_library_is_not_loaded_with_the_package():
    code = "import engine.timeline, engine.timeline.otio, sys; sys.exit('opentimelineio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
