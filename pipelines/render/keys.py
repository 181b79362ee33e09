"""What a part of a rendering depends on, as a content hash.

A GOP depends on what is on screen while it runs, each file by its content, and on how it is rendered; not on what
happens before or after it, nor on where in the draft it stands. So changing a title renders only the GOPs that show it.
"""

from dataclasses import replace
from fractions import Fraction

from engine.core.content import digest, file_digest
from engine.motion import in_depth
from engine.timeline import TEXT, Shot
from pipelines.parallax.packs import packs_in_use
from pipelines.render.needs import needs_of
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Gop, Scene, seed_of
from pipelines.render.software import software


def gop_key(scene: Scene, gop: Gop, near: tuple[Shot, ...], options: RenderOptions, fonts: str) -> str:
    """The hash of everything that a GOP depends on.

    Args:
        scene: what is rendered.
        gop: one of its GOPs.
        near: the shots that are on screen in it.
        options: how it is rendered.
        fonts: a text that changes with the fonts that can be used.
    """
    begin = scene.time(gop.first)
    lowest = min((shot.level for shot in scene.shots), default=0)
    return digest(
        software(),
        scene.size,
        scene.draft.frame_rate,
        gop.frames,
        (options.preset, options.encoder, options.device),
        [_shot(shot, begin, options, fonts, lowest=shot.level == lowest) for shot in near],
    )


def _shot(shot: Shot, begin: Fraction, options: RenderOptions, fonts: str, *, lowest: bool) -> tuple[object, ...]:
    segment = shot.segment
    needs = needs_of(shot, options.base)
    # What a file is called is no matter, unless it is no file.
    src = segment.src if not needs.media else None
    motion = None if segment.motion is None else replace(segment.motion, depth=None)
    shown = replace(segment, id="", start=Fraction(0), src=src, motion=motion, meta={}, motion_extra={}, extra={})
    return (
        shot.kind,
        shot.level,
        lowest,
        (shot.start - begin, shot.end - begin, shot.handle, shot.fade_in, shot.fade_out),
        repr(shown),
        [file_digest(path) for path in needs.files],
        # Effects that move do so by the time of the whole draft, and are random by its seed.
        (begin, options.seed) if segment.effects else (),
        seed_of(segment, options.seed) if shot.kind != TEXT else fonts,
        # A depth model that is installed later makes another picture of the same photo.
        packs_in_use() if segment.motion is not None and in_depth(segment.motion) else (),
        # What a model makes is known by all that it depends on, long before it is made.
        clip.key if (clip := options.clip_of(segment.id)) is not None else "",
    )
