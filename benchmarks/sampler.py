"""What one 1080p yuv420p frame costs by the ways that were open to us; one thread each.

python -m benchmarks.sampler [--repeat 15] [--output RESULT.json]

The contract is in benchmarks/README.md. The clock is the thread's own CPU time, which other programs on the machine
disturb less than the wall clock; contenders are interleaved. All start from planes that are ready in memory.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.machine import load_average, machine
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media import load_photo
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.levels import LEVEL_RATIO, OVERSAMPLE, PAD, build_levels, level_ratios, photo_planes
from engine.raster.torch_sampler import TorchSampler

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"
FRAME = (1920, 1080)


def contenders() -> dict[str, Callable[[], None]]:
    """Each fills one frame (or its equal) from the same photo."""
    photo = load_photo(PHOTO)
    size = (photo.info.width, photo.info.height)
    widest = min(size[0] / FRAME[0], size[1] / FRAME[1])
    closest = widest / LEVEL_RATIO
    levels = build_levels(photo_planes(photo.pixels, size), level_ratios(closest, widest))
    cpu, on_torch = CpuSampler(levels), TorchSampler(levels, "cpu")
    frame = YuvFrame.empty(*FRAME)
    near = View(size[0] / 2 + 0.3, size[1] / 2 - 0.2, closest)
    wide = View(size[0] / 2, size[1] / 2, widest)
    tilted = View(size[0] / 2, size[1] / 2, closest, 0.003)

    def ours(view: View, sampler: CpuSampler | TorchSampler = cpu) -> Callable[[], None]:
        return lambda: sampler.render(view, frame)

    # The others get the same level, row by row and in 8 bits, as their libraries want it.
    def rows(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.ascontiguousarray((plane[PAD:-PAD, PAD:-PAD].T // 256).astype(np.uint8))

    planes = [rows(plane) for plane in (levels[0].y, levels[0].u, levels[0].v)]
    matrix = np.array([[OVERSAMPLE, 0, 10.3], [0, OVERSAMPLE, 7.8]], np.float32)
    outs = [frame.y, frame.u, frame.v]
    sizes = [(out.shape[1], out.shape[0]) for out in outs]

    def opencv(flags: int) -> Callable[[], None]:
        def run() -> None:
            for plane, out, shape in zip(planes, outs, sizes, strict=True):
                cv2.warpAffine(plane, matrix, shape, dst=out, flags=flags | cv2.WARP_INVERSE_MAP)

        return run

    tensors = [torch.from_numpy(plane)[None, None].float() for plane in planes]
    grids = [
        torch.nn.functional.affine_grid(torch.tensor([[[0.8, 0, 0.01], [0, 0.8, 0.01]]]), [1, 1, *out.shape], False)
        for out in outs
    ]

    def grid_sample(mode: str) -> Callable[[], None]:
        def run() -> None:
            for tensor, grid in zip(tensors, grids, strict=True):
                torch.nn.functional.grid_sample(tensor, grid, mode=mode, align_corners=False)

        return run

    return {
        "ours, closest view": ours(near),
        "ours, widest view of the level": ours(wide),
        "ours, rotated": ours(tilted),
        "our torch sampler": ours(near, on_torch),
        "OpenCV warpAffine linear (1/32 px, no prefilter)": opencv(cv2.INTER_LINEAR),
        "OpenCV warpAffine cubic (1/32 px, no prefilter)": opencv(cv2.INTER_CUBIC),
        "OpenCV warpAffine Lanczos (1/32 px, no prefilter)": opencv(cv2.INTER_LANCZOS4),
        "torch grid_sample bilinear": grid_sample("bilinear"),
        "torch grid_sample bicubic": grid_sample("bicubic"),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    runs = contenders()
    for run in runs.values():  # warm-up: compilers, page faults
        run()
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.repeat):
        for name, run in runs.items():
            began = time.thread_time()
            run()
            spent[name].append(1000 * (time.thread_time() - began))
    result = {
        "schema": "multiplane-benchmark-sampler-1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load_average(),
        "versions": {"numpy": np.__version__, "opencv": cv2.__version__, "torch": torch.__version__},
        "unit": "ms of thread CPU time for one 1080p yuv420p frame",
        "runs": {name: [round(value, 3) for value in values] for name, values in spent.items()},
    }
    output = options.output or HERE / "results" / f"sampler-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'ms of CPU for one 1080p frame':52}{'min':>8}{'median':>8}{'max':>8}")
    for name, values in spent.items():
        print(f"{name:52}{min(values):8.1f}{float(np.median(values)):8.1f}{max(values):8.1f}")
    print(f"written: {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
