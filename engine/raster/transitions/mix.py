"""Every transition behind one function: :func:`mix`."""

from collections.abc import Callable, Mapping

import numpy as np

from engine.core.frames import Patch
from engine.raster.transitions.blur import blur
from engine.raster.transitions.dissolve import cross_dissolve, dip_black, dip_white
from engine.raster.transitions.travel import push_left, push_right, slide_left, slide_right, wipe_left, wipe_right
from engine.raster.transitions.zoom import zoom

Transition = Callable[[Patch, Patch, float, Patch], None]
"""Outgoing, incoming, progress between 0 and 1, result. All have the same size; all have alpha, or none has."""

_KINDS: Mapping[str, Transition] = {
    "cross_dissolve": cross_dissolve,
    "dip_black": dip_black,
    "dip_white": dip_white,
    "slide_left": slide_left,
    "slide_right": slide_right,
    "push_left": push_left,
    "push_right": push_right,
    "wipe_left": wipe_left,
    "wipe_right": wipe_right,
    "zoom": zoom,
    "blur": blur,
}


def mix(kind: str, outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """Fill ``out`` with one moment of a transition.

    At progress 0 it is the outgoing picture, at 1 the incoming one, bit for bit. What is eased, and what is mixed
    in linear light, is said in each transition's own module.

    Args:
        kind: one of ``engine.timeline.TRANSITIONS`` but ``cut``.
        outgoing, incoming: pictures of the canvas's size, both at the same place; without alpha they are opaque.
        progress: 0..1; values beyond count as 0 and 1.
        out: same size, memory of its own; it needs an alpha if one of the pictures has one.

    Raises:
        ValueError: unknown kind, sizes that differ, or an alpha that is missing.
    """
    if kind not in _KINDS:
        raise ValueError(f"{kind!r} is not a transition")
    if not outgoing.frame.y.shape == incoming.frame.y.shape == out.frame.y.shape:
        raise ValueError("a transition needs pictures of one size")
    clear = outgoing.alpha is not None or incoming.alpha is not None
    if clear and out.alpha is None:
        raise ValueError("the result of a transition between pictures with alpha needs an alpha")
    if progress <= 0:
        _copy(outgoing, out)
    elif progress >= 1:
        _copy(incoming, out)
    elif clear:
        _KINDS[kind](_with_alpha(outgoing), _with_alpha(incoming), progress, out)
    else:
        _KINDS[kind](outgoing, incoming, progress, Patch(out.x, out.y, out.frame))
        if out.alpha is not None:
            out.alpha[:] = 255


def _with_alpha(patch: Patch) -> Patch:
    if patch.alpha is not None:
        return patch
    return Patch(patch.x, patch.y, patch.frame, np.full(patch.frame.y.shape, 255, np.uint8))


def _copy(patch: Patch, out: Patch) -> None:
    out.frame.y[:], out.frame.u[:], out.frame.v[:] = patch.frame.y, patch.frame.u, patch.frame.v
    if out.alpha is not None:
        out.alpha[:] = 255 if patch.alpha is None else patch.alpha
