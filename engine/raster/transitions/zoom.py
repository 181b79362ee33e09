"""The zoom: the camera rushes into the outgoing picture and comes to rest on the incoming one.

The outgoing picture is enlarged from 1 to ZOOM, the incoming one from ZOOM down to 1, so that both fill the frame at
all times; sizes change exponentially, which the eye sees as one speed. In the middle one dissolves into the other, in
linear light.
"""

from engine.core.frames import Patch, YuvFrame
from engine.raster.enlarge import enlarge
from engine.raster.transitions.dissolve import crossfade, dissolve
from engine.raster.transitions.progress import constant, dissolve_weight, smoother

ZOOM = 1.6
"""Largest size of either picture."""


def zoom(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """See the module."""
    share = smoother(progress)
    weight = dissolve_weight(progress)
    if weight <= 0:
        _enlarged(outgoing, ZOOM**share, out)
    elif weight >= 1:
        _enlarged(incoming, ZOOM ** (1 - share), out)
    else:
        other = _like(out)
        _enlarged(outgoing, ZOOM**share, out)
        _enlarged(incoming, ZOOM ** (1 - share), other)
        if out.alpha is None:
            dissolve(out.frame, other.frame, weight, out.frame)
        else:
            crossfade(out, other, constant(out, weight), out, linear=True)


def _like(patch: Patch) -> Patch:
    frame = YuvFrame.empty(patch.frame.width, patch.frame.height)
    return Patch(patch.x, patch.y, frame, None if patch.alpha is None else patch.alpha.copy())


def _enlarged(patch: Patch, scale: float, out: Patch) -> None:
    """Enlarge a picture about its middle; chroma sample (i, j) lies at luma position (2i + 0.5, 2j + 1)."""
    width, height = patch.frame.width, patch.frame.height
    step = 1 / scale

    def from_luma(x: float, y: float) -> tuple[float, float]:
        return width / 2 + step * (x - width / 2), height / 2 + step * (y - height / 2)

    luma = from_luma(0.5, 0.5)
    x, y = from_luma(0.5, 1.0)
    chroma = (x - 0.5) / 2 + 0.5, (y - 1.0) / 2 + 0.5
    enlarge(patch.frame.y, out.frame.y, luma, (step, step))
    enlarge(patch.frame.u, out.frame.u, chroma, (step, step))
    enlarge(patch.frame.v, out.frame.v, chroma, (step, step))
    if out.alpha is not None and patch.alpha is not None:
        enlarge(patch.alpha, out.alpha, luma, (step, step))
