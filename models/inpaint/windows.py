"""Which parts of a picture are looked at to fill its holes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONTEXT = 0.5
"""How far a window reaches beyond a hole on each side, as a share of the hole's longer side: what is painted goes
on from what stands around."""

LEAST_CONTEXT = 48
"""Pixels that it reaches at least."""

MOST_WINDOWS = 12
"""Windows of one picture; each costs a run of the model. More holes than that share windows."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture in pixels: rows ``top`` to ``bottom``, columns ``left`` to ``right``, ends not included."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def area(self) -> tuple[slice, slice]:
        """The index of the part."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def touches(self, other: "Window") -> bool:
        """Whether the two share a pixel."""
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def with_other(self, other: "Window") -> "Window":
        """The smallest window that holds both."""
        return Window(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )


def windows_of(hole: NDArray[np.bool_]) -> list[Window]:
    """Windows that hold every pixel of a hole (H, W) once, with what stands around it; none where nothing is to fill.

    Holes whose windows meet share one, so that nothing is painted from what is a hole itself.
    """
    import cv2

    # Near holes are one from the start: specks would be thousands.
    kernel = np.ones((LEAST_CONTEXT + 1, LEAST_CONTEXT + 1), np.uint8)
    near = cv2.dilate(hole.astype(np.uint8), kernel)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(near)
    found: list[Window] = []
    for label in range(1, count):
        left, top, width, height = (int(number) for number in boxes[label][:4])
        box = slice(top, top + height), slice(left, left + width)
        rows, columns = np.nonzero((labels[box] == label) & hole[box])
        tight = Window(
            top + int(rows.min()), top + int(rows.max()) + 1, left + int(columns.min()), left + int(columns.max()) + 1
        )
        found.append(_around(tight, hole.shape))
    found = _apart(found)
    while len(found) > MOST_WINDOWS:
        found = _apart([found[0].with_other(found[1]), *found[2:]])
    return found


def _around(tight: Window, shape: tuple[int, ...]) -> Window:
    reach = max(LEAST_CONTEXT, round(CONTEXT * max(tight.bottom - tight.top, tight.right - tight.left)))
    return Window(
        max(0, tight.top - reach),
        min(shape[0], tight.bottom + reach),
        max(0, tight.left - reach),
        min(shape[1], tight.right + reach),
    )


def _apart(windows: list[Window]) -> list[Window]:
    """The same pixels in windows that do not meet."""
    done: list[Window] = []
    for window in windows:
        grown, others = window, done
        while touching := [other for other in others if grown.touches(other)]:
            others = [other for other in others if not grown.touches(other)]
            for other in touching:
                grown = grown.with_other(other)
        done = [*others, grown]
    return done
