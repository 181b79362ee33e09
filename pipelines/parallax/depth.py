"""Which depth a photo has: a studio's own map, what an installed model sees, or a guess; and how far it may be
trusted."""

import json
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.content import digest, file_digest
from engine.core.frames import RgbImage
from engine.core.stages import Stages, prepared
from engine.depth.guess import guess_depth
from engine.depth.read import read_depth_file
from engine.depth.refine import snap_to_edges
from engine.motion import Subject
from engine.packs import installed
from models.depth import depth_anything
from models.matte import u2netp
from models.residency import ModelKey, models_in_memory
from models.runtime import place, place_onnx
from pipelines.parallax.packs import depth_pack, packs_in_use

KIND = "depth"
"""What sort of result a photo's depth is."""

MAP_SIDE = 1024
"""Samples along the longer side of the finished map."""

LOOK_SIDE = 1024
"""Pixels along the longer side of the picture that masks and guesses are made from."""

FAR_OF_FILE, FAR_OF_MODEL, FAR_OF_GUESS = 0.1, 0.2, 0.35
"""Disparity of the farthest point. A map says what is nearer, not how far the farthest is; the less it is known, the
flatter the scene is taken."""

SPREAD_OF_FILE, SPREAD_OF_MODEL, SPREAD_OF_GUESS = 0.065, 0.065, 0.045
"""How far the nearest and the farthest of a scene may come apart at its full reach, in photo widths. Small where depth
was guessed: what is wrong then shows less."""

MOST_REACH = 0.16
"""Photo widths: however flat a scene is, the camera goes no further (:data:`engine.raster.scene.scene.REACH`)."""

EXTREMES = (2.0, 98.0)
"""Percentiles of the disparity that count as farthest and nearest."""

EDGES_OF_FILE, EDGES_OF_MODEL, EDGES_OF_GUESS = 1 / 500, 1 / 300, 1 / 160
"""How far the edges of a map may be off after they were drawn to the photo's, as a share of the longer side."""

UNSURE_SHARE = 0.6
"""What is left of a guess's spread where it trusts itself least."""

TRUSTED = 0.6
"""A guess's confidence from which its whole spread is used."""

UNMASKED = "Nothing looked for the subject: multiplane packs pull u2netp makes such guesses better."
"""Said where depth was guessed without a subject mask."""

SUBJECT_ALPHA = 0.5

CUT_OFF = 0.95
"""Share of the photo's height from which a subject is cut off by its foot, as portraits are."""

UPPER_PART = 0.5
"""Of such a subject that the camera looks at: a head and shoulders."""

GUESS = "guess"
"""The method of a depth that nobody measured."""

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoundDepth:
    """A photo's depth, ready to be cut into layers.

    Attributes:
        disparity: (h, w) float32, 0..1, its edges on the photo's.
        subject: disparity of the subject, or of what is in the middle.
        reach: travel that it may be trusted for, in photo widths.
        edge_error: how far its edges may be off, as a share of the longer side.
        method: ``file``, ``model`` or ``guess``.
        notes: sentences for the user.
        where: the subject in the photo, by its mask; None where no mask found one.
    """

    disparity: Field
    subject: float
    reach: float
    edge_error: float
    method: str
    notes: tuple[str, ...]
    where: Subject | None = None


def depth_key(photo: Path, background: tuple[int, int, int], depth_file: Path | None) -> str:
    """The hash of all that a photo's depth depends on: contents, and which packs are installed."""
    if depth_file is not None:
        return digest(file_digest(photo), background, "file", file_digest(depth_file))
    return digest(file_digest(photo), background, packs_in_use())


def find_depth(
    photo: Path, pixels: RgbImage, photo_size: tuple[int, int], depth_file: Path | None, key: str, stages: Stages | None
) -> FoundDepth:
    """A photo's depth, from where it is kept or made anew.

    Args:
        photo: the file, for sentences.
        pixels: (H, W, 3) uint8, possibly reduced.
        photo_size: full width and height.
        depth_file: the studio's own map; None leaves it to the installed model, or to a guess.
        key: from :func:`depth_key`.
        stages: where results are kept.

    Raises:
        MediaError: the depth file cannot be read or does not fit the photo.
    """

    def read(path: Path) -> FoundDepth:
        with path.open("rb") as stream:
            facts = json.loads(bytes(np.load(stream, allow_pickle=False)))
            disparity = np.load(stream, allow_pickle=False)
        where = facts.pop("where")
        subject = None if where is None else Subject(where[0], where[1], tuple(where[2]), where[3])
        return FoundDepth(disparity.astype(np.float32), **{**facts, "notes": tuple(facts["notes"])}, where=subject)

    def write(path: Path, found: FoundDepth) -> None:
        facts = {name: getattr(found, name) for name in ("subject", "reach", "edge_error", "method", "notes")}
        facts["where"] = None if found.where is None else astuple(found.where)
        with path.open("wb") as stream:
            np.save(stream, np.frombuffer(json.dumps(facts).encode(), np.uint8), allow_pickle=False)
            np.save(stream, found.disparity, allow_pickle=False)

    return prepared(stages, KIND, key, lambda: _find(pixels, photo_size, depth_file), read, write)


def _find(pixels: RgbImage, photo_size: tuple[int, int], depth_file: Path | None) -> FoundDepth:
    look = _reduced(pixels, LOOK_SIDE)
    notes: tuple[str, ...] = ()
    mask = None if depth_file is not None else _mask(look)
    if depth_file is not None:
        raw, method = read_depth_file(depth_file, photo_size), "file"
        far, spread, edges = FAR_OF_FILE, SPREAD_OF_FILE, EDGES_OF_FILE
    elif (seen := _seen_by_model(look)) is not None:
        raw, method = seen, "model"
        far, spread, edges = FAR_OF_MODEL, SPREAD_OF_MODEL, EDGES_OF_MODEL
    else:
        guess = guess_depth(look, mask)
        trust = UNSURE_SHARE + (1 - UNSURE_SHARE) * min(1.0, guess.confidence / TRUSTED)
        raw, method = guess.disparity, GUESS
        far, spread, edges = FAR_OF_GUESS, SPREAD_OF_GUESS * trust, EDGES_OF_GUESS
        notes = guess.notes if installed(u2netp.PACK) is not None else (*guess.notes, UNMASKED)
    height, width = look.shape[:2]
    scale = MAP_SIDE / max(height, width)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    disparity = np.float32(far) + np.float32(1 - far) * np.clip(snap_to_edges(raw, look, size), 0, 1)
    low, high = np.percentile(disparity, EXTREMES)
    reach = min(MOST_REACH, spread / max(float(high - low), 1e-3))
    return FoundDepth(disparity, _subject(disparity, mask), reach, edges, method, notes, _where(mask))


def _reduced(pixels: RgbImage, side: int) -> RgbImage:
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return pixels if scale == 1 else np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _subject(disparity: Field, mask: Field | None) -> float:
    """The median disparity of the subject, else of the middle of the photo."""
    import cv2

    height, width = disparity.shape
    if mask is not None:
        inside = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) > SUBJECT_ALPHA
        if inside.any():
            return float(np.median(disparity[inside]))
    return float(np.median(disparity[height // 3 : height - height // 3, width // 3 : width - width // 3]))


def _where(mask: Field | None) -> Subject | None:
    """Where the subject is, by its mask."""
    if mask is None or not (mask > SUBJECT_ALPHA).any():
        return None
    rows, columns = np.nonzero(mask > SUBJECT_ALPHA)
    low, high = EXTREMES
    y0, y, y1 = (float(value) for value in (np.percentile(rows, (low, 50, high)) + 0.5) / mask.shape[0])
    x0, x, x1 = (float(value) for value in (np.percentile(columns, (low, 50, high)) + 0.5) / mask.shape[1])
    if y1 > CUT_OFF:
        y1 = y0 + UPPER_PART * (y1 - y0)
        y = 0.5 * (y0 + y1)
    return Subject(x, y, (x0, y0, x1, y1), 1.0)


def _mask(look: RgbImage) -> Field | None:
    """The subject's matte; None where the pack is not installed or nothing was found."""
    folder = installed(u2netp.PACK)
    if folder is None:
        return None
    placement = place_onnx()
    key = ModelKey(u2netp.PACK, str(folder), placement.device, placement.dtype)
    with models_in_memory().lease(key, lambda: u2netp.U2NetP.open(folder, placement), u2netp.MEMORY) as model:
        matte = model.find(look)
    return matte.alpha if matte.found else None


def _seen_by_model(look: RgbImage) -> Field | None:
    """What an installed depth model sees; None where there is none that can run here."""
    folder = depth_pack()
    if folder is None:
        return None
    placement = place()
    key = ModelKey(depth_anything.PACK, str(folder), placement.device, placement.dtype)
    size = depth_anything.memory(folder)
    with models_in_memory().lease(key, lambda: depth_anything.DepthAnything.open(folder, placement), size) as model:
        return model.estimate(look)
