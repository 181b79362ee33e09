"""From a segment of the draft to what paints it.

Texts and clips bring large libraries along, so they are imported where the first one is opened.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media.kind import media_kind
from engine.packs import pack_source
from engine.raster.effects import EffectChain
from engine.timeline import TEXT, Shot, TextStyle
from engine.timeline.cards import parse_card
from pipelines.card import open_card
from pipelines.render.opening_photo import open_photo
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Scene
from pipelines.render.source import Source
from pipelines.render.source_path import PACK_SCHEME, named_source, source_path

if TYPE_CHECKING:
    from engine.text import TextSource


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
        return open_photo(shot, scene, path, options, threads)
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


def segment_time(shot: Shot, local_time: Fraction) -> Fraction:
    """Seconds since the segment's own start; negative in the handle of a transition."""
    return local_time - shot.handle
