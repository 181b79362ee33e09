"""Sub-pixel accuracy: dots are tracked through slow moves and held against the ideal path.

The tracker is the centroid of the dot above its background. Its own floor, from the 8 bits of the frame, is about
0.003 px for these dots.
"""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion import WHOLE_PHOTO, Motion, plan_camera
from tests.raster.samplers import sampler_of
from tests.tolerances import POSITION_JITTER, POSITION_RMS

PHOTO = (1600, 1000)
FRAME = (480, 270)
DOT_SIGMA = 3.0  # frame pixels
WINDOW = 12  # frame pixels to each side at the widest view, four sigmas; it grows with the dots
FRAMES = 90
BACKGROUND, AMPLITUDE = 40, 180

Array = NDArray[np.float64]


def dotted_photo(scale: float) -> tuple[NDArray[np.uint8], Array]:
    """A photo of Gaussian dots at sub-pixel places, and the places (n, 2) in continuous photo pixels."""
    rng = np.random.default_rng(7)
    spacing = 2.6 * WINDOW * scale
    xs = np.arange(spacing, PHOTO[0] - spacing, spacing)
    ys = np.arange(spacing, PHOTO[1] - spacing, spacing)
    places = np.array([(x, y) for y in ys for x in xs]) + rng.uniform(-0.5, 0.5, (len(xs) * len(ys), 2))
    picture = np.full((PHOTO[1], PHOTO[0]), float(BACKGROUND))
    sigma = DOT_SIGMA * scale
    reach = int(6 * sigma)
    for x, y in places:
        left, top = int(x) - reach, int(y) - reach
        i = np.arange(max(0, left), min(PHOTO[0], left + 2 * reach))
        j = np.arange(max(0, top), min(PHOTO[1], top + 2 * reach))
        dot = np.exp(-((i[None, :] + 0.5 - x) ** 2 + (j[:, None] + 0.5 - y) ** 2) / (2 * sigma**2))
        picture[j[0] : j[-1] + 1, i[0] : i[-1] + 1] += AMPLITUDE * dot
    grey = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), places


def in_frame(places: Array, view: View) -> Array:
    """Where photo places appear, in continuous frame pixels."""
    offset = (places - (view.x, view.y)) / view.scale
    c, s = np.cos(view.angle), np.sin(view.angle)
    turned = np.stack([c * offset[:, 0] + s * offset[:, 1], c * offset[:, 1] - s * offset[:, 0]], 1)
    return turned + np.array(FRAME) / 2


def centroid(luma: NDArray[np.uint8], near: Array, window: int) -> Array:
    """The centroid of the dot around a frame position, ``window`` pixels to each side."""
    i = np.arange(int(near[0]) - window, int(near[0]) + window + 1)
    j = np.arange(int(near[1]) - window, int(near[1]) + window + 1)
    patch = luma[j[0] : j[-1] + 1, i[0] : i[-1] + 1].astype(np.float64)
    # Everything but the dot counts as zero: the background's rounding would pull the centroid to the window's middle.
    floor = 16 + 219 * BACKGROUND / 255
    patch = np.where(patch > floor + 1.5, patch - floor, 0)
    return np.array([(patch * (i + 0.5)).sum(), (patch * (j + 0.5)[:, None]).sum()]) / patch.sum()


def track(views: list[View], device: str) -> tuple[Array, Array]:
    """Measured and ideal positions (frames, dots, 2) of the dots that stay in the frame."""
    scales = [view.scale for view in views]
    rgb, places = dotted_photo(max(scales))
    sampler = sampler_of(rgb, PHOTO, (min(scales), max(scales)), device=device)
    ideal = np.stack([in_frame(places, view) for view in views])
    windows = [round(WINDOW * max(scales) / scale) for scale in scales]
    margin = max(windows) + 2
    stays = ((ideal > margin) & (ideal < np.array(FRAME) - margin)).all(axis=(0, 2))
    ideal = ideal[:, stays]
    measured = np.empty_like(ideal)
    frame = YuvFrame.empty(*FRAME)
    for n, view in enumerate(views):
        sampler.render(view, frame)
        for k, near in enumerate(ideal[n]):
            measured[n, k] = centroid(frame.y, near, windows[n])
    return measured, ideal


def pan(step: float, scale: float, angle: float = 0.0) -> list[View]:
    """A camera that moves ``step`` frame pixels a frame, along both axes."""
    return [View(700.2 + n * step * scale, 480.4 + 0.37 * n * step * scale, scale, angle) for n in range(FRAMES)]


def zoom(scale: float, end: float) -> list[View]:
    return [View(800.3, 500.6, scale * (end / scale) ** (n / FRAMES)) for n in range(FRAMES)]


MOVES = {
    "slow pan": pan(0.3, 2.0),
    "very slow pan": pan(0.02, 1.7),
    "pan, magnified": pan(0.3, 0.6),
    "slow zoom in": zoom(2.2, 1.9),
    "zoom across levels": zoom(3.0, 1.5),
    "tilted pan": pan(0.3, 2.0, 0.02),
    "planned slow zoom": [
        plan_camera(Motion(("zoom_in",), speed="slow"), PHOTO, FRAME, Fraction(3), WHOLE_PHOTO).at(n / 30)
        for n in range(FRAMES)
    ],
}


TORCH_MOVES = ["slow pan", "tilted pan"]
"""One without and one with rotation; that torch agrees with the CPU everywhere else is another test."""


@pytest.mark.parametrize(("move", "device"), [(m, "cpu") for m in MOVES] + [(m, "torch-cpu") for m in TORCH_MOVES])
def test_dots_follow_the_ideal_path(move: str, device: str) -> None:
    views = MOVES[move] if device == "cpu" else MOVES[move][: FRAMES // 3]
    measured, ideal = track(views, device)
    error = measured - ideal
    assert error.shape[1] >= 6, "too few dots to judge by"
    assert np.sqrt(np.mean(error**2)) <= POSITION_RMS
    assert np.sqrt(np.mean(np.diff(error, 2, axis=0) ** 2)) <= POSITION_JITTER


def test_nothing_ever_steps_backward_in_a_slow_pan() -> None:
    measured, _ = track(pan(0.3, 2.0), "cpu")
    assert (np.diff(measured[..., 0], axis=0) < 0).all()
    assert (np.diff(measured[..., 1], axis=0) < 0).all()
