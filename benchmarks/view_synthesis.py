"""One photo of a stereo pair and its depth must make the other photo; the contract is in benchmarks/README.md.

python -m benchmarks.view_synthesis [--only plain,draft] [--output RESULT.json] [--keep FOLDER]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.backward_warp import plain_backward_warp
from benchmarks.machine import machine, versions
from benchmarks.stereo import EDGE_MARGIN, Mask, Truth, motorcycle, psnr, shifted_psnr
from engine.core.frames import RgbImage
from engine.raster.scene.heightfield import HeightField, look_up_picture

HERE = Path(__file__).resolve().parent
SCHEMA = "multiplane-benchmark-view-synthesis-1"

LIMIT = "limit"
"""Not a contender: each pixel looked up at its *true* place, which is known only where the left photo shows it."""

SHIFTS = (-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0)
"""Pixels by which the truth itself is tried to be wrong."""

SSIM_SIGMA = 1.5
"""Pixels: the window of Z. Wang, A. C. Bovik, H. R. Sheikh & E. P. Simoncelli, Image Quality Assessment, 2004."""

Picture = NDArray[np.floating] | RgbImage
Colours = NDArray[np.float64]
"""(4, 3): the rows R, G, B of a picture and a constant, the columns R, G, B of the other camera."""


def _plain(truth: Truth) -> RgbImage:
    return plain_backward_warp(truth.left, truth.relative, truth.camera, truth.size)


def _draft(truth: Truth) -> RgbImage:
    return HeightField(truth.left, truth.relative).view(truth.camera, truth.size)


def _layered(truth: Truth) -> RgbImage:
    # By its name: the benchmark also runs in a checkout that has no layers.
    layers = import_module("engine.raster.scene.scene").Scene
    # The cameras of a stereo pair are further apart than the moves of our videos go: it is told how far.
    scene = layers.from_photo(truth.left, truth.relative, reach=truth.camera.x)
    made: RgbImage = scene.view(truth.camera, truth.size)
    return made


CONTENDERS: dict[str, tuple[str, Callable[[Truth], RgbImage]]] = {
    "plain": ("(a) backward warp by the disparity at the pixel itself", _plain),
    "draft": ("(b) height field, ray-marched as DepthFlow does: our draft mode", _draft),
    "layered": ("(c) our scene of layers with a filled background", _layered),
}
"""Everyone by name: one line, and how the right photo is made."""


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help=f"some of {','.join(CONTENDERS)}")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the pictures there")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else list(CONTENDERS)
    if unknown := set(names) - CONTENDERS.keys():
        parser.error(f"{', '.join(sorted(unknown))}: not among {', '.join(CONTENDERS)}")
    result, pictures = compare(motorcycle(), names)
    result |= {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions([]) | {"scikit-image": version("scikit-image")},
    }
    output = options.output or HERE / "results" / f"view-synthesis-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    if options.keep:
        _write(pictures, options.keep)
    print(table(result))
    print(f"written: {output}")
    return 0


def compare(truth: Truth, names: list[str]) -> tuple[dict[str, Any], dict[str, RgbImage]]:
    """Scores of each contender, and what each made; one that this checkout lacks is named as skipped."""
    limit = _limit(truth)
    colours = _colour_match(limit, truth)
    known = {"visible": truth.visible, "inner": truth.inner}
    masks = {"all": truth.visible | truth.disoccluded, **known, "disoccluded": truth.disoccluded}
    pictures: dict[str, RgbImage] = {}
    entries: dict[str, Any] = {}
    for name in names:
        about, make = CONTENDERS[name]
        entries[name] = {"about": about, "skipped": "", "scores": None}
        began = time.perf_counter()
        try:
            pictures[name] = make(truth)
        except ImportError as error:
            entries[name]["skipped"] = f"not in this checkout ({error})"
            continue
        entries[name]["seconds"] = round(time.perf_counter() - began, 3)
        entries[name]["scores"] = _scores(pictures[name], truth, masks, colours)
    entries[LIMIT] = {
        "about": "the left photo's pixel at its true place: what no warp of it can exceed by much",
        "skipped": "",
        "scores": _scores(limit, truth, known, colours),
    }
    return {
        "schema": SCHEMA,
        "scene": {
            "name": "Middlebury 2014 Motorcycle, as skimage.data.stereo_motorcycle",
            "size": list(truth.size),
            "largest_disparity_px": round(float(truth.disparity.max()), 3),
            "camera_x": round(truth.camera.x, 6),
            "share_measured": round(float(truth.measured.mean()), 4),
            "share": {name: round(float(mask.mean()), 4) for name, mask in masks.items()},
        },
        "truth_check": {
            "about": "PSNR in dB of visible pixels at the truth shifted by so many pixels, or with its sign turned",
            "shifts": {f"{shift:g}": round(shifted_psnr(truth, shift), 2) for shift in SHIFTS},
            "sign_turned": round(shifted_psnr(truth, 0.0, -1.0), 2),
        },
        "colour_match": np.round(colours, 4).tolist(),
        "contenders": entries,
    }, pictures | {"right": truth.right, LIMIT: limit}


def _limit(truth: Truth) -> RgbImage:
    x, y = np.meshgrid(np.arange(truth.size[0]) + 0.5, np.arange(truth.size[1]) + 0.5)
    points = np.stack([x + np.nan_to_num(truth.seen), y], 2).astype(np.float32)
    made = look_up_picture(truth.left, points, 1.0)
    # Where nobody can know: nothing of it is scored, but the windows of neighbours reach into it.
    made[~truth.visible] = truth.right[~truth.visible]
    return made


def _colour_match(limit: RgbImage, truth: Truth) -> Colours:
    """The affine map of colours from the left camera's to the right's that fits the pixels both show best.

    It comes from the truth alone, so that it is the same for everyone.
    """
    from_left = np.column_stack([limit[truth.visible].astype(np.float64), np.ones(truth.visible.sum())])
    fitted: Colours = np.linalg.lstsq(from_left, truth.right[truth.visible].astype(np.float64), rcond=None)[0]
    return fitted


def _scores(picture: RgbImage, truth: Truth, masks: dict[str, Mask], colours: Colours) -> dict[str, Any]:
    from skimage import metrics

    # Through Any: scikit-image declares types, and this function has none.
    structural_similarity: Any = metrics.structural_similarity
    matched = np.clip(picture @ colours[:3] + colours[3], 0, 255)
    _, similar = structural_similarity(
        picture,
        truth.right,
        channel_axis=2,
        data_range=255,
        gaussian_weights=True,
        sigma=SSIM_SIGMA,
        use_sample_covariance=False,
        full=True,
    )
    return {
        name: {
            "psnr_db": round(psnr(picture, truth.right, mask), 2),
            "psnr_matched_db": round(psnr(matched, truth.right, mask), 2),
            "ssim": round(float(similar[mask].mean()), 4),
        }
        for name, mask in masks.items()
    }


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    masks = list(result["scene"]["share"])
    lines = [f"{'':10}" + "".join(f"{mask:>26}" for mask in masks)]
    lines.append(f"{'':10}" + f"{'PSNR':>10}{'matched':>8}{'SSIM':>8}" * len(masks))
    notes = []
    for name, entry in result["contenders"].items():
        if entry["skipped"]:
            notes.append(f"{name}: left out, {entry['skipped']}.")
            continue
        cells = [entry["scores"].get(mask) for mask in masks]
        lines.append(
            f"{name:10}"
            + "".join(
                f"{cell['psnr_db']:10.2f}{cell['psnr_matched_db']:8.2f}{cell['ssim']:8.3f}"
                if cell
                else f"{'-':>10}{'-':>8}{'-':>8}"
                for cell in cells
            )
        )
    shares = ", ".join(f"{mask} {share:.1%}" for mask, share in result["scene"]["share"].items())
    notes += [
        f"Of the right photo: {shares}; the rest is not known or not in the left photo.",
        f"Inner: visible pixels more than {EDGE_MARGIN} px from where the depth jumps.",
        "PSNR in dB; matched: after one affine map of colours from camera to camera, the same for everyone.",
    ]
    return "\n".join([*lines, "", *notes])


def _write(pictures: dict[str, RgbImage], folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
