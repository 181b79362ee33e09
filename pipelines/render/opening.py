"""From a segment of the draft to what paints it.

Texts and clips bring large libraries along, so they are imported where the first one is opened.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import DraftError, UnreadableMedia
from engine.media import probe_photo
from engine.media.kind import media_kind
from engine.packs import pack_source
from engine.raster.effects import EffectChain
from engine.timeline import TEXT, Segment, Shot, TextStyle
from engine.timeline.cards import parse_card
from engine.timeline.draft import DEFAULT_BAR_COLOR
from pipelines.card import open_card
from pipelines.kenburns import open_kenburns
from pipelines.render.geometry import scale_bounds
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Scene, seed_of
from pipelines.render.source import Source
from pipelines.render.stages import stages_of

if TYPE_CHECKING:
    from engine.text import TextSource

PACK_SCHEME = "pack:"


@dataclass(frozen=True, slots=True)
class Opened:
    """What paints one shot.

    Attributes:
        source: of a shot on a video track.
        effects: over that source.
        text: of a shot on a text track.
    """

    source: Source | None = None
    effects: EffectChain | None = None
    text: "TextSource | None" = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        return tuple(note for part in (self.source, self.effects, self.text) if part is not None for note in part.notes)


def source_path(src: str, base: Path) -> Path:
    """The file that a segment's ``src`` names.

    Raises:
        MediaError: it lies in a pack that is not installed, or on the web.
    """
    if src.startswith(PACK_SCHEME):
        return pack_source(src)
    if "://" in src:
        raise UnreadableMedia(src, "this is an address, and nothing is fetched here: download it, and name the file.")
    return base / src


def named_source(segment: Segment) -> str:
    """The ``src`` of a segment on a video track.

    Raises:
        DraftError: it has none.
    """
    if not segment.src:
        raise DraftError(f"The clip {segment.id!r} has no source: give it a file in src, or color:#rrggbb.")
    return segment.src


def with_font_file(style: TextStyle | None, base: Path) -> TextStyle | None:
    """A style whose font, where it is a file beside the draft or of a pack, is named by its full path."""
    if style is None or style.font is None:
        return style
    if style.font.startswith(PACK_SCHEME):
        return replace(style, font=str(pack_source(style.font)))
    beside = base / style.font
    return replace(style, font=str(beside)) if beside.is_file() else style


def open_shot(shot: Shot, scene: Scene, options: RenderOptions, threads: int) -> Opened:
    """Open what paints a shot.

    Args:
        shot: of the scene.
        scene: what is rendered.
        options: how.
        threads: that the preparation may use.

    Raises:
        MediaError: a file cannot be read.
        OptionError, DraftError, DeviceUnavailable: the segment asks for what is not possible.
    """
    segment = shot.segment
    if shot.kind == TEXT:
        from engine.text import open_text
        from pipelines.render.fonts import font_library

        style = with_font_file(segment.style, options.base)
        return Opened(text=open_text(segment.text or "", style, scene.size, segment.duration, font_library()))
    source = _open_source(shot, scene, options, threads)
    if not segment.effects:
        return Opened(source)
    chain = EffectChain(segment.effects, scene.size, options.seed, options.base)
    return Opened(source, chain)


def _open_source(shot: Shot, scene: Scene, options: RenderOptions, threads: int) -> Source:
    segment = shot.segment
    src = named_source(segment)
    card = parse_card(src)
    if card is not None:
        return open_card(card, scene.size)
    path = source_path(src, options.base)
    kind = media_kind(path)
    if kind == "photo":
        return _open_photo(shot, scene, path, options, threads)
    from pipelines.clip import open_clip

    return open_clip(
        path,
        segment.playback,
        segment.fit,
        scene.size,
        segment.duration,
        handle=shot.handle,
        threads=threads,
    )


def _open_photo(shot: Shot, scene: Scene, path: Path, options: RenderOptions, threads: int) -> Source:
    segment = shot.segment
    # A zoom that keyframes describe stands in for the camera's own.
    motion = None if any(keyframe.moves_camera for keyframe in segment.keyframes) else segment.motion
    smallest, largest = scale_bounds(segment.placement, segment.keyframes)
    lowest = all(other.level >= shot.level for other in scene.shots)
    see_through = not lowest and segment.fit.color == DEFAULT_BAR_COLOR and probe_photo(path).has_alpha
    if motion is not None and in_depth(motion):
        reason = _flat_because(segment, see_through=see_through)
        if not reason:
            return _open_in_depth(shot, scene, path, motion, options, threads)
        opened = replace(motion, method="kenburns")
        flat = _open_flat(shot, scene, path, opened, options, threads, see_through=see_through)
        return replace(flat, notes=(*flat.notes, f"{path.name}: {reason}"))
    return _open_flat(shot, scene, path, motion, options, threads, see_through=see_through)


def in_depth(motion: Motion) -> bool:
    """Whether a motion asks for a scene with depth: by its method, or by a move where no method is named."""
    if motion.method is not None:
        return motion.method == "parallax"
    return any(MOVES[name].unit == "depth" for name in motion.moves)


def _flat_because(segment: Segment, *, see_through: bool) -> str:
    """Why a photo stays flat although depth was asked for; empty where it need not."""
    if see_through:
        return "A transparent photo over others has no depth: it moves as a flat picture."
    if segment.fit.mode in ("blur", "color"):
        return "A photo between bars has no depth: it moves as a flat picture. Use --fit crop for depth."
    return ""


def _open_in_depth(
    shot: Shot, scene: Scene, path: Path, motion: Motion, options: RenderOptions, threads: int
) -> Source:
    from pipelines.parallax import open_parallax

    segment = shot.segment
    smallest, largest = scale_bounds(segment.placement, segment.keyframes)
    return open_parallax(
        path,
        motion,
        segment.fit,
        scene.size,
        shot.duration,
        seed=seed_of(segment, options.seed),
        device=options.device,
        threads=threads,
        lens_scales=(1 / largest, 1 / smallest),
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
) -> KenBurnsSource:
    segment = shot.segment
    smallest, largest = scale_bounds(segment.placement, segment.keyframes)
    return open_kenburns(
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


def segment_time(shot: Shot, local_time: Fraction) -> Fraction:
    """Seconds since the segment's own start; negative in the handle of a transition."""
    return local_time - shot.handle
