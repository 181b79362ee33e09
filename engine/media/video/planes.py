"""The decoder's planes as arrays, where their chroma lies, and the taps that bring it where ours lies."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.media.video.kernels.recode import TAPS
from engine.media.video.orientation import Orientation, turn

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.plane import VideoPlane

AnyPlane = NDArray[Any]

AxisTaps = tuple[NDArray[np.int64], NDArray[np.float32]]
"""(n, taps) sample numbers and (n, taps) weights."""


@dataclass(frozen=True, slots=True)
class Siting:
    """Where the chroma samples lie along one axis: sample k at luma position ``factor * k + first``.

    Attributes:
        factor: luma pixels per chroma sample, 1 or 2.
        first: continuous luma position, pixel centres at +0.5.
    """

    factor: int
    first: float

    def mirrored(self, luma: int, chroma: int) -> "Siting":
        """The siting after the picture was mirrored along this axis, of so many luma and chroma samples."""
        return Siting(self.factor, luma - self.factor * (chroma - 1) - self.first)


FULL = Siting(1, 0.5)
LEFT = Siting(2, 0.5)
CENTER = Siting(2, 1.0)


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture in planes.

    Attributes:
        y, u, v: uint8 or uint16, row by row.
        alpha: like y, or None.
        bits: significant bits of a sample.
        across, down: where chroma lies, along x and along y.
        owner: keeps the memory alive.
    """

    y: AnyPlane
    u: AnyPlane
    v: AnyPlane
    alpha: AnyPlane | None
    bits: int
    across: Siting
    down: Siting
    owner: Any = None


class _PlaneMemory:
    """What NumPy needs to view a plane; the view keeps the picture alive."""

    __slots__ = ("__array_interface__", "_picture")

    def __init__(self, picture: "VideoFrame", plane: "VideoPlane", bytes_each: int) -> None:
        self._picture = picture
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "typestr": "|u1" if bytes_each == 1 else "<u2",
            "shape": (plane.height, plane.width),
            "strides": (plane.line_size, bytes_each),
            "data": (plane.buffer_ptr, True),
        }


def plane_views(picture: "VideoFrame", bits: int) -> list[AnyPlane]:
    """The planes of a planar picture, without a copy."""
    return [np.asarray(_PlaneMemory(picture, plane, 1 if bits == 8 else 2)) for plane in picture.planes]


def packed(planes: Planes) -> tuple[AnyPlane, AnyPlane, AnyPlane]:
    """Y, Cb, Cr without padded rows, read-only: one type for the kernels, which are compiled for each."""
    y, u, v = (np.ascontiguousarray(plane).view() for plane in (planes.y, planes.u, planes.v))
    for plane in (y, u, v):
        plane.flags.writeable = False
    return y, u, v


def turned(planes: Planes, orientation: Orientation) -> Planes:
    """The planes turned upright; the siting of chroma turns with them."""
    if orientation == Orientation():
        return planes
    y, u, v = (turn(plane, orientation) for plane in (planes.y, planes.u, planes.v))
    alpha = None if planes.alpha is None else turn(planes.alpha, orientation)
    across, down = (planes.down, planes.across) if orientation.transpose else (planes.across, planes.down)
    if orientation.flip_x:
        across = across.mirrored(y.shape[1], u.shape[1])
    if orientation.flip_y:
        down = down.mirrored(y.shape[0], u.shape[0])
    return Planes(y, u, v, alpha, planes.bits, across, down)


@lru_cache(maxsize=64)
def chroma_at_luma(count: int, chroma: int, siting: Siting) -> AxisTaps:
    """Linear interpolation of chroma at the centres of ``count`` luma pixels."""
    position = (np.arange(count) + 0.5 - siting.first) / siting.factor
    first = np.floor(position).astype(np.int64)
    share = (position - first).astype(np.float32)
    samples = np.clip(np.stack([first, first + 1], 1), 0, chroma - 1)
    return samples, np.ascontiguousarray(np.stack([1 - share, share], 1))


@lru_cache(maxsize=64)
def chroma_at_chroma(count: int, chroma: int, siting: Siting, target: Siting) -> AxisTaps:
    """A triangle filter, as wide as the sparser of the two grids, at the places of our own chroma samples."""
    position = (target.factor * np.arange(count) + target.first - siting.first) / siting.factor
    radius = max(1.0, target.factor / siting.factor)
    first = np.floor(position - radius).astype(np.int64) + 1
    samples = first[:, None] + np.arange(TAPS)
    weights = np.clip(1 - np.abs(samples - position[:, None]) / radius, 0, None)
    weights /= weights.sum(1, keepdims=True)
    return np.clip(samples, 0, chroma - 1), weights.astype(np.float32)
