"""What we know of a photo, and the photo itself.

What is read, by whom, and what was verified (tests/media/photos)::

    format  orientation      turned by     bits          notes
    JPEG    EXIF             us            8             DCT 1/2, 1/4, 1/8; grey, colour, CMYK (always Adobe polarity)
    PNG     eXIf             us            1..16         grey, palette, tRNS, alpha, iCCP, cICP; an APNG's still picture
    WEBP    EXIF             us            8             lossy, lossless, alpha; an animation's first frame
    HEIC    irot and imir    libheif       8..12         grids of tiles, alpha, ICC, nclx
    AVIF    irot and imir    us            8..12         rounded to 8 by libavif; alpha, ICC, nclx; a sequence's still
    TIFF    tag 274          Pillow, us    1..16         grey, palette, RGB, CMYK, YCbCr, 8-bit Lab, inverted; straight
                             for 16 bits                 and premultiplied alpha; first page; 16-bit CMYK is cut to 8
    BMP     none             -             1..8          RLE, top-down, alpha masks
    GIF     none             -             8             first frame, on a screen as large as it needs

Not read: camera RAW, floating-point, signed and 32-bit TIFF, 12-bit JPEG, HEIF with other codecs than HEVC and AV1.
Pillow's own reading of 16-bit RGB keeps the high byte (truncates); OpenCV turns TIFF by its tag in some versions and
not in others; Pillow's TIFF plugin turns the picture itself; libheif ignores EXIF orientation, as the standard asks.
"""

from dataclasses import dataclass, field
from pathlib import Path

from engine.core.frames import Plane, RgbImage


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """A photo's header, read without decoding.

    Attributes:
        path: the file.
        format: by content: ``"JPEG"``, ``"PNG"``, ``"WEBP"``, ``"HEIC"``, ``"AVIF"``, ``"TIFF"``, ``"BMP"`` or
            ``"GIF"``.
        width, height: pixels as shown, after orientation.
        file_bytes: size of the file in bytes.
        bit_depth: bits per channel as stored; :class:`Photo` has 8 always.
        has_alpha: some pixels may be transparent; loading puts a background under them.
        orientation: EXIF orientation 1..8 of the stored picture (HEIF's irot and imir expressed the same way).
        color_profile: description of the embedded ICC profile, or of the colour code points; empty for none.
        notes: sentences for the user about what is not obvious: an animation of which only the first frame is
            shown, a name that contradicts the content, an ignored profile.
    """

    path: Path
    format: str
    width: int
    height: int
    file_bytes: int
    bit_depth: int = 8
    has_alpha: bool = False
    orientation: int = 1
    color_profile: str = ""
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo: upright, sRGB.

    Attributes:
        pixels: shape (H, W, 3), uint8 sRGB, C-contiguous. H and W may be smaller than ``info.height`` and
            ``info.width`` where the caller needs less.
        info: the header.
        alpha: shape (H, W), uint8, 255 opaque; None where the photo is opaque or was put over a background. Under
            transparent pixels the colours continue those beside them.
    """

    pixels: RgbImage
    info: PhotoInfo
    alpha: Plane | None = None

    @property
    def scale(self) -> float:
        """Decoded pixels per full-size pixel, 0 < scale <= 1."""
        return float(self.pixels.shape[1] / self.info.width)
