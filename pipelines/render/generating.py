"""Clips that models make for the shots of a scene, before the first of its frames is painted.

One after the other, in the rendering's own process: a GPU holds one model at a time, and whatever renders the frames
then (threads, processes, a preview) finds finished files.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media import probe_photo
from engine.media.kind import media_kind
from engine.motion import generated
from engine.timeline import TEXT, Shot
from engine.timeline.cards import parse_card
from engine.timeline.draft import DEFAULT_BAR_COLOR
from pipelines.diffusion.telling import Tell, part_of
from pipelines.render.cache import Cache
from pipelines.render.options import ClipOfShot, RenderOptions
from pipelines.render.scene import Scene, seed_of
from pipelines.render.source_path import named_source, source_path
from pipelines.render.stages import stages_of
from pipelines.render.work_folder import work_folder

if TYPE_CHECKING:
    from pipelines.diffusion.backends import Found
    from pipelines.diffusion.clip import GeneratedClip
    from pipelines.diffusion.order import Order

Orders = Mapping[str, "Order"]
"""By the id of its shot, what a model is to make."""


def orders_of(scene: Scene, options: RenderOptions) -> Orders:
    """What models are to make for a scene; nothing is loaded, and nothing looked for where nothing is asked of them.

    Raises:
        MotionUnavailable: a shot asks for generated motion, and something that it needs is not here.
        MediaError: a photo cannot be read.
        OptionError: a setting is not usable.
    """
    wanted = [shot for shot in scene.shots if _is_generated(shot, scene, options.base)]
    if not wanted:
        return {}
    from pipelines.diffusion.backends import find_backends

    found = find_backends()
    return {shot.segment.id: _order(shot, scene, options, found) for shot in wanted}


def named_clips(orders: Orders) -> tuple[ClipOfShot, ...]:
    """What identifies the clips, before they are made."""
    if not orders:
        return ()
    from pipelines.diffusion.finishers import finishing_key

    finishing = finishing_key()
    return tuple(ClipOfShot(shot, order.clip_key(finishing)) for shot, order in orders.items())


@contextmanager
def made_clips(
    orders: Orders, shots: Sequence[Shot], options: RenderOptions, tell: Tell
) -> Iterator[tuple["GeneratedClip", ...]]:
    """The clips of some shots, as files for as long as the context lasts.

    Args:
        orders: of the scene.
        shots: those that will be painted.
        options: how; ``options.clips_folder`` says where they are to be left.
        tell: told how much is done, 0..1; what it raises ends the work.

    Raises:
        MultiplaneError: a clip cannot be made.
    """
    ids = list(dict.fromkeys(shot.segment.id for shot in shots if shot.segment.id in orders))
    if not ids:
        yield ()
        return
    from models.image_to_video.ladder import from_json
    from pipelines.diffusion.finishers import finishing_key
    from pipelines.diffusion.making import make_clip

    store = Cache.of_site() if options.cached else None
    begin = None if options.rung is None else from_json(options.rung)
    with _folder(options) as folder:
        made = []
        finishing = finishing_key()
        for number, shot in enumerate(ids):
            # By its key: whoever makes another clip in this folder later leaves it alone.
            target = folder / f"generated-{orders[shot].clip_key(finishing)}.mp4"
            done = part_of(tell, number, len(ids))
            made.append(make_clip(orders[shot], target, store, stages_of(options), done, begin))
            done(1.0)
        yield tuple(made)


def with_files(options: RenderOptions, made: Sequence["GeneratedClip"]) -> RenderOptions:
    """Options whose clips have files."""
    clips = {clip.shot: clip for clip in options.clips}
    clips.update({clip.shot: ClipOfShot(clip.shot, clip.key, clip) for clip in made})
    return replace(options, clips=tuple(clips.values()))


def is_see_through(shot: Shot, scene: Scene, path: Path) -> bool:
    """Whether a photo lets what lies below it be seen; what models make is opaque."""
    lowest = all(other.level >= shot.level for other in scene.shots)
    return not lowest and shot.segment.fit.color == DEFAULT_BAR_COLOR and probe_photo(path).has_alpha


def _is_generated(shot: Shot, scene: Scene, base: Path) -> bool:
    motion = shot.segment.motion
    if shot.kind == TEXT or motion is None or not generated(motion):
        return False
    src = named_source(shot.segment)
    if parse_card(src) is not None:
        return False
    path = source_path(src, base)
    return media_kind(path) == "photo" and not is_see_through(shot, scene, path)


def _order(shot: Shot, scene: Scene, options: RenderOptions, found: "Found") -> "Order":
    from pipelines.diffusion.backends import backend_for
    from pipelines.diffusion.order import order_for
    from pipelines.diffusion.source import clip_size

    segment, motion = shot.segment, shot.segment.motion
    assert motion is not None
    path = source_path(named_source(segment), options.base)
    info = probe_photo(path)
    canvas = options.small_of or scene.draft.canvas
    return order_for(
        segment.id,
        info,
        motion,
        segment.fit,
        clip_size((info.width, info.height), segment.fit, scene.size),
        float(canvas.ratio),
        scene.draft.frame_rate,
        shot.duration,
        backend_for(found, motion.model, motion.prompt),
        seed_of(segment, options.seed),
        whole=segment.fit.mode not in ("auto", "crop"),
    )


@contextmanager
def _folder(options: RenderOptions) -> Iterator[Path]:
    if options.clips_folder is not None:
        options.clips_folder.mkdir(parents=True, exist_ok=True)
        yield options.clips_folder
        return
    with work_folder() as folder:
        yield folder
