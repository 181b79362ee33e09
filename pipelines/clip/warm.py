"""Compile what clips need ahead of its first use, as :mod:`engine.raster.warm` does for photos."""

import time
from fractions import Fraction

import numpy as np

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media.video import VideoPicture
from engine.media.video.convert import PictureForm, convert, convert_rgba
from pipelines.clip.background import fill_blurred
from pipelines.clip.sampling import TAP_COUNTS, sample

_SIZE = (192, 128)
_FORMATS = ("yuv420p", "yuv420p10le")
_TRANSFERS = (1, 16)


def warm_clips() -> float:
    """Run the kernels, so that they are compiled and cached; returns the seconds it took."""
    from av.video.frame import VideoFrame

    began = time.perf_counter()
    for pixels in _FORMATS:
        for transfer in _TRANSFERS:
            frame = VideoFrame(*_SIZE, pixels)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.color_range, frame.color_trc, frame.time_base = 2, transfer, Fraction(1, 25)
            convert(frame, PictureForm(*_SIZE, size=_SIZE))
    picture = convert_rgba(np.zeros((_SIZE[1], _SIZE[0], 4), np.uint8))
    out = YuvFrame.empty(160, 128)
    for taps in TAP_COUNTS:
        sample(VideoPicture(picture.frame), View(96, 64, taps / 4 - 0.01), out, None)
    sample(VideoPicture(picture.frame), View(96, 64, 1.0, 0.05), out, None)
    fill_blurred(picture.frame, _SIZE, _SIZE, View.whole(*_SIZE), out)
    return time.perf_counter() - began


if __name__ == "__main__":
    warm_clips()
