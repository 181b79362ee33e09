"""Pictures that tests of layers, transitions and effects make."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.raster.color import rgb_to_ycbcr, ycbcr_matrix


def uniform(width: int, height: int, rgb: tuple[float, float, float]) -> YuvFrame:
    """One colour."""
    frame = YuvFrame.empty(width, height)
    frame.y[:], frame.u[:], frame.v[:] = rgb_to_ycbcr(*rgb)
    return frame


def noise(width: int, height: int, seed: int = 0) -> YuvFrame:
    """Any code values, also some that no R'G'B' has."""
    rng = np.random.default_rng(seed)
    half = (height // 2, width // 2)
    return YuvFrame(
        rng.integers(16, 236, (height, width), np.uint8),
        rng.integers(16, 241, half, np.uint8),
        rng.integers(16, 241, half, np.uint8),
    )


def scene(width: int, height: int, seed: int = 0, gain: float = 1.0) -> YuvFrame:
    """A smooth picture of colours that a screen can show; ``gain`` below 1 makes it darker."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    channels = []
    for _ in range(3):
        a, b, phase = rng.uniform(-9, 9), rng.uniform(-9, 9), rng.uniform(0, 6)
        channels.append(gain * (127.5 + 110 * np.sin(a * x + b * y + phase)))
    return from_rgb(np.stack(channels, 2))


def from_rgb(rgb: NDArray[np.float64]) -> YuvFrame:
    """(H, W, 3), 0..255; a chroma sample is the mean of its 2 x 2 pixels."""
    matrix = ycbcr_matrix()
    planes = rgb @ matrix[:, :3].T + matrix[:, 3]
    height, width = rgb.shape[:2]
    chroma = planes.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    y, u, v = (np.rint(plane).astype(np.uint8) for plane in (planes[..., 0], chroma[..., 1], chroma[..., 2]))
    return YuvFrame(y, u, v)


def to_rgb(y: float, u: float, v: float) -> NDArray[np.float64]:
    """One colour as R'G'B', 0..255, not cut off."""
    matrix = ycbcr_matrix()
    return np.linalg.inv(matrix[:, :3]) @ (np.array([y, u, v]) - matrix[:, 3])


def to_ycbcr(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """One colour, 0..255, as Y'CbCr code values, not rounded."""
    matrix = ycbcr_matrix()
    return matrix[:, :3] @ rgb + matrix[:, 3]


def copy(frame: YuvFrame) -> YuvFrame:
    """The same picture in memory of its own."""
    return YuvFrame(frame.y.copy(), frame.u.copy(), frame.v.copy())


def padded(frame: YuvFrame, extra: int = 6) -> YuvFrame:
    """The same picture with longer rows in memory, as an encoder's frames have."""

    def pad(plane: Plane) -> Plane:
        wide = np.full((plane.shape[0], plane.shape[1] + extra), 77, np.uint8)
        wide[:, : plane.shape[1]] = plane
        return wide[:, : plane.shape[1]]

    return YuvFrame(pad(frame.y), pad(frame.u), pad(frame.v))


def planes(frame: YuvFrame) -> tuple[Plane, Plane, Plane]:
    """Y', Cb, Cr."""
    return frame.y, frame.u, frame.v


def difference(a: YuvFrame, b: YuvFrame) -> int:
    """The largest difference of any sample, in code values."""
    return max(int(np.abs(p.astype(int) - q).max()) for p, q in zip(planes(a), planes(b), strict=True))
