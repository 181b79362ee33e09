"""Mix two frames."""

from engine.core.frames import YuvFrame
from engine.raster.kernels.planes import blend_rows
from engine.raster.memory import flat


def cross_dissolve(outgoing: YuvFrame, incoming: YuvFrame, weight: float) -> None:
    """outgoing = (1 - weight) * outgoing + weight * incoming, plane by plane, in code values.

    Args:
        outgoing: changed in place; its rows may be padded.
        incoming: same size.
        weight: 0..1.
    """
    for a, b in ((outgoing.y, incoming.y), (outgoing.u, incoming.u), (outgoing.v, incoming.v)):
        height, width = a.shape
        blend_rows(flat(a), a.strides[0], flat(b), b.strides[0], width, height, weight)
