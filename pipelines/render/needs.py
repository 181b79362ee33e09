"""What a shot declares that it needs, before anything of it is opened.

The files count by their content in the key of every GOP that shows the shot, and all of them are looked for before the
first frame: a rendering does not fail in its tenth minute for a name that was misspelt. A source that brings more,
such as the weights of a model, names it here.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import UnreadableMedia
from engine.media import PhotoLimits
from engine.media.kind import media_kind
from engine.media.source import open_photo_source
from engine.timeline import TEXT, Shot
from engine.timeline.cards import parse_card
from pipelines.render.opening import with_font_file
from pipelines.render.scene import Scene
from pipelines.render.source_path import named_source, source_path


@dataclass(frozen=True, slots=True)
class Needs:
    """What one shot is made from besides the draft and our own code.

    Attributes:
        media: the photo or clip; empty for cards and texts.
        beside: further files: a look-up table, a font file, a depth map.
    """

    media: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in an order that depends on the segment alone."""
        return (*self.media, *self.beside)


def needs_of(shot: Shot, base: Path) -> Needs:
    """What a shot needs.

    Args:
        shot: of a scene.
        base: folder that relative sources count from.

    Raises:
        MediaError: it lies in a pack that is not installed, or on the web.
        DraftError: it has no source, or one that is no card that can be read.
    """
    segment = shot.segment
    if shot.kind == TEXT:
        style = with_font_file(segment.style, base)
        font = None if style is None or style.font is None else Path(style.font)
        return Needs(beside=(font,) if font is not None and font.is_file() else ())
    tables = tuple(base / effect.src for effect in segment.effects if effect.src)
    src = named_source(segment)
    if parse_card(src) is not None:
        return Needs(beside=tables)
    path = source_path(src, base)
    return Needs((path,), (*tables, *_depth_map(shot, path, base)))


def _depth_map(shot: Shot, media: Path, base: Path) -> tuple[Path, ...]:
    """The depth map of a photo; what plays has no use for one, and what is not there is told as what it is."""
    depth = None if shot.segment.motion is None else shot.segment.motion.depth
    if depth is None:
        return ()
    try:
        is_photo = media_kind(media) == "photo"
    except UnreadableMedia:
        is_photo = False
    return (source_path(depth, base),) if is_photo else ()


def check_needs(scene: Scene, base: Path) -> None:
    """Look for everything that the shots of a scene need.

    Raises:
        MediaError: a file is not there, is empty or cannot be read, or its pack is not installed.
        DraftError: see :func:`needs_of`.
    """
    files = dict.fromkeys(path for shot in scene.shots for path in needs_of(shot, base).files)
    for path in files:
        # What it may cost is the business of whoever opens it as what it is.
        with open_photo_source(path, PhotoLimits.none()):
            pass
