"""Contender ``bare``: encode frames that are ready in memory. The limit of every pipeline that ends in x264.

    python -m benchmarks.bare CLIP_JSON OUT.mp4

All frames of the clip are made first, by our own sampler, as distinct yuv420p frames in memory (3.1 MB each at 1080p);
then the clock starts. What is in it: opening the encoder and the container, encoding, writing the MP4, closing both.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.clip import Clip
from benchmarks.events import Section, say
from benchmarks.x264 import open_stream
from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.motion import Motion
from engine.timeline import Fit
from pipelines.kenburns import open_kenburns
from pipelines.render.options import usable_cores


def ready_frames(clip: Clip) -> list[av.VideoFrame]:
    """Every frame of the clip in memory that belongs to it alone."""
    motion = Motion(("zoom_in",), amount=clip.zoom, focus=(clip.focus_x, clip.focus_y), ease="linear")
    cores = usable_cores()
    source = open_kenburns(
        Path(clip.photo), motion, Fit("crop"), (clip.width, clip.height), clip.seconds, device="cpu", threads=cores
    )

    def make(index: int) -> av.VideoFrame:
        picture = av.VideoFrame(clip.width, clip.height, "yuv420p")
        source.render(
            Fraction(index, clip.rate),
            View.whole(clip.width, clip.height),
            YuvFrame(*(plane_view(plane) for plane in picture.planes)),
        )
        picture.pts, picture.time_base = index, Fraction(1, clip.rate)
        return picture

    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(make, range(clip.frames)))


def plane_view(plane: av.video.plane.VideoPlane) -> Plane:
    """A plane of a PyAV frame as an array over its own memory."""
    memory = np.frombuffer(memoryview(plane), np.uint8)
    return memory.reshape(plane.height, plane.line_size)[:, : plane.width]


def main(clip: Clip, target: Path) -> None:
    """Make the frames, then encode them against the clock."""
    frames = ready_frames(clip)
    section = Section()
    with av.open(str(target), "w") as container:
        stream = open_stream(container, clip.width, clip.height, clip.rate)
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    say("section", **section.figures())


if __name__ == "__main__":
    main(Clip.from_json(sys.argv[1]), Path(sys.argv[2]))
