"""What painting a hole costs and how it looks, against OpenCV's two ways; one thread each.

python -m benchmarks.fill --photos FOLDER [--repeat 3] [--keep FOLDER] [--output RESULT.json]

Regions of real photos are hidden and painted: what comes out is compared with what was there. `beside` is the scene's
own task: a band of 20 to 60 pixels around a random shape, which is a foreground that must not shine through; OpenCV has
no word for that and gets the shape as part of the hole. `stroke` is the band alone, everything else is known: OpenCV's
own task. Shapes come from seeds. The clock is the thread's own CPU time; contenders are interleaved, compiled code is
warm.

* psnr, ssim: of the hidden pixels; higher is better. They favour the smooth: the mean of all that might be there.
* texture: sliced Wasserstein distance of 5 x 5 luma patches, painted against hidden, positions and brightness
  aside; lower is better.
* detail: mean step between neighbours against that of what was hidden; 1 is right, less is a smear.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.machine import load_average, machine
from engine.media import load_photo
from engine.raster.scene.fill import fill_picture
from engine.raster.scene.warm import fill_once

HERE = Path(__file__).resolve().parent
LONGER_SIDE = 1920
BANDS = (20, 40, 60)
"""Pixels; photo k gets the k-th, in turn."""

RADIUS = 5
"""Pixels: OpenCV's neighbourhood."""

SEED = 6

Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]
Painter = Callable[[], Picture]


def hidden(shape: tuple[int, int], seed: int, band: int) -> tuple[Mask, Mask]:
    """A band (H, W) and the random shape that it surrounds."""
    height, width = shape
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    middle = (rng.uniform(0.3, 0.7) * height, rng.uniform(0.3, 0.7) * width)
    size = min(shape) * rng.uniform(0.12, 0.2)
    angle = np.arctan2(y - middle[0], x - middle[1])
    waves = sum(rng.uniform(-0.3, 0.3) / k * np.cos(k * angle + rng.uniform(0, 6.28)) for k in range(1, 6))
    subject = np.hypot(y - middle[0], x - middle[1]) < size * (1 + waves)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    return (cv2.dilate(subject.astype(np.uint8), disc) > 0) & ~subject, subject


def contenders(photo: Picture, hole: Mask, unseen: Mask, band: int) -> dict[str, Painter]:
    """Each paints the same hole."""
    picture = photo.astype(np.float32)
    mask = (hole | unseen).astype(np.uint8)

    def ours() -> Picture:
        out = fill_picture(picture, hole, ~hole & ~unseen, reach=band + 1)
        return np.asarray(np.clip(out + 0.5, 0, 255), np.uint8)

    def opencv(method: int) -> Painter:
        return lambda: np.asarray(cv2.inpaint(photo, mask, RADIUS, method), np.uint8)

    return {"ours": ours, "telea": opencv(cv2.INPAINT_TELEA), "ns": opencv(cv2.INPAINT_NS)}


def scores(painted: Picture, truth: Picture, hole: Mask) -> dict[str, float]:
    """See the module."""
    a, b = painted.astype(np.float64), truth.astype(np.float64)
    grey_a, grey_b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (painted, truth))
    error = float(((a - b)[hole] ** 2).mean())
    inner = cv2.erode(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return {
        "psnr": 10 * float(np.log10(255**2 / max(error, 1e-9))),
        "ssim": float(_ssim(grey_a, grey_b)[hole].mean()),
        "texture": _texture_distance(grey_a, grey_b, inner),
        "detail": _step(grey_a, inner) / max(_step(grey_b, inner), 1e-6),
    }


def _ssim(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wang et al., "Image Quality Assessment", 2004."""

    def mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5))

    ma, mb = mean(a), mean(b)
    va, vb, ab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (2 * ma * mb + c1) * (2 * ab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))


def _texture_distance(a: NDArray[np.float64], b: NDArray[np.float64], inner: Mask) -> float:
    rng = np.random.default_rng(SEED)
    total = 0.0
    for _ in range(32):
        kernel = rng.normal(size=(5, 5))
        kernel -= kernel.mean()
        kernel /= np.sqrt((kernel**2).sum())
        one, other = (np.sort(cv2.filter2D(plane, -1, kernel)[inner]) for plane in (a, b))
        total += float(np.abs(one - other).mean())
    return total / 32


def _step(grey: NDArray[np.float64], inner: Mask) -> float:
    return float(np.abs(np.diff(grey, axis=1))[inner[:, 1:]].mean() + np.abs(np.diff(grey, axis=0))[inner[1:]].mean())


def run(photos: Path, repeat: int, keep: Path | None) -> list[dict[str, Any]]:
    """One row for each photo and task."""
    rows = []
    for number, path in enumerate(sorted(photos.glob("*.jpg"))):
        photo = _shrunk(load_photo(path).pixels)
        band = BANDS[number % len(BANDS)]
        hole, subject = hidden(photo.shape[:2], SEED + number, band)
        for task, unseen in (("beside", subject), ("stroke", np.zeros_like(subject))):
            paint = contenders(photo, hole, unseen, band)
            seconds: dict[str, list[float]] = {name: [] for name in paint}
            pictures: dict[str, Picture] = {}
            for _ in range(repeat):
                for name, painter in paint.items():
                    began = time.thread_time()
                    pictures[name] = painter()
                    seconds[name].append(time.thread_time() - began)
            row = {"photo": path.stem, "task": task, "size": photo.shape[1::-1], "band": band, "share": hole.mean()}
            row["contenders"] = {
                name: {"seconds": seconds[name], **scores(pictures[name], photo, hole)} for name in paint
            }
            rows.append(row)
            print_row(row)
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                for picture in pictures.values():
                    picture[unseen] = 40
                Image.fromarray(np.hstack([photo, *pictures.values()])).save(keep / f"{path.stem}-{task}.png")
    return rows


def _shrunk(pixels: Picture) -> Picture:
    scale = LONGER_SIDE / max(pixels.shape[:2])
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def print_row(row: dict[str, Any]) -> None:
    """One line for each contender."""
    for name, got in row["contenders"].items():
        print(
            f"{row['photo']:10} {row['task']:7} {row['band']:3} px {100 * row['share']:4.1f} %  {name:6}"
            f" {median(got['seconds']):6.2f} s  {got['psnr']:5.1f} dB  ssim {got['ssim']:.3f}"
            f"  texture {got['texture']:5.2f}  detail {got['detail']:.2f}"
        )


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over the photos, and how many times as long ours takes (median of ratios)."""
    out: dict[str, Any] = {}
    for task in ("beside", "stroke"):
        chosen = [row["contenders"] for row in rows if row["task"] == task]
        for name in chosen[0]:
            ours = [median(c["ours"]["seconds"]) / median(c[name]["seconds"]) for c in chosen]
            means = {
                key: round(float(np.mean([c[name][key] for c in chosen])), 3)
                for key in ("psnr", "ssim", "texture", "detail")
            }
            spent = round(median(median(c[name]["seconds"]) for c in chosen), 3)
            out[f"{task} {name}"] = {**means, "seconds": spent, "ours_takes_times": round(median(ours), 3)}
    return out


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="write the pictures there")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "fill-2core.json")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    before, host = load_average(), machine()
    fill_once()
    rows = run(options.photos, options.repeat, options.keep)
    means = summary(rows)
    for name, values in means.items():
        print(name, values)
    result = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": host,
        "load_before": before,
        "repeat": options.repeat,
        "opencv": cv2.__version__,
        "summary": means,
        "rows": rows,
    }
    options.output.write_text(json.dumps(result, indent=1, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
