"""The blur: the outgoing picture goes out of focus, the incoming one comes into it.

Both have the same blur at the same time, and a blur in linear light commutes with a dissolve in linear light: they are
mixed first and blurred once.
"""

from math import pi, sin

import numpy as np

from engine.core.frames import Patch
from engine.raster.gaussian import MIN_SIGMA, Light, blur_light, to_half_light
from engine.raster.transitions.dissolve import crossfade, dissolve
from engine.raster.transitions.progress import constant, dissolve_weight
from engine.raster.unit import picture_unit

MAX_SIGMA = 0.035
"""Standard deviation of the blur half-way, units of the picture (``engine.raster.unit``)."""


def blur(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """See the module."""
    weight = dissolve_weight(progress)
    sigma = MAX_SIGMA * picture_unit(out.frame.width, out.frame.height) * sin(pi * progress) ** 2
    if sigma < MIN_SIGMA:
        _mixed(outgoing, incoming, weight, out)
        light = to_half_light(out.frame, out.alpha)
    else:
        light = _mixed_light(outgoing, incoming, weight)
    blur_light(light, sigma, out.frame, out.alpha)


def _mixed(outgoing: Patch, incoming: Patch, weight: float, out: Patch) -> None:
    """The sharp mixture."""
    if 0 < weight < 1:
        if out.alpha is None:
            dissolve(outgoing.frame, incoming.frame, weight, out.frame)
        else:
            crossfade(outgoing, incoming, constant(out, weight), out, linear=True)
        return
    source = incoming if weight >= 1 else outgoing
    out.frame.y[:], out.frame.u[:], out.frame.v[:] = source.frame.y, source.frame.u, source.frame.v
    if out.alpha is not None and source.alpha is not None:
        out.alpha[:] = source.alpha


def _mixed_light(outgoing: Patch, incoming: Patch, weight: float) -> Light:
    """The mixture's light on a grid of 2 pixels, without a sharp picture in between."""
    if weight >= 1:
        return to_half_light(incoming.frame, incoming.alpha)
    light = to_half_light(outgoing.frame, outgoing.alpha)
    if weight > 0:
        other = to_half_light(incoming.frame, incoming.alpha).planes
        light.planes[:] += np.float32(weight) * (other - light.planes)
    return light
