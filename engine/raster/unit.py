"""What sizes of looks are counted in, so that every canvas shows the same: 16:9, upright, square, small or large."""

from math import sqrt


def picture_unit(width: int, height: int) -> float:
    """The height, in pixels, of a picture of 16:9 with the same area: 1080 for 1920 x 1080 and for 1080 x 1920."""
    return sqrt(width * height * 9 / 16)
