"""Photos of a draft: flat under a Ken Burns camera, in depth under one that travels, or as a clip that a model made.

What depth and clips need (numba kernels, models) is imported where the first photo asks for it.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media import probe_photo
from engine.motion import Motion, generated, in_depth
from engine.timeline import Fit, Shot
from pipelines.kenburns import KenBurnsSource, open_kenburns
from pipelines.render.generating import is_see_through
from pipelines.render.geometry import scale_bounds
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Scene, seed_of
from pipelines.render.source import Source
from pipelines.render.source_path import source_path
from pipelines.render.stages import stages_of

if TYPE_CHECKING:
    from pipelines.diffusion.source import DiffusionSource
    from pipelines.parallax.source import ParallaxSource

NO_DEPTH = "A transparent photo over others has no depth: it moves as a flat picture."
NO_CLIP = "A transparent photo over others cannot be a generated clip, which is opaque: it moves as a flat picture."

DRAFT_PRESET = "draft"
"""The quality at which a scene with depth is a height field; see :mod:`engine.raster.scene.heightfield`."""


def open_photo(shot: Shot, scene: Scene, path: Path, options: RenderOptions, threads: int) -> Source:
    """Open a shot's photo.

    Args:
        shot: of the scene, whose source is a photo.
        scene: what is rendered.
        path: of the photo.
        options: how.
        threads: that the preparation may use.

    Raises:
        MediaError: a file cannot be read.
        OptionError, DeviceUnavailable: the segment asks for what is not possible.
    """
    segment = shot.segment
    # A zoom that keyframes describe stands in for the camera's own.
    motion = None if any(keyframe.moves_camera for keyframe in segment.keyframes) else segment.motion
    see_through = is_see_through(shot, scene, path)
    if segment.motion is not None and generated(segment.motion):
        if not see_through:
            return _open_generated(shot, scene, path, motion, options, threads)
        flat = replace(segment.motion, method="kenburns")
        return _open_flat(shot, scene, path, flat, options, threads, see_through=True, note=NO_CLIP)
    if motion is None or not in_depth(motion):
        return _open_flat(shot, scene, path, motion, options, threads, see_through=see_through)
    if see_through:
        flat = replace(motion, method="kenburns")
        return _open_flat(shot, scene, path, flat, options, threads, see_through=True, note=NO_DEPTH)
    if segment.fit.mode in ("blur", "color"):
        from pipelines.render.window import WindowSource

        bars = _open_flat(shot, scene, path, None, options, threads, see_through=False)
        inside = replace(segment.fit, mode="contain")
        return WindowSource(bars, _open_in_depth(shot, scene, path, motion, inside, options, threads))
    return _open_in_depth(shot, scene, path, motion, segment.fit, options, threads)


def _open_generated(
    shot: Shot, scene: Scene, path: Path, motion: Motion | None, options: RenderOptions, threads: int
) -> Source:
    from pipelines.diffusion.source import open_generated

    segment = shot.segment
    clip = options.clip_of(segment.id)
    if clip is None or clip.made is None:
        raise ValueError(f"the clip of {segment.id!r} was not made")  # whoever renders makes them first
    info = probe_photo(path)
    source: DiffusionSource = open_generated(
        clip.made,
        motion,
        (info.width, info.height),
        segment.fit,
        scene.size,
        shot.duration,
        seed=seed_of(segment, options.seed),
        threads=threads,
    )
    if segment.fit.mode not in ("blur", "color"):
        return source
    from pipelines.render.window import WindowSource

    return WindowSource(_open_flat(shot, scene, path, None, options, threads, see_through=False), source)


def _open_in_depth(
    shot: Shot, scene: Scene, path: Path, motion: Motion, fit: Fit, options: RenderOptions, threads: int
) -> "ParallaxSource":
    from pipelines.parallax.source import open_parallax

    segment = shot.segment
    smallest, largest = scale_bounds(segment.placement, segment.keyframes)
    return open_parallax(
        path,
        motion,
        fit,
        scene.size,
        shot.duration,
        seed=seed_of(segment, options.seed),
        device=options.device,
        threads=threads,
        lens_scales=(1 / largest, 1 / smallest),
        depth_file=None if motion.depth is None else source_path(motion.depth, options.base),
        draft=options.preset.name == DRAFT_PRESET,
        stages=stages_of(options),
    )


def _open_flat(
    shot: Shot,
    scene: Scene,
    path: Path,
    motion: Motion | None,
    options: RenderOptions,
    threads: int,
    *,
    see_through: bool,
    note: str = "",
) -> KenBurnsSource:
    segment = shot.segment
    smallest, largest = scale_bounds(segment.placement, segment.keyframes)
    flat = open_kenburns(
        path,
        motion,
        segment.fit,
        scene.size,
        shot.duration,
        seed=seed_of(segment, options.seed),
        device=options.device,
        threads=threads,
        lens_scales=(1 / largest, 1 / smallest),
        keep_alpha=see_through,
        stages=stages_of(options),
    )
    return replace(flat, notes=(*flat.notes, f"{path.name}: {note}")) if note else flat
