"""How steadily a clip moves: sub-pixel tracking of textured patches in the finished MP4.

    python -m benchmarks.jitter CLIP_JSON VIDEO.mp4

Method. Patches of the photo with texture in both directions are chosen, at most one in each cell of a grid over the
frame. In every frame of the decoded luma, each patch is cut out where the ideal path (:meth:`Clip.view`) says that it
stands, to whole pixels, and registered against an exact rendering of that very window from the photo
(:mod:`benchmarks.reference`): least squares for shift, gain and offset, iterated with the rendering moved by the shift
found so far (Lucas and Kanade, "An iterative image registration technique", 1981). Both are seen through the same
Gaussian of BLUR frame pixels, so that neither sharpness nor aliasing above Nyquist reads as motion, and a change of
brightness or contrast (another luma matrix, limited range) does not either. The shift is the residual: where the
content stands minus where it should, in frame pixels, for each frame, patch and axis.

What a single patch does is mostly the encoder's doing: at crf 20 the content of a patch hops by hundredths of a pixel
between B- and P-frames, in every contender alike. So the camera is fitted to all patches: in each frame and along each
axis, a shift and a stretch (least squares), which is all that the wrong crop of a zoom can do. Its value at the patches
gives the figures, root mean squares over frames, patches and the two axes:

* ``position_px``: the fit, after each patch's mean over time is taken off, since a constant offset cannot be seen; a
  slow drift away from the ideal path counts here;
* ``jitter_px``: its second difference over time, e(n+1) - 2 e(n) + e(n-1), in pixels per frame squared: what the eye
  sees as trembling. An exact path has none, whatever its speed;
* ``patch_jitter_px``: the same second difference of the patches themselves, without the fit.

The floor of the measurement is what it finds in a clip made exactly (another kernel, float64 positions, rounded to 8
bits): ``uncoded``, the floor of the method, and ``coded``, encoded with the same settings as everyone's. A contender
whose file is larger (an aliased picture costs more bits) may stay below the coded floor.
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.clip import Clip
from benchmarks.patches import Patch, choose_patches
from benchmarks.reference import GAUSS_REACH, Luma, Matrix, exact_frame, gaussian, photo_luma, window
from benchmarks.x264 import open_stream

BLUR = 1.5
"""Standard deviation in frame pixels of the Gaussian through which patches are compared."""

MARGIN = 6
"""Frame pixels around a patch that the blur uses up: GAUSS_REACH times BLUR."""

STEP_ENOUGH, MAX_STEPS = 5e-4, 12
"""Registration ends when a step is below so many pixels, or after so many steps."""

FLOOR_FRAMES = 90
"""Length of the exact clip, from the middle of the zoom and at its pace."""


@dataclass(frozen=True, slots=True)
class Jitter:
    """The figures of one clip; see the module. ``frames`` and ``patches`` say how much they rest on."""

    position_px: float
    jitter_px: float
    patch_jitter_px: float
    frames: int
    patches: int


def measure(clip: Clip, frames: Iterable[NDArray[np.uint8]], luma: Luma, patches: list[Patch]) -> Jitter:
    """The figures of the luma frames of an excerpt.

    Args:
        clip: what the frames should show, its excerpt in particular.
        frames: (height, width) uint8 each, ``clip.count`` of them.
        luma: of the photo, from :func:`benchmarks.reference.photo_luma`.
        patches: what to follow.

    Raises:
        ValueError: the number of frames is another, or too small for a second difference.
    """
    residual = residuals(clip, frames, luma, patches)
    if len(residual) != clip.count or clip.count < 3:
        raise ValueError(f"{len(residual)} frames came where {clip.count} (at least 3) were expected")
    moved = residual - residual.mean(axis=0)
    camera = _camera(moved, patches)
    raw = _rms(np.diff(moved, 2, axis=0))
    return Jitter(_rms(camera), _rms(np.diff(camera, 2, axis=0)), raw, *residual.shape[:2])


def _camera(residual: Matrix, patches: list[Patch]) -> Matrix:
    """The part of (frames, patches, 2) residuals that is one shift and one stretch of the frame along each axis."""
    fitted = np.empty_like(residual)
    for axis, places in enumerate((np.array([patch.x for patch in patches]), np.array([patch.y for patch in patches]))):
        model = np.stack([np.ones_like(places), places - places.mean()], axis=1)
        fitted[:, :, axis] = residual[:, :, axis] @ np.linalg.pinv(model).T @ model.T
    return fitted


def residuals(clip: Clip, frames: Iterable[NDArray[np.uint8]], luma: Luma, patches: list[Patch]) -> Matrix:
    """(frames, patches, 2): where each patch stands minus where it should, x and y, in frame pixels."""
    found: list[list[Matrix]] = []
    start = [np.zeros(2) for _ in patches]
    for index, frame in enumerate(frames, clip.begin):
        view = clip.view(index)
        # What stood off in the last frame most likely does so again: that is where the search begins.
        start = [_register(frame, view, luma, patch, guess) for patch, guess in zip(patches, start, strict=True)]
        found.append(start)
    return np.array(found)


def _register(
    frame: NDArray[np.uint8], view: tuple[float, float, float], luma: Luma, patch: Patch, guess: Matrix
) -> Matrix:
    scale, left, top = view
    half = patch.half
    x0, y0 = int((patch.x - left) / scale) - half, int((patch.y - top) / scale) - half
    seen = _blurred(frame[y0 : y0 + 2 * half, x0 : x0 + 2 * half].astype(np.float64))
    # One pixel more on each side than what is compared, for the gradient.
    span = np.arange(MARGIN - 1, 2 * half - MARGIN + 1) + 0.5
    shift = guess.copy()
    for _ in range(MAX_STEPS):
        wanted = window(luma, view, x0 + span - shift[0], y0 + span - shift[1], gaussian(BLUR), GAUSS_REACH * BLUR)
        slope_x = 0.5 * (wanted[1:-1, 2:] - wanted[1:-1, :-2])
        slope_y = 0.5 * (wanted[2:, 1:-1] - wanted[:-2, 1:-1])
        inner = wanted[1:-1, 1:-1]
        # seen = gain * (inner - step . slope) + offset
        columns = np.stack([inner.ravel(), slope_x.ravel(), slope_y.ravel(), np.ones(inner.size)], axis=1)
        gain, along_x, along_y, _ = np.linalg.solve(columns.T @ columns, columns.T @ seen.ravel())
        step = -np.array([along_x, along_y]) / gain
        shift = np.clip(shift + step, -half / 2, half / 2)
        if np.abs(step).max() < STEP_ENOUGH:
            break
    return shift


def _blurred(patch: Matrix) -> Matrix:
    size = len(patch)
    distance = np.arange(size)[None, :] - np.arange(MARGIN, size - MARGIN)[:, None]
    rows = np.where(np.abs(distance) <= MARGIN, np.exp(-0.5 * (distance / BLUR) ** 2), 0.0)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows @ patch @ rows.T


def decoded_luma(video: Path) -> Iterator[NDArray[np.uint8]]:
    """The luma of every picture of an MP4 in order: (H, W) uint8 views that last until the next."""
    with av.open(str(video)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for picture in container.decode(video=0):
            plane = picture.planes[0]
            yield np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def exact_luma(clip: Clip, luma: Luma) -> Iterator[NDArray[np.uint8]]:
    """The frames of an excerpt, made exactly."""
    for index in range(clip.begin, clip.begin + clip.count):
        yield exact_frame(luma, clip.view(index), clip.width, clip.height)


def floor(clip: Clip, luma: Luma, patches: list[Patch]) -> dict[str, Jitter]:
    """What is measured in an exact clip: ``uncoded``, and ``coded`` with everyone's settings."""
    short = clip.middle(FLOOR_FRAMES)
    frames = list(exact_luma(short, luma))
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "exact.mp4"
        with av.open(str(video), "w") as container:
            stream = open_stream(container, clip.width, clip.height, clip.rate)
            grey = np.full((clip.height // 2, clip.width), 128, np.uint8)  # both chroma planes
            for index, frame in enumerate(frames):
                picture = av.VideoFrame.from_ndarray(np.vstack([frame, grey]), "yuv420p")
                picture.pts = index
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        coded = measure(short, decoded_luma(video), luma, patches)
    return {"uncoded": measure(short, frames, luma, patches), "coded": coded}


def _rms(values: Matrix) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def main(clip: Clip, video: Path | None) -> None:
    """Print the figures of a video, or the floor where none is given, as JSON."""
    luma = photo_luma(Path(clip.photo))
    patches = choose_patches(clip, luma)
    if video is None:
        print(
            json.dumps({"event": "floor", **{name: asdict(each) for name, each in floor(clip, luma, patches).items()}})
        )
    else:
        print(json.dumps({"event": "jitter", **asdict(measure(clip, decoded_luma(video), luma, patches))}))


if __name__ == "__main__":
    main(Clip.from_json(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
