"""A photo in depth, or a clip made of one, between bars: the bars stand still, and the photo is a window."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from engine.core.frames import Patch, Plane, YuvFrame
from engine.core.view import View
from engine.raster.composite import composite
from pipelines.kenburns import KenBurnsSource
from pipelines.render.geometry import Spot, coverage
from pipelines.render.source import Box, Source


@dataclass(frozen=True, slots=True)
class WindowSource:
    """Frames of one shot, in a layer of the canvas's size; see :class:`pipelines.render.source.Source`.

    Attributes:
        bars: the photo between its bars, at rest.
        inside: the scene or the clip, in an extent of the photo's shape.
    """

    bars: KenBurnsSource
    inside: Source
    has_alpha: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user, each once."""
        return tuple(dict.fromkeys((*self.bars.notes, *self.inside.notes)))

    @property
    def extent(self) -> Box:
        """Where in the layer it shows anything."""
        return self.bars.extent

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with a part of the layer."""
        self.bars.render(time, lens, frame)
        scene = YuvFrame.empty(frame.width, frame.height)
        self.inside.render(time, lens, scene, None)
        composite(frame, Patch(0, 0, scene, _mask(lens, frame.width, frame.height, self.inside.extent)))


@lru_cache(maxsize=8)
def _mask(lens: View, width: int, height: int, extent: Box) -> Plane:
    mask = coverage(Spot(0, 0, width, height, lens, covered=False), extent)
    mask.flags.writeable = False
    return mask
