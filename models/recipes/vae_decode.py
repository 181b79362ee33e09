"""Decode a whole clip exactly, in the memory that diffusers needs for one frame at a time.

diffusers' ``decode_chunk_size`` cuts the clip into pieces that do not see one another: the decoder's temporal layers
normalise over all frames that they are given and convolve over three of them, so that pieces give other pictures than
the whole, and a flicker where they meet. Here the pieces are cut inside the layers, where they cannot be seen:

* What works on one frame (spatial layers, attention, upsampling) runs over ``micro_batch`` frames at a time.
* What works along time (3 x 1 x 1 convolutions, norms over frames and space, blending) does not look beside a position:
  it runs over strips of rows with all frames in them, each as large as ``micro_batch`` frames. The norms take their
  statistics from all strips before: those of the first are gathered while the frames are made, those of the second in a
  pass of its own, whose convolution is computed again afterwards (an eighth of a block's work) in place of being kept.

Peak of live tensors, SVD at 25 x 576 x 1024 in float16 (counted by :mod:`models.recipes.peak_memory`, without
convolutions' workspaces): the full decode 28,800 MiB, diffusers' chunks of one frame 1,233 MiB; here 936, 1,872 and
3,744 MiB at micro-batches of 1, 2 and 4, beside 3,600 MiB of host memory.

Between layers one activation of the whole clip is kept, in host memory or on the device. An upsampled activation, the
largest of all, never exists as a whole: it is made where the next layer's frames need it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch

from models.recipes.applied import DiffusersModule, Replaced
from models.recipes.clip_store import ClipStore
from models.recipes.group_statistics import GroupStatistics

Frames = Callable[[torch.Tensor], torch.Tensor]
"""A layer over frames: (n, C, H, W) to (n, C', H', W')."""


@dataclass(frozen=True, slots=True)
class ExactDecodeConfig:
    """How the work is cut, which does not change the result beyond rounding.

    Attributes:
        micro_batch: frames that a layer works on at a time; more is faster and takes more memory.
        keep: where the activation of the whole clip lies between layers: in host memory (pinned beside a GPU), or on
            the device, which spares the transfers and takes up to 3.8 GB for 25 frames of 576x1024 in float16.

    Raises:
        ValueError: the micro-batch is below 1.
    """

    micro_batch: int = 1
    keep: Literal["host", "device"] = "host"

    def __post_init__(self) -> None:
        if self.micro_batch < 1:
            raise ValueError(f"A micro-batch has at least one frame, not {self.micro_batch}.")


def apply_exact_decode(vae: DiffusersModule, config: ExactDecodeConfig = ExactDecodeConfig()) -> Replaced:
    """Make ``vae.decode(latents, num_frames=N)`` exact at low memory; it is still called with all N frames.

    Args:
        vae: an ``AutoencoderKLTemporalDecoder``.
        config: see :class:`ExactDecodeConfig`.
    """
    replaced = Replaced()
    replaced.put(vae.decoder, "forward", _Decoder(vae.decoder, config).forward)
    return replaced


class _Decoder:
    """Stands in for the forward of diffusers' ``TemporalDecoder``."""

    def __init__(self, decoder: DiffusersModule, config: ExactDecodeConfig) -> None:
        self._decoder, self._config = decoder, config

    def forward(self, sample: torch.Tensor, image_only_indicator: torch.Tensor, num_frames: int = 1) -> torch.Tensor:
        """Latents (B * N, 4, h, w) to pictures (B * N, 3, H, W); one clip after the other, since none sees another."""
        with torch.no_grad():
            clips = [
                self._decode(clip, image_only_indicator[number : number + 1])
                for number, clip in enumerate(torch.split(sample, num_frames))
            ]
            return torch.cat(clips) if len(clips) > 1 else clips[0]

    def _decode(self, latents: torch.Tensor, indicator: torch.Tensor) -> torch.Tensor:
        """One clip."""
        decoder, mid = self._decoder, self._decoder.mid_block
        clip = self._store(map(decoder.conv_in, torch.split(latents, self._config.micro_batch)), latents.shape[0])
        clip = self._block(clip, mid.resnets[0], _unchanged, indicator)
        for attention, resnet in zip(mid.attentions, mid.resnets[1:], strict=False):
            clip = self._block(clip, resnet, attention, indicator)
        up_dtype = next(decoder.up_blocks.parameters()).dtype
        before: Frames = lambda frames: frames.to(up_dtype)  # noqa: E731  replaced below by an upsampler
        for up_block in decoder.up_blocks:
            for resnet in up_block.resnets:
                clip = self._block(clip, resnet, before, indicator)
                before = _unchanged
            if up_block.upsamplers is not None:
                (before,) = up_block.upsamplers

        pictures = []
        for frames in clip.take_frames():
            normed = decoder.conv_norm_out(before(frames))
            pictures.append(decoder.conv_out(torch.nn.functional.silu(normed, inplace=True)))
        smoothed: torch.Tensor = decoder.time_conv_out(torch.cat(pictures).transpose(0, 1)[None])
        return smoothed[0].transpose(0, 1).contiguous()

    def _store(self, frames: Iterator[torch.Tensor], count: int) -> ClipStore:
        """Put away what a layer makes of so many frames, piece by piece."""
        store = ClipStore(count, self._config.micro_batch, on_host=self._config.keep == "host")
        for made in frames:
            store.add_frames(made)
            del made  # before the next is made
        return store

    def _block(self, clip: ClipStore, block: DiffusersModule, before: Frames, indicator: torch.Tensor) -> ClipStore:
        """A ``SpatioTemporalResBlock``, and what comes before it on each frame."""
        temporal = block.temporal_res_block
        first, second = GroupStatistics(temporal.norm1), GroupStatistics(temporal.norm2)

        def spatial(frames: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = block.spatial_res_block(before(frames), None)
            first.add(made)
            return made

        def to_second_norm(strip: torch.Tensor) -> torch.Tensor:
            convolved: torch.Tensor = temporal.conv1(_silu(first.normalised(strip)))
            return convolved

        clip = self._store(map(spatial, clip.take_frames()), clip.frames)
        for strip in clip.strips():
            second.add(to_second_norm(strip))
            del strip
        for number, strip in enumerate(clip.strips()):
            along = temporal.conv2(_silu(second.normalised(to_second_norm(strip)))).add_(strip)
            clip.put_strip(number, block.time_mixer(strip, along, indicator))
            del strip, along
        return clip


def _silu(tensor: torch.Tensor) -> torch.Tensor:
    """In place: what is given must be of nobody else's."""
    return torch.nn.functional.silu(tensor, inplace=True)


def _unchanged(frames: torch.Tensor) -> torch.Tensor:
    return frames
