"""Where a camera stands in front of a photo that has depth, and what its lens makes of that.

The photo is the picture that a pinhole camera at (0, 0, 0) took. Each of its points has a *disparity* q, proportional
to the inverse of its distance: 1 is the nearest that a scene can hold, 0 infinitely far away. A camera that moved to
(x, y, z) sees the photo point p (View's convention: continuous pixels, the centre of pixel (i, j) at (i + 0.5, j +
0.5)), with c = (W / 2, H / 2), on its *lens plane* at

    p' = c + (p - c - q W (x, y)) / (1 - q z)

which is perspective projection (Hartley & Zisserman, "Multiple View Geometry", 2nd ed., section 6.1) with distances
counted so that the focal length falls out. The lens plane is then looked at through a :class:`View`, as if it were a
flat photo: crop, zoom, lens shift and roll. A lens shift that follows the travel keeps one distance still: that is an
orbit, and with the zoom of a lens it is the dolly zoom; both keep the picture plane parallel to the photo's.
"""

from dataclasses import dataclass

from engine.core.view import View


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in front of a scene.

    Attributes:
        view: the part of the lens plane that fills the frame, in pixels of the full-size photo.
        x, y: travel to the right and down, in photo *widths* (both) that a point of disparity 1 shifts the other way.
        z: travel forward, < 1: a point of disparity 1 is enlarged 1 / (1 - z) times.
    """

    view: View
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0

    def to_lens(self, point: tuple[float, float], disparity: float, photo_size: tuple[int, int]) -> tuple[float, float]:
        """Where on the lens plane a photo point is seen."""
        width, height = photo_size
        grown = 1 - disparity * self.z
        return (
            width / 2 + (point[0] - width / 2 - disparity * width * self.x) / grown,
            height / 2 + (point[1] - height / 2 - disparity * width * self.y) / grown,
        )

    def to_photo(
        self, point: tuple[float, float], disparity: float, photo_size: tuple[int, int]
    ) -> tuple[float, float]:
        """Which photo point, of this disparity, is seen at a point of the lens plane."""
        width, height = photo_size
        grown = 1 - disparity * self.z
        return (
            width / 2 + (point[0] - width / 2) * grown + disparity * width * self.x,
            height / 2 + (point[1] - height / 2) * grown + disparity * width * self.y,
        )

    def inside(self, frame_size: tuple[int, int], photo_size: tuple[int, int], nearest: float, farthest: float) -> bool:
        """Whether nothing beyond the photo's borders can be seen, whatever its points' disparities within these bounds.

        The photo point under a frame point is linear in the frame point and linear in the disparity: the corners of
        the frame at the two bounds decide.
        """
        slack = 1e-6 * max(photo_size)
        return all(
            -slack <= coordinate <= length + slack
            for corner in self.view.corners(*frame_size)
            for disparity in (nearest, farthest)
            for coordinate, length in zip(self.to_photo(corner, disparity, photo_size), photo_size, strict=True)
        )
