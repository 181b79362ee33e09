"""Where our time before the first frame goes, step by step, in a process of its own.

    python -m benchmarks.startup CLIP_JSON

The steps are those of ``multiplane animate``: ``draft`` reads the photo's header and the instruction; from ``decode``
on they are :func:`pipelines.kenburns.open_kenburns` in its parts, one after the other; there, loading the kernels
runs beside the decoding and the planes beside the saliency. The event ``started`` arrives when the interpreter
is up, so that its arrival is the interpreter's own share.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.events import say

if TYPE_CHECKING:
    from benchmarks.clip import Clip

Made = TypeVar("Made")


class Steps:
    """Seconds by the name of the step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, step: Callable[[], Made]) -> Made:
        """Run a step and note how long it took."""
        began = time.perf_counter()
        made = step()
        self.seconds[name] = time.perf_counter() - began
        return made


COMMAND_MODULES = ("api.cli", "api.cli.drafting", "api.cli.reporting", "pipelines.render")
"""What ``multiplane animate`` imports before it begins."""


def _parsed(clip: "Clip") -> argparse.Namespace:
    """The command's arguments as the command itself parses them."""
    from api.cli import animate
    from benchmarks.contenders import our_arguments

    parser = argparse.ArgumentParser()
    animate.add_parser(parser.add_subparsers())
    return parser.parse_args(our_arguments(clip, Path("clip.mp4")))


def main(clip_json: str) -> None:
    """Open the photo, the camera, the sampler and the encoder, make one frame; print the steps."""
    steps = Steps()
    steps.time("imports", lambda: [import_module(name) for name in COMMAND_MODULES])

    from api.cli.drafting import make_draft
    from benchmarks.clip import Clip
    from engine.media import Mp4Options, Mp4Writer, load_photo
    from engine.motion import Motion, SaliencyFinder, plan_camera, required_scale
    from engine.raster.levels import LEVEL_RATIO, OVERSAMPLE, photo_planes
    from engine.raster.sampler import make_sampler
    from engine.raster.warm import sample_once
    from pipelines.render.options import usable_cores

    clip = Clip.from_json(clip_json)
    photo, frame_size = Path(clip.photo), (clip.width, clip.height)
    motion = Motion(("zoom_in",), amount=clip.zoom, focus=(clip.focus_x, clip.focus_y), ease="linear")
    steps.time("draft", lambda: make_draft(_parsed(clip)))
    size = (clip.photo_width, clip.photo_height)
    least = required_scale(motion, size, frame_size, clip.seconds, OVERSAMPLE)
    pixels = steps.time("decode", lambda: load_photo(photo, min_scale=least)).pixels
    subject = steps.time("saliency", lambda: SaliencyFinder().find(pixels))
    path = steps.time("camera", lambda: plan_camera(motion, size, frame_size, clip.seconds, subject))
    steps.time("load kernels", lambda: sample_once((LEVEL_RATIO, OVERSAMPLE * LEVEL_RATIO), (0.0,)))
    planes = steps.time("planes", lambda: photo_planes(pixels, size, usable_cores()))
    sampler = steps.time(
        "levels", lambda: make_sampler(planes, path.scale_range(), device="cpu", threads=usable_cores())
    )
    with tempfile.TemporaryDirectory() as folder:
        options = Mp4Options(*frame_size, Fraction(clip.rate))
        writer = steps.time("open encoder", lambda: Mp4Writer(Path(folder) / "first.mp4", options))
        frame = writer.new_frame()
        steps.time("first frame", lambda: sampler.render(path.at(0), frame))
        writer.abort()
    say("startup", steps=steps.seconds, pixels=list(pixels.shape))


if __name__ == "__main__":
    say("started")
    main(sys.argv[1])
