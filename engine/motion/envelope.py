"""How much room a camera needs around its path: rotation and wander turned into one upright box."""

from dataclasses import dataclass
from math import atan2, cos, exp, sin

from engine.motion.wander import Wander


@dataclass(frozen=True, slots=True)
class Envelope:
    """Half the width and height, in frame pixels, of an upright box that holds every view at unit scale.

    A path whose box of half size ``scale * (half_width, half_height)`` around its centre stays inside the photo shows
    nothing from outside, however it turns and wanders within what the envelope was made for.
    """

    half_width: float
    half_height: float

    def widest(self, photo_size: tuple[int, int]) -> float:
        """The largest scale, in photo pixels per frame pixel, at which the box fits into the photo."""
        return min(photo_size[0] / (2 * self.half_width), photo_size[1] / (2 * self.half_height))


def envelope(frame_size: tuple[int, int], turn: float, wanders: tuple[Wander, ...]) -> Envelope:
    """The envelope of a frame that turns by up to ``turn`` radians to either side and wanders.

    The box around a turned frame grows with the angle only up to the frame's diagonal, so the widest turn is not
    always the one that needs most: the maximum over all angles up to ``turn`` is taken, in closed form.
    """
    width, height = frame_size
    bounds = [wander.bound() for wander in wanders]
    angle = turn + sum(bound.angle for bound in bounds)
    breath = exp(sum(bound.log_scale for bound in bounds))
    return Envelope(
        breath * _half_extent(width, height, angle) + width * sum(bound.x for bound in bounds),
        breath * _half_extent(height, width, angle) + width * sum(bound.y for bound in bounds),
    )


def _half_extent(along: float, across: float, angle: float) -> float:
    worst = min(angle, atan2(across, along))
    return 0.5 * (along * cos(worst) + across * sin(worst))
