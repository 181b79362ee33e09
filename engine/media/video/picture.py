"""Pictures on their way from the decoder to the frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideData, Type
    from av.video.frame import VideoFrame


@dataclass(frozen=True, slots=True)
class VideoPicture:
    """One picture of a video.

    Attributes:
        frame: its colours, upright, BT.709 limited range. One more column or row than the video has, a copy of its
            neighbour, where that has an odd number. Not to be written to: it may be the decoder's own memory.
        alpha: opacity, shape of ``frame.y``, uint8, 0..255; None where the video has none.
    """

    frame: YuvFrame
    alpha: Plane | None = None


RawPicture = Any
"""What a decoder hands out: a PyAV ``VideoFrame``, or an (H, W, 4) uint8 sRGB array with straight alpha."""


def side_data(frame: "VideoFrame", kind: "Type") -> bytes:
    """What a decoded picture carries besides its pixels; empty where it does not."""
    held = cast("Mapping[Type, SideData]", frame.side_data)
    return bytes(held[kind]) if kind in held else b""


RgbaImage = NDArray[np.uint8]
"""Shape (H, W, 4), sRGB with straight alpha."""
