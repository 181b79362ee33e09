"""Where a clip stands on its layer.

A layer is a picture of the frame's size in continuous pixels, as in :mod:`engine.core.view`.
"""

from dataclasses import dataclass

from engine.core.view import View

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom in layer pixels."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A picture on a layer.

    Attributes:
        zoom: layer pixels per picture pixel.
        left, top: the layer point of the picture's top left corner; negative where it is cropped.
        rect: where the layer shows the picture.
    """

    zoom: float
    left: float
    top: float
    rect: Rect

    def view(self, lens: View) -> View:
        """A view of the layer as a view of the picture."""
        return View(
            (lens.x - self.left) / self.zoom, (lens.y - self.top) / self.zoom, lens.scale / self.zoom, lens.angle
        )


def place(picture: tuple[int, int], layer: tuple[int, int], *, whole: bool) -> Stand:
    """Put a picture in the middle of a layer.

    Args:
        picture, layer: (width, height) in pixels.
        whole: the whole picture is shown, and perhaps bars beside it; else it fills the layer and is cropped.
    """
    ratios = layer[0] / picture[0], layer[1] / picture[1]
    zoom = min(ratios) if whole else max(ratios)
    width, height = picture[0] * zoom, picture[1] * zoom
    left, top = (layer[0] - width) / 2, (layer[1] - height) / 2
    rect = (max(left, 0.0), max(top, 0.0), min(left + width, float(layer[0])), min(top + height, float(layer[1])))
    return Stand(zoom, left, top, rect)


def in_frame(rect: Rect, lens: View, frame: tuple[int, int]) -> Rect:
    """A rectangle of the layer in the pixels of a frame that shows the layer through an unrotated lens."""
    left, top, right, bottom = rect
    return (
        (left - lens.x) / lens.scale + frame[0] / 2,
        (top - lens.y) / lens.scale + frame[1] / 2,
        (right - lens.x) / lens.scale + frame[0] / 2,
        (bottom - lens.y) / lens.scale + frame[1] / 2,
    )
