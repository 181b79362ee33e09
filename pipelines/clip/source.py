"""A video file or an animation as a source of frames."""

import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.media.video import VideoInfo, VideoPicture
from engine.timeline.draft import Fit
from engine.timeline.playback import Playback
from pipelines.clip.background import NOTHING, fill_blurred, fill_color
from pipelines.clip.geometry import Rect, Stand, in_frame, place
from pipelines.clip.pool import ReaderPool
from pipelines.clip.sampling import sample
from pipelines.clip.timing import played_range, source_time

_BEYOND = "The clip is shorter than its place on the timeline; its last picture stands."


class ClipSource:
    """Frames of one shot. Any frame can be made on its own, from any thread.

    Attributes:
        notes: sentences for the user.
        has_alpha: the layer may be transparent where the clip is.
        extent: where the layer shows something: left, top, right, bottom in layer pixels.
        info: what the file is.
    """

    def __init__(
        self,
        pool: ReaderPool,
        playback: Playback,
        fit: Fit,
        frame_size: tuple[int, int],
        handle: Fraction,
        notes: tuple[str, ...],
    ) -> None:
        self.info: VideoInfo = pool.info
        self.notes = notes
        self._pool = pool
        self._playback = playback
        self._fit = fit
        self._layer = frame_size
        self._handle = handle
        self._size = (self.info.width, self.info.height)
        self._bars = fit.mode in ("blur", "color")
        self._stand: Stand = place(self._size, frame_size, whole=self._bars or fit.mode == "contain")
        whole: Rect = (0.0, 0.0, float(frame_size[0]), float(frame_size[1]))
        self.has_alpha = self.info.has_alpha and not self._bars
        self.extent: Rect = self._stand.rect if fit.mode == "contain" else whole
        self._last_lock = threading.Lock()
        self._last: tuple[tuple[object, ...], YuvFrame, Plane | None] | None = None

    def close(self) -> None:
        """Close the file; nobody may be rendering."""
        self._pool.close()

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with what a lens shows of the layer.

        Args:
            time: seconds since the shot came on screen: the segment begins ``handle`` seconds later.
            lens: in layer pixels; ``View.whole(*frame_size)`` shows the layer pixel for pixel.
            frame: any even size.
            alpha: shape of ``frame.y``, filled with the clip's transparency; given iff ``has_alpha``. Beside the
                ``extent`` both repeat the clip's edge.

        Raises:
            CorruptMedia: no picture of the file can be decoded.
        """
        moment = source_time(self._playback, self.info.duration, time - self._handle)
        number = self._pool.index.at(moment)
        key = (number, lens, frame.width, frame.height, alpha is None)
        if self._repeat(key, frame, alpha):
            return
        picture = self._pool.picture(number)
        if self._bars:
            self._render_bars(picture, lens, frame)
        else:
            sample(picture, self._stand.view(lens), frame, alpha)
        self._remember(key, number, frame, alpha)

    def _repeat(self, key: tuple[object, ...], frame: YuvFrame, alpha: Plane | None) -> bool:
        """A picture that stands (slow motion, a freeze, the last one) is made once and copied."""
        with self._last_lock:
            last = self._last
        if last is None or last[0] != key:
            return False
        _copy(last[1], frame)
        if alpha is not None and last[2] is not None:
            alpha[:] = last[2]
        return True

    def _remember(self, key: tuple[object, ...], number: int, frame: YuvFrame, alpha: Plane | None) -> None:
        if not self._stands:
            return
        kept = YuvFrame.empty(frame.width, frame.height)
        _copy(frame, kept)
        with self._last_lock:
            self._last = (key, kept, None if alpha is None else alpha.copy())

    @property
    def _stands(self) -> bool:
        """Whether pictures are likely to be shown several times in a row."""
        return self._playback.freeze is not None or self._playback.speed <= Fraction(1, 2) or self.info.frames == 1

    def _render_bars(self, picture: VideoPicture, lens: View, frame: YuvFrame) -> None:
        if lens.angle != 0:
            self._fill_background(picture, lens, frame, NOTHING)
            part = YuvFrame.empty(frame.width, frame.height)
            inside_picture = np.empty(frame.y.shape, np.uint8)
            sample(_framed(picture, self._size), self._stand.view(lens), part, inside_picture)
            _blend(frame, part, inside_picture * np.float32(1 / 255))
            return
        left, top, right, bottom = in_frame(self._stand.rect, lens, (frame.width, frame.height))
        x0, x1 = _even_span(left, right, frame.width)
        y0, y1 = _even_span(top, bottom, frame.height)
        # The clip covers this part of the frame, but for a share of the two outermost lines on each side.
        hole = (min(x0 + 2, x1) if left > x0 else x0, min(y0 + 2, y1) if top > y0 else y0, 0, 0)
        hole = (*hole[:2], x1 - 2 if right < x1 else x1, y1 - 2 if bottom < y1 else y1)
        covers = picture.alpha is None and hole[0] < hole[2] and hole[1] < hole[3]
        if not covers or hole != (0, 0, frame.width, frame.height):
            self._fill_background(picture, lens, frame, hole if covers else NOTHING)
        if x0 >= x1 or y0 >= y1:
            return
        # The part of the frame that the clip touches, filled as if it went on, and put over by how much it covers.
        view = self._stand.view(lens)
        moved = replace(
            view,
            x=view.x + ((x0 + x1) / 2 - frame.width / 2) * view.scale,
            y=view.y + ((y0 + y1) / 2 - frame.height / 2) * view.scale,
        )
        inside = _part(frame, x0, y0, x1, y1)
        if covers and hole == (x0, y0, x1, y1):
            sample(picture, moved, inside, None)
            return
        part = YuvFrame.empty(x1 - x0, y1 - y0)
        alpha = np.empty(part.y.shape, np.uint8) if picture.alpha is not None else None
        sample(picture, moved, part, alpha)
        shares = np.asarray(_coverage(top, bottom, y0, y1)[:, None] * _coverage(left, right, x0, x1), np.float32)
        if alpha is not None:
            _blend(inside, part, shares * alpha * np.float32(1 / 255))
            return
        _blend_border(inside, part, shares)

    def _fill_background(
        self, picture: VideoPicture, lens: View, frame: YuvFrame, hole: tuple[int, int, int, int]
    ) -> None:
        if self._fit.mode == "blur":
            fill_blurred(picture.frame, self._size, self._layer, lens, frame, hole)
        else:
            fill_color(frame, self._fit.color)


def _part(frame: YuvFrame, x0: int, y0: int, x1: int, y1: int) -> YuvFrame:
    """A rectangle of a frame with even corners, as views."""
    half = (slice(y0 // 2, y1 // 2), slice(x0 // 2, x1 // 2))
    return YuvFrame(frame.y[y0:y1, x0:x1], frame.u[half], frame.v[half], frame.owner)


def _blend_border(below: YuvFrame, above: YuvFrame, shares: NDArray[np.float32]) -> None:
    """Copy, but blend the two outermost lines on each side, where alone the shares are less than 1."""
    width, height = below.width, below.height
    if width <= 4 or height <= 4:
        _blend(below, above, shares)
        return
    strips = (
        (0, 0, width, 2),
        (0, height - 2, width, height),
        (0, 2, 2, height - 2),
        (width - 2, 2, width, height - 2),
    )
    for x0, y0, x1, y1 in strips:
        _blend(_part(below, x0, y0, x1, y1), _part(above, x0, y0, x1, y1), shares[y0:y1, x0:x1])
    middle = (2, 2, width - 2, height - 2)
    _copy(_part(above, *middle), _part(below, *middle))


def _framed(picture: VideoPicture, size: tuple[int, int]) -> VideoPicture:
    """A picture with a transparent line around it, for a lens that turns: its edges are filtered with the rest."""
    alpha = np.full(picture.frame.y.shape, 255, np.uint8) if picture.alpha is None else picture.alpha.copy()
    alpha[[0, -1]] = 0
    alpha[:, [0, -1]] = 0
    alpha[size[1] - 1 :] = 0
    alpha[:, size[0] - 1 :] = 0
    return VideoPicture(picture.frame, alpha)


def _even_span(low: float, high: float, count: int) -> tuple[int, int]:
    """The even pixels that an interval touches, within [0, count)."""
    first = int(np.floor(low / 2 + 1e-6)) * 2
    last = int(np.ceil(high / 2 - 1e-6)) * 2
    return min(max(first, 0), count), min(max(last, 0), count)


def _coverage(low: float, high: float, first: int, last: int) -> NDArray[np.float64]:
    """How much of each pixel of [first, last) the interval covers, 0..1."""
    pixels = np.arange(first, last)
    share = np.clip(np.minimum(pixels + 1, high) - np.maximum(pixels, low), 0, 1)
    return np.where(share > 1 - 1e-6, 1.0, share)


def _copy(source: YuvFrame, target: YuvFrame) -> None:
    target.y[:], target.u[:], target.v[:] = source.y, source.u, source.v


def _blend(below: YuvFrame, above: YuvFrame, shares: NDArray[np.float32]) -> None:
    """below += shares * (above - below), in place; shares (H, W) of luma, chroma takes the mean of its pixels."""
    quarter = 0.25 * (shares[::2, ::2] + shares[1::2, ::2] + shares[::2, 1::2] + shares[1::2, 1::2])
    planes = ((below.y, above.y, shares), (below.u, above.u, quarter), (below.v, above.v, quarter))
    for under, over, share in planes:
        mixed = under + share * (over.astype(np.float32) - under)
        under[:] = mixed + np.float32(0.5)


def open_clip(
    path: Path,
    playback: Playback,
    fit: Fit,
    frame_size: tuple[int, int],
    duration: Fraction,
    *,
    handle: Fraction = Fraction(0),
    threads: int = 1,
) -> ClipSource:
    """Open a clip for one shot.

    Args:
        path: a video file, or an animated GIF, WEBP or PNG.
        playback: which part of it is played, and how.
        fit: how it fills the layer; ``auto`` and ``crop`` fill it and crop around the middle.
        frame_size: (width, height) of the layer, even.
        duration: of the segment, seconds.
        handle: seconds before the segment's start at which the shot comes on screen.
        threads: decoder threads of a reader.

    Raises:
        MediaError: the file cannot be read.
    """
    pool = ReaderPool(path, threads)
    info = pool.info
    notes = list(info.notes)
    start, end = played_range(playback, info.duration)
    lasts = (end - start) * playback.plays / playback.speed
    # A picture's worth of time is nobody's business.
    if playback.freeze is None and playback.plays and info.frames > 1 and lasts + 1 / info.frame_rate < duration:
        notes.append(_BEYOND)
    return ClipSource(pool, playback, fit, frame_size, handle, tuple(f"{path.name}: {note}" for note in notes))
