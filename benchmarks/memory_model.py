"""``python -m benchmarks.memory_model``: what models/image_to_video/memory_figures.py says, counted again.

Each line is one phase of one family at one size: what was counted on fake tensors of the real classes at full size, and
how far the figures are above that. No weights, no GPU and hardly any memory are needed; all of it takes some minutes.
The configurations are those of the published models.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from benchmarks.fake_memory import GPU, fake_tensors
from models.image_to_video.memory_figures import LTX, SVD, WAN, Linear
from models.recipes.deep_cache import DeepCacheConfig, apply_deep_cache
from models.recipes.peak_memory import peak_bytes
from models.recipes.vae_decode import ExactDecodeConfig, apply_exact_decode

SVD_UNET = {"sample_size": 96, "num_attention_heads": (5, 10, 20, 20)}
SVD_VAE = {
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 768,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
}
WAN_TRANSFORMER = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 24,
    "attention_head_dim": 128,
    "in_channels": 48,
    "out_channels": 48,
    "text_dim": 4096,
    "ffn_dim": 14336,
    "num_layers": 30,
}
WAN_VAE = {
    "base_dim": 160,
    "decoder_base_dim": 256,
    "z_dim": 48,
    "dim_mult": [1, 2, 4, 4],
    "temperal_downsample": [False, True, True],
    "is_residual": True,
    "in_channels": 12,
    "out_channels": 12,
    "patch_size": 2,
    "scale_factor_spatial": 16,
    "latents_mean": [0.0] * 48,
    "latents_std": [1.0] * 48,
}
T5_XXL = {"d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64,
          "feed_forward_proj": "gated-gelu"}  # fmt: skip
WAN_TOKENS, LTX_TOKENS = 512, 128


@dataclass(frozen=True, slots=True)
class Point:
    """One phase at one size.

    Attributes:
        phase: its name.
        frames, pixels: F and P of :class:`models.image_to_video.memory_figures.Linear`.
        counted: bytes.
        figures: that should say the same.
    """

    phase: str
    frames: float
    pixels: float
    counted: int
    figures: Linear

    @property
    def excess(self) -> float:
        """How far the figures are above what was counted, as a share of it."""
        return self.figures.bytes(self.frames, self.pixels, False) / self.counted - 1


def svd_denoising() -> Iterator[Point]:
    """A step of the UNet, with and without guidance; P in each direction."""
    from diffusers import UNetSpatioTemporalConditionModel

    with fake_tensors(torch.float16):
        unet = UNetSpatioTemporalConditionModel(**SVD_UNET).eval()
        for batch, frames, high, wide in ((1, 14, 72, 128), (2, 14, 64, 64), (2, 25, 72, 128), (2, 25, 40, 72)):
            run = _step_of_svd(unet, batch, frames, high, wide)
            yield Point("svd step", batch * frames, high * wide, _peak(run), SVD.denoising)


def svd_caching() -> Iterator[Point]:
    """A full step that keeps its feature and a shallow one that takes it."""
    from diffusers import UNetSpatioTemporalConditionModel

    with fake_tensors(torch.float16):
        unet = UNetSpatioTemporalConditionModel(**SVD_UNET).eval()
        for batch, frames, high, wide in ((2, 25, 72, 128), (2, 14, 64, 64)):
            cache = apply_deep_cache(unet, DeepCacheConfig())
            cache.begin()
            step = _step_of_svd(unet, batch, frames, high, wide)
            counted = _peak(partial(_both, step))
            cache.remove()
            yield Point("svd step, DeepCache", batch * frames, high * wide, counted, SVD.caching or SVD.denoising)


def svd_pictures() -> Iterator[Point]:
    """The VAE at once, and looking at a photo."""
    from diffusers import AutoencoderKLTemporalDecoder

    with fake_tensors(torch.float16):
        vae = AutoencoderKLTemporalDecoder(**SVD_VAE).eval()
        for frames, high, wide in ((8, 72, 128), (14, 64, 64)):
            latents = torch.empty(frames, 4, high, wide)
            counted = _peak(partial(vae.decode, latents, num_frames=frames))
            yield Point("svd decode", frames, high * wide, counted, SVD.decoding)
    with fake_tensors(torch.float32):
        vae = AutoencoderKLTemporalDecoder(**SVD_VAE).eval()
        counted = _peak(lambda: vae.encode(torch.empty(1, 3, 576, 1024)))
        yield Point("svd photo", 1, 72 * 128, counted, SVD.photo)


def svd_cut() -> Iterator[Point]:
    """The exact decoding at low memory: F is the micro-batch."""
    from diffusers import AutoencoderKLTemporalDecoder

    with fake_tensors(torch.float16):
        vae = AutoencoderKLTemporalDecoder(**SVD_VAE).eval()
        for micro_batch, high, wide in ((1, 72, 128), (2, 72, 128), (8, 64, 64)):
            applied = apply_exact_decode(vae, ExactDecodeConfig(micro_batch))
            latents = torch.empty(25, 4, high, wide)
            counted = _peak(partial(vae.decode, latents, num_frames=25))
            applied.remove()
            yield Point(f"svd decode by {micro_batch}", micro_batch, high * wide, counted, SVD.cut)


def wan() -> Iterator[Point]:
    """Wan 2.2 TI2V-5B."""
    from diffusers import AutoencoderKLWan, WanTransformer3DModel

    with fake_tensors(torch.bfloat16):
        transformer = WanTransformer3DModel(**WAN_TRANSFORMER).eval()
        for batch, frames, high, wide in ((1, 31, 44, 80), (2, 13, 32, 32)):
            latents, text = torch.empty(batch, 48, frames, high, wide), torch.empty(batch, WAN_TOKENS, 4096)
            times = torch.empty(batch, frames * high * wide // 4)
            counted = _peak(partial(transformer, latents, times, text))
            yield Point("wan step", batch * frames, high * wide, counted, WAN.denoising)
    with fake_tensors(torch.float32):
        vae = AutoencoderKLWan(**WAN_VAE).eval()
        counted = _peak(lambda: vae.encode(torch.empty(1, 3, 1, 704, 1280)))
        yield Point("wan photo", 1, 44 * 80, counted, WAN.photo)
        for figures in (WAN.decoding, WAN.cut):
            for frames, high, wide in ((3, 44, 80), (5, 44, 80), (3, 32, 32)):
                latents = torch.empty(1, 48, frames, high, wide)
                counted = _peak(partial(vae.decode, latents))
                yield Point(f"wan decode{_tiled(figures is WAN.cut)}", frames, high * wide, counted, figures)
            vae.enable_tiling()


def ltx() -> Iterator[Point]:
    """LTX-Video 2B."""
    from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel

    with fake_tensors(torch.bfloat16):
        transformer = LTXVideoTransformer3DModel().eval()
        for batch, frames, high, wide in ((1, 16, 16, 24), (2, 8, 16, 24)):
            tokens = frames * high * wide
            given = (torch.empty(batch, tokens, 128), torch.empty(batch, LTX_TOKENS, 4096), torch.empty(batch, tokens),
                     torch.empty(batch, LTX_TOKENS))  # fmt: skip
            size = {"num_frames": frames, "height": high, "width": wide}
            counted = _peak(partial(transformer, *given, **size))
            yield Point("ltx step", batch * frames, high * wide, counted, LTX.denoising)
        vae = AutoencoderKLLTXVideo().eval()
        counted = _peak(lambda: vae.encode(torch.empty(1, 3, 1, 512, 768)))
        yield Point("ltx photo", 1, 16 * 24, counted, LTX.photo)
        for name, figures in (("", LTX.decoding), (", tiled", LTX.cut), (", tiled in time", LTX.least or LTX.cut)):
            if figures is not LTX.decoding:
                vae.enable_tiling()
            vae.use_framewise_decoding = figures is LTX.least
            for frames, high, wide in ((16, 16, 24), (16, 22, 38)):
                latents = torch.empty(1, 128, frames, high, wide)
                counted = _peak(partial(vae.decode, latents))
                yield Point(f"ltx decode{name}", frames, high * wide, counted, figures)


def encoders() -> Iterator[Point]:
    """What reads the photo's content or the prompt; F and P do not matter."""
    from transformers import (
        CLIPVisionConfig,
        CLIPVisionModelWithProjection,
        T5Config,
        T5EncoderModel,
        UMT5Config,
        UMT5EncoderModel,
    )

    with fake_tensors(torch.float16):
        config = CLIPVisionConfig(hidden_size=1280, intermediate_size=5120, num_attention_heads=16,
                                  num_hidden_layers=32, patch_size=14, projection_dim=1024)  # fmt: skip
        clip = CLIPVisionModelWithProjection(config).eval()
        counted = _peak(lambda: clip(torch.empty(1, 3, 224, 224)))
        yield Point("svd image encoder", 1, 1, counted, SVD.encoding)
    with fake_tensors(torch.bfloat16):
        umt5 = UMT5EncoderModel(UMT5Config(vocab_size=256_384, **T5_XXL)).eval()
        yield Point("wan text encoder", 1, 1, _peak(_reading(umt5, WAN_TOKENS)), WAN.encoding)
        t5 = T5EncoderModel(T5Config(vocab_size=32_128, **T5_XXL)).eval()
        yield Point("ltx text encoder", 1, 1, _peak(_reading(t5, LTX_TOKENS)), LTX.encoding)


def _peak(run: Callable[[], object]) -> int:
    with torch.no_grad():
        return peak_bytes(run, GPU)


def _both(step: Callable[[], object]) -> tuple[object, object]:
    return step(), step()


def _step_of_svd(unet: Any, batch: int, frames: int, high: int, wide: int) -> Callable[[], object]:  # noqa: ANN401
    latents, embeddings = torch.empty(batch, frames, 8, high, wide), torch.empty(batch, 1, 1024)
    times = torch.empty(batch, 3)
    return lambda: unet(latents, torch.empty(()), embeddings, added_time_ids=times)


def _reading(encoder: Any, tokens: int) -> Callable[[], object]:  # noqa: ANN401
    ids = torch.zeros(1, tokens, dtype=torch.long)
    return lambda: encoder(ids, attention_mask=torch.ones_like(ids))


def _tiled(is_tiled: bool) -> str:
    return ", tiled" if is_tiled else ""


def main() -> int:
    """Print the table."""
    print(f"{'phase':24} {'F':>5} {'P':>6} {'counted MB':>11} {'figures':>9}")
    for phase in (svd_denoising, svd_caching, svd_pictures, svd_cut, encoders, wan, ltx):
        for point in phase():
            size = f"{point.frames:5g} {point.pixels:6g} {point.counted / 2**20:11.1f}"
            print(f"{point.phase:24} {size} {point.excess:+9.1%}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
