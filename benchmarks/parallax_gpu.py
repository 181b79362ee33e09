"""How many frames of a scene with depth a GPU puts together in a second, before any encoding.

python -m benchmarks.parallax_gpu [--device cuda|cpu] [--seconds 5] [--size 1920x1080] [--output RESULT.json]

The scene is ``examples/dandelion.jpg`` with a made-up relief of three distances; the camera pushes in and sways. Every
texture is made and every kernel runs before the clock starts. Three figures:

* ``on the device``: Y' and interleaved chroma (NV12) stay there. Frames are queued in windows of 30, and the device is
  waited for at the end of each; the figure is the median over the windows.
* ``one at a time``: the same, but each frame is waited for.
* ``to host memory``: the planes of a frame that an encoder in host memory takes.

Without a CUDA GPU nothing is measured. ``--device cpu`` runs the same code on the processor: a test of this program,
whose figures say nothing about a GPU.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import sin, tau
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.machine import machine
from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media import load_photo
from engine.raster.scene.scene import Scene
from engine.raster.scene.torch_sampler import TorchSceneSampler

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"

WINDOW = 30
"""Frames that are queued before the device is waited for."""

AIM = 500
"""Frames a second at 1920x1080, of issue 6."""

MARGIN = 1.2
"""Photo pixels per frame pixel of the farthest view: room for the camera's travel."""

SECOND = 60
"""Frames of the camera's loop."""


def make_scene(size: tuple[int, int]) -> Scene:
    """Three distances: a disc before a ring before a ground that falls back, as sharp as their layers want them."""
    width, height = (2 * round(MARGIN * side / 2) for side in size)
    pixels = cv2.resize(load_photo(PHOTO).pixels, (width, height), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[0:576, 0:1024].astype(np.float32)
    from_middle = np.hypot(x - 512, y - 300)
    ground = 0.1 + 0.2 * y / 576
    disparity = np.where(from_middle < 120, 0.9, np.where(from_middle < 230, 0.6, ground)).astype(np.float32)
    return Scene.from_photo(np.asarray(pixels, np.uint8), disparity)


def cameras(scene: Scene) -> list[Camera]:
    """A loop that comes closer and goes back, swaying, with a lens that rolls a little."""
    width, height = scene.photo_size
    found = []
    for k in range(SECOND):
        turn = sin(tau * k / SECOND)
        view = View(width / 2, height / 2, 1.0 + 0.05 * turn, 0.01 * turn)
        found.append(Camera(view, x=0.03 * turn, y=0.01 * sin(2 * tau * k / SECOND), z=0.05 * (1 - turn)))
    return found


def measure(sampler: TorchSceneSampler, path: list[Camera], size: tuple[int, int], seconds: float) -> dict[str, Any]:
    """Milliseconds a frame of every window, by the three ways."""
    frame = YuvFrame.empty(*size)

    def settle() -> None:
        if sampler.device.type == "cuda":
            torch.cuda.synchronize(sampler.device)

    def queued(camera: Camera) -> None:
        sampler.render_nv12(camera, size)

    def waited(camera: Camera) -> None:
        sampler.render_nv12(camera, size)
        settle()

    ways: dict[str, Callable[[Camera], None]] = {
        "on the device": queued,
        "one at a time": waited,
        "to host memory": lambda camera: sampler.render(camera, frame),
    }
    for camera in path:  # warm-up: textures, kernels, the allocator's memory
        queued(camera)
    spent: dict[str, list[float]] = {}
    for name, way in ways.items():
        way(path[0])
        settle()
        windows: list[float] = []
        end = time.perf_counter() + seconds
        while not windows or time.perf_counter() < end:
            first = len(windows) * WINDOW
            began = time.perf_counter()
            for k in range(first, first + WINDOW):
                way(path[k % len(path)])
            settle()
            windows.append(1000 * (time.perf_counter() - began) / WINDOW)
        spent[name] = windows
    return spent


def device_facts(device: torch.device) -> dict[str, Any]:
    """The name of what was measured, and its memory."""
    if device.type != "cuda":
        return {"name": f"{machine()['cpu']} (no GPU)", "torch": torch.__version__}
    properties = torch.cuda.get_device_properties(device)
    return {
        "name": properties.name,
        "memory_gb": round(properties.total_memory / 1e9, 1),
        "peak_mb": round(torch.cuda.max_memory_allocated(device) / 1e6),
        "cuda": torch.version.cuda,
        "torch": torch.__version__,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each of the three figures")
    parser.add_argument("--size", default="1920x1080", help="WIDTHxHEIGHT of the frame, both even")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    width, height = (int(side) for side in options.size.split("x"))
    if options.device == "cuda" and not torch.cuda.is_available():
        print(
            "There is no usable CUDA GPU on this machine: nothing was measured. --device cpu tests this program.",
            file=sys.stderr,
        )
        return 1
    scene = make_scene((width, height))
    sampler = TorchSceneSampler(scene, options.device)
    spent = measure(sampler, cameras(scene), (width, height), options.seconds)
    facts = device_facts(sampler.device)
    result = {
        "schema": "multiplane-benchmark-parallax-gpu-1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "gpu": options.device == "cuda",
        "device": facts,
        "frame": [width, height],
        "layers": len(scene.layers),
        "aim_fps_1080p": AIM,
        "unit": f"ms a frame, means of windows of {WINDOW} frames",
        "fps": {name: round(1000 / float(np.median(windows)), 1) for name, windows in spent.items()},
        "runs": {name: [round(value, 4) for value in windows] for name, windows in spent.items()},
    }
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H%MZ}"
    output = options.output or HERE / "results" / f"parallax-gpu-{stamp}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{facts['name']}: {width}x{height}, {len(scene.layers)} layers, nothing encoded")
    if options.device != "cuda":
        print("This is the processor: no GPU was measured.")
    print(f"{'':20}{'frames/s':>10}{'ms: min':>10}{'median':>10}{'max':>10}")
    for name, windows in spent.items():
        median = float(np.median(windows))
        print(f"{name:20}{1000 / median:10.1f}{min(windows):10.3f}{median:10.3f}{max(windows):10.3f}")
    print(f"written: {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
