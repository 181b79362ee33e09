"""A Stable Video Diffusion of 4 MB: the real classes of diffusers and transformers, few channels, random weights."""

from pathlib import Path

TINY_FRAMES = 4
"""Pictures of one clip of the tiny model."""

CONTRAST = 4.0
"""By how much some layers are turned up: a fresh network answers in greys, and hardly heeds what it is told."""


def write_tiny_svd(folder: Path, seed: int = 0, *, variant: str | None = None) -> Path:
    """Write one, as the hub has the real one.

    Args:
        folder: where to; made where it is not there.
        seed: of the weights.
        variant: ``fp16``: the weights are half floats, in files ``*.fp16.safetensors``.

    Returns:
        The folder.
    """
    import torch
    from diffusers import (
        AutoencoderKLTemporalDecoder,
        EulerDiscreteScheduler,
        StableVideoDiffusionPipeline,
        UNetSpatioTemporalConditionModel,
    )
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet = UNetSpatioTemporalConditionModel(
            sample_size=12,  # 128 x 64 pixels: a twelfth of the real one, in latents
            block_out_channels=(32, 32, 64, 64),
            layers_per_block=2,
            num_attention_heads=(2, 2, 4, 4),
            cross_attention_dim=32,
            addition_time_embed_dim=32,
            projection_class_embeddings_input_dim=96,
            num_frames=TINY_FRAMES,
        )
        vae = AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 32, 32, 32),
            down_block_types=("DownEncoderBlock2D",) * 4,
            layers_per_block=1,
            sample_size=96,
            force_upcast=True,
        )
        clip = CLIPVisionModelWithProjection(
            CLIPVisionConfig(
                hidden_size=32,
                projection_dim=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                image_size=224,
                patch_size=32,
            )
        )
        with torch.no_grad():
            for layer in (unet.conv_out, unet.add_embedding.linear_2, vae.encoder.conv_out, vae.decoder.conv_out):
                layer.weight *= CONTRAST
    pipeline = StableVideoDiffusionPipeline(
        vae=vae,
        image_encoder=clip,
        unet=unet,
        # The numbers of svd-xt's scheduler/scheduler_config.json.
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            interpolation_type="linear",
            num_train_timesteps=1000,
            prediction_type="v_prediction",
            sigma_max=700.0,
            sigma_min=0.002,
            steps_offset=1,
            timestep_spacing="leading",
            timestep_type="continuous",
            use_karras_sigmas=True,
        ),
        feature_extractor=CLIPImageProcessor(crop_size=224, size=224),
    )
    if variant == "fp16":
        pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(folder, safe_serialization=True, variant=variant)
    return folder
