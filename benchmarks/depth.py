"""How good the guessed depth is, and what it costs.

python -m benchmarks.depth [--aloe FOLDER] [--repeat 7] [--output RESULT.json]

Scenes with ground truth: ``motorcycle`` (Middlebury 2014, in scikit-image) and, where FOLDER has ``aloeL.jpg`` and
``aloeGT.png`` (Middlebury 2006; in OpenCV's source under samples/data), ``aloe``. The rules were tuned on both: their
scores say what is reached there, not what to expect elsewhere. Masks are U2-Net-p's, stored beside the tests.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from benchmarks.depth_score import RATIO, ordinal_score, plain_ramp
from benchmarks.machine import machine
from engine.depth.guess import guess_depth
from engine.depth.refine import snap_to_edges

HERE = Path(__file__).resolve().parent
MASKS = HERE.parent / "tests" / "depth" / "data"
RATIOS = (1.02, 1.05, RATIO, 1.2)
OUTPUT_LONG_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo with true disparities.

    Attributes:
        name: of the scene.
        rgb: shape (H, W, 3), uint8.
        mask: shape (h, w), float32 0..1.
        truth: shape (H, W), disparities in pixels; not finite where unknown.
    """

    name: str
    rgb: NDArray[np.uint8]
    mask: NDArray[np.float32]
    truth: NDArray[np.float32]


def scenes(aloe: Path | None) -> Iterator[Scene]:
    """The scenes at hand."""
    # Through Any: scikit-image declares types, and this function has none.
    load: Any = data.stereo_motorcycle
    left, _, disparity = load()
    yield Scene("motorcycle", left, stored_mask("motorcycle"), disparity)
    if aloe is not None:
        photo, truth = cv2.imread(str(aloe / "aloeL.jpg")), cv2.imread(str(aloe / "aloeGT.png"), cv2.IMREAD_GRAYSCALE)
        if photo is None or truth is None:
            raise SystemExit(f"{aloe} has no aloeL.jpg and aloeGT.png")
        rgb = np.ascontiguousarray(photo[..., ::-1].astype(np.uint8))
        yield Scene("aloe", rgb, stored_mask("aloe"), np.where(truth > 0, truth, np.nan).astype(np.float32))


def stored_mask(name: str) -> NDArray[np.float32]:
    """U2-Net-p's mask of a scene, shape (h, w), float32 0..1."""
    mask = cv2.imread(str(MASKS / f"{name}_mask.png"), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise SystemExit(f"no mask of {name} is stored")
    return mask.astype(np.float32) / np.float32(255)


def measure(scene: Scene, repeat: int) -> dict[str, Any]:
    """Scores for each ratio, and milliseconds of CPU on one thread."""
    height, width = scene.truth.shape
    factor = OUTPUT_LONG_SIDE / max(height, width)
    size = (round(width * factor), round(height * factor))
    guess = guess_depth(scene.rgb, scene.mask)
    maps = {
        "ramp": plain_ramp(height, width),
        "without_mask": guess_depth(scene.rgb).disparity,
        "guess": guess.disparity,
        "guess_snapped": snap_to_edges(guess.disparity, scene.rgb, size),
    }
    spent: dict[str, list[float]] = {"guess": [], "snap": []}
    for _ in range(repeat):
        began = time.thread_time()
        disparity = guess_depth(scene.rgb, scene.mask).disparity
        guessed = time.thread_time()
        snap_to_edges(disparity, scene.rgb, size)
        spent["guess"].append(1000 * (guessed - began))
        spent["snap"].append(1000 * (time.thread_time() - guessed))
    return {
        "tuned_on": True,
        "kind": guess.kind,
        "confidence": guess.confidence,
        "scores": {
            name: {f"{ratio:g}": round(ordinal_score(values, scene.truth, ratio=ratio), 4) for ratio in RATIOS}
            for name, values in maps.items()
        },
        "cpu_ms": {name: [round(value, 1) for value in values] for name, values in spent.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aloe", type=Path, help="folder of aloeL.jpg and aloeGT.png")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    found = {scene.name: measure(scene, options.repeat) for scene in scenes(options.aloe)}
    result = {
        "schema": "multiplane-benchmark-depth-1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"numpy": np.__version__, "opencv": cv2.__version__},
        "unit": "share of pixel pairs ordered correctly, by least ratio of true disparities; ms of thread CPU time",
        "scenes": found,
    }
    output = options.output or HERE / "results" / f"depth-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'pairs ordered correctly':30}" + "".join(f"{f'> {ratio:g}':>9}" for ratio in RATIOS))
    for name, entry in found.items():
        for way, scores in entry["scores"].items():
            print(f"{f'{name}, {way}':30}" + "".join(f"{score:9.3f}" for score in scores.values()))
        print(f"{f'{name}, CPU ms':30}" + "".join(f"  {k} {np.median(v):.0f}" for k, v in entry["cpu_ms"].items()))
    print(f"written: {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
