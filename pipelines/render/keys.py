"""What a part of a rendering depends on, as a content hash.

A GOP depends on what is on screen while it runs, each file by its content, and on how it is rendered; not on what
happens before or after it, nor on where in the draft it stands. So changing a title renders only the GOPs that show it.
"""

import importlib.metadata
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import engine
import pipelines
from engine.core.content import digest, file_digest, tree_digest
from engine.timeline import TEXT, Segment, Shot
from engine.timeline.cards import parse_card
from engine.version import VERSION
from pipelines.render.opening import source_path, with_font_file
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Gop, Scene, seed_of

LIBRARIES = ("av", "freetype-py", "numba", "numpy", "opencv-python-headless", "pillow", "pillow-heif", "uharfbuzz")
"""Whose version may change a frame or a packet."""


@lru_cache(maxsize=1)
def software() -> str:
    """The hash of our own source files and of the versions of what they stand on."""
    versions = [importlib.metadata.version(name) for name in LIBRARIES]
    sources = [tree_digest(Path(next(iter(package.__path__))), ".py") for package in (engine, pipelines)]
    return digest(VERSION, versions, sources)


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
    shown = replace(segment, id="", start=Fraction(0), src=None, meta={}, motion_extra={}, extra={})
    files = [file_digest(options.base / effect.src) for effect in segment.effects if effect.src]
    return (
        shot.kind,
        shot.level,
        lowest,
        (shot.start - begin, shot.end - begin, shot.handle, shot.fade_in, shot.fade_out),
        repr(shown),
        _medium(segment, options),
        # Effects that move do so by the time of the whole draft, and are random by its seed.
        (begin, options.seed, files) if segment.effects else (),
        seed_of(segment, options.seed) if shot.kind != TEXT else (fonts, _font(segment, options)),
    )


def _font(segment: Segment, options: RenderOptions) -> str:
    style = with_font_file(segment.style, options.base)
    file = None if style is None or style.font is None else Path(style.font)
    return file_digest(file) if file is not None and file.is_file() else ""


def _medium(segment: Segment, options: RenderOptions) -> str:
    if segment.src is None or parse_card(segment.src) is not None:
        return segment.src or ""
    return file_digest(source_path(segment.src, options.base))
