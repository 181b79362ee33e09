"""Wan 2.2 TI2V-5B by way of diffusers (Wan Team, arXiv 2503.20314): a photo and a text, 24 pictures a second.

The photo is the first latent picture. Every step puts it back, and its place is told timestep 0; what is denoised is
the rest. The loop here does what ``WanImageToVideoPipeline`` does with ``expand_timesteps``, and is compared with it in
the tests; it is our own because a clip must go on from a checkpoint, and because each request of a batch has its own
photo and its own seed.

What a rung changes: the VAE takes one latent picture (4 pictures) at a time whatever the micro-batch, exactly, because
its convolutions are causal and keep what they need. From the second rung on it works in tiles of 256 pixels too, which
are blended and not exactly equal. What a preset changes: its share of steps and its interval of guidance hold; the
other recipes are of SVD's UNet.
"""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import WeightsError
from models.image_to_video import text_guided
from models.image_to_video.diffusers_folder import (
    MODEL_INDEX,
    SCHEDULER,
    TOKENIZER,
    check_folder,
    check_tokenizer,
    loaded,
    loading,
    read_json,
)
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits, Watch
from models.image_to_video.ladder import FULL, Rung
from models.image_to_video.text_guided import LATENTS, from_host, one_by_one, to_host
from models.image_to_video.workplace import ModelAtWork, Workplace
from models.runtime import ON_CPU, Placement

if TYPE_CHECKING:
    import torch

    from models.recipes.presets import Preset

NAME = "Wan 2.2"
FAMILY = "wan"
PACKS = ("wan2.2-ti2v-5b",)
LICENCE = "Apache-2.0"

PIPELINES = ("WanPipeline", "WanImageToVideoPipeline")
"""The published folder names the first, which makes clips from text; the parts are the same."""

PARTS = ("text_encoder", "transformer", "vae")

SIZES = ((1280, 704), (704, 1280))
"""Width and height: the two that the model's documentation names for 720p. Others may be asked for."""

FRAMES, FPS, STEPS, GUIDANCE = 121, 24, 50, 5.0
"""Pictures, pictures a second, steps and scale of guidance: ``wan/configs/wan_ti2v_5B.py`` of Wan-Video/Wan2.2
(frame_num, sample_fps, sample_steps, sample_guide_scale)."""

FRAME_MULTIPLE = 4
"""Pictures of one latent picture; the first stands alone."""

SIDE = 32
"""Pixels of both sides: 16 to a latent, 2 latents to a patch."""

LONGEST_PROMPT = 512
"""Tokens; what is longer is cut off, as ``WanImageToVideoPipeline`` does."""


class Wan(ModelAtWork):
    """A :class:`models.image_to_video.interface.ImageToVideo`; one thread generates at a time, others wait."""

    def __init__(self, pipeline: Any, traits: Traits, work: Workplace, preset: "Preset | None" = None) -> None:  # noqa: ANN401
        super().__init__(traits, work, preset)
        self._pipeline = pipeline
        if work.is_short_of_memory:
            pipeline.vae.enable_tiling()

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.image_to_video.interface.ImageToVideo.generate`; ``total`` is :meth:`steps_of`."""
        text_guided.check_requests(NAME, requests, self._traits, SIDE)
        return self._work.generated(partial(self._generate, requests, watch, resume))

    def _generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None, resume: Checkpoint | None
    ) -> list[NDArray[np.uint8]]:
        latents = self._denoised(requests, watch, resume)
        with self._work.at_work("decoding", "vae"):
            return [text_guided.pictures(NAME, self._decoded(latent)) for latent in one_by_one(latents)]

    def _denoised(
        self, requests: Sequence[ClipRequest], watch: Watch | None, resume: Checkpoint | None
    ) -> "torch.Tensor":
        """Latents (B, C, F, H / 16, W / 16), float32, the photo's in the first picture."""
        import torch

        pipeline, first, scale = self._pipeline, requests[0], requests[0].guidance[0]
        device, steps = self._work.device, self.steps_of(first)
        transformer, dtype = pipeline.transformer, pipeline.transformer.dtype
        with self._work.at_work("reading the prompt", "text_encoder"):
            text = self._read([request.prompt for request in requests]).to(dtype)
            unwanted = self._read([request.negative for request in requests]).to(dtype) if scale > 1 else None
        with self._work.at_work("encoding the photo", "vae"):
            photo = self._encoded(text_guided.photos(requests, device))
        shape = (len(requests), photo.shape[1], 1 + (first.frames - 1) // FRAME_MULTIPLE, *photo.shape[3:])
        latents = _noise(shape, requests).to(device)
        # 0 where the photo is, 1 where pictures are to be made.
        unknown = torch.ones((1, 1, *shape[2:]), device=device)
        unknown[:, :, 0] = 0
        patches = unknown[0, 0, :, ::2, ::2].flatten()  # one of four latents stands for a patch
        scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
        scheduler.set_timesteps(steps, device=device)
        done = text_guided.continued(NAME, resume, steps, latents)
        scheduler.set_begin_index(done)
        if resume is not None:
            latents = from_host(resume.arrays[LATENTS], device)
            _restore(scheduler, resume, device)
        with self._work.at_work("denoising", "transformer"):
            for step in range(done, steps):
                time = scheduler.timesteps[step]
                seen = ((1 - unknown) * photo + unknown * latents).to(dtype)
                times = (patches * time).expand(len(requests), -1)
                flow = transformer(seen, times, text, return_dict=False)[0]
                if unwanted is not None and text_guided.is_guided(self._preset, step, steps):
                    away = transformer(seen, times, unwanted, return_dict=False)[0]
                    flow = away + scale * (flow - away)
                latents = scheduler.step(flow, time, latents, return_dict=False)[0]
                if watch is not None:
                    watch(step + 1, steps, _state(scheduler, latents, step + 1, steps))
        return (1 - unknown) * photo + unknown * latents

    def _read(self, prompts: Sequence[str]) -> "torch.Tensor":
        """What the text encoder makes of prompts: (B, T, D), zero where there is no token."""
        from diffusers.pipelines.wan.pipeline_wan_i2v import prompt_clean

        tokens = self._pipeline.tokenizer(
            [prompt_clean(prompt) for prompt in prompts],
            padding="max_length",
            max_length=LONGEST_PROMPT,
            truncation=True,
            return_tensors="pt",
        ).to(self._work.device)
        states = self._pipeline.text_encoder(tokens.input_ids, tokens.attention_mask).last_hidden_state
        read: torch.Tensor = states * tokens.attention_mask.unsqueeze(-1).to(states)
        return read

    def _encoded(self, videos: "torch.Tensor") -> "torch.Tensor":
        """Photos (B, 3, 1, H, W) as latents (B, C, 1, H / 16, W / 16), float32."""
        import torch

        vae = self._pipeline.vae
        mean, deviation = self._scale(videos.device)
        found = [vae.encode(video.to(vae.dtype)).latent_dist.mode() for video in one_by_one(videos)]
        return (torch.cat(found).float() - mean) * (1 / deviation)

    def _decoded(self, latents: "torch.Tensor") -> "torch.Tensor":
        vae = self._pipeline.vae
        mean, deviation = (item.to(vae.dtype) for item in self._scale(latents.device))
        (video,) = vae.decode(latents.to(vae.dtype) / (1 / deviation) + mean, return_dict=False)
        decoded: torch.Tensor = video
        return decoded

    def _scale(self, device: Any) -> tuple["torch.Tensor", "torch.Tensor"]:  # noqa: ANN401
        import torch

        config = self._pipeline.vae.config
        mean, deviation = (
            torch.tensor(item, device=device).view(1, -1, 1, 1, 1) for item in (config.latents_mean, config.latents_std)
        )
        return mean, deviation


def check_files(folder: Path) -> None:
    """Look whether a folder holds the model, without reading its weights.

    Raises:
        WeightsError: a file is missing, a pickle, or another model's (Wan 2.1 and the 14B ones of 2.2 among them).
    """
    check_folder(NAME, folder, PIPELINES, PARTS)
    if read_json(folder / MODEL_INDEX).get("expand_timesteps") is not True:
        raise WeightsError(NAME, "its folder is of another Wan than 2.2 TI2V: import the pack of that one.")
    check_tokenizer(NAME, folder)


def traits_of(folder: Path) -> Traits:
    """What the model in a folder was trained for; it is the same for all that :func:`check_files` takes.

    Raises:
        WeightsError: as :func:`check_files`.
    """
    check_files(folder)
    return Traits(FAMILY, True, SIZES, FRAMES, FRAME_MULTIPLE, FPS, STEPS, (GUIDANCE, GUIDANCE), LICENCE)


def open_model(folder: Path, placement: Placement = ON_CPU, preset: "Preset | None" = None, rung: Rung = FULL) -> Wan:
    """Load it from a folder in the layout of diffusers; nothing is looked for elsewhere.

    Args:
        folder: with ``model_index.json``.
        placement: float16 is taken as bfloat16, which the weights are published in; the VAE always computes in
            float32, as its documentation recommends.
        preset: what may be approximated.
        rung: how much is on the device at a time.

    Raises:
        WeightsError: a library is not installed, or a file is missing, damaged, or another model's.
        DeviceMemoryError: there is no room for it on the device.
    """
    traits = traits_of(folder)
    placement = text_guided.brain_floats(placement)
    with loading(NAME):
        import torch
        from diffusers import AutoencoderKLWan, WanImageToVideoPipeline, WanTransformer3DModel
        from diffusers import schedulers as all_schedulers
        from transformers import AutoTokenizer, UMT5EncoderModel

        if util.find_spec("ftfy") is None:
            raise WeightsError(NAME, "ftfy, which mends its prompts, is not installed (extra 'gpu').")
        dtype = placement.torch_dtype()
        kind = getattr(all_schedulers, str(read_json(folder / SCHEDULER).get("_class_name")))
        pipeline = WanImageToVideoPipeline(
            tokenizer=AutoTokenizer.from_pretrained(folder / TOKENIZER, local_files_only=True),
            text_encoder=loaded(NAME, UMT5EncoderModel, folder, "text_encoder", dtype),
            vae=loaded(NAME, AutoencoderKLWan, folder, "vae", torch.float32),
            transformer=loaded(NAME, WanTransformer3DModel, folder, "transformer", dtype),
            scheduler=kind.from_pretrained(folder / "scheduler", local_files_only=True),
            expand_timesteps=True,
        )
        parts = {part: getattr(pipeline, part) for part in PARTS}
        return Wan(pipeline, traits, Workplace(NAME, parts, placement, rung), preset)


def weights_size(folder: Path, placement: Placement) -> int:
    """Bytes that the weights will take once loaded, from the sizes of their files."""
    return text_guided.loaded_size(
        folder, ("text_encoder", "transformer"), text_guided.brain_floats(placement)
    ) + text_guided.loaded_size(folder, ("vae",), ON_CPU)


def _noise(shape: tuple[int, ...], requests: Sequence[ClipRequest]) -> "torch.Tensor":
    import torch

    alone = (1, *shape[1:])
    return torch.cat([torch.randn(alone, generator=generator) for generator in text_guided.generators(requests)])


def _state(scheduler: Any, latents: "torch.Tensor", done: int, total: int) -> Callable[[], Checkpoint]:  # noqa: ANN401
    """What the rest depends on: UniPC looks back on as many steps as its order, and on the sample before."""

    def copied() -> Checkpoint:
        arrays = {LATENTS: to_host(latents)}
        if (sample := getattr(scheduler, "last_sample", None)) is not None:
            arrays["last_sample"] = to_host(sample)
        for place, output in enumerate(getattr(scheduler, "model_outputs", ())):
            if output is not None:
                arrays[f"model_output_{place}"] = to_host(output)
        return Checkpoint(done, total, arrays)

    return copied


def _restore(scheduler: Any, checkpoint: Checkpoint, device: Any) -> None:  # noqa: ANN401
    """Give a multistep scheduler its history back; one that has none is left as it is.

    Raises:
        ValueError: the checkpoint does not hold it.
    """
    if not hasattr(scheduler, "model_outputs"):
        return
    done, order = checkpoint.step, scheduler.config.solver_order
    known = range(order - min(done, order), order)
    wanted = {"last_sample", *(f"model_output_{place}" for place in known)} if done else set()
    if not wanted <= checkpoint.arrays.keys():
        raise ValueError(f"{NAME}: the checkpoint is of other requests")
    for place in known:
        scheduler.model_outputs[place] = from_host(checkpoint.arrays[f"model_output_{place}"], device)
        scheduler.timestep_list[place] = scheduler.timesteps[done - order + place]
    if done:
        scheduler.last_sample = from_host(checkpoint.arrays["last_sample"], device)
    scheduler.lower_order_nums = min(done, order)
    # Of the step before: the corrector corrects with the order that it predicted with.
    left = checkpoint.total - (done - 1) if scheduler.config.lower_order_final else order
    scheduler.this_order = min(order, left, max(done, 1))
