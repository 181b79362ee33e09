"""How large a video or an animation may be; checked on its header, before a picture is decoded."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.core.errors import MediaLimitExceeded
from engine.core.settings import Setting

VIDEO_FILE_MB = Setting(
    "MULTIPLANE_VIDEO_FILE_MB", 20_000, "MB", 0.001, 1_000_000, "largest video file (1 MB is 1,000,000 bytes)"
)
VIDEO_MEGAPIXELS = Setting(
    "MULTIPLANE_VIDEO_MEGAPIXELS", 36, "megapixels", 0.001, 1_000, "largest picture of a video, width x height"
)
VIDEO_DIMENSION_PX = Setting("MULTIPLANE_VIDEO_DIMENSION_PX", 8_192, "px", 16, 100_000, "longest side of a video")
VIDEO_DURATION_S = Setting("MULTIPLANE_VIDEO_DURATION_S", 21_600, "s", 0.1, 1_000_000, "longest video")
VIDEO_FRAMES = Setting("MULTIPLANE_VIDEO_FRAMES", 2_000_000, "frames", 1, 100_000_000, "most pictures in a video")


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What one video may cost.

    Attributes:
        file_bytes: largest file, in bytes.
        pixels: largest width x height of a picture.
        dimension: longest side, in pixels.
        duration: seconds.
        frames: most pictures.
    """

    file_bytes: int
    pixels: int
    dimension: int
    duration: Fraction
    frames: int

    @classmethod
    def from_settings(cls) -> "VideoLimits":
        """The limits of this site.

        Raises:
            OptionError: a setting holds something that is not a number in its range.
        """
        return cls(
            file_bytes=int(VIDEO_FILE_MB.value() * 1e6),
            pixels=int(VIDEO_MEGAPIXELS.value() * 1e6),
            dimension=VIDEO_DIMENSION_PX.int_value(),
            duration=Fraction(VIDEO_DURATION_S.value()),
            frames=VIDEO_FRAMES.int_value(),
        )

    def check_file(self, path: Path, file_bytes: int) -> None:
        """Refuse a file that is too large.

        Raises:
            MediaLimitExceeded: it has more bytes than allowed.
        """
        if file_bytes > self.file_bytes:
            raise MediaLimitExceeded(
                path,
                f"{file_bytes / 1e6:.1f} MB is more than the {self.file_bytes / 1e6:g} MB that a video may have here; "
                f"export it smaller, or raise {VIDEO_FILE_MB.variable}.",
            )

    def check_size(self, path: Path, width: int, height: int) -> None:
        """Refuse pictures that are too large to decode.

        Args:
            path: the file, for the message.
            width, height: pixels, as the header claims them.

        Raises:
            MediaLimitExceeded: a side or the product is above its limit.
        """
        if max(width, height) > self.dimension:
            raise MediaLimitExceeded(
                path,
                f"a side of {width}x{height} pixels is longer than the {self.dimension} pixels that a video may have "
                f"here; scale it down, or raise {VIDEO_DIMENSION_PX.variable}.",
            )
        if width * height > self.pixels:
            raise MediaLimitExceeded(
                path,
                f"{width}x{height} is {width * height / 1e6:.1f} megapixels, more than the {self.pixels / 1e6:g} that "
                f"a video may have here; scale it down, or raise {VIDEO_MEGAPIXELS.variable}.",
            )

    def check_length(self, path: Path, duration: Fraction, frames: int) -> None:
        """Refuse a video that is too long.

        Args:
            path: the file, for the message.
            duration: seconds.
            frames: pictures.

        Raises:
            MediaLimitExceeded: one of them is above its limit.
        """
        if duration > self.duration:
            raise MediaLimitExceeded(
                path,
                f"{float(duration):.0f} seconds is longer than the {float(self.duration):g} allowed here; "
                f"cut it, or raise {VIDEO_DURATION_S.variable}.",
            )
        if frames > self.frames:
            raise MediaLimitExceeded(
                path,
                f"it has more than the {self.frames} pictures allowed here; cut it, or raise {VIDEO_FRAMES.variable}.",
            )
