"""From a draft to an MP4.

::

    shots ── layers_at(n) ──> sampler threads (one frame each) ──> window of at most FRAMES_AHEAD ──> encoder

The encoder takes frames in order from the calling thread; sampler threads fill the encoder's own memory and run without
Python's lock. When the window is full, no new frame is begun: memory does not grow with the length of the video.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import local

from engine.core.errors import DraftError
from engine.core.frames import YuvFrame
from engine.core.time import frame_count
from engine.media import Mp4Options, Mp4Writer
from engine.raster.blend import cross_dissolve
from engine.raster.color import rgb_to_ycbcr
from engine.timeline import Draft, Layer, Shot, layers_at, shots
from pipelines.kenburns import open_kenburns
from pipelines.render.options import (
    FRAMES_AHEAD,
    Progress,
    ProgressCallback,
    RenderOptions,
    RenderReport,
    usable_cores,
)
from pipelines.render.sources import FrameSource, SourceShelf

BLACK = rgb_to_ycbcr(0, 0, 0)
"""Y', Cb, Cr of a frame in which nothing is on the timeline."""


def render_draft(
    draft: Draft, target: Path, options: RenderOptions, on_progress: ProgressCallback | None = None
) -> RenderReport:
    """Render a draft and put the MP4 at ``target`` when it is complete.

    Args:
        draft: what to render.
        target: the file to write.
        options: how.
        on_progress: called after each frame; an exception from it ends the rendering and leaves no file.

    Raises:
        DraftError: the draft shows nothing.
        InputError, EngineError: see :class:`engine.media.Mp4Writer` and :func:`pipelines.kenburns.open_kenburns`.
    """
    began = time.perf_counter()
    visible = tuple(sorted(shots(draft), key=lambda shot: shot.start))
    if not visible:
        raise DraftError("The draft shows nothing: add at least one photo.")
    total = frame_count(draft.duration, draft.frame_rate)
    title = draft.meta.get("title")
    mp4 = Mp4Options(
        draft.canvas.width,
        draft.canvas.height,
        draft.frame_rate,
        options.preset,
        options.encoder,
        title if isinstance(title, str) else "",
    )
    cores = usable_cores()
    frame_size = (draft.canvas.width, draft.canvas.height)

    def open_source(index: int) -> FrameSource:
        shot = visible[index]
        return open_kenburns(
            options.base / (shot.segment.src or ""),
            shot.segment.motion,
            shot.segment.fit,
            frame_size,
            shot.duration,
            seed=options.seed + index,
            device=options.device,
            threads=cores,
        )

    shelf = SourceShelf(visible, open_source)
    pool = ThreadPoolExecutor(cores, thread_name_prefix="sample")
    try:
        shelf.get(0)
        with Mp4Writer(target, mp4, overwrite=options.overwrite) as writer:
            painter = _Painter(visible, shelf, writer)
            window: deque[Future[YuvFrame]] = deque()
            ahead = max(cores, FRAMES_AHEAD.int_value())
            begun = 0
            for done in range(total):
                while begun < total and len(window) < ahead:
                    window.append(pool.submit(painter.plan(Fraction(begun) / draft.frame_rate)))
                    begun += 1
                writer.write(window.popleft().result())
                if on_progress is not None:
                    on_progress(Progress(done + 1, total))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        shelf.close()
    return RenderReport(target, total, total / draft.frame_rate, time.perf_counter() - began, shelf.notes)


class _Painter:
    """Makes frames: which layers, on the calling thread; the pixels, wherever the job runs."""

    def __init__(self, visible: tuple[Shot, ...], shelf: SourceShelf, writer: Mp4Writer) -> None:
        self._visible = visible
        self._index = {id(shot): index for index, shot in enumerate(visible)}
        self._shelf = shelf
        self._writer = writer
        self._spare = local()

    def plan(self, at: Fraction) -> Callable[[], YuvFrame]:
        """The job that makes the frame at a time in seconds; its sources may still be opening."""
        layers = layers_at(self._visible, at)
        self._shelf.drop_before(at)
        return partial(self._paint, [(layer, self._shelf.get(self._index[id(layer.shot)])) for layer in layers])

    def _paint(self, layers: list[tuple[Layer, Future[FrameSource]]]) -> YuvFrame:
        frame = self._writer.new_frame()
        if not layers:
            frame.y[:], frame.u[:], frame.v[:] = BLACK
            return frame
        (bottom, source), *others = layers
        source.result().render(bottom.local_time, frame)
        share = bottom.weight
        for layer, source in others:
            above = self._spare_frame(frame)
            source.result().render(layer.local_time, above)
            share += layer.weight
            cross_dissolve(frame, above, float(layer.weight / share))
        return frame

    def _spare_frame(self, like: YuvFrame) -> YuvFrame:
        if not hasattr(self._spare, "frame"):
            self._spare.frame = YuvFrame.empty(like.width, like.height)
        spare: YuvFrame = self._spare.frame
        return spare
