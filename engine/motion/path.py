"""A camera path: time in, view out."""

from dataclasses import dataclass
from fractions import Fraction
from math import exp, expm1, log

from engine.core.view import View
from engine.motion.easing import ease
from engine.motion.wander import Wander


@dataclass(frozen=True, slots=True)
class CameraPath:
    """The views of one clip. Frame n shows ``at(n / rate)``; nothing is carried from frame to frame.

    Between two key views the scale is exponential in eased time and the centre is linear in the *scale*. Two things
    follow. Every edge of the frame is a convex combination of where it stands in the two keys, so a path between two
    keys inside the photo stays inside; a pure zoom keeps its fixed point in place. And zoom (d ln s / dt) and pan
    (frame widths per second) both run at constant perceived speed where the easing is linear: the two terms of the
    metric of van Wijk and Nuij, "Smooth and efficient zooming and panning" (2003), each stay constant. Their
    optimal path, which draws back on the way, is not used: a photo has no outside to draw back to.

    Attributes:
        start, end: the key views.
        frame_size: width and height in pixels.
        duration: seconds.
        travel: seconds, at most ``duration``, that the way from start to end takes; the camera rests after it.
        ease: easing of the travel (:mod:`engine.motion.easing`).
        wanders: small motions around the path.
        notes: sentences for the user about what was limited or chosen.
    """

    start: View
    end: View
    frame_size: tuple[int, int]
    duration: float
    travel: float
    ease: str
    wanders: tuple[Wander, ...] = ()
    notes: tuple[str, ...] = ()

    def at(self, seconds: float | Fraction) -> View:
        """The view at a time in seconds from the clip's start, clamped to the clip."""
        time = min(max(float(seconds), 0.0), self.duration)
        base = self._base(ease(time / self.travel, self.ease))
        if not self.wanders:
            return base
        offsets = [wander.at(time) for wander in self.wanders]
        unit = base.scale * self.frame_size[0]
        return View(
            base.x + unit * sum(offset.x for offset in offsets),
            base.y + unit * sum(offset.y for offset in offsets),
            base.scale * exp(sum(offset.log_scale for offset in offsets)),
            base.angle + sum(offset.angle for offset in offsets),
        )

    def scale_range(self) -> tuple[float, float]:
        """The smallest and the largest scale, in photo pixels per frame pixel.

        Both are attained, except under a ``drift``, whose breathing is counted by its bound: then no view is outside
        the range, and the range is wider than what is attained by less than the breathing (about 1 %).
        """
        breath = exp(sum(wander.bound().log_scale for wander in self.wanders))
        scales = (self.start.scale, self.end.scale)
        return min(scales) / breath, max(scales) * breath

    def _base(self, done: float) -> View:
        a, b = self.start, self.end
        growth = log(b.scale / a.scale)
        # (s - sA) / (sB - sA) for s = sA (sB / sA)^done; expm1 keeps it exact where the scales hardly differ.
        k = done if growth == 0 else expm1(growth * done) / expm1(growth)
        return View(
            a.x + (b.x - a.x) * k,
            a.y + (b.y - a.y) * k,
            a.scale * exp(growth * done),
            a.angle + (b.angle - a.angle) * done,
        )
