"""Depth Anything V2 by way of transformers (Yang et al., NeurIPS 2024). Only its *Small* is under Apache-2.0."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError, WeightsError
from models.pictures import as_batch, check_rgb, resized
from models.runtime import ON_CPU, Placement, has_torch, offline

NAME = "Depth Anything"
PACK = "depth-anything-v2-small"
CONFIG = "config.json"

SHORT_SIDE = 518
"""Pixels of the shorter side that it looks at: its training size."""

LONGEST_SIDE = 1540
"""Pixels of the longer side: the work grows with the square of the area, and panoramas have no end."""

PATCH = 14
"""Pixels of one patch: both sides are multiples."""

WORKSPACE = 512 * 2**20
"""Bytes that it takes beside its weights while it runs: 360 MB were measured for the small one, float32, 518 x 924."""


class DepthAnything:
    """A :class:`models.depth.DepthModel`; any number of threads may use it at a time."""

    def __init__(self, model: Any, placement: Placement = ON_CPU) -> None:  # noqa: ANN401  of transformers, without types
        self._model = model
        self._placement = placement

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> "DepthAnything":
        """Load it from a folder with ``config.json`` and ``model.safetensors``; nothing is looked for elsewhere.

        Raises:
            WeightsError: transformers or torch is not installed, or a file is missing, damaged, or another model's.
        """
        check_files(folder)
        if not has_torch():
            raise WeightsError(NAME, "torch, which runs it, is not installed (extra 'gpu').")
        with offline():
            try:
                from transformers import DepthAnythingForDepthEstimation
            except ImportError as error:
                raise WeightsError(
                    NAME, "transformers, which loads it, is not installed (extra 'gpu').", detail=str(error)
                ) from error
            try:
                model, report = _loaded(DepthAnythingForDepthEstimation, folder, placement)
            except Exception as error:  # transformers raises whatever its parts do
                raise WeightsError(
                    NAME, "its files cannot be loaded: import its pack again.", detail=str(error)
                ) from error
        # transformers fills what a file lacks with random numbers, which would be a random depth.
        if lacking := [*report["missing_keys"], *report["mismatched_keys"]]:
            raise WeightsError(
                NAME, "its weights are not complete: import its pack again.", detail=f"lacking {lacking[:5]}"
            )
        return cls(model, placement)

    @property
    def weights_size(self) -> int:
        """Bytes of its weights."""
        return sum(item.numel() * item.element_size() for item in self._model.parameters())

    def estimate(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See :meth:`models.depth.DepthModel.estimate`."""
        import torch

        check_rgb(rgb)
        small = resized(rgb, *input_size(rgb.shape[1], rgb.shape[0])).astype(np.float32) / np.float32(255)
        batch = torch.from_numpy(as_batch(small)).to(self._placement.device, self._placement.torch_dtype())
        try:
            with torch.inference_mode():
                seen = self._model(pixel_values=batch).predicted_depth[0].float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            raise EngineError(
                f"{NAME} needs more memory than {self._placement.device} has free: free some, or set "
                "MULTIPLANE_MODEL_DEVICE to cpu.",
                detail=str(error),
            ) from error
        if not np.isfinite(seen).all():
            raise EngineError(
                f"{NAME} gave no depth for this photo.", detail="its output holds values that are no numbers"
            )
        low, high = float(seen.min()), float(seen.max())
        if high <= low:
            return np.zeros_like(seen)
        return np.asarray((seen - low) / (high - low), np.float32)


def check_files(folder: Path) -> None:
    """Look whether a folder holds the files, without reading the weights.

    Raises:
        WeightsError: one is missing, or is another model's.
    """
    if not (folder / CONFIG).is_file():
        raise WeightsError(NAME, f"its file {CONFIG} is missing: import its pack again.", detail=str(folder))
    if (kind := _kind(folder / CONFIG)) != "depth_anything":
        raise WeightsError(NAME, f"its {CONFIG} is of another model: import its pack again.", detail=f"kind {kind!r}")
    if not list(folder.glob("*.safetensors")):  # to its end: a listing left half-way is never closed
        raise WeightsError(NAME, "its weights (*.safetensors) are missing: import its pack again.", detail=str(folder))


def input_size(width: int, height: int) -> tuple[int, int]:
    """Width and height that a photo is looked at in: multiples of 14, the shape kept as well as they allow."""
    scale = min(SHORT_SIDE / min(width, height), LONGEST_SIDE / max(width, height))
    wide, high = (max(1, round(length * scale / PATCH)) * PATCH for length in (width, height))
    return wide, high


def memory(folder: Path) -> int:
    """Bytes to declare for it, before it is loaded."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors")) + WORKSPACE


def _kind(config: Path) -> str:
    """What a ``config.json`` says the model is; empty where it says nothing or is no JSON."""
    try:
        data = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(data.get("model_type", "")) if isinstance(data, dict) else ""


def _loaded(model_class: Any, folder: Path, placement: Placement) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
    from transformers.utils import logging

    logging.disable_progress_bar()
    model, report = model_class.from_pretrained(
        folder,
        dtype=placement.torch_dtype(),
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
    )
    return model.to(placement.device).eval(), report
