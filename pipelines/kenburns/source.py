"""A photo under a Ken Burns camera, as a source of frames."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from engine.core.frames import YuvFrame
from engine.media import load_photo, probe_photo
from engine.motion import CameraPath, Motion, SaliencyFinder, SubjectFinder, plan_camera, required_scale
from engine.raster.levels import LEVEL_RATIO, OVERSAMPLE, photo_planes
from engine.raster.sampler import Sampler, make_sampler
from engine.raster.warm import sample_once
from engine.timeline import Fit
from pipelines.kenburns.bars import canvas_size, on_canvas, with_bars

HOLD = Motion(("hold",))
"""What the camera does over a segment without a motion."""


DECODE_MARGIN = 2.0
"""How many times the sampler's need a JPEG must keep when its decoder reduces it: the reduction folds, and so much
room keeps most of that where our own filter removes it. A 48 MP photo is decoded whole for 1080p (its zone plate is
tested), a 200 MP photo at half its size (what is left of the folding there was not measured)."""


@dataclass(frozen=True, slots=True)
class KenBurnsSource:
    """Frames of one shot. Any frame can be made on its own, from any thread.

    Attributes:
        path: the camera's way.
        sampler: the prepared photo.
        notes: sentences for the user about the photo and the path.
    """

    path: CameraPath
    sampler: Sampler
    notes: tuple[str, ...]

    def render(self, time: Fraction, frame: YuvFrame) -> None:
        """Fill a frame with what the camera sees ``time`` seconds after the shot began."""
        self.sampler.render(self.path.at(time), frame)


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

    Raises:
        MediaError: the photo cannot be read.
        OptionError, DeviceUnavailable: see :func:`plan_camera` and :func:`make_sampler`.
    """
    motion = motion or HOLD
    info = probe_photo(photo)
    bars = fit.mode in ("blur", "color")
    size = (info.width, info.height)
    if bars:
        motion = replace(motion, focus=on_canvas(motion.focus, size, frame_size))
        size = canvas_size(size, frame_size)
    min_scale = min(1.0, required_scale(motion, size, frame_size, duration, DECODE_MARGIN * OVERSAMPLE))
    # Two things need not wait their turn: loading compiled code while the photo is decoded, and the colour conversion
    # while the subject is looked for. Together they are a third of the time to the first frame.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(sample_once, (LEVEL_RATIO, OVERSAMPLE * LEVEL_RATIO), (0.0,))
        red, green, blue = bytes.fromhex(fit.color.removeprefix("#"))
        loaded = load_photo(photo, min_scale=min_scale, background=(red, green, blue))
        pixels = loaded.pixels
        if bars:
            pixels = with_bars(pixels, frame_size, blur=fit.mode == "blur", color=(red, green, blue))
        planes = aside.submit(photo_planes, pixels, size, threads)
        subject = (finder or SaliencyFinder()).find(pixels)
        camera_fit = "crop" if fit.mode != "auto" else "auto"
        path = plan_camera(motion, size, frame_size, duration, subject, seed, camera_fit)
        sampler = make_sampler(planes.result(), path.scale_range(), device=device, threads=threads)
    notes = tuple(f"{photo.name}: {note}" for note in (*loaded.info.notes, *path.notes))
    return KenBurnsSource(path, sampler, notes)
