"""The eight orientations of EXIF (CIPA DC-008 tag 274) as what must be done to the stored picture.

========  =========================================  ==========================
value     stored picture is                          to show it
========  =========================================  ==========================
1         upright                                    nothing
2         mirrored                                   flip left-right
3         turned by 180 degrees                      turn by 180 degrees
4         mirrored and turned by 180                 flip top-bottom
5         mirrored, then turned                      transpose
6         turned 90 degrees anticlockwise            turn 90 degrees clockwise
7         mirrored, then turned the other way        transpose over the other diagonal
8         turned 90 degrees clockwise                turn 90 degrees anticlockwise
========  =========================================  ==========================
"""

from PIL.Image import Transpose

UPRIGHT = 1

TRANSPOSES: dict[int, Transpose] = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""The Pillow operation for each orientation but 1 (Pillow counts its angles anticlockwise)."""

_QUARTER_TURN = {1: 8, 8: 3, 3: 6, 6: 1, 2: 5, 5: 4, 4: 7, 7: 2}
"""What each orientation becomes when another quarter turn anticlockwise is applied after it."""

_FLIP_LEFT_RIGHT = {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 7: 8, 8: 7}
"""What each orientation becomes when the picture is mirrored left-right after it."""


def swaps_sides(orientation: int) -> bool:
    """Whether width and height trade places."""
    return orientation >= 5


def then_rotated(orientation: int, quarter_turns: int) -> int:
    """The orientation that also turns by ``quarter_turns`` x 90 degrees anticlockwise (HEIF ``irot``)."""
    for _ in range(quarter_turns % 4):
        orientation = _QUARTER_TURN[orientation]
    return orientation


def then_mirrored(orientation: int, *, left_right: bool) -> int:
    """The orientation that also exchanges left and right, or top and bottom (HEIF ``imir``)."""
    mirrored = _FLIP_LEFT_RIGHT[orientation]
    return mirrored if left_right else then_rotated(mirrored, 2)
