"""LTX-Video by way of diffusers (HaCohen et al., arXiv 2501.00103): a photo and a text, faster than the others.

The photo is the first latent picture; it is told timestep 0 and is never stepped. The loop here does what
``LTXImageToVideoPipeline`` does, and is compared with it in the tests; it is our own because a clip must go on from a
checkpoint, because each request of a batch has its own photo and its own seed, and because that pipeline can neither
be given timesteps (it gives sigmas too, and refuses both) nor several seeds where the VAE takes a timestep.

A distilled model says so in a file ``multiplane.json`` beside ``model_index.json``, which a studio writes: nothing in
the published files tells it. All of its members may be left out::

    {"steps": 8, "guidance": 1.0, "timesteps": [1000, 993, 987, 981, 975, 909, 725, 0.03]}

What a rung changes: from the second one on the VAE works in tiles of 512 pixels, and on the lowest micro-batch in
stretches of 16 pictures too. Both are blended and not exactly equal. What a preset changes: its share of steps (not for
a distilled model) and its interval of guidance hold; the other recipes are of SVD's UNet.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import WeightsError
from models.image_to_video import text_guided
from models.image_to_video.diffusers_folder import TOKENIZER, check_folder, check_tokenizer, loaded, loading, read_json
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits, Watch
from models.image_to_video.ladder import FULL, Rung
from models.image_to_video.text_guided import LATENTS, from_host, one_by_one, to_host
from models.image_to_video.workplace import ModelAtWork, Workplace
from models.runtime import ON_CPU, Placement

if TYPE_CHECKING:
    import torch

    from models.recipes.presets import Preset

NAME = "LTX-Video"
FAMILY = "ltx"
PACKS = ("ltx-video",)
LICENCE = "LicenseRef-LTXV-Open-Weights-0.X"

PIPELINES = ("LTXPipeline", "LTXImageToVideoPipeline", "LTXConditionPipeline")
"""The published folders name the first or the last; the parts are the same."""

PARTS = ("text_encoder", "transformer", "vae")

OWN_CONFIG = "multiplane.json"
"""What a studio says about the folder; see above."""

SIZES = ((768, 512), (512, 768), (1216, 704), (704, 1216))
"""Width and height: that of the paper and that of release 0.9.6 (README of Lightricks/LTX-Video), and both upright. It
was trained at many sizes, and others may be asked for."""

FRAMES, FPS, STEPS, GUIDANCE = 121, 25, 50, 3.0
"""Pictures, pictures a second, steps and scale of guidance: what ``LTXImageToVideoPipeline`` takes where nothing is
said. The README recommends 40 steps or more and a scale of 3 to 3.5; fewer than 257 pictures."""

DISTILLED_STEPS, DISTILLED_GUIDANCE = 8, 1.0
"""README of Lightricks/LTX-Video, release 0.9.6: 8 steps, no guidance."""

FRAME_MULTIPLE = 8
"""Pictures of one latent picture; the first stands alone."""

SIDE = 32
"""Pixels of both sides to a latent, which is a token."""

LONGEST_PROMPT = 128
"""Tokens; what is longer is cut off, as ``LTXImageToVideoPipeline`` does."""

DECODE_TIMESTEP, DECODE_NOISE = 0.05, 0.025
"""Where the VAE takes a timestep (release 0.9.1 and later), it does the last bit of denoising: at which timestep, and
how much noise is mixed in for that (documentation of LTX-Video in diffusers)."""


class Ltx(ModelAtWork):
    """A :class:`models.image_to_video.interface.ImageToVideo`; one thread generates at a time, others wait.

    Args:
        pipeline: of diffusers.
        traits: what it was trained for.
        work: where its parts are at work.
        preset: what may be approximated.
        timesteps: of a distilled model, used where exactly so many steps are asked for; 0 to 1000, falling.
    """

    def __init__(
        self,
        pipeline: Any,  # noqa: ANN401  of diffusers, without types
        traits: Traits,
        work: Workplace,
        preset: "Preset | None" = None,
        timesteps: Sequence[float] = (),
    ) -> None:
        super().__init__(traits, work, preset)
        self._pipeline = pipeline
        self._timesteps = tuple(timesteps)
        if work.is_short_of_memory:
            pipeline.vae.enable_tiling()
            pipeline.vae.use_framewise_decoding = work.is_least

    def steps_of(self, request: ClipRequest) -> int:
        """Steps that are taken for a request: the preset's share of those that it asks for, at least 1.

        A distilled model takes as many as it is asked for: it has none to spare.
        """
        return request.steps if self._is_distilled else super().steps_of(request)

    @property
    def _is_distilled(self) -> bool:
        return self._traits.guidance[0] <= 1

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.image_to_video.interface.ImageToVideo.generate`; ``total`` is :meth:`steps_of`."""
        text_guided.check_requests(NAME, requests, self._traits, SIDE)
        return self._work.generated(partial(self._generate, requests, watch, resume))

    def _generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None, resume: Checkpoint | None
    ) -> list[NDArray[np.uint8]]:
        randoms = text_guided.generators(requests)
        latents = self._denoised(requests, randoms, watch, resume)
        with self._work.at_work("decoding", "vae"):
            alone = zip(one_by_one(latents), randoms, strict=True)
            return [text_guided.pictures(NAME, self._decoded(latent, random)) for latent, random in alone]

    def _denoised(
        self,
        requests: Sequence[ClipRequest],
        randoms: Sequence["torch.Generator"],
        watch: Watch | None,
        resume: Checkpoint | None,
    ) -> "torch.Tensor":
        """Latents (B, C, F, H / 32, W / 32), float32, the photo's in the first picture."""
        import torch

        pipeline, first, scale = self._pipeline, requests[0], requests[0].guidance[0]
        device, steps = self._work.device, self.steps_of(first)
        transformer, dtype = pipeline.transformer, pipeline.transformer.dtype
        with self._work.at_work("reading the prompt", "text_encoder"):
            texts = self._texts(requests, scale > 1)
        with self._work.at_work("encoding the photo", "vae"):
            photo = self._encoded(text_guided.photos(requests, device), randoms)
        shape = (1, photo.shape[1], 1 + (first.frames - 1) // FRAME_MULTIPLE, *photo.shape[3:])
        frames, high, wide = shape[2:]
        latents = torch.cat([torch.randn(shape, generator=random) for random in randoms]).to(device)
        latents[:, :, :1] = photo
        unknown = torch.ones(shape[2:], device=device)
        unknown[0] = 0  # tokens of the photo are told timestep 0
        scheduler = self._scheduler(steps, frames * high * wide)
        done = text_guided.continued(NAME, resume, steps, latents)
        scheduler.set_begin_index(done)
        if resume is not None:
            latents = from_host(resume.arrays[LATENTS], device)
            self._skip_noise(scheduler, randoms, latents[:1, :, 1:].shape, done)
        with self._work.at_work("denoising", "transformer"):
            for step in range(done, steps):
                here = texts if text_guided.is_guided(self._preset, step, steps) else texts[:1]
                time = scheduler.timesteps[step]
                tokens = _packed(latents).to(dtype)
                times = (unknown.flatten() * time).expand(len(requests), -1)
                both = [
                    _unpacked(
                        transformer(
                            hidden_states=tokens,
                            encoder_hidden_states=text,
                            encoder_attention_mask=mask,
                            timestep=times,
                            num_frames=frames,
                            height=high,
                            width=wide,
                            rope_interpolation_scale=(FRAME_MULTIPLE / first.fps, SIDE, SIDE),
                            return_dict=False,
                        )[0].float(),
                        shape,
                    )
                    for text, mask in here
                ]
                flow = both[0] if len(both) == 1 else both[1] + scale * (both[0] - both[1])
                moved = scheduler.step(
                    flow[:, :, 1:], time, latents[:, :, 1:], generator=list(randoms), return_dict=False
                )[0]
                latents = torch.cat([latents[:, :, :1], moved], dim=2)
                if watch is not None:
                    watch(step + 1, steps, partial(_checkpoint, latents, step + 1, steps))
        return latents

    def _texts(self, requests: Sequence[ClipRequest], guided: bool) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
        """The prompts, then where it is guided what is not wanted: each (B, T, D) and its mask (B, T)."""
        prompt, mask, negative, negative_mask = self._pipeline.encode_prompt(
            [request.prompt for request in requests],
            [request.negative for request in requests],
            do_classifier_free_guidance=guided,
            max_sequence_length=LONGEST_PROMPT,
            device=self._work.device,
        )
        return [(prompt, mask), (negative, negative_mask)] if guided else [(prompt, mask)]

    def _encoded(self, videos: "torch.Tensor", randoms: Sequence["torch.Generator"]) -> "torch.Tensor":
        """Photos (B, 3, 1, H, W) as latents (B, C, 1, H / 32, W / 32), float32; the VAE's own noise is the seed's."""
        import torch

        vae = self._pipeline.vae
        found = [
            vae.encode(video.to(vae.dtype)).latent_dist.sample(random).float()
            for video, random in zip(one_by_one(videos), randoms, strict=True)
        ]
        latents: torch.Tensor = self._pipeline._normalize_latents(torch.cat(found), vae.latents_mean, vae.latents_std)
        return latents

    def _decoded(self, latents: "torch.Tensor", random: "torch.Generator") -> "torch.Tensor":
        import torch

        vae = self._pipeline.vae
        latents = self._pipeline._denormalize_latents(
            latents, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        ).to(vae.dtype)
        time = None
        if vae.config.timestep_conditioning:
            noise = torch.randn(latents.shape, generator=random).to(latents)
            latents = (1 - DECODE_NOISE) * latents + DECODE_NOISE * noise
            time = torch.tensor([DECODE_TIMESTEP]).to(latents)
        (video,) = vae.decode(latents, time, return_dict=False)
        decoded: torch.Tensor = video
        return decoded

    def _scheduler(self, steps: int, tokens: int) -> Any:  # noqa: ANN401  of diffusers, without types
        """A scheduler that is set to so many steps; the more tokens, the longer it stays where there is much noise."""
        scheduler = type(self._pipeline.scheduler).from_config(self._pipeline.scheduler.config)
        config = scheduler.config
        if steps == 1 and config.shift_terminal:
            raise ValueError(f"{NAME} as it is in this folder needs at least 2 steps")
        slope = (config.max_shift - config.base_shift) / (config.max_image_seq_len - config.base_image_seq_len)
        shift = config.base_shift + slope * (tokens - config.base_image_seq_len)
        if len(self._timesteps) == steps:
            sigmas = np.array(self._timesteps) / config.num_train_timesteps
        else:
            sigmas = np.linspace(1, 1 / steps, steps)
        scheduler.set_timesteps(sigmas=sigmas, mu=shift, device=self._work.device)
        return scheduler

    @staticmethod
    def _skip_noise(scheduler: Any, randoms: Sequence["torch.Generator"], shape: Sequence[int], steps: int) -> None:  # noqa: ANN401
        """Draw what the steps that are done have drawn, where the scheduler mixes noise in."""
        import torch

        if scheduler.config.stochastic_sampling:
            for random in randoms:
                for _ in range(steps):
                    torch.randn(tuple(shape), generator=random)


def check_files(folder: Path) -> None:
    """Look whether a folder holds the model, without reading its weights.

    Raises:
        WeightsError: a file is missing, a pickle, or another model's.
    """
    check_folder(NAME, folder, PIPELINES, PARTS)
    check_tokenizer(NAME, folder)


def traits_of(folder: Path) -> Traits:
    """What the model in a folder was trained for.

    Raises:
        WeightsError: as :func:`check_files`, or the studio's own file says what cannot be.
    """
    check_files(folder)
    steps, guidance, _ = _own_config(folder)
    return Traits(FAMILY, True, SIZES, FRAMES, FRAME_MULTIPLE, FPS, steps, (guidance, guidance), LICENCE)


def open_model(folder: Path, placement: Placement = ON_CPU, preset: "Preset | None" = None, rung: Rung = FULL) -> Ltx:
    """Load it from a folder in the layout of diffusers; nothing is looked for elsewhere.

    Args:
        folder: with ``model_index.json``.
        placement: float16 is taken as bfloat16, which its documentation recommends for all parts.
        preset: what may be approximated.
        rung: how much is on the device at a time.

    Raises:
        WeightsError: a library is not installed, or a file is missing, damaged, or another model's.
        DeviceMemoryError: there is no room for it on the device.
    """
    traits = traits_of(folder)
    placement = text_guided.brain_floats(placement)
    with loading(NAME):
        from diffusers import (
            AutoencoderKLLTXVideo,
            FlowMatchEulerDiscreteScheduler,
            LTXImageToVideoPipeline,
            LTXVideoTransformer3DModel,
        )
        from transformers import AutoTokenizer, T5EncoderModel

        dtype = placement.torch_dtype()
        pipeline = LTXImageToVideoPipeline(
            tokenizer=AutoTokenizer.from_pretrained(folder / TOKENIZER, local_files_only=True),
            text_encoder=loaded(NAME, T5EncoderModel, folder, "text_encoder", dtype),
            vae=loaded(NAME, AutoencoderKLLTXVideo, folder, "vae", dtype),
            transformer=loaded(NAME, LTXVideoTransformer3DModel, folder, "transformer", dtype),
            scheduler=FlowMatchEulerDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
        )
        parts = {part: getattr(pipeline, part) for part in PARTS}
        return Ltx(pipeline, traits, Workplace(NAME, parts, placement, rung), preset, _own_config(folder)[2])


def weights_size(folder: Path, placement: Placement) -> int:
    """Bytes that the weights will take once loaded, from the sizes of their files."""
    return text_guided.loaded_size(folder, PARTS, text_guided.brain_floats(placement))


def _own_config(folder: Path) -> tuple[int, float, tuple[float, ...]]:
    """Steps, guidance and timesteps: of the studio's own file, else those of the model that is not distilled."""
    if not (folder / OWN_CONFIG).exists():
        return STEPS, GUIDANCE, ()
    data = read_json(folder / OWN_CONFIG)
    timesteps = data.get("timesteps", [])
    steps = data.get("steps", len(timesteps) or DISTILLED_STEPS)
    guidance = data.get("guidance", DISTILLED_GUIDANCE)
    are_times = isinstance(timesteps, list) and all(isinstance(time, int | float) for time in timesteps)
    if not (data and are_times and isinstance(steps, int) and steps > 0 and isinstance(guidance, int | float)):
        raise WeightsError(
            NAME,
            f"its {OWN_CONFIG} must be an object with steps (a number), guidance (a number) and timesteps (a list).",
        )
    return steps, float(guidance), tuple(map(float, timesteps))


def _checkpoint(latents: "torch.Tensor", done: int, total: int) -> Checkpoint:
    return Checkpoint(done, total, {LATENTS: to_host(latents)})


def _packed(latents: "torch.Tensor") -> "torch.Tensor":
    """Latents (B, C, F, H, W) as tokens (B, F H W, C)."""
    return latents.flatten(2).transpose(1, 2)


def _unpacked(tokens: "torch.Tensor", shape: Sequence[int]) -> "torch.Tensor":
    """Tokens (B, F H W, C) as latents (B, C, F, H, W)."""
    return tokens.transpose(1, 2).reshape(len(tokens), -1, *shape[2:])
