"""The pipelines that are compared: stock diffusers, and ours over the very same modules."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.image_to_video.interface import Traits
from models.image_to_video.svd import FPS, GUIDANCE, LICENCE, STEPS
from models.image_to_video.svd_denoise import Parts
from models.runtime import Placement, offline

SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "interpolation_type": "linear",
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "sigma_max": 700.0,
    "sigma_min": 0.002,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "timestep_type": "continuous",
    "use_karras_sigmas": True,
}
"""Of svd-xt."""

TINY_UNET = {
    "sample_size": 12,
    "block_out_channels": (32, 32, 64, 64),
    "num_attention_heads": (2, 2, 4, 4),
    "cross_attention_dim": 32,
    "addition_time_embed_dim": 32,
    "projection_class_embeddings_input_dim": 96,
    "num_frames": 4,
}

FULL_CLIP = {"hidden_size": 1280, "projection_dim": 1024, "num_hidden_layers": 32, "num_attention_heads": 16,
             "intermediate_size": 5120, "image_size": 224, "patch_size": 14, "hidden_act": "gelu"}  # fmt: skip
TINY_CLIP = {"hidden_size": 32, "projection_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 64, "image_size": 224, "patch_size": 32}  # fmt: skip

FULL_CHANNELS, TINY_CHANNELS = (128, 256, 512, 512), (32, 32, 32, 32)

SEED = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Modules on a device, and what they were made for.

    Attributes:
        parts: shared by all contenders.
        traits: of it.
        placement: where they lie.
        about: in words.
    """

    parts: Parts
    traits: Traits
    placement: Placement
    about: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pictures."""
        return self.traits.sizes[0]

    def stock(self) -> Any:  # noqa: ANN401  of diffusers, without types
        """The untouched pipeline of diffusers over these modules."""
        from diffusers import StableVideoDiffusionPipeline

        pipeline = StableVideoDiffusionPipeline(
            vae=self.parts.vae,
            image_encoder=self.parts.image_encoder,
            unet=self.parts.unet,
            scheduler=self.parts.scheduler,
            feature_extractor=self.parts.feature_extractor,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


def random_model(placement: Placement, *, tiny: bool) -> Model:
    """A model with random weights, made on its device: of SVD-XT's size, or tiny."""
    import torch

    with offline():
        import transformers
        from diffusers import AutoencoderKLTemporalDecoder, EulerDiscreteScheduler, UNetSpatioTemporalConditionModel

    before = torch.get_default_dtype()
    torch.manual_seed(SEED)
    torch.set_default_dtype(placement.torch_dtype())
    try:
        with torch.device(placement.device):
            unet = UNetSpatioTemporalConditionModel(**(TINY_UNET if tiny else {"num_frames": 25}))
            vae = AutoencoderKLTemporalDecoder(
                block_out_channels=TINY_CHANNELS if tiny else FULL_CHANNELS,
                down_block_types=("DownEncoderBlock2D",) * 4,
                layers_per_block=1 if tiny else 2,
                force_upcast=True,
            )
            clip = transformers.CLIPVisionModelWithProjection(
                transformers.CLIPVisionConfig(**(TINY_CLIP if tiny else FULL_CLIP))
            )
    finally:
        torch.set_default_dtype(before)
    extractor = getattr(transformers, "CLIPImageProcessorPil", transformers.CLIPImageProcessor)
    parts = Parts(
        image_encoder=clip.eval(),
        feature_extractor=extractor(crop_size=224, size=224),
        vae=vae.eval(),
        unet=unet.eval(),
        scheduler=EulerDiscreteScheduler(**SCHEDULER),
    )
    size, frames = ((128, 64), 4) if tiny else ((1024, 576), 25)
    traits = Traits("svd", False, (size,), frames, 1, FPS, STEPS, GUIDANCE, LICENCE)
    return Model(parts, traits, placement, f"random weights, {'tiny' if tiny else 'of SVD-XT size'}")


def model_in(folder: Path, placement: Placement) -> Model:
    """A model with the weights of a folder in the layout of diffusers."""
    from models.image_to_video.svd import load_parts, traits_of

    return Model(load_parts(folder, placement), traits_of(folder), placement, f"weights of {folder.name}")
