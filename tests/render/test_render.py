"""From a draft to an MP4: the frames are the right ones, all of them, in any circumstances."""

import hashlib
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.core.errors import Cancelled, CorruptMedia, DraftError, OutputError
from engine.core.frames import Patch, YuvFrame
from engine.core.time import FRAME_RATES
from engine.core.view import View
from engine.media import PRESETS
from engine.motion import Motion
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.transitions import mix
from engine.timeline import (
    Draft,
    Fit,
    SetFit,
    SetMotion,
    SetTransition,
    Transition,
    apply_all,
    shots,
    slideshow,
)
from pipelines.kenburns import open_kenburns
from pipelines.render import Progress, RenderOptions, render_draft
from tests.helpers_mp4 import presentation_times, read_frames
from tests.render.media import SMALL, picture
from tests.tolerances import ENCODED_PSNR

DRAFT = RenderOptions(preset=PRESETS["draft"])
HIGH = RenderOptions(preset=PRESETS["high"])
HOLD = SetMotion(Motion(("hold",)))


def white(path: Path, size: tuple[int, int]) -> Path:
    Image.new("RGB", size, "white").save(path)
    return path


def digest(frame: YuvFrame) -> str:
    return hashlib.sha256(frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes()).hexdigest()


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b) ** 2))))


@pytest.mark.parametrize("rate", list(FRAME_RATES.values()))
def test_every_frame_shows_its_own_time(tmp_path: Path, rate: Fraction) -> None:
    photo = picture(tmp_path / "a.png")
    draft = apply_all(slideshow([str(photo)], Fraction(1), SMALL, rate), [SetMotion(Motion(("pan_right",), 1.0))])
    report = render_draft(draft, tmp_path / "a.mp4", HIGH)
    frames = read_frames(tmp_path / "a.mp4")
    times = presentation_times(tmp_path / "a.mp4")
    assert report.frames == len(frames) == -(-rate.numerator // rate.denominator)
    assert times == [n / rate for n in range(len(frames))]
    source = open_kenburns(photo, draft.photos[0].motion, Fit(), (160, 90), Fraction(1))
    expected = YuvFrame.empty(160, 90)
    for n in (0, len(frames) // 2, len(frames) - 1):
        source.render(n / rate, View.whole(expected.width, expected.height), expected)
        assert psnr(frames[n].y, expected.y) > ENCODED_PSNR


def test_a_slideshow_dissolves_from_photo_to_photo_in_the_asked_time(tmp_path: Path) -> None:
    colors = [(200, 60, 60), (60, 200, 60), (60, 60, 200)]
    photos = [str(picture(tmp_path / f"{i}.png", color)) for i, color in enumerate(colors)]
    draft = apply_all(slideshow(photos, Fraction(3), SMALL), [HOLD])
    render_draft(draft, tmp_path / "s.mp4", HIGH)
    frames = read_frames(tmp_path / "s.mp4")
    assert len(frames) == 90
    visible = shots(draft)
    pure = []
    for shot in visible:
        source = open_kenburns(Path(shot.segment.src or ""), shot.segment.motion, Fit(), (160, 90), shot.duration)
        pure.append(YuvFrame.empty(160, 90))
        source.render(Fraction(0), View.whole(160, 90), pure[-1])
    expected = YuvFrame.empty(160, 90)
    mixed = 0
    for n, frame in enumerate(frames):
        time = Fraction(n, 30)
        here = [index for index, shot in enumerate(visible) if shot.start <= time < shot.end]
        first, last = here[0], here[-1]
        # A dissolve runs from 0 to 1 while both are on screen; the frame at its very beginning is all the first.
        progress = (time - visible[last].start) / visible[last].fade_in if first != last else Fraction(0)
        if progress:
            sides = (Patch(0, 0, pure[first]), Patch(0, 0, pure[last]))
            mix("cross_dissolve", *sides, float(progress), Patch(0, 0, expected))
            mixed += 1
        else:
            expected.y[:] = pure[first].y
        assert psnr(frame.y, expected.y) > ENCODED_PSNR
    assert mixed > 15


def test_a_hard_cut_changes_at_its_frame(tmp_path: Path) -> None:
    photos = [str(white(tmp_path / "w.png", (320, 180))), str(tmp_path / "k.png")]
    Image.new("RGB", (320, 180), "black").save(photos[1])
    draft = apply_all(slideshow(photos, Fraction(1), SMALL), [HOLD, SetTransition(Transition("cut"))])
    render_draft(draft, tmp_path / "c.mp4", DRAFT)
    bright = [frame.y.mean() > 128 for frame in read_frames(tmp_path / "c.mp4")]
    assert bright == [True] * 15 + [False] * 15


def test_the_same_draft_gives_the_same_frames(tmp_path: Path) -> None:
    photos = [str(picture(tmp_path / f"{i}.png", (60 * i + 40, 120, 90))) for i in range(2)]
    draft = apply_all(slideshow(photos, Fraction(1), SMALL), [SetMotion(Motion(("zoom_in", "handheld")))])
    for name in ("first.mp4", "again.mp4"):
        render_draft(draft, tmp_path / name, DRAFT)
    first, again = (read_frames(tmp_path / name) for name in ("first.mp4", "again.mp4"))
    assert [digest(frame) for frame in first] == [digest(frame) for frame in again]


def test_a_frame_is_the_same_alone_and_out_of_order(tmp_path: Path) -> None:
    photo = picture(tmp_path / "a.png")
    motion = Motion(("drift", "zoom_in"))

    def frame(order: list[int]) -> dict[int, str]:
        source = open_kenburns(photo, motion, Fit(), (160, 90), Fraction(2), seed=5)
        made = {}
        for n in order:
            out = YuvFrame.empty(160, 90)
            source.render(Fraction(n, 30), View.whole(out.width, out.height), out)
            made[n] = digest(out)
        return made

    forward = frame(list(range(60)))
    assert frame([41]) == {41: forward[41]}
    assert frame(list(range(59, -1, -1))) == forward


MOVES = [
    ("hold",),
    ("zoom_in",),
    ("zoom_out",),
    ("pan_left", "pan_up"),
    ("pan_right",),
    ("rotate_cw",),
    ("drift",),
    ("handheld",),
    ("zoom_in", "rotate_ccw", "handheld"),
]


@pytest.mark.parametrize("moves", MOVES, ids="+".join)
@pytest.mark.parametrize("photo_size", [(300, 200), (200, 300), (900, 100), (100, 700)], ids=str)
def test_no_move_ever_shows_the_outside_of_the_photo(
    tmp_path: Path, moves: tuple[str, ...], photo_size: tuple[int, int]
) -> None:
    photo = white(tmp_path / "white.png", photo_size)
    for frame_size in ((128, 72), (72, 128), (96, 96)):
        source = open_kenburns(photo, Motion(moves), Fit(), frame_size, Fraction(2), seed=3)
        frame = YuvFrame.empty(*frame_size)
        for n in (0, 11, 30, 47, 59):
            source.render(Fraction(n, 30), View.whole(frame.width, frame.height), frame)
            assert frame.y.min() == 235
            assert frame.y.max() == 235


@pytest.mark.parametrize("mode", ["blur", "color"])
def test_bars_leave_the_whole_photo_in_the_frame(tmp_path: Path, mode: str) -> None:
    photo = tmp_path / "p.png"
    tall = np.zeros((400, 200, 3), np.uint8)
    tall[:, :] = (200, 80, 40)
    tall[:10] = tall[-10:] = (40, 200, 80)  # marks along the upper and lower edge
    Image.fromarray(tall).save(photo)
    source = open_kenburns(photo, None, Fit(mode, "#0000ff"), (320, 180), Fraction(1))
    frame = YuvFrame.empty(320, 180)
    source.render(Fraction(0), View.whole(frame.width, frame.height), frame)
    middle = frame.v[:, 78:82].astype(int)  # Cr: high where the photo is orange, low at its green marks
    assert middle[0].max() < 100
    assert middle[-1].max() < 100
    assert middle[45].min() > 160
    left = frame.u[:, :30].astype(int)
    if mode == "color":
        assert (abs(left - 240) <= 1).all()  # pure blue
    else:
        assert left.max() < 128  # the photo's own colours, none of them blue
        assert frame.y[:, :60].std() < frame.y.std()


def test_a_focus_counts_on_the_photo_also_between_bars(tmp_path: Path) -> None:
    photo = white(tmp_path / "tall.png", (200, 400))
    motion = Motion(("zoom_in",), 3.0, focus=(0.5, 0.02))
    source = open_kenburns(photo, motion, Fit("color", "#000000"), (320, 180), Fraction(1))
    end = source.path.at(1.0)
    left, right = end.x - 160 * end.scale, end.x + 160 * end.scale
    assert left >= (711 - 200) / 2 - 40  # the photo stands in the middle of a canvas 711 pixels wide
    assert right <= (711 + 200) / 2 + 40


def test_bars_around_a_long_panorama_stay_within_memory(tmp_path: Path) -> None:
    photo = white(tmp_path / "pano.jpg", (10000, 800))
    source = open_kenburns(photo, Motion(("zoom_in",), 8.0), Fit("blur"), (108, 192), Fraction(1))
    frame = YuvFrame.empty(108, 192)
    source.render(Fraction(0), View.whole(frame.width, frame.height), frame)
    assert frame.y[96, 54] > 200
    canvas = source.sampler.levels[0].y.size if isinstance(source.sampler, CpuSampler) else 0
    assert 0 < canvas < 80_000_000


def test_a_failing_photo_in_the_middle_leaves_the_old_file_alone(tmp_path: Path) -> None:
    good, bad = picture(tmp_path / "good.jpg"), picture(tmp_path / "bad.jpg", size=(800, 600))
    bad.write_bytes(bad.read_bytes()[:-2000])
    target = tmp_path / "out.mp4"
    target.write_bytes(b"precious")
    draft = slideshow([str(good), str(bad)], Fraction(2), SMALL)
    with pytest.raises(CorruptMedia, match=r"^bad\.jpg: "):
        render_draft(draft, target, RenderOptions(preset=PRESETS["draft"], overwrite=True))
    assert target.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jpg", "good.jpg", "out.mp4"]


def test_cancelling_leaves_no_file(tmp_path: Path) -> None:
    draft = slideshow([str(picture(tmp_path / "a.png"))], Fraction(3), SMALL)

    def stop(progress: Progress) -> None:
        if progress.frame == 20:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        render_draft(draft, tmp_path / "out.mp4", DRAFT, stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_what_cannot_be_rendered_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(DraftError, match="shows nothing"):
        render_draft(Draft(), tmp_path / "out.mp4", DRAFT)
    (tmp_path / "there.mp4").write_bytes(b"old")
    draft = slideshow([str(picture(tmp_path / "a.png"))], Fraction(1), SMALL)
    with pytest.raises(OutputError, match=r"there\.mp4"):
        render_draft(draft, tmp_path / "there.mp4", DRAFT)


def test_relative_sources_count_from_the_base_folder(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    draft = slideshow(["a.png"], Fraction(1, 2), SMALL)
    report = render_draft(draft, tmp_path / "out.mp4", RenderOptions(preset=PRESETS["draft"], base=tmp_path))
    assert report.frames == 15


def test_fit_is_carried_from_the_draft(tmp_path: Path) -> None:
    photo = white(tmp_path / "w.png", (100, 300))
    draft = apply_all(slideshow([str(photo)], Fraction(1, 3), SMALL), [SetFit(Fit("color", "#000000")), HOLD])
    render_draft(draft, tmp_path / "out.mp4", DRAFT)
    frame = read_frames(tmp_path / "out.mp4")[5]
    assert frame.y[45, :40].max() < 30
    assert frame.y[45, 75:85].min() > 225


_RENDER = """
import sys
from fractions import Fraction
from pathlib import Path
from engine.media import PRESETS
from engine.timeline import Canvas, slideshow
from pipelines.render import RenderOptions, render_draft
target, shots, *photos = sys.argv[1:]
shown = [photos[n % len(photos)] for n in range(int(shots))]
draft = slideshow(shown, Fraction(2 * len(shown)), Canvas(320, 180))
render_draft(draft, Path(target), RenderOptions(preset=PRESETS["draft"]))
# Not ru_maxrss: a child inherits its parent's.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    photos = [str(picture(tmp_path / f"{n}.jpg", size=(2400 + 300 * n, 1800))) for n in range(3)]

    def peak(shots: int) -> int:
        command = [sys.executable, "-c", _RENDER, str(tmp_path / f"{shots}.mp4"), str(shots), *photos]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak(30) <= 1.2 * peak(6)
