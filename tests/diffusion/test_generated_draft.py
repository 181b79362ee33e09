"""From a draft with generated motion to an MP4: what is seen, what is kept, what is said."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.core.errors import Cancelled, DeviceMemoryError, MotionUnavailable
from engine.media import load_photo
from engine.media.video.rgb import to_rgb
from engine.timeline import VIDEO, Fit, Track
from models.image_to_video.ladder import LADDER, to_json
from models.image_to_video.memory import Need
from models.residency import models_in_memory
from pipelines.diffusion.colour import statistics
from pipelines.diffusion.framing import cut_out, frame_photo
from pipelines.render import RenderOptions, render_draft
from pipelines.render.finished import Finished
from pipelines.render.preview import filmstrip, frame_at
from tests import helpers_mp4
from tests.diffusion.conftest import TRAITS, Mover, draft_of, stop_at

CACHED = RenderOptions(cached=True, overwrite=True)
PLAIN = RenderOptions(overwrite=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture with something in every place, 480 x 270."""
    rng = np.random.default_rng(5)
    coarse = rng.uniform(40, 215, (12, 20, 1)) + rng.uniform(-20, 20, (12, 20, 3))  # colours that 4:2:0 can hold
    pixels = np.asarray(Image.fromarray(coarse.astype(np.uint8)).resize((480, 270), Image.Resampling.BICUBIC))
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def read_frames(path: Path) -> list[np.ndarray]:
    return [to_rgb(frame) for frame in helpers_mp4.read_frames(path)]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_the_first_frame_is_the_photo_and_colours_do_not_drift(mover: Mover, photo: Path, tmp_path: Path) -> None:
    report = render_draft(draft_of(photo), tmp_path / "out.mp4", PLAIN)
    frames = read_frames(tmp_path / "out.mp4")
    assert len(frames) == report.frames == 30
    pixels = load_photo(photo).pixels
    expected = cut_out(pixels, (480, 270), (0, 0, 480, 270), (256, 144))
    assert psnr(frames[0], expected) >= 35  # 38.0 was measured: colours at half resolution, and coding
    mean, deviation = statistics(expected)
    for frame in frames[::5]:
        own_mean, own = statistics(frame)
        # The model lost 10 code values and 7 % of the contrast on the way.
        assert np.abs(own_mean - mean).max() <= 1.5  # 1.2 was measured
        assert abs(own[0] / deviation[0] - 1) <= 0.03


def test_seven_pictures_become_thirty_and_move_evenly(mover: Mover, photo: Path, tmp_path: Path) -> None:
    render_draft(draft_of(photo), tmp_path / "out.mp4", PLAIN)
    frames = [frame.mean(2) for frame in read_frames(tmp_path / "out.mp4")]
    # 2 pixels a picture, 7 pictures a second: 14 pixels in the last frame but one picture of it.
    for number in (9, 18, 27):
        shift = number / 30 * 7 * 2
        errors = [
            np.abs(frames[number][:, 40:-20] - np.roll(frames[0], by, axis=1)[:, 40:-20]).mean() for by in range(20)
        ]
        assert abs(int(np.argmin(errors)) - shift) <= 0.75


@pytest.mark.parametrize("size", [(144, 256), (160, 160), (336, 144)])
@pytest.mark.parametrize("fit", ["crop", "blur", "color", "contain"])
def test_every_shape_of_canvas_is_filled_as_asked(
    mover: Mover, photo: Path, tmp_path: Path, size: tuple[int, int], fit: str
) -> None:
    picture = frame_at(draft_of(photo, size=size, fit=Fit(fit, "#20a040")), PLAIN, Fraction(0)).pixels
    assert picture.shape[:2] == size[::-1]
    pixels = load_photo(photo).pixels
    if fit == "crop":
        framing = frame_photo((480, 270), size[0] / size[1], TRAITS.sizes, _subject(pixels))
        assert psnr(picture, cut_out(pixels, (480, 270), framing.shown, size)) >= 37  # 39.7 or more was measured
        return
    shown = min(size[0] / 480, size[1] / 270)
    wide, high = round(480 * shown), round(270 * shown)
    left, top = (size[0] - wide) // 2, (size[1] - high) // 2
    inside = picture[top + 3 : top + high - 3, left + 3 : left + wide - 3]
    expected = cut_out(pixels, (480, 270), (0, 0, 480, 270), (wide, high))[3 : high - 3, 3 : wide - 3]
    assert (
        psnr(inside, expected[: inside.shape[0], : inside.shape[1]]) >= 31
    )  # 33.6 where 81 lines hold a clip of 80, else 39
    corner = picture[1, 1].astype(int)
    if fit == "color":
        assert np.abs(corner - (0x20, 0xA0, 0x40)).max() <= 6
    if fit == "contain":
        assert corner.max() <= 6


def _subject(pixels: np.ndarray) -> object:
    from engine.motion import SaliencyFinder

    return SaliencyFinder().find(pixels)


def test_a_panorama_moves_in_a_part_and_stands_around_it(mover: Mover, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    pixels = np.kron(rng.integers(40, 215, (8, 64, 3)), np.ones((12, 12, 1))).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    draft = draft_of(tmp_path / "wide.png", size=(512, 144), fit=Fit("contain"), focus=(0.75, 0.5))
    first, last = (frame_at(draft, PLAIN, time).pixels.astype(int) for time in (Fraction(0), Fraction(29, 30)))
    change = np.abs(last - first).mean((0, 2))
    assert change[:200].max() <= 0.5, "what is far from the subject stands still"
    assert change[350:420].mean() > 10, "what is near it moves"


def test_what_was_generated_is_not_generated_again(mover: Mover, photo: Path, tmp_path: Path) -> None:
    draft = draft_of(photo)
    first = render_draft(draft, tmp_path / "1.mp4", CACHED)
    assert (len(mover.calls), [clip.reused for clip in first.generated]) == (1, [False])
    again = render_draft(draft, tmp_path / "2.mp4", CACHED)
    assert again.reused == again.gops
    assert again.notes == first.notes
    for other in (
        draft_of(photo, moves=("zoom_in",)),
        draft_of(photo, size=(128, 72)),
        draft_of(photo, seconds=0.5),
    ):
        render_draft(other, tmp_path / "3.mp4", CACHED)
    assert len(mover.calls) == 1, "camera, size and length are not the model's business"
    render_draft(draft_of(photo, strength=0.9), tmp_path / "4.mp4", CACHED)
    render_draft(draft, tmp_path / "5.mp4", replace(CACHED, seed=1))
    assert len(mover.calls) == 3


def test_the_photo_counts_by_its_content(mover: Mover, photo: Path, tmp_path: Path) -> None:
    render_draft(draft_of(photo), tmp_path / "1.mp4", CACHED)
    copy = tmp_path / "copy.png"
    copy.write_bytes(photo.read_bytes())
    render_draft(draft_of(copy), tmp_path / "2.mp4", CACHED)
    assert len(mover.calls) == 1
    Image.fromarray(255 - load_photo(photo).pixels).save(photo)
    render_draft(draft_of(photo), tmp_path / "3.mp4", CACHED)
    assert len(mover.calls) == 2


def test_a_generation_that_was_stopped_goes_on_from_its_checkpoint(mover: Mover, photo: Path, tmp_path: Path) -> None:
    draft = draft_of(photo, quality="exact")
    with pytest.raises(Cancelled):
        render_draft(draft, tmp_path / "out.mp4", CACHED, stop_at(0.5))  # type: ignore[arg-type]
    assert not (tmp_path / "out.mp4").exists()
    assert mover.steps == 16, "0.8 of the work is generation: 0.5 of it is in step 16 of 25"
    render_draft(draft, tmp_path / "out.mp4", CACHED)
    assert mover.begun == [0, 15]
    render_draft(replace(draft, frame_rate=Fraction(25)), tmp_path / "25.mp4", CACHED)
    assert len(mover.calls) == 2


def test_a_checkpoint_of_another_quality_is_not_gone_on_from(mover: Mover, photo: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        render_draft(draft_of(photo, quality="exact"), tmp_path / "out.mp4", CACHED, stop_at(0.5))  # type: ignore[arg-type]
    render_draft(draft_of(photo, quality="balanced"), tmp_path / "out.mp4", CACHED)
    assert mover.begun == [0, 0]


def test_without_a_cache_nothing_is_kept(mover: Mover, site: Path, photo: Path, tmp_path: Path) -> None:
    for _ in range(2):
        report = render_draft(draft_of(photo), tmp_path / "out.mp4", PLAIN)
    assert len(mover.calls) == 2
    assert not any(clip.path.exists() for clip in report.generated)
    assert not site.exists() or not any(site.rglob("*.mp4"))


def test_clips_are_left_where_the_caller_wants_them(mover: Mover, photo: Path, tmp_path: Path) -> None:
    options = replace(CACHED, clips_folder=tmp_path / "clips")
    (clip,) = render_draft(draft_of(photo), tmp_path / "out.mp4", options).generated
    assert clip.path.parent == tmp_path / "clips"
    assert len(read_frames(clip.path)) == 30
    facts = clip.to_json()
    assert (facts["preset"], facts["model"], facts["licence"]) == (
        "balanced",
        "svd-xt-1.1",
        "LicenseRef-Stability-AI-Community",
    )
    assert facts["key"] == clip.key
    assert str(tmp_path) not in str(facts)


def test_a_lack_of_memory_goes_down_the_ladder_and_is_told(mover: Mover, photo: Path, tmp_path: Path) -> None:
    mover.fail = [DeviceMemoryError("full", detail="1"), DeviceMemoryError("full", detail="2")]
    report = render_draft(draft_of(photo), tmp_path / "out.mp4", CACHED)
    assert [rung.micro_batch for rung in mover.rungs][:3] == sorted(
        (r.micro_batch for r in mover.rungs[:3]), reverse=True
    )
    assert sum("ran out of memory" in note for note in report.notes) == 2
    assert len(models_in_memory().residents()) == 1, "what was loaded for the rungs above is gone"
    again = render_draft(draft_of(photo, seconds=0.5), tmp_path / "out.mp4", CACHED)
    assert len(mover.calls) == 3
    assert sum("ran out of memory" in note for note in again.notes) == 2


def test_what_was_made_with_a_lower_quality_says_so_whenever_it_is_shown(
    mover: Mover, photo: Path, tmp_path: Path
) -> None:
    mover.fail = [DeviceMemoryError("full") for _ in LADDER[:-1]]
    first = render_draft(draft_of(photo, quality="exact"), tmp_path / "1.mp4", CACHED)
    assert [clip.quality for clip in first.generated] == ["draft"]
    longer = render_draft(draft_of(photo, 0.5, quality="exact"), tmp_path / "2.mp4", CACHED)
    assert [(clip.quality, clip.reused) for clip in longer.generated] == [("draft", True)]
    assert any("preset draft" in note for note in longer.notes)
    assert len(mover.calls) == len(LADDER)


def test_models_that_may_take_too_little_go_down_the_ladder_too(
    mover: Mover, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.diffusion.pictures.first_rung", lambda order, shape: LADDER[0])
    monkeypatch.setenv("MULTIPLANE_MODEL_MEMORY_MB", "256")
    monkeypatch.setattr(
        "pipelines.diffusion.admission.need",
        lambda order, shape, rung: Need(2**20 if rung == LADDER[2] else 2**40, 0, 0),
    )
    report = render_draft(draft_of(photo), tmp_path / "out.mp4", CACHED)
    assert sum("ran out of memory" in note for note in report.notes) == 2
    assert mover.rungs == [LADDER[2]]


def test_a_finished_video_needs_no_device_any_more(
    mover: Mover, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render_draft(draft_of(photo), tmp_path / "1.mp4", CACHED)
    monkeypatch.setattr("pipelines.diffusion.backends._device", lambda look: (None, "there is no GPU"))
    assert render_draft(draft_of(photo), tmp_path / "2.mp4", CACHED).reused
    render_draft(draft_of(photo, moves=("zoom_in",)), tmp_path / "3.mp4", CACHED)
    with pytest.raises(MotionUnavailable, match="there is no GPU"):
        render_draft(draft_of(photo, strength=0.1), tmp_path / "4.mp4", CACHED)


def test_what_changes_no_picture_generates_nothing_anew(mover: Mover, photo: Path, tmp_path: Path) -> None:
    for draft in (
        draft_of(photo),
        draft_of(photo, fit=Fit("auto", "#123456")),  # no part of the photo is transparent
        draft_of(photo, focus=(0.1, 0.9)),  # the photo has the canvas's shape: there is nothing to crop
    ):
        render_draft(draft, tmp_path / "out.mp4", CACHED)
    assert len(mover.calls) == 1
    render_draft(draft_of(photo, size=(144, 144)), tmp_path / "out.mp4", CACHED)
    render_draft(draft_of(photo, size=(144, 144), focus=(0.1, 0.9)), tmp_path / "out.mp4", CACHED)
    assert len(mover.calls) == 3


def test_a_preview_shows_what_will_be_rendered_and_generates_once(mover: Mover, photo: Path, tmp_path: Path) -> None:
    draft = draft_of(photo, size=(432, 540))  # small: 180 x 224, another shape
    filmstrip(draft, CACHED, 3)
    frame_at(draft, CACHED, Fraction(0))
    render_draft(draft, tmp_path / "out.mp4", CACHED)
    assert len(mover.calls) == 1


def test_a_part_that_the_cache_lost_meanwhile_leaves_other_clips_alone(
    mover: Mover, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = draft_of(photo, 2, size=(64, 36))
    second = replace(one.tracks[0].segments[0], id="b", start=Fraction(2))
    draft = replace(one, duration=Fraction(4), tracks=(Track("v", VIDEO, (*one.tracks[0].segments, second)),))
    options = replace(CACHED, clips_folder=tmp_path / "clips")
    render_draft(draft, tmp_path / "1.mp4", options)
    other = replace(
        draft, tracks=(replace(draft.tracks[0], segments=(one.tracks[0].segments[0], replace(second, id="c"))),)
    )
    monkeypatch.setattr(Finished, "get", lambda self, gop: None)  # the part of shot a is lost when it is to be written
    (clip,) = render_draft(other, tmp_path / "2.mp4", options).generated
    assert clip.shot == "c"
    reference = render_draft(other, tmp_path / "3.mp4", PLAIN)
    assert [clip.shot for clip in reference.generated] == ["a", "c"]
    for ours, theirs in zip(read_frames(tmp_path / "2.mp4"), read_frames(tmp_path / "3.mp4"), strict=True):
        assert (ours == theirs).all()


def test_slow_motion_that_ends_before_the_shot_is_told(mover: Mover, photo: Path) -> None:
    notes = frame_at(draft_of(photo, 4, extend="slow"), PLAIN, Fraction(0)).notes
    assert any("its last picture stands for 2.2 s" in note for note in notes), notes


def test_after_a_crash_for_lack_of_memory_it_begins_lower(mover: Mover, photo: Path, tmp_path: Path) -> None:
    mover.fail = [DeviceMemoryError("full"), RuntimeError("the process died here")]
    with pytest.raises(RuntimeError):
        render_draft(draft_of(photo), tmp_path / "out.mp4", CACHED)
    begun = len(mover.rungs)
    models_in_memory().clear()  # as the process's end does
    report = render_draft(draft_of(photo), tmp_path / "out.mp4", CACHED)
    assert mover.rungs[begun] == mover.rungs[begun - 1], "on the rung that was tried last"
    assert any("ran out of memory" in note for note in report.notes)


def test_a_fresh_process_begins_where_the_one_before_it_ended(mover: Mover, photo: Path, tmp_path: Path) -> None:
    render_draft(draft_of(photo), tmp_path / "out.mp4", replace(PLAIN, rung=to_json(LADDER[3])))
    assert mover.rungs == [LADDER[3]]


def test_at_the_ladder_s_end_the_error_says_so(mover: Mover, photo: Path, tmp_path: Path) -> None:
    mover.fail = [DeviceMemoryError("The model ran out of memory.") for _ in range(20)]
    with pytest.raises(DeviceMemoryError, match="ran out of memory"):
        render_draft(draft_of(photo), tmp_path / "out.mp4", CACHED)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("extend", "seconds", "said"),
    [
        (None, 1.5, "plays slower"),
        (None, 3, "forth and back"),
        (None, 6, "loops without a seam"),
        ("chain", 3, "goes on"),
    ],
)
def test_how_a_longer_shot_is_filled_is_said(
    mover: Mover, photo: Path, tmp_path: Path, extend: str | None, seconds: float, said: str
) -> None:
    report = render_draft(draft_of(photo, seconds, size=(64, 36), extend=extend), tmp_path / "out.mp4", CACHED)
    assert any(said in note for note in report.notes), report.notes
    assert len(read_frames(tmp_path / "out.mp4")) == 30 * seconds
    assert len(mover.calls) == (2 if extend == "chain" else 1)


def test_a_chain_goes_on_from_the_last_picture_in_the_photo_s_colours(
    mover: Mover, photo: Path, tmp_path: Path
) -> None:
    render_draft(draft_of(photo, 3, size=(64, 36), extend="chain"), tmp_path / "out.mp4", CACHED)
    first, second = (request.picture for request in mover.calls)
    assert psnr(second, np.roll(first, 14, axis=1)) > 30, "8 pictures, 2 pixels each"
    assert np.abs(statistics(second)[0] - statistics(first)[0]).max() <= 1
    assert mover.calls[0].seed != mover.calls[1].seed


def test_a_camera_rides_on_top(mover: Mover, photo: Path, tmp_path: Path) -> None:
    mover.speed, mover.drift = 0, 0
    still = draft_of(photo, moves=("hold",))
    zoomed = draft_of(photo, moves=("zoom_in",), amount=1.3)
    last = Fraction(29, 30)
    whole, near = (frame_at(draft, PLAIN, last).pixels for draft in (still, zoomed))
    assert psnr(frame_at(still, PLAIN, Fraction(0)).pixels, whole) > 40
    middle = np.asarray(Image.fromarray(whole).resize((333, 187)).crop((38, 21, 294, 165)))
    assert psnr(near, middle) > psnr(near, whole) + 5


def test_a_move_through_space_becomes_a_flat_one_and_is_told(mover: Mover, photo: Path) -> None:
    notes = frame_at(draft_of(photo, moves=("dolly_in",)), PLAIN, Fraction(0)).notes
    assert any("flat" in note and "zoom_in" in note for note in notes)


def test_a_text_that_nobody_can_follow_is_told(mover: Mover, photo: Path) -> None:
    notes = frame_at(draft_of(photo, prompt="the waves roll in"), PLAIN, Fraction(0)).notes
    assert any("takes no text" in note and "wan2.2" in note for note in notes)
    assert mover.calls[0].prompt == ""


def test_a_model_that_follows_text_is_told_it(mover: Mover, photo: Path) -> None:
    mover.traits = replace(TRAITS, family="svd", follows_text=True)
    frame_at(draft_of(photo, prompt="the waves roll in"), PLAIN, Fraction(0))
    assert mover.calls[0].prompt == "the waves roll in"


def test_a_transparent_photo_over_others_moves_as_a_flat_picture(mover: Mover, photo: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (200, 100), (255, 0, 0, 128)).save(tmp_path / "glass.png")
    draft = draft_of(photo)
    above = replace(draft_of(tmp_path / "glass.png").tracks[0].segments[0], id="b")
    draft = replace(draft, tracks=(*draft.tracks, Track("w", VIDEO, (above,))))
    notes = frame_at(draft, PLAIN, Fraction(0)).notes
    assert any("opaque" in note for note in notes)
    assert len(mover.calls) == 1


def test_processes_find_the_clip_that_was_made(mover: Mover, photo: Path, tmp_path: Path) -> None:
    draft = draft_of(photo, 2.5, size=(64, 36))
    render_draft(draft, tmp_path / "threads.mp4", PLAIN)
    render_draft(draft, tmp_path / "processes.mp4", replace(PLAIN, processes=2))
    one, other = (read_frames(tmp_path / f"{name}.mp4") for name in ("threads", "processes"))
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert len(mover.calls) == 2


def test_where_nothing_is_installed_it_is_refused_with_an_offer(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "none"))
    with pytest.raises(MotionUnavailable) as refused:
        render_draft(draft_of(photo), tmp_path / "out.mp4", PLAIN)
    assert "packs import svd-xt-1.1" in refused.value.message
    assert "--with parallax" in refused.value.message
    assert not (tmp_path / "out.mp4").exists()


def test_a_family_that_is_not_installed_is_told(site: Path, photo: Path, tmp_path: Path) -> None:
    with pytest.raises(MotionUnavailable, match=r"wan2\.2-ti2v-5b"):
        render_draft(draft_of(photo, model="wan"), tmp_path / "out.mp4", PLAIN)


def test_on_a_machine_without_a_gpu_the_processor_is_not_used_unasked(
    site: Path, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    monkeypatch.delenv("MULTIPLANE_MODEL_DEVICE")
    with pytest.raises(MotionUnavailable, match="no CUDA GPU"):
        render_draft(draft_of(photo), tmp_path / "out.mp4", PLAIN)


def test_the_real_classes_bring_a_photo_to_life(site: Path, photo: Path, tmp_path: Path) -> None:
    """Stable Video Diffusion's own classes with random weights, through everything."""
    seen: list[float] = []

    def on_progress(progress: object) -> None:
        seen.append(progress.share)  # type: ignore[attr-defined]

    draft = draft_of(photo, 0.5, size=(128, 72), quality="draft")
    report = render_draft(draft, tmp_path / "1.mp4", CACHED, on_progress)
    assert seen == sorted(seen)
    assert len({round(share, 2) for share in seen}) > 10
    assert [clip.model for clip in report.generated] == ["svd-xt-1.1"]
    frames = read_frames(tmp_path / "1.mp4")
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 1
    again = render_draft(draft, tmp_path / "2.mp4", PLAIN)
    assert [clip.key for clip in again.generated] == [clip.key for clip in report.generated]
    for one, other in zip(frames, read_frames(tmp_path / "2.mp4"), strict=True):
        assert (one == other).all(), "the same seed gives the same frames"


@pytest.mark.parametrize("name", ["mountains.jpg"])
def test_a_real_photo_moves_and_stays_itself(
    mover: Mover, shared_photo: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    mover.speed = 1
    report = render_draft(draft_of(shared_photo(name), 1, size=(320, 180)), tmp_path / "out.mp4", CACHED)
    frames = read_frames(tmp_path / "out.mp4")
    assert psnr(frames[0], frames[-1]) < 30, "it moves"
    luma = [frame.mean() for frame in frames]
    assert max(luma) - min(luma) <= 1.5, "no flicker, no drift"
    assert report.generated[0].way == "plain"
