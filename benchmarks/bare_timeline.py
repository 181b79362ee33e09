"""Contender ``bare`` of the timeline: ready-made frames of the whole edit into x264, nothing else on the clock.

python -m benchmarks.bare_timeline DRAFT.json OUT.mp4
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.bare import plane_view
from benchmarks.events import Section, say
from benchmarks.x264 import open_stream
from engine.core.frames import YuvFrame
from engine.timeline import read_draft
from pipelines.render import RenderOptions
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.options import usable_cores
from pipelines.render.scene import Scene, prepare


def ready_frames(scene: Scene) -> list[av.VideoFrame]:
    """Every frame of a scene in memory that belongs to it alone."""
    width, height = scene.size
    renderer = GopRenderer(scene, RenderOptions(), usable_cores())

    def make(number: int) -> av.VideoFrame:
        picture = av.VideoFrame(width, height, "yuv420p")
        renderer.painter.paint(number, YuvFrame(*(plane_view(plane) for plane in picture.planes)))
        picture.pts, picture.time_base = number, Fraction(1) / scene.draft.frame_rate
        return picture

    with ThreadPoolExecutor(usable_cores()) as pool:
        frames = list(pool.map(make, range(scene.frames)))
    renderer.close()
    return frames


def main(draft: Path, target: Path) -> None:
    """Make the frames, then encode them against the clock."""
    scene = prepare(read_draft(draft.read_bytes()), Path())
    frames = ready_frames(scene)
    section = Section()
    with av.open(str(target), "w") as container:
        stream = open_stream(container, *scene.size, int(scene.draft.frame_rate))
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    say("section", **section.figures())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
