"""What an editor expects of cutting, moving, writing over and scoring a timeline of several tracks."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from engine.core.errors import DraftError
from engine.timeline import (
    AUDIO,
    ENDLESS,
    SOFT,
    TEXT,
    VIDEO,
    AddCaptions,
    AddClip,
    AddEffect,
    AddMusic,
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
    Playback,
    RemoveEffect,
    RemoveMusic,
    RemoveSegments,
    RemoveTrack,
    ReorderSegments,
    ReplaceSource,
    Restore,
    RestoredTrack,
    Segment,
    SetCanvas,
    SetCaptionMode,
    SetDuration,
    SetEffects,
    SetKeyframes,
    SetMusic,
    SetPlayback,
    SetSegmentDuration,
    SetSound,
    SetSpeed,
    SetText,
    SetTextStyle,
    SetTransition,
    Sound,
    SplitSegment,
    TextStyle,
    Track,
    Transition,
    TrimSegment,
    apply,
    apply_all,
    canvas_of_aspect,
    read_operation,
    slideshow,
)

THREE = slideshow(["a.jpg", "b.jpg", "c.jpg"])


def times(draft: Draft, index: int = 0) -> list[tuple[str, float, float]]:
    return [(segment.id, float(segment.start), float(segment.end)) for segment in draft.tracks[index].segments]


def kinds(draft: Draft) -> list[str | None]:
    return [segment.transition.kind if segment.transition else None for segment in draft.tracks[0].segments]


def clip(playback: Playback | None = None, **more: Any) -> Draft:
    """One video of 4 s."""
    segment = Segment("v", Fraction(0), Fraction(4), "clip.mp4", playback=playback or Playback(), **more)
    return Draft(duration=Fraction(4), tracks=(Track("t", VIDEO, (segment,)),))


def scored() -> Draft:
    """Three photos with a title, a late caption, a voice and music to the end of the picture."""
    voice = Track("voice", AUDIO, (Segment("say", Fraction(1), Fraction(9), "voice.wav"),))
    draft = Draft(THREE.canvas, duration=Fraction(12), tracks=(*THREE.tracks, voice))
    return apply_all(
        draft,
        [
            AddMusic("lofi.opus", "lo-fi"),
            AddText("Harbour", id="title"),
            AddCaptions(cues=(Caption(Fraction(2), Fraction(4), "one"), Caption(Fraction(10), Fraction(11), "two"))),
        ],
    )


def test_removing_closes_the_gap_on_the_main_track_only():
    overlay = Track("over", VIDEO, THREE.tracks[0].segments)
    overlay = Track("over", VIDEO, tuple(Segment(f"o{s.id}", s.start, s.duration, s.src) for s in overlay.segments))
    draft = Draft(duration=Fraction(12), tracks=(*THREE.tracks, overlay))
    after = apply(draft, RemoveSegments(("p1", "op1")))
    assert times(after) == [("p2", 0, 4), ("p3", 4, 8)]
    assert times(after, 1) == [("op2", 4, 8), ("op3", 8, 12)]
    assert times(apply(draft, RemoveSegments(("p1",), ripple=False))) == [("p2", 4, 8), ("p3", 8, 12)]


def test_what_ran_to_the_end_of_the_picture_still_does():
    draft = scored()
    shorter = apply(draft, RemoveSegments(("p2",)))
    music = next(track for track in shorter.tracks if track.meta.get("name") == "BGM: Lo-fi").segments[0]
    assert (music.start, music.end) == (0, 8)
    longer = apply(draft, SetSegmentDuration(Fraction(10)))
    assert longer.duration == 30
    music = next(track for track in longer.tracks if track.meta.get("name") == "BGM: Lo-fi").segments[0]
    assert (music.start, music.end) == (0, 30)
    # A voice is as long as it is.
    assert longer.tracks[1] == draft.tracks[1]


def test_a_duration_cuts_what_is_beyond_it_and_keeps_the_times_of_the_rest():
    after = apply(scored(), SetDuration(Fraction(6)))
    assert after.duration == 6
    found = {segment.id: (segment.start, segment.end) for track in after.tracks for segment in track.segments}
    assert found["say"] == (1, 6)
    assert found["m1"] == (0, 6)
    assert found["title"] == (0, 3)
    texts = [segment for track in after.tracks if track.kind == TEXT for segment in track.segments]
    assert [segment.text for segment in texts] == ["Harbour", "one"]
    longer = apply(scored(), SetDuration(Fraction(24)))
    found = {segment.id: (segment.start, segment.end) for track in longer.tracks for segment in track.segments}
    assert found["m1"] == (0, 24)
    assert found["say"] == (1, 10)
    assert found["title"] == (0, 3)


def test_a_duration_fills_the_whole_when_the_music_was_longer_than_the_picture():
    music = Track("m", AUDIO, (Segment("song", Fraction(0), Fraction(30), "song.opus"),))
    draft = Draft(duration=Fraction(30), tracks=(*THREE.tracks, music))
    after = apply(draft, SetDuration(Fraction(15)))
    assert after.photos[-1].end == 15
    assert after.tracks[1].segments[0].end == 15


def test_keyframes_are_stretched_with_their_segment():
    frames = (Keyframe(Fraction(0), scale=1), Keyframe(Fraction(4), scale=2))
    draft = apply(slideshow(["a.jpg"], Fraction(4)), SetKeyframes(frames))
    after = apply(draft, SetDuration(Fraction(6)))
    assert [frame.at for frame in after.photos[0].keyframes] == [0, 6]


def test_swapping_the_first_two_leaves_the_transitions_where_they_are():
    draft = apply(THREE, SetTransition(Transition("dip_black"), ("p1",)))
    draft = apply(draft, SetSegmentDuration(Fraction(2), ("p2",)))
    after = apply(draft, ReorderSegments(("p2", "p1")))
    assert times(after) == [("p2", 0, 2), ("p1", 2, 6), ("p3", 6, 10)]
    assert kinds(after) == ["dip_black", "cross_dissolve", None]
    turned = apply(THREE, ReorderSegments(("p3", "p2", "p1")))
    assert times(turned) == [("p3", 0, 4), ("p2", 4, 8), ("p1", 8, 12)]
    assert kinds(turned) == ["cross_dissolve", "cross_dissolve", None]


def test_a_clip_goes_to_the_end_to_the_nearest_cut_or_where_there_is_room():
    end = apply(THREE, AddClip("d.mp4", Fraction(2)))
    assert times(end)[-1] == ("c1", 12, 14)
    assert kinds(end) == ["cross_dissolve"] * 3 + [None]
    inside = apply(THREE, AddClip("d.mp4", Fraction(2), start=Fraction(9, 2)))
    assert times(inside) == [("p1", 0, 4), ("c1", 4, 6), ("p2", 6, 10), ("p3", 10, 14)]
    assert kinds(inside) == ["cross_dissolve"] * 3 + [None]
    draft = apply_all(THREE, [AddTrack(name="Inset", id="top"), AddClip("d.mp4", Fraction(2), "top", Fraction(5))])
    assert times(draft, 1) == [("c1", 5, 7)]
    front = apply(THREE, AddClip("d.mp4", Fraction(2), start=Fraction(0)))
    assert times(front)[:2] == [("c1", 0, 2), ("p1", 2, 6)]
    assert kinds(front) == ["cross_dissolve"] * 3 + [None]
    with pytest.raises(DraftError, match=r"no room for 2 s at 6 s"):
        apply(draft, AddClip("e.mp4", Fraction(2), "top", Fraction(6)))


def test_a_sound_gets_a_track_of_its_kind():
    draft = apply(THREE, AddClip("voice.wav", Fraction(5), kind=AUDIO))
    assert draft.tracks[1].kind == AUDIO
    assert times(draft, 1) == [("c1", 0, 5)]


def test_a_voice_is_not_put_behind_the_music_or_on_its_track():
    scored_first = apply(THREE, AddMusic("lofi.opus"))
    spoken = apply(scored_first, AddClip("voice.wav", Fraction(5), kind=AUDIO))
    assert [track.meta["name"] for track in spoken.tracks] == ["Video", "BGM", "Audio"]
    assert times(spoken, 2) == [("c1", 0, 5)]
    assert spoken.duration == 12
    assert times(apply(spoken, RemoveMusic()), 1) == [("c1", 0, 5)]
    more = apply_all(
        spoken,
        [AddClip("b.wav", Fraction(2), kind=AUDIO), AddClip("c.wav", Fraction(2), start=Fraction(1), kind=AUDIO)],
    )
    assert times(more, 2) == [("c1", 0, 5), ("c2", 5, 7)]
    assert times(more, 3) == [("c3", 1, 3)]  # where another sound is, it gets a track of its own
    with pytest.raises(DraftError, match="no room"):
        apply(more, AddClip("d.wav", Fraction(2), spoken.tracks[2].id, Fraction(1)))


def test_moving_along_the_main_track_and_to_another():
    later = apply(THREE, MoveSegment("p1", THREE.duration))
    assert times(later) == [("p2", 0, 4), ("p3", 4, 8), ("p1", 8, 12)]
    assert kinds(later) == ["cross_dissolve", "cross_dissolve", None]
    first = apply(THREE, MoveSegment("p3", Fraction(0)))
    assert times(first) == [("p3", 0, 4), ("p1", 4, 8), ("p2", 8, 12)]
    assert kinds(first) == ["cross_dissolve", "cross_dissolve", None]
    over = apply_all(THREE, [AddTrack(id="top"), MoveSegment("p2", track="top")])
    assert times(over) == [("p1", 0, 4), ("p3", 4, 8)]
    assert times(over, 1) == [("p2", 4, 8)]
    back = apply(over, MoveSegment("p2", Fraction(4), over.tracks[0].id))
    assert times(back) == [("p1", 0, 4), ("p2", 4, 8), ("p3", 8, 12)]
    assert len(back.tracks) == 1  # the track that was left empty is gone


def test_trimming_the_head_of_a_clip_enters_it_later():
    draft = clip(Playback(Fraction(1), speed=Fraction(2)), keyframes=(Keyframe(Fraction(2), opacity=0.5),))
    after = apply(draft, TrimSegment("v", start=Fraction(1)))
    (segment,) = after.photos
    assert (segment.start, segment.end) == (0, 3)  # the gap on the main track closes
    assert segment.playback.start == 3
    assert [frame.at for frame in segment.keyframes] == [1]
    stays = apply(draft, TrimSegment("v", start=Fraction(1), ripple=False)).photos[0]
    assert (stays.start, stays.end, stays.playback.start) == (1, 4, 3)
    longer = apply(
        apply(draft, TrimSegment("v", Fraction(1), ripple=False)), TrimSegment("v", Fraction(1, 2), ripple=False)
    )
    assert longer.photos[0].playback.start == 2


def test_a_clip_is_not_entered_before_its_beginning():
    draft = clip(Playback(Fraction(1)))
    draft = apply(draft, TrimSegment("v", Fraction(2), ripple=False))
    with pytest.raises(DraftError, match="has only 3 s before its beginning"):
        apply(apply(draft, MoveSegment("v", Fraction(5), ripple=False)), TrimSegment("v", Fraction(1), ripple=False))


def test_trimming_the_end_pulls_what_follows():
    assert times(apply(THREE, TrimSegment("p1", end=Fraction(3)))) == [("p1", 0, 3), ("p2", 3, 7), ("p3", 7, 11)]
    with pytest.raises(DraftError, match="overlap the clip 'p2'"):
        apply(THREE, TrimSegment("p1", end=Fraction(5), ripple=False))


def test_the_halves_of_a_split_clip_play_on():
    sound = Sound(0.5, Fraction(1), Fraction(2))
    draft = clip(Playback(Fraction(1), Fraction(9), Fraction(2)), sound=sound, effects=(Effect("sepia"),))
    after = apply(draft, SplitSegment("v", Fraction(3, 2)))
    left, right = after.photos
    assert (left.id, left.start, left.end) == ("v", 0, Fraction(3, 2))
    assert (right.id, right.start, right.end) == ("c1", Fraction(3, 2), 4)
    assert left.playback.start == 1
    assert right.playback == Playback(Fraction(4), Fraction(9), Fraction(2))
    assert (left.sound.fade_in, left.sound.fade_out) == (1, 0)
    assert (right.sound.fade_in, right.sound.fade_out) == (0, 2)
    assert left.effects == right.effects == (Effect("sepia"),)


@pytest.mark.parametrize(
    ("playback", "right"),
    [
        (Playback(Fraction(1), Fraction(5), reverse=True), Playback(Fraction(1), Fraction(3), reverse=True)),
        (Playback(Fraction(1), Fraction(2)), Playback(Fraction(1999, 1000), Fraction(2))),  # it was over already
        (Playback(Fraction(0), Fraction(1), plays=5), Playback(Fraction(0), Fraction(1), plays=3)),
        (Playback(Fraction(0), Fraction(1), plays=ENDLESS), Playback(Fraction(0), Fraction(1), plays=ENDLESS)),
        (Playback(freeze=Fraction(3)), Playback(freeze=Fraction(3))),
    ],
)
def test_a_split_at_two_seconds_of_what_is_played_otherwise(playback: Playback, right: Playback):
    assert apply(clip(playback), SplitSegment("v", Fraction(2))).photos[1].playback == right


@pytest.mark.parametrize(
    ("playback", "words"),
    [
        (Playback(reverse=True), "played backwards from an end that the draft does not state"),
        (Playback(plays=ENDLESS), "loop whose end the draft does not state"),
        (Playback(Fraction(0), Fraction(3), plays=2), "loop of 3 s"),
    ],
)
def test_a_split_that_cannot_play_on_is_refused(playback: Playback, words: str):
    with pytest.raises(DraftError, match=words):
        apply(clip(playback), SplitSegment("v", Fraction(2)))


def test_a_photo_has_no_time_of_its_own():
    left, right = apply(THREE, SplitSegment("p1", Fraction(1))).photos[:2]
    assert left.playback == right.playback == Playback()
    assert left.transition is None
    assert right.transition == THREE.photos[0].transition


def test_keyframes_go_on_over_a_cut():
    frames = (Keyframe(Fraction(0), x=0.0, scale=1.0, ease="linear"), Keyframe(Fraction(4), x=1.0, scale=4.0))
    left, right = apply(clip(keyframes=frames), SplitSegment("v", Fraction(2))).photos
    assert left.keyframes == (frames[0], Keyframe(Fraction(2), x=0.5, scale=2.0))
    assert right.keyframes == (
        Keyframe(Fraction(0), x=0.5, scale=2.0, ease="linear"),
        Keyframe(Fraction(2), x=1.0, scale=4.0),
    )


def test_the_halves_of_a_split_title_do_not_animate_at_the_cut():
    draft = apply(THREE, AddText("Sea", duration=Fraction(4), style=TextStyle(enter="rise", leave="fade"), id="x"))
    left, right = apply(draft, SplitSegment("x", Fraction(2))).tracks[1].segments
    assert left.style
    assert right.style
    assert (left.style.enter, left.style.leave) == ("rise", "none")
    assert (right.style.enter, right.style.leave) == ("none", "fade")


def test_speed_changes_the_duration_and_shows_the_same():
    after = apply_all(clip(), [AddClip("b.mp4", Fraction(2)), SetSpeed(Fraction(2), ("v",))])
    assert times(after) == [("v", 0, 2), ("c1", 2, 4)]
    assert times(apply(after, SetSpeed(Fraction(1), ("v",)))) == [("v", 0, 4), ("c1", 4, 6)]


def test_speed_of_many_clips_at_once():
    draft = apply_all(clip(), [AddClip("b.mp4", Fraction(2)), AddClip("c.mp4", Fraction(6))])
    assert times(apply(draft, SetSpeed(Fraction(2)))) == [("v", 0, 2), ("c1", 2, 3), ("c2", 3, 6)]
    faster = apply(draft, SetSpeed(Fraction(2), ("v", "c2"), ripple=False))
    assert times(faster) == [("v", 0, 2), ("c1", 4, 6), ("c2", 6, 9)]
    with pytest.raises(DraftError, match=r"'c1' would last from 4 to 8 s and overlap the clip 'c2'"):
        apply(draft, SetSpeed(Fraction(1, 2), ("c1", "c2"), ripple=False))


def test_a_draft_that_was_stated_to_be_shorter_stays_so_until_its_end_moves():
    draft = replace(THREE, duration=Fraction(5))
    assert apply(draft, AddText("Sea")).duration == 5
    assert apply(draft, RemoveSegments(("p3",))).duration == 8
    assert apply(draft, AddClip("d.mp4", Fraction(2))).duration == 14


def test_another_medium_plays_from_its_beginning():
    draft = clip(Playback(Fraction(3), speed=Fraction(2)))
    assert apply(draft, ReplaceSource("v", "b.mp4")).photos[0].playback == Playback()
    kept = apply(draft, ReplaceSource("v", "b.mp4", keep_playback=True)).photos[0]
    assert (kept.src, kept.playback) == ("b.mp4", draft.photos[0].playback)


def test_an_effect_is_not_stacked_on_itself():
    draft = apply_all(THREE, [AddEffect(Effect("grain")), AddEffect(Effect("sepia")), AddEffect(Effect("grain", 0.9))])
    assert draft.photos[0].effects == (Effect("grain", 0.9), Effect("sepia"))
    assert apply(draft, RemoveEffect("grain")).photos[1].effects == (Effect("sepia"),)
    assert apply(draft, RemoveEffect()).photos[2].effects == ()
    assert apply(draft, SetEffects((Effect("blur"),), ("p1",))).photos[0].effects == (Effect("blur"),)


def test_sound_goes_to_sounds_unless_clips_are_named():
    draft = scored()
    after = apply(draft, SetSound(Sound(0.1)))
    assert after.photos == draft.photos
    assert {segment.sound.volume for track in after.tracks if track.kind == AUDIO for segment in track.segments} == {
        0.1
    }
    assert apply(draft, SetSound(Sound(0.1), ("p1",))).photos[0].sound.volume == 0.1
    assert apply(draft, SetPlayback(Playback(Fraction(1)), ("say",))).tracks[1].segments[0].playback.start == 1


def test_titles_share_a_track_while_there_is_room():
    draft = apply_all(THREE, [AddText("One"), AddText("Two", Fraction(5)), AddText("Three", Fraction(1))])
    texts = [[segment.text for segment in track.segments] for track in draft.tracks if track.kind == TEXT]
    assert texts == [["One", "Two"], ["Three"]]
    assert draft.tracks[1].meta == {"name": "Title"}
    # The default length does not make the draft longer than the picture.
    late = apply(THREE, AddText("End", Fraction(11)))
    assert late.tracks[1].segments[0].end == late.duration == 12


def test_a_text_is_changed_also_where_it_is_repeated():
    track = Track("x", TEXT, (Segment("a", Fraction(0), Fraction(1), text="Old", meta={"text": "Old", "k": 1}),))
    draft = Draft(duration=Fraction(1), tracks=(track,))
    (segment,) = apply(draft, SetText("a", "New")).tracks[0].segments
    assert (segment.text, segment.meta) == ("New", {"text": "New", "k": 1})


def test_styles_of_titles_leave_captions_alone():
    styled = apply(scored(), SetTextStyle(TextStyle(color="#ff0000")))
    colors = [segment.style and segment.style.color for t in styled.tracks if t.kind == TEXT for segment in t.segments]
    assert colors == ["#ff0000", None, None]


def test_captions_from_a_file_and_their_mode():
    draft = apply_all(THREE, [AddCaptions("words.srt", language="en"), SetCaptionMode(SOFT)])
    track = draft.tracks[1]
    assert (track.captions, track.meta["lang"]) == (SOFT, "en")
    assert times(draft, 1) == [("x1", 0, 12)]
    assert times(apply(draft, SetSegmentDuration(Fraction(5))), 1) == [("x1", 0, 15)]
    with pytest.raises(DraftError, match="no captions"):
        apply(THREE, SetCaptionMode(SOFT))
    with pytest.raises(DraftError, match="times of their own"):
        apply(draft, SplitSegment("x1", Fraction(2)))


def test_captions_that_overlap_end_where_the_next_begins():
    cues = (Caption(Fraction(0), Fraction(3), "a"), Caption(Fraction(2), Fraction(4), "b"))
    assert times(apply(THREE, AddCaptions(cues=cues)), 1) == [("x1", 0, 2), ("x2", 2, 4)]


def test_music_comes_changes_and_goes():
    draft = apply(THREE, AddMusic(mood="calm"))
    (music,) = draft.tracks[1].segments
    assert draft.tracks[1].meta == {"name": "BGM: Calm"}
    assert music.sound == Sound(0.35, Fraction(0), Fraction(4, 5), duck=True)
    assert music.playback.plays == ENDLESS
    assert (music.src, music.meta["mood"], music.end) == (None, "calm", 12)
    changed = apply(draft, SetMusic(mood="upbeat", volume=0.5, loop=False))
    (music,) = changed.tracks[1].segments
    assert (music.meta["mood"], music.sound.volume, music.playback.plays) == ("upbeat", 0.5, 1)
    assert changed.tracks[1].meta["name"] == "BGM: Upbeat"
    filed = apply(changed, SetMusic("song.mp3")).tracks[1].segments[0]
    assert filed.src == "song.mp3"
    assert "mood" not in filed.meta
    assert apply(draft, RemoveMusic()) == THREE
    with pytest.raises(DraftError, match="no music"):
        apply(THREE, RemoveMusic())


def test_music_is_known_by_the_name_of_its_track():
    song = Segment("song", Fraction(0), Fraction(12), "lofi.opus", sound=Sound(0.35))
    draft = Draft(
        duration=Fraction(12), tracks=(*THREE.tracks, Track("b", AUDIO, (song,), meta={"name": "BGM: Lo-fi"}))
    )
    assert apply(draft, SetMusic(volume=0.1)).tracks[1].segments[0].sound.volume == 0.1
    assert len(apply(draft, RemoveMusic()).tracks) == 1


def test_tracks_come_go_and_change_places():
    draft = apply_all(THREE, [AddTrack(TEXT, "Notes", id="n"), AddTrack(VIDEO, index=0, id="below")])
    assert [track.id for track in draft.tracks] == ["below", "t1", "n"]
    assert [track.id for track in apply(draft, MoveTrack("n", 0)).tracks] == ["n", "below", "t1"]
    assert apply(apply(draft, RemoveTrack("n")), RemoveTrack("below")) == THREE


def test_the_size_is_changed_also_where_it_is_repeated():
    draft = Draft(meta={"width": 1920, "height": 1080})
    assert apply(draft, SetCanvas(canvas_of_aspect("1:1"))).meta == {"width": 1080, "height": 1080}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (RemoveSegments(("zz",)), "no clip 'zz'"),
        (ReplaceSource("zz", "a.jpg"), "no clip 'zz'"),
        (ReorderSegments(("p1", "say")), "another track"),
        (MoveSegment("p1", track="voice"), "same kind"),
        (AddClip("a.jpg", Fraction(1), "zz"), "no track 'zz'"),
        (AddClip("a.jpg", Fraction(1), id="p1"), "already the id"),
        (AddSegment("voice", Segment("n", Fraction(0), Fraction(1))), "another kind"),
        (SplitSegment("p1", Fraction(4)), "cannot be cut at 4 s"),
        (TrimSegment("p1", start=Fraction(4)), "Nothing would be left"),
        (AddText("x", track="voice"), "takes no text"),
        (SetText("p1", "x"), "not a text"),
        (RemoveTrack("zz"), "no track 'zz'"),
        (MoveTrack("voice", 9), "only"),
        (SetCaptionMode(SOFT, "voice"), "takes no text"),
        (Restore(tracks=("zz",)), "no track 'zz' to restore"),
        (Restore(tracks=("voice", "voice")), "an id twice"),
        (Restore(tracks=(RestoredTrack("t", VIDEO, ("p2", "p1")),)), "at one time"),
    ],
)
def test_what_does_not_fit_the_draft_is_refused(operation: Operation, words: str):
    with pytest.raises(DraftError, match=words):
        apply(scored(), operation)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AddClip("", Fraction(1)), "name a file"),
        (lambda: AddClip("a.jpg", Fraction(1), kind=TEXT), "video or an audio"),
        (lambda: RemoveSegments(()), "No clip is named"),
        (lambda: ReorderSegments(("a", "a")), "named twice"),
        (lambda: MoveSegment("a"), "nowhere to move"),
        (lambda: TrimSegment("a"), "nothing to trim"),
        (lambda: TrimSegment("a", Fraction(2), Fraction(1)), "end after it starts"),
        (lambda: SetKeyframes((Keyframe(Fraction(1)), Keyframe(Fraction(0)))), "order of time"),
        (lambda: SetSpeed(Fraction(5)), "speed of 5"),
        (lambda: RemoveEffect("sparkle"), "sparkle"),
        (lambda: AddText("  "), "nothing to write"),
        (lambda: AddCaptions(), "one of the two"),
        (lambda: AddCaptions("a.srt", mode="hard"), "hard"),
        (lambda: AddMusic(), "no music to add"),
        (lambda: AddMusic("a.mp3", volume=3), "volume of 3"),
        (lambda: SetMusic(), "nothing to change"),
        (lambda: AddTrack(5), "type 5"),
        (lambda: MoveTrack("a", -1), "zero or more"),
    ],
)
def test_operations_that_make_no_sense_are_refused(make: Any, words: str):
    with pytest.raises(DraftError, match=words):
        make()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"op": "split_segment", "segment": "a"}, "at: is missing"),
        ({"op": "set_placement", "pl": {"scale": -1}}, r"pl\.scale: "),
        ({"op": "set_keyframes", "kf": [{"at": 0}, {"x": 1}]}, r"kf\[1\]\.at: is missing"),
        ({"op": "set_playback", "playback": {"in": 5, "inn": 6}}, r"playback\.inn: "),
        ({"op": "set_effects", "ef": [{"fx": "sparkle"}]}, r"ef\[0\]\.fx: "),
        ({"op": "add_captions", "cues": [{"s": 0, "e": 0, "tx": "a"}]}, r"cues\[0\]"),
        ({"op": "add_music", "mood": "calm", "tempo": 90}, "tempo: is not a member"),
        ({"op": "add_segment", "track": "t", "segment": {"id": "a", "s": 0}}, r"segment\.d: is missing"),
        ({"op": "restore", "t": [{"id": "a", "sg": [{"id": "b", "s": 0, "d": -1}]}]}, r"t\[0\]\.sg\[0\]\.d: "),
        ({"op": "restore", "w": 100}, "h: is missing"),
        ({"op": "remove_segments", "target": "p1"}, "target: must be a list"),
    ],
)
def test_bad_members_are_refused_with_their_path(value: dict[str, Any], words: str):
    with pytest.raises(DraftError, match=words):
        read_operation(value)
