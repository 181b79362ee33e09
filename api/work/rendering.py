"""The task of exports and of generations: a draft whose files are blobs becomes a blob with an MP4."""

import logging
import time
from contextlib import suppress
from typing import Any

from api.work.output import encoding_of
from api.work.task import POSTER, Json, TaskContext
from engine.core.errors import MultiplaneError
from engine.media.poster import poster_of
from engine.timeline import read_draft
from pipelines.render import Progress, RenderOptions, render_draft

LOG = logging.getLogger("multiplane.worker")

ASSET = "asset:"
"""How a draft for a worker names a blob."""

NAMING = ("src", "font")
"""Members of a draft that may name a file."""

PREPARING, RENDERING, STORING = "preparing", "rendering", "storing"


def render(context: TaskContext, payload: Json) -> Json:
    """Render.

    Args:
        context: of the job.
        payload: ``draft``, with ``asset:BLOB`` for its files, and ``output``, see :mod:`api.work.output`.

    Returns:
        ``blob``, ``size`` in bytes, ``width``, ``height``, ``duration`` in seconds, ``fps``, ``notes``, ``frames``
        and ``seconds`` of work.

    Raises:
        MultiplaneError: the draft cannot be rendered.
    """
    context.report(0.0, PREPARING)
    given = read_draft(with_files(payload["draft"], context))
    encoding = encoding_of(given, payload.get("output") or {})
    target = context.folder / "video.mp4"
    options = RenderOptions(preset=encoding.preset, device=context.device, base=context.folder, cached=True)
    began = time.monotonic()

    def on_progress(progress: Progress) -> None:
        context.report(progress.frame / max(1, progress.total), RENDERING)

    report = render_draft(encoding.draft, target, options, on_progress)
    seconds = time.monotonic() - began
    LOG.info("rendered", extra={"frames": report.frames, "gops": report.gops, "reused": report.reused})
    context.report(1.0, STORING)
    with suppress(MultiplaneError):  # a video without a poster is no worse a video
        (context.folder / POSTER).write_bytes(poster_of(target))
    poster = context.put_poster()
    with context.waiting():
        ref, size = context.blobs.put(target)
    canvas = encoding.draft.canvas
    return {
        "blob": ref,
        "size": size,
        "width": canvas.width,
        "height": canvas.height,
        "duration": float(report.duration),
        "fps": float(encoding.draft.frame_rate),
        "notes": [*encoding.notes, *report.notes],
        "frames": report.frames,
        "seconds": seconds,
        "poster": poster,
    }


def with_files(value: Any, context: TaskContext) -> Any:  # noqa: ANN401 - any JSON
    """A draft with the paths of its blobs on this machine."""
    if isinstance(value, dict):
        return {
            key: _path(item, context)
            if key in NAMING and isinstance(item, str) and item.startswith(ASSET)
            else with_files(item, context)
            for key, item in value.items()
        }
    return [with_files(item, context) for item in value] if isinstance(value, list) else value


def _path(src: str, context: TaskContext) -> str:
    # A store elsewhere is read into a copy, which takes its time: that is a sign of life, too.
    context.report(0.0)
    with context.waiting():
        return str(context.blobs.local_path(src.removeprefix(ASSET)))
