"""How large a photo may be; checked on its header, before anything is decoded.

The defaults refuse decompression bombs and admit what phones make today: 200 megapixels are 16320 x 12240.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import MediaLimitExceeded
from engine.core.settings import Setting

PHOTO_FILE_MB = Setting(
    "MULTIPLANE_PHOTO_FILE_MB", 200, "MB", 0.001, 100_000, "largest photo file (1 MB is 1,000,000 bytes)"
)
PHOTO_MEGAPIXELS = Setting(
    "MULTIPLANE_PHOTO_MEGAPIXELS", 250, "megapixels", 0.001, 10_000, "largest photo, width x height"
)
PHOTO_DIMENSION_PX = Setting("MULTIPLANE_PHOTO_DIMENSION_PX", 30_000, "px", 16, 1_000_000, "longest side of a photo")


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What one photo may cost.

    Attributes:
        file_bytes: largest file, in bytes.
        pixels: largest width x height, in pixels.
        dimension: longest side, in pixels.
    """

    file_bytes: int
    pixels: int
    dimension: int

    @classmethod
    def from_settings(cls) -> "PhotoLimits":
        """The limits of this site.

        Raises:
            OptionError: a setting holds something that is not a number in its range.
        """
        return cls(
            file_bytes=int(PHOTO_FILE_MB.value() * 1e6),
            pixels=int(PHOTO_MEGAPIXELS.value() * 1e6),
            dimension=PHOTO_DIMENSION_PX.int_value(),
        )

    @classmethod
    def none(cls) -> "PhotoLimits":
        """No limits: for looking at the first bytes of what may be no photo."""
        return cls(sys.maxsize, sys.maxsize, sys.maxsize)

    def check_file(self, path: Path, file_bytes: int) -> None:
        """Refuse a file that is too large.

        Raises:
            MediaLimitExceeded: it has more bytes than allowed.
        """
        if file_bytes > self.file_bytes:
            raise MediaLimitExceeded(
                path,
                f"{file_bytes / 1e6:.1f} MB is more than the {self.file_bytes / 1e6:g} MB that a photo may have here; "
                f"export it smaller, or raise {PHOTO_FILE_MB.variable}.",
            )

    def check_size(self, path: Path, width: int, height: int) -> None:
        """Refuse a picture that is too large to decode.

        Args:
            path: the file, for the message.
            width, height: pixels, as the header claims them.

        Raises:
            MediaLimitExceeded: a side or the product is above its limit.
        """
        if max(width, height) > self.dimension:
            raise MediaLimitExceeded(
                path,
                f"a side of {width}x{height} pixels is longer than the {self.dimension} pixels allowed here; "
                f"scale it down, or raise {PHOTO_DIMENSION_PX.variable}.",
            )
        if width * height > self.pixels:
            raise MediaLimitExceeded(
                path,
                f"{width}x{height} is {width * height / 1e6:.1f} megapixels, more than the {self.pixels / 1e6:g} "
                f"allowed here; scale it down, or raise {PHOTO_MEGAPIXELS.variable}.",
            )
