"""Wan 2.2 TI2V-5B by way of diffusers (Wan Team, arXiv 2503.20314): a photo and a text, 24 pictures a second.

The photo is the first latent picture. Every step puts it back, and its place is told timestep 0; what is denoised is
the rest. The loop here does what ``WanImageToVideoPipeline`` does with ``expand_timesteps``, and is compared with it in
the tests; it is our own because a clip must go on from a checkpoint, and because each request of a batch has its own
photo and its own seed.

What a rung and a preset change: the model's VAE takes one latent picture (4 pictures) at a time whatever the
micro-batch, exactly, because its convolutions are causal and keep what they need. Where memory was short it works in
tiles of 256 pixels too, which are blended and not exactly equal. Offload is diffusers' own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import WeightsError
from models.image_to_video import text_guided
from models.image_to_video.diffusers_folder import (
    MODEL_INDEX,
    TOKENIZER,
    check_folder,
    check_tokenizer,
    loaded,
    loading,
    read_json,
)
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits, Watch
from models.image_to_video.ladder import FULL, Rung
from models.image_to_video.text_guided import LATENTS, from_host, one_by_one, phase, to_host
from models.runtime import ON_CPU, Placement

if TYPE_CHECKING:
    import torch

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


class Wan:
    """A :class:`models.image_to_video.interface.ImageToVideo`; one thread at a time may use it."""

    def __init__(self, pipeline: Any, traits: Traits) -> None:  # noqa: ANN401  of diffusers, without types
        self._pipeline = pipeline
        self._traits = traits

    @property
    def traits(self) -> Traits:
        """What it was trained for."""
        return self._traits

    @property
    def weights_size(self) -> int:
        """Bytes of its weights."""
        return text_guided.weights_size(self._pipeline)

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.image_to_video.interface.ImageToVideo.generate`."""
        import torch

        text_guided.check_requests(NAME, requests, self._traits, SIDE)
        with text_guided.finishing(self._pipeline), torch.no_grad():
            latents = self._denoised(requests, watch, resume)
            with phase(NAME, "it drew the pictures", self._device):
                videos = torch.cat([self._decoded(latent) for latent in one_by_one(latents)])
                return text_guided.pictures(NAME, videos)

    @property
    def _device(self) -> Any:  # noqa: ANN401
        return self._pipeline._execution_device  # where offloaded parts run: the pipeline has no public name for it

    def _denoised(
        self, requests: Sequence[ClipRequest], watch: Watch | None, resume: Checkpoint | None
    ) -> "torch.Tensor":
        """Latents (B, C, F, H / 16, W / 16), float32, the photo's in the first picture."""
        import torch

        pipeline, first, scale = self._pipeline, requests[0], requests[0].guidance[0]
        transformer, dtype = pipeline.transformer, pipeline.transformer.dtype
        with phase(NAME, "it read the prompt", self._device):
            texts = [
                None if text is None else text.to(dtype)
                for text in pipeline.encode_prompt(
                    [request.prompt for request in requests],
                    [request.negative for request in requests],
                    do_classifier_free_guidance=scale > 1,
                    max_sequence_length=LONGEST_PROMPT,
                    device=self._device,
                )
            ]
        with phase(NAME, "it looked at the photo", self._device):
            photo = self._encoded(text_guided.photos(requests, self._device))
        shape = (len(requests), photo.shape[1], 1 + (first.frames - 1) // FRAME_MULTIPLE, *photo.shape[3:])
        latents = _noise(shape, requests).to(self._device)
        # 0 where the photo is, 1 where pictures are to be made.
        unknown = torch.ones((1, 1, *shape[2:]), device=self._device)
        unknown[:, :, 0] = 0
        patches = unknown[0, 0, :, ::2, ::2].flatten()  # one of four latents stands for a patch
        scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
        scheduler.set_timesteps(first.steps, device=self._device)
        done = text_guided.continued(NAME, resume, first.steps, latents)
        scheduler.set_begin_index(done)
        if resume is not None:
            latents = from_host(resume.arrays[LATENTS], self._device)
            _restore(scheduler, resume, self._device)
        with phase(NAME, "it made the clip", self._device):
            for step in range(done, first.steps):
                time = scheduler.timesteps[step]
                seen = ((1 - unknown) * photo + unknown * latents).to(dtype)
                times = (patches * time).expand(len(requests), -1)
                guided, unguided = (
                    None if text is None else transformer(seen, times, text, return_dict=False)[0] for text in texts
                )
                if unguided is not None:
                    guided = unguided + scale * (guided - unguided)
                latents = scheduler.step(guided, time, latents, return_dict=False)[0]
                if watch is not None:
                    watch(step + 1, first.steps, _state(scheduler, latents, step + 1, first.steps))
        return (1 - unknown) * photo + unknown * latents

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
        return vae.decode(latents.to(vae.dtype) / (1 / deviation) + mean, return_dict=False)[0]  # type: ignore[no-any-return]

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


def open_model(folder: Path, placement: Placement = ON_CPU, preset: Any = None, rung: Rung = FULL) -> Wan:  # noqa: ANN401
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
    from importlib import util

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
        kind = getattr(all_schedulers, str(read_json(folder / "scheduler/scheduler_config.json").get("_class_name")))
        pipeline = WanImageToVideoPipeline(
            tokenizer=AutoTokenizer.from_pretrained(folder / TOKENIZER, local_files_only=True),
            text_encoder=loaded(NAME, UMT5EncoderModel, folder, "text_encoder", dtype),
            vae=loaded(NAME, AutoencoderKLWan, folder, "vae", torch.float32),
            transformer=loaded(NAME, WanTransformer3DModel, folder, "transformer", dtype),
            scheduler=kind.from_pretrained(folder / "scheduler", local_files_only=True),
            expand_timesteps=True,
        )
    if text_guided.is_short_of_memory(rung):
        pipeline.vae.enable_tiling()
    text_guided.settle(NAME, pipeline, placement, rung)
    return Wan(pipeline, traits)


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
    """Give a multistep scheduler its history back; one that has none is left as it is."""
    if not hasattr(scheduler, "model_outputs"):
        return
    done, order = checkpoint.step, scheduler.config.solver_order
    for place in range(order):
        if (name := f"model_output_{place}") in checkpoint.arrays:
            scheduler.model_outputs[place] = from_host(checkpoint.arrays[name], device)
            scheduler.timestep_list[place] = scheduler.timesteps[done - order + place]
    if "last_sample" in checkpoint.arrays:
        scheduler.last_sample = from_host(checkpoint.arrays["last_sample"], device)
    scheduler.lower_order_nums = min(done, order)
    # Of the step before: the corrector corrects with the order that it predicted with.
    left = checkpoint.total - (done - 1) if scheduler.config.lower_order_final else order
    scheduler.this_order = min(order, left, max(done, 1))
