"""U-2-Net-p: the most salient thing of a photo, in 4.6 MB.

Qin et al., "U2-Net: Going deeper with nested U-structure for salient object detection", Pattern Recognition 106, 2020.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.matte.interface import Matte
from models.onnx_model import OnnxModel, open_onnx
from models.pictures import as_batch, check_rgb, resized
from models.runtime import ON_CPU, Placement

NAME = "U-2-Net-p"
FILE = "u2netp.onnx"
PACK = "u2netp"

MEMORY = 300 * 2**20
"""Bytes to declare for it: 274 MB at the height of a run were measured, most of it between its layers."""

SIDE = 320
"""Pixels of its square input; the photo is squeezed into it whatever its shape, as in training."""

MARKED = 0.5
UNDECIDED = (0.2, 0.8)
"""Stretched values from which a pixel counts as subject, and between which it counts as undecided."""


class U2NetP:
    """A :class:`models.matte.MatteModel`; any number of threads may use it at a time."""

    def __init__(self, model: OnnxModel) -> None:
        model.expect(((None, 3, SIDE, SIDE),), (None, 1, SIDE, SIDE))
        self._model = model
        self._input = next(iter(model.inputs))

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> "U2NetP":
        """Load it from a folder that holds ``u2netp.onnx``.

        Raises:
            WeightsError: the file is missing, damaged, or another model.
        """
        return cls(open_onnx(NAME, folder / FILE, placement))

    def find(self, rgb: NDArray[np.uint8]) -> Matte:
        """See :meth:`models.matte.MatteModel.find`."""
        import cv2

        check_rgb(rgb)
        small = resized(rgb, SIDE, SIDE).astype(np.float32)
        small /= max(float(small.max()), 1.0)
        seen = self._model.run({self._input: as_batch(small)})[0, 0]
        low, high = float(seen.min()), float(seen.max())
        stretched = (seen - low) / max(high - low, 1e-6)
        height, width = rgb.shape[:2]
        alpha = cv2.resize(stretched, (width, height), interpolation=cv2.INTER_LINEAR)
        return Matte(np.asarray(alpha, np.float32), _confidence(seen, stretched))


def _confidence(seen: NDArray[np.float32], stretched: NDArray[np.float32]) -> float:
    """The mean probability inside of what is marked, times the share that the marked has of it and the undecided.

    The stretching that makes a good mask of a pale one makes one of nothing, too; the probabilities before it, and much
    undecided around little, give that away.
    """
    marked = stretched >= MARKED
    undecided = (stretched > UNDECIDED[0]) & (stretched < UNDECIDED[1])
    area = float(marked.mean())
    if not area:
        return 0.0
    return float(np.clip(seen[marked].mean() * area / (area + float(undecided.mean())), 0, 1))
