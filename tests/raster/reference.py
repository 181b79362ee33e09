"""What the samplers are held against: the same picture computed in float64, straight from the full-size photo.

Nothing here is shared with the samplers: colour equations, kernel and positions are written out again, and there are no
levels: each output sample is a sum over photo pixels under one kernel stretched to the view's scale.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.core.view import View

Array = NDArray[np.float64]


def photo_planes(rgb: NDArray[np.uint8]) -> tuple[Array, Array, Array]:
    """Y', Cb, Cr of ITU-R BT.709, limited range, float64, all at full size."""
    r, g, b = (rgb[..., i].astype(np.float64) / 255 for i in range(3))
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * luma, 128 + 224 * (b - luma) / 1.8556, 128 + 224 * (r - luma) / 1.5748


def kaiser_sinc(x: Array) -> Array:
    """The sampler's kernel from its definition: sinc under a Kaiser window, radius 2, beta 3."""
    window = np.i0(3.0 * np.sqrt(np.clip(1 - (x / 2) ** 2, 0, 1))) / np.i0(3.0)
    return np.where(np.abs(x) < 2, np.sinc(x) * window, 0.0)


def resample(plane: Array, x: Array, y: Array, scale: float) -> Array:
    """(len(y), len(x)): the plane around continuous photo positions, kernel stretched to ``scale`` (at least 1)."""
    return _weights(y, scale, plane.shape[0]) @ plane @ _weights(x, scale, plane.shape[1]).T


def _weights(position: Array, scale: float, size: int) -> Array:
    stretch = max(1.0, scale)
    # Outside the photo its edge goes on: pad by the kernel's reach, then fold the padding onto the edge pixels.
    reach = int(np.ceil(2 * stretch)) + 1
    index = np.arange(-reach, size + reach)
    weights = kaiser_sinc((index[None, :] + 0.5 - position[:, None]) / stretch)
    weights /= weights.sum(axis=1, keepdims=True)
    inner = weights[:, reach:-reach].copy()
    inner[:, 0] += weights[:, :reach].sum(axis=1)
    inner[:, -1] += weights[:, -reach:].sum(axis=1)
    return inner


def reference_frame(rgb: NDArray[np.uint8], view: View, width: int, height: int) -> tuple[Array, Array, Array]:
    """The three planes of a view without rotation, float64, not rounded."""
    luma, cb, cr = photo_planes(rgb)
    x = view.x + view.scale * (np.arange(width) + 0.5 - width / 2)
    y = view.y + view.scale * (np.arange(height) + 0.5 - height / 2)
    # Chroma lies on every second column, and between two rows.
    cx = view.x + view.scale * (np.arange(width // 2) * 2 + 0.5 - width / 2)
    cy = view.y + view.scale * (np.arange(height // 2) * 2 + 1.0 - height / 2)
    return (
        resample(luma, x, y, view.scale),
        resample(cb, cx, cy, 2 * view.scale),
        resample(cr, cx, cy, 2 * view.scale),
    )


def psnr(a: NDArray[np.uint8], b: Array) -> float:
    """Peak signal-to-noise ratio in dB, peak 255."""
    return float(10 * np.log10(255**2 / np.mean((a.astype(np.float64) - b) ** 2)))


def read_rgb(path: object) -> NDArray[np.uint8]:
    """A JPEG as Pillow decodes it."""
    with Image.open(str(path)) as picture:
        return np.asarray(picture.convert("RGB"))
