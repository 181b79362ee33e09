"""Clips that models made, between the cache of the renderer and the blobs of the service."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress

from api.editing.clips import generated_shots
from api.work.task import POSTER, Json, TaskContext
from engine.core.errors import MultiplaneError
from engine.media.poster import poster_of
from engine.timeline import Draft
from pipelines.diffusion.clip import GeneratedClip
from pipelines.diffusion.kept import FACTS, has_clip, keep_clip
from pipelines.diffusion.making import make_clip
from pipelines.render.cache import Cache
from pipelines.render.generating import named_clips, orders_of
from pipelines.render.options import RenderOptions
from pipelines.render.scene import prepare

LOG = logging.getLogger("multiplane.worker")


def bring(context: TaskContext, clips: Mapping[str, Json]) -> int:
    """Put clips of the session into the cache where it has lost them; how many.

    Args:
        context: of the job.
        clips: of its payload, see :func:`api.editing.clips.clips_for_worker`.
    """
    cache = Cache.of_site()
    brought = 0
    for key, clip in clips.items():
        if has_clip(cache, key):
            continue
        try:
            with context.waiting():
                path = context.blobs.local_path(clip["blob"])
                keep_clip(cache, key, path, clip["made"])
        except (OSError, ValueError) as error:  # it is made again, then
            LOG.warning("a generated clip is not there any more: %s", type(error).__name__)
            continue
        brought += 1
    return brought


def with_finished(draft: Draft, options: RenderOptions, told: Sequence[GeneratedClip]) -> list[GeneratedClip]:
    """The clips that a rendering used, and those of the cache that it had no use for: the frames of their shots were
    finished before, perhaps for another session.

    Args:
        draft: that was rendered.
        options: that it was rendered with; the clips are put into ``clips_folder``.
        told: of the report.
    """
    lacking = set(generated_shots(draft)) - {clip.shot for clip in told}
    if not lacking or options.clips_folder is None:
        return list(told)
    cache, found = Cache.of_site(), list(told)
    orders = orders_of(prepare(draft, options.base), options)
    options.clips_folder.mkdir(exist_ok=True)
    for named in named_clips(orders):
        # Looked for first: none is generated for this alone.
        if named.shot in lacking and has_clip(cache, named.key):
            target = options.clips_folder / f"finished-{len(found)}.mp4"
            found.append(make_clip(orders[named.shot], target, cache, None, lambda _: None))
    return found


def stored(context: TaskContext, clips: Sequence[GeneratedClip]) -> list[Json]:
    """Take clips into the blobs, each once.

    Returns:
        For each ``blob``, ``size`` in bytes, ``poster`` (a blob and its size, or null), ``width``, ``height``,
        ``duration`` in seconds, ``fps``, and ``made``: all that is known of how it came about.
    """
    found: dict[str, Json] = {}
    for clip in clips:
        if clip.key in found:
            continue
        facts = _facts(clip)
        poster = _poster(context, clip)
        with context.waiting():
            ref, size = context.blobs.put(clip.path)
        found[clip.key] = {
            "blob": ref,
            "size": size,
            "poster": poster,
            "width": clip.width,
            "height": clip.height,
            "duration": float(clip.duration),
            "fps": float(clip.rate),
            "made": facts,
        }
    return list(found.values())


def _facts(clip: GeneratedClip) -> Json:
    """What the cache has beside the clip; its notes are those of the clip alone, without the names of files."""
    path = Cache.of_site().find(FACTS, clip.key)
    with suppress(OSError, ValueError):
        if path is not None:
            kept: Json = json.loads(path.read_bytes())
            return {"notes": []} | kept | clip.to_json()
    return {"notes": [], **clip.to_json()}


def _poster(context: TaskContext, clip: GeneratedClip) -> tuple[str, int] | None:
    (context.folder / POSTER).unlink(missing_ok=True)
    with suppress(MultiplaneError):  # a clip without a poster is no worse a clip
        (context.folder / POSTER).write_bytes(poster_of(clip.path))
    return context.put_poster()
