"""Stable Video Diffusion step by step (Blattmann et al., 2023, "Stable Video Diffusion: Scaling Latent Video Diffusion
Models to Large Datasets"), over the parts of diffusers' ``StableVideoDiffusionPipeline``.

Where no recipe is applied the pictures are the pipeline's, bit for bit on a processor. What differs from it:

* each request has its own generator, motion bucket, noise and fps, so that a batch gives what each gives alone;
* random numbers are drawn on the processor whatever the device, as the pipeline does when it is given generators of the
  processor: first the noise on the photo (float32), then the latents in the model's own number format, whose float16
  values are the float32 ones rounded; one seed starts from the same noise everywhere;
* in float16 the pipeline turns the whole VAE into float32 to look at the photo, and leaves it so where that fails; here
  only the encoder turns, and turns back whatever happens. Both decode in float16; here a clip that overflows there is
  decoded again in float32;
* values that are no numbers are an error, not black pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.image_to_video.interface import Checkpoint, ClipRequest, Watch
from models.recipes.guidance_interval import GuidanceIntervalConfig, is_guided

if TYPE_CHECKING:
    import torch

    from models.recipes.deep_cache import DeepCache

CLIP_SIDE = 224
"""Pixels of the square that the image encoder looks at."""

LATENTS = "latents"
"""The array of a checkpoint: (B, N, 4, H / 8, W / 8), noisy; the rest follows from the requests."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The modules of a pipeline, as diffusers and transformers made them: they carry no types."""

    image_encoder: Any
    feature_extractor: Any
    vae: Any
    unet: Any
    scheduler: Any


@dataclass(frozen=True, slots=True)
class Noise:
    """Randomness: on the photos (B, 3, H, W) float32, and to start from (B, N, 4, H / 8, W / 8)."""

    photos: "torch.Tensor"
    latents: "torch.Tensor"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the UNet is told beside the noisy latents. Under guidance each has the unconditional half first.

    Attributes:
        embeddings: (B or 2 B, 1, C) of the image encoder; zeros without the photo.
        photos: (B or 2 B, N, 4, H / 8, W / 8), the photo's latents for each picture; zeros without the photo.
        times: (B or 2 B, 3): fps - 1, motion bucket, noise.
        guidance: (B, N, 1, 1, 1), the scale of each picture; None without guidance.
    """

    embeddings: "torch.Tensor"
    photos: "torch.Tensor"
    times: "torch.Tensor"
    guidance: "torch.Tensor | None"

    def without_guidance(self) -> "Conditions":
        """The half that sees the photo."""
        if self.guidance is None:
            return self
        return self.halves()[1]

    def halves(self) -> tuple["Conditions", "Conditions"]:
        """Without the photo, and with it; each is asked for without guidance."""
        embeddings, photos, times = (each.chunk(2) for each in (self.embeddings, self.photos, self.times))
        first, second = (Conditions(embeddings[half], photos[half], times[half], None) for half in (0, 1))
        return first, second


def is_guided_at_all(request: ClipRequest) -> bool:
    """Whether any picture has a scale above 1, which is no guidance. (The pipeline asks for the last one's only.)"""
    return max(request.guidance) > 1


def draw_noise(requests: Sequence[ClipRequest], channels: int, scale: int, dtype: "torch.dtype") -> Noise:
    """Draw all that a clip needs, on the processor.

    Args:
        requests: of one shape.
        channels: of a latent.
        scale: pixels of a side of a latent.
        dtype: of the latents.
    """
    import torch

    high, wide = requests[0].picture.shape[:2]
    photos, latents = [], []
    for request in requests:
        generator = torch.Generator().manual_seed(request.seed)
        photos.append(torch.randn((1, 3, high, wide), generator=generator))
        shape = (1, request.frames, channels, high // scale, wide // scale)
        latents.append(torch.randn(shape, generator=generator, dtype=dtype))
    return Noise(torch.cat(photos), torch.cat(latents))


def embed(parts: Parts, requests: Sequence[ClipRequest], device: str) -> "torch.Tensor":
    """What the image encoder sees in each photo: (B, 1, C); the photo is made small as the pipeline does it."""
    import torch
    from diffusers.pipelines.stable_video_diffusion import pipeline_stable_video_diffusion as stock

    photos = _photos(requests) * 2.0 - 1.0
    # The private function is the definition of what the weights were trained to see: a copy of it could drift.
    small = (stock._resize_with_antialiasing(photos, (CLIP_SIDE, CLIP_SIDE)) + 1.0) / 2.0
    seen = parts.feature_extractor(
        images=small, do_normalize=True, do_center_crop=False, do_resize=False, do_rescale=False, return_tensors="pt"
    ).pixel_values
    dtype = next(parts.image_encoder.parameters()).dtype
    embeddings: torch.Tensor = parts.image_encoder(seen.to(device=device, dtype=dtype)).image_embeds
    return embeddings.unsqueeze(1)


def encode(parts: Parts, requests: Sequence[ClipRequest], noise: Noise, device: str) -> "torch.Tensor":
    """The latents of each photo with its noise on it: (B, 4, H / 8, W / 8), in the VAE's number format."""
    import torch

    strength = torch.tensor([request.noise for request in requests], dtype=torch.float32).reshape(-1, 1, 1, 1)
    photos = (2.0 * _photos(requests) - 1.0) + strength * noise.photos
    vae = parts.vae
    dtype = next(vae.encoder.parameters()).dtype
    upcast = dtype == torch.float16 and vae.config.force_upcast
    with _as_float32(vae.encoder, vae.quant_conv) if upcast else _as_it_is():
        latents: torch.Tensor = vae.encode(photos.to(device, torch.float32 if upcast else dtype)).latent_dist.mode()
    return latents.to(dtype)


def condition(embeddings: "torch.Tensor", photos: "torch.Tensor", requests: Sequence[ClipRequest]) -> Conditions:
    """Put together what the UNet is told.

    Args:
        embeddings: of :func:`embed`.
        photos: of :func:`encode`.
        requests: of one number of pictures and one guidance.
    """
    import torch

    first = requests[0]
    device, dtype = embeddings.device, embeddings.dtype
    # SVD was trained on fps - 1.
    told = [[request.fps - 1, request.motion_bucket, request.noise] for request in requests]
    times = torch.tensor(told, dtype=dtype).to(device)
    photos = photos.to(dtype)
    if not is_guided_at_all(first):
        return Conditions(embeddings, _for_each_picture(photos, first.frames), times, None)
    scales = torch.linspace(*first.guidance, first.frames).unsqueeze(0).to(device, dtype).repeat(len(requests), 1)
    return Conditions(
        torch.cat([torch.zeros_like(embeddings), embeddings]),
        _for_each_picture(torch.cat([torch.zeros_like(photos), photos]), first.frames),
        torch.cat([times, times]),
        scales.reshape(*scales.shape, 1, 1, 1),
    )


def denoise(
    parts: Parts,
    conditions: Conditions,
    noise: "torch.Tensor",
    steps: int,
    *,
    interval: GuidanceIntervalConfig | None = None,
    cache: "DeepCache | None" = None,
    apart: bool = False,
    watch: Watch | None = None,
    resume: Checkpoint | None = None,
) -> "torch.Tensor":
    """Take the noise away, step by step.

    Args:
        parts: the UNet and the scheduler are used.
        conditions: as :func:`condition` gives them.
        noise: (B, N, 4, h, w) to start from, on the device.
        steps: to take.
        interval: steps that are guided; None: all.
        cache: was applied to the UNet.
        apart: the halves of guidance run one after the other: half the memory; not with a cache, which holds both.
        watch: see :class:`models.image_to_video.interface.Watch`.
        resume: begin after its step.

    Returns:
        Latents of the noise's shape.
    """
    import torch

    device = noise.device
    scheduler = parts.scheduler
    scheduler.set_timesteps(steps, device=device)
    begin = resume.step if resume else 0
    scheduler.set_begin_index(begin)
    # The scheduler's first standard deviation follows from its timesteps, so this stands after them.
    latents: torch.Tensor = noise * scheduler.init_noise_sigma
    if resume:
        latents = torch.from_numpy(np.array(resume.arrays[LATENTS])).to(device, noise.dtype)
    if cache:
        cache.begin()
    # Once: the fold knows the very tensors again.
    halves = None if conditions.guidance is None else conditions.halves()
    alone = conditions if halves is None else halves[1]
    for step in range(begin, steps):
        time = scheduler.timesteps[step]
        guided = is_guided(interval, step, steps)
        if cache:
            cache.at(step)
        if apart and guided and halves is not None and conditions.guidance is not None:
            without, conditional = (_predict(parts, latents, time, half) for half in halves)
            predicted = without + conditions.guidance * (conditional - without)
        else:
            predicted = _predict(parts, latents, time, conditions if guided else alone)
        latents = scheduler.step(predicted, time, latents).prev_sample
        if watch:
            can_resume = step + 1 == steps or cache is None or cache.is_full(step + 1)
            watch(step + 1, steps, _copier(latents, step + 1, steps) if can_resume else _nothing)
    return latents


def decode(parts: Parts, latents: "torch.Tensor") -> "torch.Tensor":
    """Pictures of one clip: (N, 3, H, W) float32 around -1 to 1, from latents (N, 4, h, w).

    They may hold values that are no numbers only where the latents do, or float32 is not enough either.
    """
    import torch

    pictures = _decoded(parts.vae, latents)
    if pictures.dtype == torch.float16 and not pictures.isfinite().all() and latents.isfinite().all():
        with _as_float32(parts.vae.decoder):
            pictures = _decoded(parts.vae, latents.float())
    return pictures.float()


def as_bytes(pictures: "torch.Tensor") -> NDArray[np.uint8]:
    """Pictures (N, 3, H, W) around -1 to 1 as (N, H, W, 3) uint8, rounded as the pipeline rounds them."""
    shown = (pictures * 0.5 + 0.5).clamp(0, 1)
    return (shown * 255).round().byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _predict(parts: Parts, latents: "torch.Tensor", time: "torch.Tensor", told: Conditions) -> "torch.Tensor":
    """The UNet's answer, guided where the conditions are."""
    import torch

    batch = latents if told.guidance is None else torch.cat([latents] * 2)
    batch = torch.cat([parts.scheduler.scale_model_input(batch, time), told.photos], dim=2)
    answer: torch.Tensor = parts.unet(
        batch, time, encoder_hidden_states=told.embeddings, added_time_ids=told.times, return_dict=False
    )[0]
    if told.guidance is None:
        return answer
    without, conditional = answer.chunk(2)
    guided: torch.Tensor = without + told.guidance * (conditional - without)
    return guided


def _decoded(vae: Any, latents: "torch.Tensor") -> "torch.Tensor":  # noqa: ANN401  of diffusers, without types
    pictures: torch.Tensor = vae.decode(1 / vae.config.scaling_factor * latents, num_frames=latents.shape[0]).sample
    return pictures


def _photos(requests: Sequence[ClipRequest]) -> "torch.Tensor":
    """(B, 3, H, W) float32 from 0 to 1."""
    import torch

    stack = np.stack([request.picture for request in requests]).astype(np.float32) / 255.0
    return torch.from_numpy(stack.transpose(0, 3, 1, 2))


def _for_each_picture(photos: "torch.Tensor", frames: int) -> "torch.Tensor":
    return photos.unsqueeze(1).repeat(1, frames, 1, 1, 1)


def _copier(latents: "torch.Tensor", done: int, total: int) -> Callable[[], Checkpoint]:
    def copy() -> Checkpoint:
        import torch

        return Checkpoint(done, total, {LATENTS: latents.to("cpu", torch.float32, copy=True).numpy()})

    return copy


def _nothing() -> None:
    return None


@contextmanager
def _as_float32(*modules: Any) -> Iterator[None]:  # noqa: ANN401  of diffusers, without types
    """Half floats are float32 for a while; going back loses nothing."""
    import torch

    try:
        for module in modules:
            module.to(torch.float32)
        yield
    finally:
        for module in modules:
            module.to(torch.float16)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
