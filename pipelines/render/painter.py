"""From the tiers of a moment to one frame.

Where a single opaque layer covers the canvas, its source writes straight into the frame: that is every frame of a plain
slideshow outside its transitions. Everything above is composited as patches that are no larger than what they cover.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np

from engine.core.frames import Patch, Plane, YuvFrame
from engine.raster.color import rgb_to_ycbcr
from engine.raster.composite import composite
from engine.raster.effects import EffectChain
from engine.raster.transitions import mix
from engine.raster.turn import render_turned
from engine.timeline import TEXT, Layer, Placement, Shot, Tier, tiers_at
from pipelines.render.geometry import Spot, coverage, placement_at, spot_of, visible_box
from pipelines.render.opening import Opened, segment_time
from pipelines.render.scene import Gop, Scene
from pipelines.render.shelf import Shelf
from pipelines.render.source import Box, Source

BLACK = rgb_to_ycbcr(0, 0, 0)
"""Y', Cb, Cr of the canvas where nothing is on the timeline."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A layer and where it is seen."""

    layer: Layer
    source: Source
    effects: EffectChain | None
    placement: Placement
    spot: Spot
    box: Box

    def covers(self, canvas: tuple[int, int]) -> bool:
        """Whether nothing below it can be seen."""
        return (
            self.spot.covered
            and (self.spot.width, self.spot.height) == canvas
            and not self.source.has_alpha
            and self.placement.opacity == 1
            and self.placement.blend == "normal"
        )


def near(scene: Scene, gop: Gop) -> tuple[Shot, ...]:
    """The shots that are on screen in any frame of a GOP."""
    since, until = scene.time(gop.first), scene.time(gop.first + gop.frames)
    return tuple(shot for shot in scene.shots if shot.start < until and shot.end > since)


class Painter:
    """Paints any frame of a scene; every method may be called from any thread.

    Args:
        scene: what is rendered.
        shelf: what paints its shots.
    """

    def __init__(self, scene: Scene, shelf: Shelf[Opened]) -> None:
        self._scene = scene
        self._shelf = shelf
        self._size = scene.size

    def paint(self, number: int, frame: YuvFrame, near: tuple[Shot, ...] | None = None) -> None:
        """Fill a frame.

        Args:
            number: of the frame.
            frame: of the canvas's size.
            near: the shots that may be on screen, see :func:`near`; all of them by default.

        Raises:
            MultiplaneError: a source could not be opened or read.
        """
        time = self._scene.time(number)
        tiers = tiers_at(self._scene.shots if near is None else near, time)
        seen = [[] if tier.layers[0].shot.kind == TEXT else self._look(tier) for tier in tiers]
        lowest = max(
            (
                index
                for index, (tier, layers) in enumerate(zip(tiers, seen, strict=True))
                # Of a transition both sides must be seen: one that is not is clear, and the other goes into that.
                if len(layers) == len(tier.layers) and all(layer.covers(self._size) for layer in layers)
            ),
            default=-1,
        )
        if lowest < 0:
            frame.y[:], frame.u[:], frame.v[:] = BLACK
        for index in range(max(0, lowest), len(tiers)):
            tier, layers = tiers[index], seen[index]
            if tier.layers[0].shot.kind == TEXT:
                self._write(tier, frame)
            elif index == lowest:
                self._cover(tier, layers, frame, time)
            elif layers:
                self._put(tier, layers, frame, time)

    def _look(self, tier: Tier) -> list[_Seen]:
        seen = []
        for layer in tier.layers:
            opened = self._shelf.get(layer.shot)
            segment = layer.shot.segment
            assert opened.source is not None
            at = float(segment_time(layer.shot, layer.local_time))
            placement = placement_at(segment.placement, segment.keyframes, at)
            spot = spot_of(placement, self._size, opened.source.extent)
            if spot is not None and placement.opacity > 0:
                box = visible_box(placement, self._size, opened.source.extent)
                seen.append(_Seen(layer, opened.source, opened.effects, placement, spot, box))
        return seen

    def _cover(self, tier: Tier, layers: list[_Seen], frame: YuvFrame, time: Fraction) -> None:
        """Paint a tier that covers the canvas."""
        if len(layers) == 1:
            self._render(layers[0], frame, None, time)
            return
        patches = []
        for layer in layers:
            own = YuvFrame.empty(*self._size)
            self._render(layer, own, None, time)
            patches.append(Patch(0, 0, own))
        mix(tier.transition, patches[0], patches[1], float(tier.progress), Patch(0, 0, frame))

    def _put(self, tier: Tier, layers: list[_Seen], frame: YuvFrame, time: Fraction) -> None:
        """Composite a tier over what is painted already."""
        if len(tier.layers) == 1:
            layer = layers[0]
            patch = self._patch(layer, time)
            composite(frame, patch, layer.placement.opacity, layer.placement.blend)
            return
        # Both sides of a transition on a canvas of their own: what moves or mixes is the whole picture.
        sides = [self._blank(), self._blank()]
        shown = {id(layer.layer): layer for layer in layers}
        for side, each in zip(sides, tier.layers, strict=True):
            if id(each) in shown:
                layer = shown[id(each)]
                composite(side, self._patch(layer, time), layer.placement.opacity)
        mixed = self._blank()
        mix(tier.transition, sides[0], sides[1], float(tier.progress), mixed)
        composite(frame, mixed, 1.0, layers[-1].placement.blend)

    def _write(self, tier: Tier, frame: YuvFrame) -> None:
        for layer in tier.layers:
            opened = self._shelf.get(layer.shot)
            assert opened.text is not None
            for patch, opacity in opened.text.patches(layer.local_time):
                composite(frame, patch, opacity * layer.shot.segment.placement.opacity)

    def _patch(self, seen: _Seen, time: Fraction) -> Patch:
        spot = seen.spot
        own = YuvFrame.empty(spot.width, spot.height)
        alpha = np.empty((spot.height, spot.width), np.uint8) if seen.source.has_alpha else None
        self._render(seen, own, alpha, time)
        if not spot.covered:
            mask = _mask(spot, seen.box)
            alpha = mask if alpha is None else _product(alpha, mask)
        return Patch(spot.x, spot.y, own, alpha)

    def _render(self, seen: _Seen, frame: YuvFrame, alpha: Plane | None, time: Fraction) -> None:
        render_turned(partial(seen.source.render, seen.layer.local_time), seen.spot.lens, frame, alpha)
        if seen.effects is not None:
            seen.effects.apply(frame, time, seen.spot.lens)

    def _blank(self) -> Patch:
        """A canvas on which nothing is."""
        frame = YuvFrame.empty(*self._size)
        frame.y[:], frame.u[:], frame.v[:] = BLACK
        return Patch(0, 0, frame, np.zeros((self._size[1], self._size[0]), np.uint8))


@lru_cache(maxsize=8)
def _mask(spot: Spot, box: Box) -> Plane:
    mask = coverage(spot, box)
    mask.flags.writeable = False
    return mask


def _product(a: Plane, b: Plane) -> Plane:
    return ((a.astype(np.uint16) * b + 127) // 255).astype(np.uint8)
