"""A photo under a Ken Burns camera, as a source of frames."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from engine.core.frames import Plane, YuvFrame
from engine.core.stages import Stages
from engine.core.view import View
from engine.media import probe_photo
from engine.motion import CameraPath, Motion, SaliencyFinder, SubjectFinder, flattened, plan_camera, required_scale
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.levels import LEVEL_RATIO, OVERSAMPLE, alpha_planes, build_levels, level_ratios, photo_planes
from engine.raster.sampler import Sampler, make_sampler
from engine.raster.turn import render_turned
from engine.raster.warm import sample_once
from engine.timeline import Fit
from pipelines.kenburns.bars import canvas_size, on_canvas, with_bars
from pipelines.kenburns.decoded import decoded_photo

HOLD = Motion(("hold",))
"""What the camera does over a segment without a motion."""


DECODE_MARGIN = 2.0
"""How many times the sampler's need a JPEG must keep when its decoder reduces it: the reduction folds, and so much
room keeps most of that where our own filter removes it. A 48 MP photo is decoded whole for 1080p (its zone plate is
tested), a 200 MP photo at half its size (what is left of the folding there was not measured)."""


@dataclass(frozen=True, slots=True)
class KenBurnsSource:
    """Frames of one shot, in a layer of the canvas's size. Any frame can be made on its own, from any thread.

    Attributes:
        path: the camera's way, over a frame of the extent's size.
        sampler: the prepared photo.
        extent: where in the layer the photo is: left, top, right, bottom in layer pixels.
        transparency: the photo's alpha; None where it is opaque.
        notes: sentences for the user about the photo and the path.
    """

    path: CameraPath
    sampler: Sampler
    extent: tuple[float, float, float, float]
    transparency: CpuSampler | None
    notes: tuple[str, ...]

    @property
    def has_alpha(self) -> bool:
        """Whether the photo has transparent parts."""
        return self.transparency is not None

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with what a lens sees of the layer ``time`` seconds after the shot began.

        Args:
            time: seconds.
            lens: the part of the layer, in layer pixels; ``View.whole`` for all of it.
            frame: of any even size.
            alpha: to be filled with the photo's transparency; None where it has none.
        """
        left, top, right, bottom = self.extent
        inner = View(lens.x - left, lens.y - top, lens.scale, lens.angle)
        view = self.path.at(time).through(inner, right - left, bottom - top)
        render_turned(self._render_upright, view, frame, alpha)

    def _render_upright(self, view: View, frame: YuvFrame, alpha: Plane | None) -> None:
        self.sampler.render(view, frame)
        if alpha is not None and self.transparency is not None:
            self.transparency.render_luma(view, alpha)


def open_kenburns(
    photo: Path,
    motion: Motion | None,
    fit: Fit,
    frame_size: tuple[int, int],
    duration: Fraction,
    *,
    seed: int = 0,
    device: str = "auto",
    threads: int = 2,
    finder: SubjectFinder | None = None,
    lens_scales: tuple[float, float] = (1.0, 1.0),
    keep_alpha: bool = False,
    stages: Stages | None = None,
) -> KenBurnsSource:
    """Decode a photo as far as its shot needs, plan the camera and prepare the sampler.

    Args:
        photo: the file.
        motion: what the camera does; None holds still.
        fit: how the photo fills the frame, and the colour behind it.
        frame_size: (width, height) in pixels.
        duration: of the shot, seconds.
        seed: of the wandering moves.
        device: see :data:`engine.raster.sampler.DEVICES`.
        threads: threads for the preparation.
        finder: finds the subject; the built-in saliency estimate by default.
        lens_scales: the smallest and the largest scale of the lenses that will look at the layer: under 1 where the
            layer is enlarged.
        keep_alpha: keep the photo's transparency instead of putting it over the colour of ``fit``.
        stages: where the decoded photo is kept for later; None keeps nothing.

    Raises:
        MediaError: the photo cannot be read.
        OptionError, DeviceUnavailable: see :func:`plan_camera` and :func:`make_sampler`.
    """
    asked = motion or HOLD
    motion = flattened(asked)
    info = probe_photo(photo)
    bars = fit.mode in ("blur", "color")
    size = (info.width, info.height)
    whole = (0.0, 0.0, float(frame_size[0]), float(frame_size[1]))
    extent = contained(size, frame_size) if fit.mode == "contain" else whole
    frame_size = (round(extent[2] - extent[0]), round(extent[3] - extent[1]))
    if bars:
        motion = replace(motion, focus=on_canvas(motion.focus, size, frame_size))
        size = canvas_size(size, frame_size)
    need = required_scale(motion, size, frame_size, duration, DECODE_MARGIN * OVERSAMPLE)
    min_scale = min(1.0, need / lens_scales[0])
    # Two things need not wait their turn: loading compiled code while the photo is decoded, and the colour conversion
    # while the subject is looked for. Together they are a third of the time to the first frame.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(sample_once, (LEVEL_RATIO, OVERSAMPLE * LEVEL_RATIO), (0.0,))
        red, green, blue = bytes.fromhex(fit.color.removeprefix("#"))
        transparent = keep_alpha and info.has_alpha and not bars
        loaded = decoded_photo(photo, min_scale, None if transparent else (red, green, blue), stages)
        pixels = loaded.pixels
        if bars:
            pixels = with_bars(pixels, frame_size, blur=fit.mode == "blur", color=(red, green, blue))
        planes = aside.submit(photo_planes, pixels, size, threads)
        subject = (finder or SaliencyFinder()).find(pixels)
        camera_fit = "crop" if fit.mode != "auto" else "auto"
        path = plan_camera(motion, size, frame_size, duration, subject, seed, camera_fit)
        low, high = path.scale_range()
        scales = (low * lens_scales[0], high * lens_scales[1])
        sampler = make_sampler(planes.result(), scales, device=device, threads=threads)
        alpha = None
        if loaded.alpha is not None:
            alpha = CpuSampler(build_levels(alpha_planes(loaded.alpha, size), level_ratios(*scales), threads))
    notes = tuple(f"{photo.name}: {note}" for note in (*loaded.info.notes, *_stand_in(asked, motion), *path.notes))
    return KenBurnsSource(path, sampler, extent, alpha, notes)


def _stand_in(asked: Motion, done: Motion) -> Iterator[str]:
    """What a flat camera did in place of what was asked."""
    if asked.moves != done.moves:
        yield f"The moves {', '.join(asked.moves)} need depth: {', '.join(done.moves)} is done instead."


def contained(size: tuple[int, int], frame_size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the largest picture of this shape in the middle of a frame, in whole pixels."""
    share = min(frame_size[0] / size[0], frame_size[1] / size[1])
    width, height = (max(2, round(side * share)) for side in size)
    left, top = (frame_size[0] - width) // 2, (frame_size[1] - height) // 2
    return float(left), float(top), float(left + width), float(top + height)
