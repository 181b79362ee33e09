"""The task of exports and of generations: a draft whose files are blobs becomes a blob with an MP4."""

import logging
import time
from contextlib import suppress

from api.editing.sources import ASSET, renamed
from api.work.output import encoding_of
from api.work.task import POSTER, Json, TaskContext
from engine.core.errors import MultiplaneError
from engine.media.poster import poster_of
from engine.motion import in_depth
from engine.timeline import Draft, read_draft
from pipelines.render import Progress, RenderOptions, render_draft

LOG = logging.getLogger("multiplane.worker")

SCENE_PATIENCE = 5.0
"""Times the usual silence that is borne of a video with photos in depth. No frame is finished while a photo is taken
apart: 5 to 20 s as we measured it, 35 s where kernels are still to be compiled, and minutes where a large inpainting
model paints twelve windows behind each of four layers."""

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

    with context.waiting(SCENE_PATIENCE if _has_depth(encoding.draft) else 1.0):
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


def _has_depth(draft: Draft) -> bool:
    segments = (segment for track in draft.tracks for segment in track.segments)
    return any(segment.motion is not None and in_depth(segment.motion) for segment in segments)


def with_files(draft: Json, context: TaskContext) -> Json:
    """A draft with the paths of its blobs on this machine."""

    def name(src: str, _key: str) -> str:
        if not src.startswith(ASSET):
            return src
        with context.waiting():
            return str(context.blobs.local_path(src.removeprefix(ASSET)))

    return renamed(draft, name)
