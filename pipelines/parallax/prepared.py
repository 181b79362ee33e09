"""A photo's layers as a stage: taken apart once, whatever moves over them later."""

from pathlib import Path

import numpy as np

from engine.core.content import digest
from engine.core.frames import RgbImage
from engine.core.stages import Stages, prepared
from engine.packs import installed
from engine.raster.scene.cuts import LEAST_GAIN
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.scene import Scene
from models.inpaint import lama
from models.residency import ModelKey, models_in_memory
from models.runtime import place_onnx
from pipelines.parallax.depth import GUESS, FoundDepth

KIND = "scene"
"""What sort of result a photo's layers are."""

RUNGS = tuple(round(288 * 2 ** (step / 2)) for step in range(8))
"""Longer sides of working pictures, 288 to 3258 pixels: few, so that moves that need about as much share one scene."""


ENOUGH = 0.9
"""Working pixels per frame pixel at the closest view that are enough: only the nearest is ever seen from so close."""

GAIN_OF_GUESS = 0.1
"""Share of what moving would tear that a further layer must save: a guess has few steps that are worth one."""

SHRUNK_FROM = 1.4
"""Decoded pixels for each pixel of a rung from which a photo is shrunk to it: means over less than that blur
unevenly."""


def working_size(photo_size: tuple[int, int], decoded: tuple[int, int], closest: float) -> tuple[int, int]:
    """Width and height, both even, of the picture that a scene is made from.

    Args:
        photo_size: full width and height.
        decoded: what was decoded of it: never more than that.
        closest: photo pixels per frame pixel at the closest view.
    """
    need = ENOUGH * max(photo_size) / closest
    rung = next((rung for rung in RUNGS if rung >= need), RUNGS[-1])
    there = min(decoded[0] / photo_size[0], decoded[1] / photo_size[1])
    scale = rung / max(photo_size)
    if there < SHRUNK_FROM * scale:
        scale = there
    width, height = (max(2, 2 * round(side * scale / 2)) for side in photo_size)
    return width, height


def find_scene(
    pixels: RgbImage,
    photo_size: tuple[int, int],
    working: tuple[int, int],
    depth: FoundDepth,
    depth_key: str,
    stages: Stages | None,
    threads: int,
) -> Scene:
    """A photo's scene, from where it is kept or made anew.

    Args:
        pixels: (H, W, 3) uint8, at least as large as ``working``.
        photo_size: full width and height.
        working: from :func:`working_size`.
        depth: of the photo.
        depth_key: what the depth depends on.
        stages: where results are kept.
        threads: that may be used.
    """
    folder = installed(lama.PACK)

    def make() -> Scene:
        return Scene.from_photo(
            shrunk(pixels, working),
            depth.disparity,
            photo_size=photo_size,
            reach=depth.reach,
            edge_error=depth.edge_error,
            least_gain=GAIN_OF_GUESS if depth.method == GUESS else LEAST_GAIN,
            inpaint=None if folder is None else lambda rgb, hole: _inpainted(folder, rgb, hole),
            threads=threads,
        )

    key = digest(depth_key, photo_size, working, str(folder))
    return prepared(stages, KIND, key, make, _read, _write)


def shrunk(pixels: RgbImage, size: tuple[int, int]) -> RgbImage:
    """A picture at a working size, by area means."""
    import cv2

    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _inpainted(folder: Path, rgb: RgbImage, hole: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> RgbImage:
    placement = place_onnx()
    key = ModelKey(lama.PACK, str(folder), placement.device, placement.dtype)
    with models_in_memory().lease(key, lambda: lama.Lama.open(folder, placement), lama.memory(folder)) as model:
        return model.fill(rgb, hole)


def _write(path: Path, scene: Scene) -> None:
    nothing = np.empty((0, 0), np.uint8)
    with path.open("wb") as stream:
        np.save(stream, np.array([*scene.photo_size, *scene.working, len(scene.layers)]), allow_pickle=False)
        np.save(stream, np.array([scene.reach]), allow_pickle=False)
        for layer in scene.layers:
            alpha = nothing if layer.alpha is None else layer.alpha
            for part in (np.array([layer.x, layer.y]), layer.luma, layer.chroma, alpha, layer.disparity):
                np.save(stream, part, allow_pickle=False)


def _read(path: Path) -> Scene:
    with path.open("rb") as stream:
        width, height, work_w, work_h, count = (int(value) for value in np.load(stream, allow_pickle=False))
        (reach,) = np.load(stream, allow_pickle=False)
        layers = []
        for _ in range(count):
            place, luma, chroma, alpha, disparity = (np.load(stream, allow_pickle=False) for _ in range(5))
            solid = alpha if alpha.size else None
            layers.append(SceneLayer(int(place[0]), int(place[1]), luma, chroma, solid, disparity))
    return Scene((width, height), (work_w, work_h), tuple(layers), float(reach))
