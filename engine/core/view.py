"""Where a camera looks: an oriented rectangle in a photo."""

from dataclasses import dataclass
from math import cos, sin


@dataclass(frozen=True, slots=True)
class View:
    """The part of a photo that fills the frame.

    Coordinates are continuous photo pixels: the photo spans [0, W] x [0, H], the centre of pixel (i, j) is at
    (i + 0.5, j + 0.5), y points down. A point q of a frame of w x h pixels (same convention) shows the photo at

        p = (x, y) + scale * R(angle) * (q - (w / 2, h / 2)),   R = [[cos, -sin], [sin, cos]]

    Attributes:
        x, y: the photo point in the middle of the frame.
        scale: photo pixels per frame pixel; smaller is closer.
        angle: radians; positive turns the camera clockwise as seen by the viewer, so the picture turns anticlockwise.
    """

    x: float
    y: float
    scale: float
    angle: float = 0.0

    @classmethod
    def whole(cls, width: int, height: int) -> "View":
        """A picture of width x height pixels, shown pixel for pixel."""
        return cls(width / 2, height / 2, 1.0)

    def through(self, inner: "View", width: float, height: float) -> "View":
        """What a part of a frame shows: ``inner`` is a view of the width x height pixels that ``self`` fills."""
        c, s = cos(self.angle) * self.scale, sin(self.angle) * self.scale
        qx, qy = inner.x - width / 2, inner.y - height / 2
        return View(
            self.x + c * qx - s * qy,
            self.y + s * qx + c * qy,
            self.scale * inner.scale,
            self.angle + inner.angle,
        )

    def half_extent(self, frame_width: int, frame_height: int) -> tuple[float, float]:
        """Half the width and height, in photo pixels, of the axis-aligned box around this view."""
        c, s = abs(cos(self.angle)), abs(sin(self.angle))
        return (
            0.5 * self.scale * (frame_width * c + frame_height * s),
            0.5 * self.scale * (frame_width * s + frame_height * c),
        )

    def corners(self, frame_width: int, frame_height: int) -> list[tuple[float, float]]:
        """The photo points under the frame's corners: top left, top right, bottom right, bottom left."""
        c, s = cos(self.angle) * self.scale, sin(self.angle) * self.scale
        half_w, half_h = frame_width / 2, frame_height / 2
        return [
            (self.x + c * qx - s * qy, self.y + s * qx + c * qy)
            for qx, qy in ((-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h))
        ]
