"""Tiny models of both text-guided families, beside diffusers' own pipelines of them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.image_to_video import ltx, wan
from models.image_to_video.interface import ClipRequest, ImageToVideo
from tests.models.tiny_ltx import write_tiny_ltx
from tests.models.tiny_wan import write_tiny_wan

WIDTH, HEIGHT, FRAMES, STEPS = 128, 64, 9, 4


@dataclass(frozen=True)
class Family:
    """An adapter, a folder with a tiny model, the model, and diffusers' pipeline of it."""

    module: Any
    folder: Path
    model: ImageToVideo
    stock: Any
    stock_arguments: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.module.NAME)

    def open(self, **arguments: Any) -> Any:
        return self.module.open_model(self.folder, **arguments)

    def stock_clip(self, request: ClipRequest) -> np.ndarray:
        """What diffusers' own pipeline makes of a request: (N, H, W, 3) uint8."""
        import torch

        found = self.stock(
            image=Image.fromarray(request.picture),
            prompt=request.prompt,
            negative_prompt=request.negative,
            width=request.picture.shape[1],
            height=request.picture.shape[0],
            num_frames=request.frames,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance[0],
            generator=torch.Generator().manual_seed(request.seed),
            output_type="np",
            **self.stock_arguments,
        )
        return np.round(found.frames[0] * 255).astype(np.uint8)


def family_in(folder: Path, name: str, **variant: bool) -> Family:
    """Write a tiny model of ``wan`` or ``ltx`` into a folder, and open it both ways."""
    import torch
    from diffusers import LTXImageToVideoPipeline, WanImageToVideoPipeline

    torch.set_num_threads(2)
    module, write, pipeline = {
        "wan": (wan, write_tiny_wan, WanImageToVideoPipeline),
        "ltx": (ltx, write_tiny_ltx, LTXImageToVideoPipeline),
    }[name]
    write(folder, **variant)
    stock = pipeline.from_pretrained(folder, local_files_only=True)
    stock.set_progress_bar_config(disable=True)
    last_bit = {"decode_timestep": ltx.DECODE_TIMESTEP, "decode_noise_scale": ltx.DECODE_NOISE}
    return Family(module, folder, module.open_model(folder), stock, last_bit if name == "ltx" else {})


def photo(seed: int = 3) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT)))


def asked(**changes: Any) -> ClipRequest:
    plain = ClipRequest(
        photo(), FRAMES, STEPS, seed=5, fps=25, guidance=(4.0, 4.0), prompt="the dog runs", negative="blurry"
    )
    return replace(plain, **changes)


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference of two clips, in levels of 255."""
    return int(np.abs(one.astype(int) - other).max())
