"""What is seen where: layers above layers, transparency, keyframes, transitions, texts, each in its frame."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import CorruptMedia, DraftError, MediaError, OptionError, UnreadableMedia
from engine.core.frames import YuvFrame
from engine.media import PRESETS
from engine.motion import Motion
from engine.raster.color import rgb_to_ycbcr
from engine.timeline import (
    TEXT,
    VIDEO,
    Canvas,
    Draft,
    Effect,
    Fit,
    Keyframe,
    Placement,
    Playback,
    Segment,
    TextStyle,
    Track,
    Transition,
)
from pipelines.render import RenderOptions, render_draft
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.scene import prepare
from tests.render.media import SMALL, counting_clip, disc, picture

SECOND = Fraction(1)
GREY, WHITE = "color:#808080", "color:#ffffff"


def draft(*tracks: Track, canvas: Canvas = SMALL) -> Draft:
    end = max(segment.end for track in tracks for segment in track.segments)
    return Draft(canvas, duration=end, tracks=tracks)


def track(name: str, *segments: Segment, kind: int = VIDEO) -> Track:
    return Track(name, kind, segments)


def frame(of: Draft, number: int, options: RenderOptions | None = None) -> YuvFrame:
    scene = prepare(of, Path())
    renderer = GopRenderer(scene, options or RenderOptions(), 2)
    made = YuvFrame.empty(*scene.size)
    renderer.painter.paint(number, made)
    renderer.close()
    return made


def shown(of: YuvFrame, x: int, y: int) -> tuple[int, int, int]:
    """Y', Cb, Cr at a luma pixel."""
    return int(of.y[y, x]), int(of.u[y // 2, x // 2]), int(of.v[y // 2, x // 2])


def near(a: tuple[int, int, int], b: tuple[int, int, int], tolerance: int = 2) -> bool:
    return all(abs(p - q) <= tolerance for p, q in zip(a, b, strict=True))


def test_later_tracks_lie_above_earlier_ones():
    inset = Segment("i", 0 * SECOND, SECOND, WHITE, placement=Placement(0.75, 0.25, 0.25))
    made = frame(draft(track("a", Segment("g", 0 * SECOND, SECOND, GREY)), track("b", inset)), 0)
    grey, white = rgb_to_ycbcr(128, 128, 128), rgb_to_ycbcr(255, 255, 255)
    assert near(shown(made, 120, 22), white)
    assert near(shown(made, 20, 70), grey)
    inside = made.y > 200
    assert inside.sum() == pytest.approx(0.25 * 0.25 * 160 * 90, rel=0.05)


def test_a_transparent_photo_lets_the_track_below_be_seen(tmp_path: Path):
    photo = disc(tmp_path / "disc.png")
    above = Segment("d", 0 * SECOND, SECOND, str(photo), fit=Fit("contain"))
    made = frame(draft(track("a", Segment("g", 0 * SECOND, SECOND, WHITE)), track("b", above)), 0)
    assert near(shown(made, 80, 45), rgb_to_ycbcr(255, 0, 0), 3)
    assert near(shown(made, 2, 2), rgb_to_ycbcr(255, 255, 255))
    # No dark halo: on the way from red to white, luma only rises.
    row = made.y[45, 80:130].astype(int)
    assert (np.diff(row) >= -2).all()


def test_the_lowest_photo_lies_on_its_background(tmp_path: Path):
    photo = disc(tmp_path / "disc.png")
    low = Segment("d", 0 * SECOND, SECOND, str(photo), fit=Fit("contain", "#0000ff"))
    made = frame(draft(track("a", low)), 0)
    assert near(shown(made, 40, 4), rgb_to_ycbcr(0, 0, 255), 3)  # inside the photo's square, beside the disc
    assert near(shown(made, 4, 45), rgb_to_ycbcr(0, 0, 0))  # beside the square there is nothing


def test_opacity_and_keyframes_fade_a_layer(tmp_path: Path):
    keyframes = (Keyframe(0 * SECOND, opacity=0.0, ease="linear"), Keyframe(SECOND, opacity=1.0))
    above = Segment("w", 0 * SECOND, SECOND, WHITE, keyframes=keyframes)
    whole = draft(track("a", Segment("g", 0 * SECOND, SECOND, GREY)), track("b", above))
    lumas = [int(frame(whole, number).y[45, 80]) for number in range(0, 30, 5)]
    grey, white = rgb_to_ycbcr(128, 128, 128)[0], 235
    expected = [grey + (white - grey) * number / 30 for number in range(0, 30, 5)]
    assert lumas == pytest.approx(expected, abs=1.5)


def test_a_zoom_by_keyframes_is_the_camera_of_the_protocol(tmp_path: Path):
    photo = picture(tmp_path / "p.png", size=(800, 450))
    keyframes = (Keyframe(0 * SECOND, scale=1.0), Keyframe(2 * SECOND, scale=2.0))
    zoomed = Segment("a", 0 * SECOND, 3 * SECOND, str(photo), keyframes=keyframes)
    still = Segment("a", 0 * SECOND, 3 * SECOND, str(photo))
    start, end = frame(draft(track("t", zoomed)), 0), frame(draft(track("t", zoomed)), 75)
    assert np.abs(start.y.astype(int) - frame(draft(track("t", still)), 0).y).max() <= 1
    # At twice the size, the middle half of the still picture fills the frame.
    quarter = frame(draft(track("t", still), canvas=Canvas(320, 180)), 0).y[45:135, 80:240]
    assert float(np.abs(end.y.astype(int) - quarter).mean()) < 3


@pytest.mark.parametrize("angle", [30.0, 90.0, 180.0, 270.0, -135.0])
def test_a_layer_may_stand_at_any_angle(tmp_path: Path, angle: float):
    photo = tmp_path / "half.png"
    from PIL import Image

    half = np.zeros((180, 320, 3), np.uint8)
    half[:, 160:] = 255  # the right half is white
    Image.fromarray(half).save(photo)
    turned = Segment("a", 0 * SECOND, SECOND, str(photo), placement=Placement(rotation=angle, scale=0.5))
    made = frame(draft(track("a", Segment("g", 0 * SECOND, SECOND, GREY)), track("b", turned)), 0)
    # Clockwise as the viewer sees it, y down: the white side points to (cos, sin).
    x, y = 20 * np.cos(np.radians(angle)), 20 * np.sin(np.radians(angle))
    assert made.y[round(45 + y), round(80 + x)] > 220
    assert made.y[round(45 - y), round(80 - x)] < 30


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30), Fraction(60)])
def test_a_clip_shows_its_own_frames_trimmed_slowed_and_reversed(tmp_path: Path, rate: Fraction):
    clip = counting_clip(tmp_path / "c.mp4")

    def source_frame(made: YuvFrame) -> int:
        return round((int(made.y[45, 80]) - 40) / 3)

    cases = {
        Playback(): lambda t: t,
        Playback(start=Fraction(1, 2)): lambda t: t + Fraction(1, 2),
        Playback(speed=Fraction(1, 2)): lambda t: t / 2,
        Playback(speed=Fraction(2), end=Fraction(3, 2)): lambda t: min(2 * t, Fraction(3, 2) - Fraction(1, 60)),
        Playback(freeze=Fraction(7, 10)): lambda t: Fraction(7, 10),
    }
    for playback, time in cases.items():
        whole = replace(
            draft(track("t", Segment("c", 0 * SECOND, SECOND, str(clip), playback=playback))), frame_rate=rate
        )
        for number in (0, 7, 19):
            assert source_frame(frame(whole, number)) == int(time(number / rate) * 30), (playback, number)
    backward = draft(track("t", Segment("c", 0 * SECOND, 2 * SECOND, str(clip), playback=Playback(reverse=True))))
    shown_backward = [source_frame(frame(backward, number)) for number in (0, 10, 59)]
    assert shown_backward == pytest.approx([59, 49, 0], abs=1)


@pytest.mark.parametrize(
    "kind", ["cross_dissolve", "dip_black", "dip_white", "slide_left", "push_right", "wipe_left", "zoom", "blur"]
)
def test_a_transition_begins_and_ends_on_its_frame(tmp_path: Path, kind: str):
    photos = [str(picture(tmp_path / f"{n}.png", (80 + 60 * n, 120, 60), size=(160, 90))) for n in range(2)]
    first = Segment("a", 0 * SECOND, SECOND, photos[0], transition=Transition(kind, Fraction(1, 2)))
    second = Segment("b", SECOND, SECOND, photos[1])
    whole = draft(track("t", first, second))
    outgoing, incoming = frame(whole, 0), frame(whole, 59)
    # Half a second about the cut at 1 s: frames 23 to 37 are on the way, 22 and 38 are not.
    for number, pure in ((22, outgoing), (38, incoming)):
        assert (frame(whole, number).y == pure.y).all()
    for number in (25, 30, 35):
        made = frame(whole, number)
        assert (made.y != outgoing.y).any()
        assert (made.y != incoming.y).any()


def test_layers_in_a_transition_stay_where_they_stand():
    spot = Placement(0.25, 0.25, 0.3)
    first = Segment("a", 0 * SECOND, SECOND, WHITE, placement=spot, transition=Transition("cross_dissolve", SECOND))
    second = Segment("b", SECOND, SECOND, WHITE, placement=spot)
    whole = draft(track("g", Segment("g", 0 * SECOND, 2 * SECOND, GREY)), track("t", first, second))
    before, during = frame(whole, 5), frame(whole, 30)
    assert np.abs(before.y.astype(int) - during.y).max() <= 2


@pytest.mark.parametrize("gone", [Keyframe(Fraction(1), opacity=0.0), Keyframe(Fraction(1), x=5.0)])
def test_a_transition_from_what_has_gone_already_still_takes_its_time(gone: Keyframe):
    first = Segment(
        "a", 0 * SECOND, SECOND, GREY, keyframes=(gone,), transition=Transition("cross_dissolve", Fraction(1, 2))
    )
    second = Segment("b", SECOND, SECOND, WHITE)
    levels = [frame(draft(track("t", first, second)), number).y[45, 80] for number in range(20, 41)]
    assert levels[0] <= 20
    assert levels[-1] == 235
    steps = np.diff(np.array(levels, int))
    assert (steps >= 0).all()
    assert steps.max() <= 30  # a smoothstep over 15 frames is at most 1.5 / 15 of the way steep


@pytest.mark.parametrize("kind", ["photo", "clip"])
def test_a_layer_may_grow_from_a_point(tmp_path: Path, kind: str):
    src = picture(tmp_path / "p.png") if kind == "photo" else counting_clip(tmp_path / "c.mp4", 30)
    grows = (Keyframe(Fraction(0), scale=1e-5, ease="linear"), Keyframe(SECOND, scale=0.5))
    below = track("t", Segment("a", 0 * SECOND, SECOND, GREY))
    above = track("u", Segment("b", 0 * SECOND, SECOND, str(src), fit=Fit("crop"), keyframes=grows))
    whole, empty = draft(below, above), frame(draft(below), 0)
    covered = [int((frame(whole, number).y != empty.y).sum()) for number in (0, 8, 16, 24, 29)]
    assert covered[0] == 0
    assert covered == sorted(covered)
    assert covered[-1] > 0.1 * empty.y.size


def test_a_title_is_painted_over_the_picture_only_while_it_lasts():
    title = Segment("t", SECOND, SECOND, text="Hm", style=TextStyle(enter="none", leave="none", size=0.3))
    whole = draft(track("g", Segment("g", 0 * SECOND, 3 * SECOND, GREY)), track("x", title, kind=TEXT))
    grey = frame(whole, 0)
    for number, inked in ((29, False), (30, True), (59, True), (60, False)):
        assert bool((frame(whole, number).y > 220).any()) == inked
    assert (grey.y == grey.y[0, 0]).all()


def test_captions_are_burned_in_or_carried_along(tmp_path: Path):
    import av

    file = tmp_path / "words.srt"
    file.write_text("1\n00:00:00,500 --> 00:00:01,000\nFirst\n\n2\n00:00:01,500 --> 00:00:02,500\n第二\n", "utf-8")
    captions = Segment("c", 0 * SECOND, 2 * SECOND, str(file))
    ground = track("g", Segment("g", 0 * SECOND, 2 * SECOND, GREY))
    for mode in ("burn", "soft", "both"):
        whole = draft(ground, Track("x", TEXT, (captions,), captions=mode, meta={"lang": "en"}))
        inked = [bool((frame(whole, number).y > 180).any()) for number in (5, 20, 35, 50)]
        assert inked == ([False, True, False, True] if mode != "soft" else [False] * 4)
        render_draft(whole, tmp_path / f"{mode}.mp4", RenderOptions(preset=PRESETS["draft"]))
        with av.open(str(tmp_path / f"{mode}.mp4")) as container:
            texts = container.streams.subtitles
            assert len(texts) == (mode != "burn")
            if texts:
                assert texts[0].language == "eng"
                said = [subtitle.dialogue for packet in container.demux(texts[0]) for subtitle in packet.decode()]
                assert [text.decode() for text in said if text] == ["First", "第二"]


def test_effects_change_their_own_segment_alone():
    dark = Segment("a", 0 * SECOND, SECOND, GREY, effects=(Effect("brightness", -0.5),))
    whole = draft(track("t", dark, Segment("b", SECOND, SECOND, GREY)))
    assert frame(whole, 10).y.mean() < frame(whole, 40).y.mean() - 20


def test_a_gap_is_black():
    whole = draft(track("t", Segment("a", SECOND, SECOND, WHITE)))
    assert (frame(whole, 0).y == 16).all()
    assert (frame(whole, 45).y == 235).all()


def test_a_layer_off_the_canvas_costs_nothing_and_shows_nothing():
    away = Segment("a", 0 * SECOND, SECOND, WHITE, placement=Placement(x=5))
    whole = draft(track("g", Segment("g", 0 * SECOND, SECOND, GREY)), track("t", away))
    assert (frame(whole, 0).y == frame(draft(whole.tracks[0]), 0).y).all()


@pytest.mark.parametrize(
    ("segment", "error", "says"),
    [
        (Segment("a", Fraction(0), SECOND, "gone.jpg"), UnreadableMedia, r"^gone\.jpg: "),
        (Segment("a", Fraction(0), SECOND), DraftError, "has no source"),
        (Segment("a", Fraction(0), SECOND, ""), DraftError, "has no source"),
        (Segment("a", Fraction(0), SECOND, "pack:no-such-pack/x.jpg"), MediaError, "no-such-pack"),
        (
            Segment("a", Fraction(0), SECOND, "https://example.org/x.mp4"),
            UnreadableMedia,
            r"this is an address.*download",
        ),
    ],
    ids=["missing", "no source", "empty source", "no pack", "address"],
)
def test_what_cannot_be_shown_is_one_sentence(tmp_path: Path, segment: Segment, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        render_draft(draft(track("t", segment)), tmp_path / "out.mp4", RenderOptions(base=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_broken_clip_is_one_sentence(tmp_path: Path):
    clip = counting_clip(tmp_path / "c.mp4")
    clip.write_bytes(clip.read_bytes()[:400])
    with pytest.raises((CorruptMedia, MediaError), match=r"^c\.mp4: "):
        render_draft(
            draft(track("t", Segment("a", 0 * SECOND, SECOND, str(clip)))), tmp_path / "out.mp4", RenderOptions()
        )


def test_one_opaque_layer_alone_is_written_straight_into_the_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from pipelines.render import painter

    def forbidden(*arguments: object, **more: object) -> None:
        raise AssertionError("a plain shot was composited")

    for name in ("composite", "mix"):
        monkeypatch.setattr(painter, name, forbidden)
    photo = Segment("a", 0 * SECOND, SECOND, str(picture(tmp_path / "p.png")))
    hidden = Segment("b", 0 * SECOND, SECOND, str(tmp_path / "never-opened.png"))
    assert frame(draft(track("t", photo)), 3).y.std() > 1
    # What is wholly covered is not painted either; it is opened, because an editor may have named a wrong file.
    with pytest.raises(UnreadableMedia, match="never-opened"):
        frame(draft(track("t", hidden), track("u", photo)), 3)


@pytest.mark.parametrize("kind", ["photo", "clip"])
def test_a_plain_shot_makes_no_second_picture_of_any_kind(tmp_path: Path, kind: str):
    canvas = Canvas(960, 540)
    size = (canvas.width, canvas.height)
    src = picture(tmp_path / "p.png", size=size) if kind == "photo" else counting_clip(tmp_path / "c.mp4", 20, size)
    motion = Motion(("zoom_in",)) if kind == "photo" else None
    scene = prepare(draft(track("t", Segment("a", 0 * SECOND, SECOND, str(src), motion)), canvas=canvas), Path())
    renderer = GopRenderer(scene, RenderOptions(), 1)
    made = YuvFrame.empty(*scene.size)
    renderer.painter.paint(2, made)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(3, 13):
            renderer.painter.paint(number, made)
        spare = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        renderer.close()
    # NumPy tells of all its arrays. RGB would be two of these frames, a copy one.
    assert spare < (made.y.nbytes + made.u.nbytes + made.v.nbytes) / 3


def test_a_font_file_beside_the_draft_is_found_and_counts_in_the_cache(tmp_path: Path):
    from engine.text.library import SHIPPED_FONTS
    from pipelines.render.keys import gop_key
    from pipelines.render.painter import near

    font = tmp_path / "own.ttf"
    font.write_bytes((SHIPPED_FONTS / "Inter.ttf").read_bytes())
    title = Segment("t", 0 * SECOND, SECOND, text="Hm", style=TextStyle(font="own.ttf", enter="none", size=0.4))
    scene = prepare(draft(track("x", title, kind=TEXT)), tmp_path)
    options = RenderOptions(base=tmp_path)
    keys = [gop_key(scene, scene.gops[0], near(scene, scene.gops[0]), options, "")]
    renderer = GopRenderer(scene, options, 1)
    renderer.painter.paint(10, YuvFrame.empty(*scene.size))
    assert renderer.notes == ()
    renderer.close()
    font.write_bytes((SHIPPED_FONTS / "Inter-Italic.ttf").read_bytes())
    keys.append(gop_key(scene, scene.gops[0], near(scene, scene.gops[0]), options, ""))
    assert keys[0] != keys[1]


def test_music_by_mood_comes_from_the_studios_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from engine.timeline import AUDIO
    from pipelines.render.sound import sound_clips
    from tests.render.media import tone

    (tmp_path / "calm").mkdir()
    tone(tmp_path / "calm" / "lake.wav", 2.0)
    monkeypatch.setenv("MULTIPLANE_MUSIC", str(tmp_path))
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "none"))
    music = Segment("m", 0 * SECOND, SECOND, meta={"mood": "relaxing"})
    (clip,) = sound_clips(draft(track("m", music, kind=AUDIO)), RenderOptions(), [])
    assert clip.path == tmp_path / "calm" / "lake.wav"
    assert clip.role == "music"
    with pytest.raises(OptionError, match="zydeco"):
        sound_clips(draft(track("m", replace(music, meta={"mood": "zydeco"}), kind=AUDIO)), RenderOptions(), [])
    for empty in (replace(music, meta={"mood": " "}), replace(music, meta={}), replace(music, src="", meta={})):
        with pytest.raises(DraftError, match="'m' has no source: give it a file in src, or a mood"):
            sound_clips(draft(track("m", empty, kind=AUDIO)), RenderOptions(), [])
    # What is added is found by the same process.
    tone(tmp_path / "zydeco.wav", 2.0)
    (clip,) = sound_clips(draft(track("m", replace(music, meta={"mood": "zydeco"}), kind=AUDIO)), RenderOptions(), [])
    assert clip.path == tmp_path / "zydeco.wav"
