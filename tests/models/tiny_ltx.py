"""A tiny random LTX-Video of the real classes, in the layout of diffusers."""

from pathlib import Path

from tests.models.tiny_text import write_tokenizer

CHANNELS = 8
"""Of its latents."""


def write_tiny_ltx(folder: Path, *, takes_timestep: bool = True, stochastic: bool = False) -> Path:
    """Write it: 32 x 32 pixels and 8 pictures to a latent as the real one has, two layers everywhere.

    Args:
        folder: where to.
        takes_timestep: the VAE does the last bit of denoising, as from release 0.9.1 on.
        stochastic: the scheduler mixes noise in at each step, as for distilled models.
    """
    import torch
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXImageToVideoPipeline,
        LTXVideoTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(12)
    transformer = LTXVideoTransformer3DModel(
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        num_layers=2,
        caption_channels=16,
    )
    vae = AutoencoderKLLTXVideo(
        latent_channels=CHANNELS,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        timestep_conditioning=takes_timestep,
    )
    tokenizer = write_tokenizer(folder / "tokenizer")
    text_encoder = T5EncoderModel(
        T5Config(vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    )
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True,
        base_shift=0.95,
        max_shift=2.05,
        base_image_seq_len=1024,
        max_image_seq_len=4096,
        shift_terminal=0.1,
        stochastic_sampling=stochastic,
    )
    pipeline = LTXImageToVideoPipeline(
        tokenizer=tokenizer, text_encoder=text_encoder, vae=vae, scheduler=scheduler, transformer=transformer
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
