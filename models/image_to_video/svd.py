"""Stable Video Diffusion (Blattmann et al., 2023) by way of diffusers; it takes no text."""

from collections.abc import Sequence
from contextlib import ExitStack
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError
from models.image_to_video.diffusers_folder import (
    check_folder,
    loaded,
    loading,
    read_json,
    variant_of,
    weights_on_disk,
)
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits, Watch
from models.image_to_video.ladder import FULL, Rung
from models.image_to_video.svd_denoise import (
    LATENTS,
    Noise,
    Parts,
    as_bytes,
    condition,
    decode,
    denoise,
    draw_noise,
    embed,
    encode,
)
from models.image_to_video.workplace import ModelAtWork, Workplace
from models.pictures import check_rgb
from models.recipes.presets import PRESETS, Preset
from models.residency.parking import unpark
from models.runtime import ON_CPU, Placement

if TYPE_CHECKING:
    import torch

    from models.recipes.applied import Applied

NAME = "Stable Video Diffusion"

PACKS = ("svd-xt-1.1", "svd-xt", "svd")
"""Its packs, the one to prefer first: 25 pictures are better than 14, and 1.1 is the steadier of two."""

LICENCE = "LicenseRef-Stability-AI-Community"

FAMILY = "svd"
PIPELINES = ("StableVideoDiffusionPipeline",)
MODULES = ("image_encoder", "unet", "vae")
FEATURE_EXTRACTOR = "feature_extractor/preprocessor_config.json"

FRAMES = 25
"""Pictures of a clip where the UNet's config does not say."""

SAMPLE_SIZE = 96
"""Latents of the side of a square of the trained area, where the UNet's config does not say."""

SCALE = 8
"""Pixels of a side of a latent."""

MULTIPLE = 64
"""Pixels that sides are a multiple of: those of a latent, halved three times on the way down the UNet."""

SHAPES = ((16, 9), (9, 16), (1, 1), (7, 5), (5, 7))
"""Width to height of what it is asked for. It was trained on the first; the others have the same area."""

FPS, STEPS, GUIDANCE = 7, 25, (1.0, 3.0)
"""What diffusers' pipeline takes where it is told nothing, and the model cards use."""

LARGEST_BUCKET = 255


class StableVideo(ModelAtWork):
    """An :class:`models.image_to_video.interface.ImageToVideo`; one thread generates at a time, others wait.

    Steps are reported from the first to the last; what follows the last one, the decoding, is not divided.
    """

    def __init__(self, parts: Parts, traits: Traits, placement: Placement, preset: Preset, rung: Rung = FULL) -> None:
        self._parts = parts
        self._placement = placement
        self._preset: Preset = preset
        self._rung = rung
        modules = {name: getattr(parts, name) for name in MODULES}
        if rung.offload == "none":
            unpark(modules.values(), placement.device)  # some recipes convert on the device
        self._lasting: list[Applied] = []
        self._apply_lasting()
        super().__init__(traits, Workplace(NAME, modules, placement, rung), preset)

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.image_to_video.interface.ImageToVideo.generate`; ``total`` is :meth:`steps_of`."""
        self._check(requests, resume)
        return self._work.generated(lambda: self._generate(requests, watch, resume))

    def _generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None, resume: Checkpoint | None
    ) -> list[NDArray[np.uint8]]:
        parts, device = self._parts, self._placement.device
        # Half of what the UNet takes is the photo, half what it is to become.
        noise = draw_noise(requests, parts.unet.config.in_channels // 2, SCALE, self._placement.torch_dtype())
        with self._work.at_work("looking at the photo", "image_encoder"):
            embeddings = embed(parts, requests, device)
        with self._work.at_work("encoding the photo", "vae"):
            photos = encode(parts, requests, noise, device)
        with self._work.at_work("denoising", "unet"):
            latents = self._denoise(embeddings, photos, noise, requests, watch, resume)
        del embeddings, photos, noise
        with self._work.at_work("decoding", "vae"):
            return [self._decode(clip) for clip in latents]

    def _denoise(
        self,
        embeddings: "torch.Tensor",
        photos: "torch.Tensor",
        noise: Noise,
        requests: Sequence[ClipRequest],
        watch: Watch | None,
        resume: Checkpoint | None,
    ) -> "torch.Tensor":
        from models.recipes.deep_cache import apply_deep_cache
        from models.recipes.fold_cross_attention import apply_fold

        unet, preset = self._parts.unet, self._preset
        conditions = condition(embeddings, photos, requests)
        with ExitStack() as stack:
            if preset.fold:
                stack.callback(apply_fold(unet, conditions.embeddings).remove)
            cache, is_short = None, self._rung.offload != "none"
            if preset.deep_cache is not None and not is_short:  # it holds features of both halves of guidance
                cache = apply_deep_cache(unet, preset.deep_cache)
                stack.callback(cache.remove)
            return denoise(
                self._parts,
                conditions,
                noise.latents.to(self._placement.device),
                self.steps_of(requests[0]),
                interval=preset.guidance_interval,
                cache=cache,
                apart=is_short,
                watch=watch,
                resume=resume,
            )

    def _decode(self, latents: "torch.Tensor") -> NDArray[np.uint8]:
        """Pictures of one clip, from latents (N, 4, h, w)."""
        from models.recipes.vae_decode import ExactDecodeConfig, Keep, apply_exact_decode

        with ExitStack() as stack:
            if self._rung.micro_batch < len(latents):
                # Between two layers a clip waits on the device as long as the whole model has room there.
                keep: Keep = "device" if self._rung.offload == "none" else "host"
                exact = apply_exact_decode(self._parts.vae, ExactDecodeConfig(self._rung.micro_batch, keep))
                stack.callback(exact.remove)
            pictures = decode(self._parts, latents)
        if not pictures.isfinite().all():
            raise EngineError(
                f"{NAME} gave no picture for this photo: try another seed.",
                detail="its output holds values that are no numbers",
            )
        return as_bytes(pictures)

    def _apply_lasting(self) -> None:
        """Recipes that are not of one request."""
        from models.recipes.attention import apply_attention
        from models.recipes.channels_last import apply_channels_last
        from models.recipes.compiled import CompileConfig, apply_compiled, compiled_folder
        from models.recipes.weights8 import Weights8Config, apply_weights8

        preset, unet, vae = self._preset, self._parts.unet, self._parts.vae
        lasting = self._lasting
        lasting.append(apply_attention(unet, preset.attention))
        if not self._placement.on_gpu:
            return
        if preset.channels_last:
            lasting += [apply_channels_last(unet), apply_channels_last(vae)]
        if preset.weights != "full":
            lasting.append(apply_weights8(unet, Weights8Config(preset.weights)))
        if preset.compile and self._rung.offload != "sequential":
            lasting.append(apply_compiled(unet, CompileConfig(compiled_folder())))

    def close(self) -> None:
        """Give the parts back as they were: whoever made them may use them on."""
        while self._lasting:
            self._lasting.pop().remove()

    def _check(self, requests: Sequence[ClipRequest], resume: Checkpoint | None) -> None:
        if not requests:
            raise ValueError(f"{NAME} needs at least one request")
        for request in requests:
            check_request(request)
        if len({(request.picture.shape, request.frames, request.steps, request.guidance) for request in requests}) > 1:
            raise ValueError("requests of one batch have one size, number of pictures, steps and guidance")
        if resume is not None:
            self._check_resume(requests, resume)

    def _check_resume(self, requests: Sequence[ClipRequest], resume: Checkpoint) -> None:
        high, wide, _ = requests[0].picture.shape
        channels = self._parts.unet.config.in_channels // 2
        shape = (len(requests), requests[0].frames, channels, high // SCALE, wide // SCALE)
        steps = self.steps_of(requests[0])
        given = resume.arrays.get(LATENTS)
        if resume.total != steps or not 0 <= resume.step <= steps or given is None or given.shape != shape:
            raise ValueError(f"this checkpoint is of other requests than these, of {steps} steps and latents {shape}")


def traits_of(folder: Path) -> Traits:
    """What the model in a folder was trained for; only JSON is read."""
    config = read_json(folder / "unet" / "config.json")
    return Traits(
        family=FAMILY,
        follows_text=False,
        sizes=sizes_of(_whole(config.get("sample_size")) or SAMPLE_SIZE),
        frames=_whole(config.get("num_frames")) or FRAMES,
        frame_multiple=1,
        fps=FPS,
        steps=STEPS,
        guidance=GUIDANCE,
        licence=LICENCE,
    )


def sizes_of(sample_size: int) -> tuple[tuple[int, int], ...]:
    """Widths and heights of the trained area: (1024, 576) first for the real ones, whose ``sample_size`` is 96."""
    area = (sample_size * SCALE) ** 2
    sizes = []
    for wide, high in SHAPES:
        width, height = (
            max(1, round(sqrt(area * share) / MULTIPLE)) * MULTIPLE for share in (wide / high, high / wide)
        )
        sizes.append((width, height))
    return tuple(dict.fromkeys(sizes))


def check_files(folder: Path) -> None:
    """Look whether a folder holds the files, without reading the weights.

    Raises:
        WeightsError: one is missing, is a pickle, or is another model's.
    """
    check_folder(NAME, folder, PIPELINES, MODULES, (FEATURE_EXTRACTOR,))


def weights_size(folder: Path, placement: Placement) -> int:
    """Bytes that the weights will take once loaded, from the sizes of their files."""
    half = placement.dtype != "float32"
    size = 0.0
    for part in MODULES:
        is_half = variant_of(folder / part, half) is not None
        size += weights_on_disk(folder / part, half) * _GROWTH[is_half, half]
    return int(size)


_GROWTH = {(True, True): 1.0, (False, False): 1.0, (True, False): 2.0, (False, True): 0.5}
"""Of weights while they are loaded, by whether their file and the model hold half floats."""


def check_request(request: ClipRequest) -> None:
    """Raise ValueError, in one sentence, where a request is not possible."""
    check_rgb(request.picture)
    high, wide, _ = request.picture.shape
    if high % MULTIPLE or wide % MULTIPLE:
        raise ValueError(f"{NAME} needs sides that are multiples of {MULTIPLE} pixels, not {wide} x {high}")
    if request.frames < 1 or request.steps < 1 or request.fps < 1:
        raise ValueError(
            f"a clip has pictures, steps and fps from 1, not {request.frames}, {request.steps} and {request.fps}"
        )
    if not 1 <= request.motion_bucket <= LARGEST_BUCKET:
        raise ValueError(f"a motion bucket is 1 to {LARGEST_BUCKET}, not {request.motion_bucket}")
    if not 0 <= request.noise < float("inf"):
        raise ValueError(f"noise is a standard deviation from 0, not {request.noise}")


def open_model(
    folder: Path, placement: Placement = ON_CPU, preset: Preset | None = None, rung: Rung = FULL
) -> StableVideo:
    """Load it from a folder in the layout of diffusers; nothing is looked for elsewhere.

    Args:
        folder: of a pack.
        placement: where it computes. Weights are loaded in its number format.
        preset: which recipes are applied; None: the exact ones.
        rung: how much lies on the device at a time; its ``preset`` is the caller's to obey.

    Raises:
        WeightsError: torch, diffusers or transformers is not installed, or a file is missing, damaged, or another
            model's.
        DeviceMemoryError: the device has not enough memory for the weights.
    """
    check_files(folder)
    with loading(NAME):
        return StableVideo(
            load_parts(folder, placement), traits_of(folder), placement, preset or PRESETS["exact"], rung
        )


def load_parts(folder: Path, placement: Placement) -> Parts:
    """The modules of a folder, on the processor, in a placement's number format.

    Raises:
        Exception: what the libraries raise; :func:`open_model` says it in our words.
    """
    from diffusers import AutoencoderKLTemporalDecoder, EulerDiscreteScheduler, UNetSpatioTemporalConditionModel
    from transformers import CLIPVisionModelWithProjection

    dtype = placement.torch_dtype()
    return Parts(
        image_encoder=loaded(NAME, CLIPVisionModelWithProjection, folder, "image_encoder", dtype),
        feature_extractor=_feature_extractor().from_pretrained(folder / "feature_extractor", local_files_only=True),
        vae=loaded(NAME, AutoencoderKLTemporalDecoder, folder, "vae", dtype),
        unet=loaded(NAME, UNetSpatioTemporalConditionModel, folder, "unet", dtype),
        scheduler=EulerDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
    )


def _feature_extractor() -> Any:  # noqa: ANN401  of transformers, without types
    """The one that works on arrays by name: the other needs torchvision, and says so where it is not there."""
    import transformers

    return getattr(transformers, "CLIPImageProcessorPil", transformers.CLIPImageProcessor)


def _whole(value: object) -> int:
    """A whole number from 1 that a config holds; 0 where it holds none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
