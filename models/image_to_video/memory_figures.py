"""Bytes that each phase of a generation makes beside the weights, as ``python -m benchmarks.memory_model`` counts them.

Counted on the real classes at full size with torch 2.13.0, diffusers 0.42.1 and transformers 5.23.0, on fake tensors.
The fits lie from 0.3 % below what was counted to 15 % above it, most within 2 %. No GPU was at hand: what its libraries
and its allocator take besides is not counted; :mod:`models.image_to_video.memory` adds for it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """Bytes: ``fixed + per_pixel * P + per_frame * F + per_item * F * P``.

    P are the latent pixels of one picture (width / scale * height / scale), F the latent pictures at once, over all
    clips and halves of the guidance in the batch.

    Attributes:
        fixed, per_pixel, per_frame, per_item: see above.
        float32: whether the phase computes in float32 whatever the model does; otherwise the bytes are those of numbers
            of two bytes, and twice as many in float32.
    """

    fixed: float = 0
    per_pixel: float = 0
    per_frame: float = 0
    per_item: float = 0
    float32: bool = False

    def bytes(self, frames: float, pixels: float, float32: bool) -> int:
        """Bytes for so much at once.

        Args:
            frames: F.
            pixels: P.
            float32: whether the model computes in float32.
        """
        counted = self.fixed + self.per_pixel * pixels + self.per_frame * frames + self.per_item * frames * pixels
        return int(counted * (2 if float32 and not self.float32 else 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """One family.

    Attributes:
        scale: pixels of a side of a latent pixel.
        group: pictures of one latent picture; the first of a clip stands alone where it is more than 1.
        denoiser: the part that denoises.
        encoder: the part that reads the photo's content (SVD) or the prompt.
        halves: how many halves of the guidance are in one batch.
        whole: parts that come to the device as a whole even where single layers visit it.
        encoding: the encoder's own, for one clip and one half.
        photo: the VAE looking at one photo.
        denoising: one step that caches nothing.
        caching: one step with DeepCache; None where the family has none.
        decoding: the VAE making one clip at once.
        cut: the same with the micro-batch below a clip's pictures; F is the micro-batch where ``cut_by_frames``.
        cut_by_frames: see there; otherwise F is the clip's.
        kept: what a clip takes besides where it waits on the device between two layers; F is the clip's.
        least: the same at a micro-batch of 1; None: as ``cut``.
        float32_parts: parts whose weights are float32 whatever the model's are.
    """

    scale: int
    group: int
    denoiser: str
    encoder: str
    halves: int
    whole: tuple[str, ...]
    encoding: Linear
    photo: Linear
    denoising: Linear
    caching: Linear | None
    decoding: Linear
    cut: Linear
    cut_by_frames: bool
    kept: Linear = Linear()
    least: Linear | None = None
    float32_parts: tuple[str, ...] = ()


MB = 2**20

SVD = Figures(
    scale=8,
    group=1,
    denoiser="unet",
    encoder="image_encoder",
    halves=2,
    whole=("image_encoder", "vae"),
    encoding=Linear(fixed=11 * MB),
    photo=Linear(per_pixel=164_608, float32=True),  # diffusers encodes in float32
    denoising=Linear(per_item=18_083),
    caching=Linear(per_item=20_571),
    decoding=Linear(per_item=131_081),
    cut=Linear(per_item=123_100),
    cut_by_frames=True,
    kept=Linear(per_item=15_733),  # 4,393 - 936 MiB of 25 pictures of 1024 x 576, micro-batch 1
)

WAN = Figures(
    scale=16,
    group=4,
    denoiser="transformer",
    encoder="text_encoder",
    halves=1,
    whole=(),
    encoding=Linear(fixed=121 * MB),
    photo=Linear(per_pixel=502_700, float32=True),
    denoising=Linear(per_item=50_440),
    caching=None,
    decoding=Linear(per_pixel=5_501_000, per_item=12_700, float32=True),
    cut=Linear(fixed=1_330 * MB, per_item=17_200, float32=True),  # tiles of a fixed size, and the pictures
    cut_by_frames=False,
    float32_parts=("vae",),
)

LTX = Figures(
    scale=32,
    group=8,
    denoiser="transformer",
    encoder="text_encoder",
    halves=1,
    whole=(),
    encoding=Linear(fixed=17 * MB),
    photo=Linear(per_pixel=153_600),
    denoising=Linear(per_item=119_600),
    caching=None,
    decoding=Linear(per_item=775_940),
    cut=Linear(per_frame=180 * MB, per_item=26_500),  # tiles of a fixed size, with all pictures
    cut_by_frames=False,
    least=Linear(fixed=300 * MB, per_item=128_000),  # tiles of a fixed size and length
)

FAMILIES = {"svd": SVD, "wan": WAN, "ltx": LTX}
