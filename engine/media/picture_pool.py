"""Input memory of the encoder, used again when nobody looks at it any more.

A fresh 1080p frame costs up to 270 page faults, about 0.7 ms, each time the allocator has handed its pages back to the
system, which it does when frames are freed in the order in which a pipeline frees them; a used one costs none. Nobody
can see a difference: a frame comes back only after its last plane and every view of it are gone, and
``av_frame_make_writable`` gives it new memory if an encoder still holds a reference to the old.
"""

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.core.frames import Plane, YuvFrame

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.plane import VideoPlane

MAX_SPARE = 16
"""Frames kept for later; more than a bounded queue between sampler and encoder ever has in flight."""


class PicturePool:
    """Frames of one size in yuv420p; every method may be called from any thread.

    Args:
        width, height: luma pixels, even.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._spare: deque[VideoFrame] = deque(maxlen=MAX_SPARE)

    def new_frame(self) -> YuvFrame:
        """A frame of uninitialised memory; its ``owner`` is a :class:`Lease`."""
        from av.video.frame import VideoFrame

        try:
            picture = self._spare.pop()
        except IndexError:
            picture = VideoFrame(self.width, self.height, "yuv420p")
        else:
            picture.make_writable()
        lease = Lease(picture, self._spare)
        y, u, v = (np.asarray(_LeasedPlane(lease, plane)) for plane in picture.planes)
        return YuvFrame(y, u, v, owner=lease)


class Lease:
    """Holds a PyAV frame out of the pool for as long as this object lives.

    Attributes:
        picture: the frame; its planes are what :class:`YuvFrame` shows.
    """

    __slots__ = ("_spare", "picture")

    def __init__(self, picture: "VideoFrame", spare: "deque[VideoFrame]") -> None:
        self.picture = picture
        self._spare = spare

    def __del__(self) -> None:
        self._spare.append(self.picture)


class _LeasedPlane:
    """What NumPy needs to view a plane; an array made from it, and every view of that, keeps the lease alive."""

    __slots__ = ("__array_interface__", "_lease")

    def __init__(self, lease: Lease, plane: "VideoPlane") -> None:
        self._lease = lease
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "typestr": "|u1",
            "shape": (plane.height, plane.width),
            "strides": (plane.line_size, 1),
            "data": (plane.buffer_ptr, False),
        }


def picture_behind(frame: YuvFrame) -> "VideoFrame | None":
    """The PyAV frame whose memory the three planes are; None if they are any other memory, or only partly its own."""
    lease = frame.owner
    if not isinstance(lease, Lease):
        return None
    planes = zip((frame.y, frame.u, frame.v), lease.picture.planes, strict=True)
    return lease.picture if all(_is_whole(plane, memory) for plane, memory in planes) else None


def leased_frame(frame: YuvFrame, pool: PicturePool) -> YuvFrame:
    """A frame that lies in PyAV's memory: this one, or a copy in a frame of the pool.

    ``owner.picture`` is what to encode; hold the frame until that is done, or the pool hands its memory out again.

    Raises:
        ValueError: the frame has another size than those of the pool.
    """
    if (frame.width, frame.height) != (pool.width, pool.height):
        raise ValueError(f"the frame is {frame.width}x{frame.height}, the video {pool.width}x{pool.height}")
    if picture_behind(frame) is not None:
        return frame
    own = pool.new_frame()
    own.y[:], own.u[:], own.v[:] = frame.y, frame.u, frame.v
    return own


def _is_whole(plane: Plane, memory: "VideoPlane") -> bool:
    return (
        plane.__array_interface__["data"][0] == memory.buffer_ptr
        and plane.strides == (memory.line_size, 1)
        and plane.shape == (memory.height, memory.width)
    )
