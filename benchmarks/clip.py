"""The clip that every contender makes: one photo, one zoom about one point."""

import json
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Clip:
    """What is to be made, in numbers that any tool can follow.

    Frame n of the whole clip shows the photo enlarged by ``zoom ** (n / frames)`` against the view that holds all of
    it, and the point (``focus_x``, ``focus_y``) stands still. The photo has the frame's shape, so that nobody crops.

    Attributes:
        photo: the file.
        photo_width, photo_height: its size in pixels.
        width, height: of the video in pixels.
        rate: frames per second.
        frames: how many frames the whole zoom has.
        zoom: enlargement that the whole zoom reaches (one frame after its last).
        focus_x, focus_y: 0..1 of the photo from its top left.
        begin, count: the excerpt to be made: frames begin .. begin + count - 1 of the whole.
    """

    photo: str
    photo_width: int
    photo_height: int
    width: int
    height: int
    rate: int
    frames: int
    zoom: float
    focus_x: float
    focus_y: float
    begin: int
    count: int

    @property
    def seconds(self) -> Fraction:
        """Length of the whole zoom."""
        return Fraction(self.frames, self.rate)

    def zoom_at(self, frame: float) -> float:
        """The enlargement in a frame of the whole zoom."""
        return float(self.zoom ** (frame / self.frames))

    def view(self, frame: float) -> tuple[float, float, float]:
        """Photo pixels per frame pixel, and the photo's x and y at the frame's left and top edge.

        Continuous coordinates: the centre of pixel (i, j) is at (i + 0.5, j + 0.5).
        """
        scale = self.photo_width / self.width / self.zoom_at(frame)
        return (
            scale,
            self.focus_x * (self.photo_width - self.width * scale),
            self.focus_y * (self.photo_height - self.height * scale),
        )

    def shortened(self, frames: int) -> Self:
        """The whole zoom in fewer frames: for warming up."""
        return replace(self, frames=frames, begin=0, count=frames)

    def middle(self, frames: int) -> Self:
        """An excerpt of at most ``frames`` frames from the middle of the zoom, at the whole zoom's own pace."""
        count = min(frames, self.frames)
        return replace(self, begin=(self.frames - count) // 2, count=count)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The clip that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def whole_clip(
    photo: Path,
    size: tuple[int, int],
    rate: int,
    seconds: Fraction,
    zoom: float,
    focus: tuple[float, float],
) -> Clip:
    """The whole zoom over a photo.

    Raises:
        ValueError: the photo has another shape than the frame, or the seconds are not a whole number of frames.
    """
    from PIL import Image

    with Image.open(photo) as image:
        width, height = image.size
    if width * size[1] != height * size[0]:
        raise ValueError(f"{photo.name} has {width}x{height} pixels: the benchmark needs the shape of {size}")
    frames = seconds * rate
    if frames.denominator != 1 or frames < 1:
        raise ValueError(f"{float(seconds)} s are not a whole number of frames at {rate} frames per second")
    return Clip(str(photo), width, height, *size, rate, int(frames), zoom, *focus, 0, int(frames))
