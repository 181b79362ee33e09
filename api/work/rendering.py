"""The task of exports and of generations: a draft whose files are blobs becomes a blob with an MP4."""

import logging
import time
from contextlib import suppress

from api.editing.clips import generated_shots
from api.editing.sources import ASSET, renamed
from api.work.clips import bring, stored, with_finished
from api.work.output import encoding_of
from api.work.task import POSTER, STOP_S, Json, TaskContext
from engine.core.errors import MultiplaneError
from engine.media.poster import poster_of
from engine.motion import in_depth
from engine.timeline import Draft, read_draft
from models.runtime import CPU, MODEL_DEVICE
from pipelines.render import Progress, RenderOptions, render_draft

LOG = logging.getLogger("multiplane.worker")

SCENE_PATIENCE = 5.0
"""Times the usual silence that is borne of a video with photos in depth. No frame is finished while a photo is taken
apart: 5 to 20 s as we measured it, 35 s where kernels are still to be compiled, and minutes where a large inpainting
model paints twelve windows behind each of four layers."""

GENERATION_PATIENCE = 10.0
"""Times the usual silence that is borne of a video with generated clips: a model is read from a disk in 10 to 60 s,
from a slow one in minutes, kernels may be compiled for it, and the decoding of a clip gives no sign of life."""

PROCESSOR_PATIENCE = 60.0
"""The same where the site lets processors generate: one step of a full model takes minutes there, and half an hour on
two cores."""

GENERATION_STOP_S = 2.0
"""Seconds that a generation gets to stop by itself: a step of a GPU is over by then, and the model stays loaded for the
next job. A worker that is stopped by force loses it."""

GENERATED = "generated"
"""Folder of a task's generated clips."""

PREPARING, GENERATING, RENDERING, STORING = "preparing", "generating", "rendering", "storing"


def render(context: TaskContext, payload: Json) -> Json:
    """Render.

    Args:
        context: of the job.
        payload: ``draft``, with ``asset:BLOB`` for its files, ``output``, see :mod:`api.work.output`, and ``clips``:
            those that were generated before, see :func:`api.editing.clips.clips_for_worker`.

    Returns:
        ``blob``, ``size`` in bytes, ``width``, ``height``, ``duration`` in seconds, ``fps``, ``notes``, ``frames``
        and ``seconds`` of work, and ``generated``, see :func:`api.work.clips.stored`.

    Raises:
        MultiplaneError: the draft cannot be rendered.
    """
    context.report(0.0, PREPARING)
    given = read_draft(with_files(payload["draft"], context))
    encoding = encoding_of(given, payload.get("output") or {})
    target = context.folder / "video.mp4"
    options = RenderOptions(
        preset=encoding.preset, device=context.device, base=context.folder, cached=True,
        clips_folder=context.folder / GENERATED, rung=context.rung,
    )  # fmt: skip
    brought = bring(context, payload.get("clips") or {})
    began = time.monotonic()
    generated_from: list[float] = []

    def on_progress(progress: Progress) -> None:
        if progress.generated is not None and not generated_from:
            generated_from.append(round(progress.generated, 3))
        generates = progress.generated is not None and progress.generated < 1
        context.report(progress.share, GENERATING if generates else RENDERING)

    with context.waiting(_patience(encoding.draft), _stop_s(encoding.draft)):
        report = render_draft(encoding.draft, target, options, on_progress)
    seconds = time.monotonic() - began
    clips = {
        "generated": sum(not clip.reused for clip in report.generated),
        "clips_reused": sum(clip.reused for clip in report.generated),
        "clips_brought": brought,
        # Of the generation, when its first step was told: more where one that was interrupted was gone on from.
        "generated_from": generated_from[0] if generated_from else None,
    }
    LOG.info("rendered", extra={"frames": report.frames, "gops": report.gops, "reused": report.reused, **clips})
    context.report(1.0, STORING)
    generated = stored(context, with_finished(encoding.draft, options, report.generated))
    (context.folder / POSTER).unlink(missing_ok=True)
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
        "generated": generated,
    }


def _patience(draft: Draft) -> float:
    """Times the usual silence that is borne while a draft is rendered."""
    if generated_shots(draft):
        return PROCESSOR_PATIENCE if MODEL_DEVICE.value() == CPU else GENERATION_PATIENCE
    return SCENE_PATIENCE if _has_depth(draft) else 1.0


def _stop_s(draft: Draft) -> float:
    """Seconds that its rendering gets to stop by itself."""
    return GENERATION_STOP_S if generated_shots(draft) else STOP_S


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
