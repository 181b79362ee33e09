"""A frame as players show it."""

import numpy as np

from engine.core.frames import RgbImage, YuvFrame


def to_rgb(frame: YuvFrame) -> RgbImage:
    """A frame as (H, W, 3) uint8 sRGB, as players show it (ITU-R BT.709, limited range)."""
    from av.video.frame import VideoFrame
    from av.video.reformatter import ColorRange, Colorspace

    planar = np.concatenate([plane.ravel() for plane in (frame.y, frame.u, frame.v)])
    picture = VideoFrame.from_ndarray(planar.reshape(frame.height * 3 // 2, frame.width), format="yuv420p")
    rgb = picture.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    return np.asarray(rgb.to_ndarray(), np.uint8)
