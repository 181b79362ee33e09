"""LaMa as an ONNX file (Suvorov et al., "Resolution-robust large mask inpainting with Fourier convolutions", 2022)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError, WeightsError
from models.inpaint.windows import Window, windows_of
from models.onnx_model import OnnxModel, open_onnx
from models.pictures import check_rgb, resized
from models.runtime import ON_CPU, Placement

NAME = "LaMa"
PACK = "lama"

SIDE = 512
"""Pixels of its square input. A larger window is shrunk for it, and what it paints is enlarged again."""

WORKSPACE = 700 * 2**20
"""Bytes to declare for it beside its weights: an estimate, as no real file of it could be run here."""


class Lama:
    """A :class:`models.inpaint.InpaintModel`; any number of threads may use it at a time.

    The file takes ``image`` (1, 3, 512, 512) from 0 to 1 and ``mask`` (1, 1, 512, 512), 1 in the hole, and gives a
    picture (1, 3, 512, 512) from 0 to 255.
    """

    def __init__(self, model: OnnxModel) -> None:
        model.expect(((None, 3, SIDE, SIDE), (None, 1, SIDE, SIDE)), (None, 3, SIDE, SIDE))
        self._model = model
        self._mask = next((name for name, shape in model.inputs.items() if shape[1] == 1), "mask")
        self._image = next(name for name in model.inputs if name != self._mask)

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> "Lama":
        """Load it from a folder that holds one ONNX file, whatever its name.

        Raises:
            WeightsError: the file is missing, damaged, another model, or not the only one.
        """
        return cls(open_onnx(NAME, _file(folder), placement))

    def fill(self, rgb: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """See :meth:`models.inpaint.InpaintModel.fill`."""
        check_rgb(rgb)
        if hole.shape != rgb.shape[:2] or hole.dtype != np.bool_:
            raise ValueError(f"the hole is {rgb.shape[:2]} bool, not {hole.shape} {hole.dtype}")
        filled = rgb.copy()
        for window in windows_of(hole):
            part, inside = filled[window.area], hole[window.area]
            part[inside] = self._painted(rgb, hole, window)[inside]
        return filled

    def _painted(self, rgb: NDArray[np.uint8], hole: NDArray[np.bool_], window: Window) -> NDArray[np.uint8]:
        """What the model paints in a window, at the window's size."""
        import cv2

        part, inside = rgb[window.area], hole[window.area]
        height, width = inside.shape
        scale = min(1.0, SIDE / max(height, width))
        small = max(1, round(width * scale)), max(1, round(height * scale))
        # A pixel that is partly hole is hole: the subject's colour would seep into what is painted.
        mask = cv2.resize(inside.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0
        image = resized(np.where(inside[..., None], np.uint8(0), part), *small)
        image[mask] = 0
        # Where the window is no square, its mirror image goes on: an edge would be painted on from.
        beside = (0, SIDE - small[1], 0, SIDE - small[0])
        whole = np.asarray(cv2.copyMakeBorder(image, *beside, cv2.BORDER_REFLECT), np.float32)
        whole_mask = np.asarray(cv2.copyMakeBorder(mask.astype(np.uint8), *beside, cv2.BORDER_REFLECT), np.float32)
        batch = np.ascontiguousarray(whole.transpose(2, 0, 1)[None]) / np.float32(255)
        seen = self._model.run({self._image: batch, self._mask: whole_mask[None, None]})[0]
        if not np.isfinite(seen).all():
            raise EngineError(
                f"{NAME} painted nothing for this photo.", detail="its output holds values that are no numbers"
            )
        painted = np.clip(np.rint(seen[:, : small[1], : small[0]]), 0, 255).astype(np.uint8).transpose(1, 2, 0)
        return resized(np.ascontiguousarray(painted), width, height)


def memory(folder: Path) -> int:
    """Bytes to declare for it, before it is loaded; raises as :meth:`Lama.open`."""
    return _file(folder).stat().st_size + WORKSPACE


def _file(folder: Path) -> Path:
    files = sorted(folder.glob("*.onnx"))
    if not files:
        raise WeightsError(NAME, "its file (*.onnx) is missing: import its pack again.", detail=str(folder))
    if len(files) > 1:
        names = " and ".join(path.name for path in files)
        raise WeightsError(NAME, f"its folder holds {names}: import its pack from a folder with one of them.")
    return files[0]
