"""What a header parser finds out."""

from dataclasses import dataclass

MAX_ICC_BYTES = 8 * 1024 * 1024
"""Largest colour profile that we read, in bytes; the largest press profiles have about 3 MB."""


@dataclass(frozen=True, slots=True)
class Cicp:
    """Colour code points of ITU-T H.273, as ``nclx`` (HEIF) and ``cICP`` (PNG) carry them.

    Attributes:
        primaries: ColourPrimaries; 1 is BT.709, 9 BT.2020, 12 Display P3.
        transfer: TransferCharacteristics; 13 is sRGB, 16 PQ, 18 HLG.
    """

    primaries: int
    transfer: int


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    """A photo as its header describes it, before orientation is applied.

    Attributes:
        format: ``"JPEG"``, ``"PNG"``, ``"WEBP"``, ``"HEIC"``, ``"AVIF"``, ``"TIFF"``, ``"BMP"`` or ``"GIF"``.
        width, height: stored pixels.
        orientation: EXIF orientation 1..8 that turns the stored picture upright (HEIF's irot and imir included).
        bit_depth: bits per channel.
        has_alpha: some pixels may be transparent.
        icc: the embedded ICC profile, or None.
        icc_unusable: there is a profile, but incomplete or far too large.
        cicp: colour code points where there is no ICC profile, or None.
        deep: the samples must be kept at more than 8 bits until colour has been converted.
        premultiplied: colour is stored multiplied by alpha.
        inverted: 0 is white (TIFF's WhiteIsZero).
        frames: pictures in the file: 1, or 2 for "more than one".
        moving: the pictures of the file make an animation (rather than pages).
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    bit_depth: int = 8
    has_alpha: bool = False
    icc: bytes | None = None
    icc_unusable: bool = False
    cicp: Cicp | None = None
    deep: bool = False
    premultiplied: bool = False
    inverted: bool = False
    frames: int = 1
    moving: bool = False
