"""Where the ground ends: the row, in every column, where upright things and the background stand on it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map
from engine.depth.look import Look, step
from engine.depth.resize import resized
from engine.depth.sky import Sky

GRID = 96
"""Cells along the longest side of the grid on which the ground is sought."""

_BINS = (6, 12, 12, 4)
"""Of light, red-green, yellow-blue and roughness."""

_ROUNDS = 2
_JUMP = 0.8
"""Cost of one row's difference between neighbouring columns, in nats of colour evidence."""

_PRIOR_WEIGHT = 0.06
"""Nats a row of the grid at one width from the usual row: so much colour must speak for anything unusual."""

_PRIOR_ROW = 0.58
_PRIOR_WIDTH = 0.22
"""Where the ground usually ends, and how much that varies, in picture heights: a rule of thumb."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground of a photo.

    Attributes:
        ends: shape (w,), float32: the row 0..h above which each column is no ground.
        separation: 0..1: how differently the picture's upper and lower parts are coloured; near 0 there is no telling
            ground from background.
    """

    ends: NDArray[np.float32]
    separation: float


def find_ground(look: Look, sky: Sky) -> Ground:
    """Find the ground's end by colour.

    The colours below and above a line make two histograms, their log-likelihood ratio is the evidence of each cell, and
    the best line through the columns is found by dynamic programming (Viterbi); twice, with the histograms of the line
    just found.
    """
    height, width = look.shape
    factor = min(1.0, GRID / max(height, width))
    columns, rows = max(2, round(width * factor)), max(2, round(height * factor))

    def cells(image: NDArray[np.float32]) -> NDArray[np.float32]:
        return resized(image, (columns, rows))

    codes = _codes(cells(look.colour), cells(look.rough))
    free = np.clip(1 - 2 * cells(look.subject), 0, 1)
    sky_cells = cells(sky.alpha)
    at = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows
    # First belief: the lower fifth is ground, the upper 45 % is not.
    below = np.broadcast_to((at > 0.8).astype(np.float32), (rows, columns))
    above = np.broadcast_to((at < 0.45).astype(np.float32), (rows, columns))
    prior = _PRIOR_WEIGHT * rows * ((np.arange(rows + 1, dtype=np.float64) / rows - _PRIOR_ROW) / _PRIOR_WIDTH) ** 2
    separation = 0.0
    ends = np.full(columns, _PRIOR_ROW * rows, np.float32)
    for _ in range(_ROUNDS):
        ground, other = _histogram(codes, free * below), _histogram(codes, free * above)
        separation = 1 - float(np.sqrt(ground * other).sum())  # Bhattacharyya
        likelier = np.clip(np.log(ground[codes] / other[codes]), -2, 2)
        evidence = np.asarray(likelier * free - 3 * sky_cells, np.float64)
        ends = _best_line(evidence, prior)
        below = (at * rows > ends[None] + 1).astype(np.float32)
        above = (at * rows < ends[None] - 1).astype(np.float32)
    trust = step(separation, 0.15, 0.42)
    # Where colours hardly differ, the line's wanderings mean little.
    ends = np.float32(np.median(ends)) + np.float32(max(trust, 0.1)) * (ends - np.float32(np.median(ends)))
    smooth = cv2.GaussianBlur(ends[None], (0, 0), max(1.0, columns / 30), borderType=cv2.BORDER_REFLECT)
    wide = cv2.resize(smooth, (width, 1), interpolation=cv2.INTER_LINEAR)[0] * (height / rows)
    return Ground(np.clip(wide, 0, height).astype(np.float32), trust)


def _codes(colour: NDArray[np.float32], rough: Map) -> NDArray[np.intp]:
    """The number of each cell's bin."""
    parts: list[Map] = [
        colour[..., 0],
        np.float32(0.5) + np.float32(1.6) * colour[..., 1],
        np.float32(0.5) + np.float32(1.6) * colour[..., 2],
        np.float32(2.5) * np.sqrt(np.maximum(rough, 0)),
    ]
    code = np.zeros(rough.shape, np.intp)
    for part, bins in zip(parts, _BINS, strict=True):
        code = code * bins + np.clip((part * bins).astype(np.intp), 0, bins - 1)
    return code


def _histogram(codes: NDArray[np.intp], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Shares of the bins, blurred over their neighbours, never 0; shape (number of bins,), sum 1."""
    counts = np.bincount(codes.ravel(), weights.ravel(), int(np.prod(_BINS))).reshape(_BINS)
    for axis in range(len(_BINS)):
        padded = np.pad(counts, [(1, 1) if i == axis else (0, 0) for i in range(len(_BINS))], mode="edge")
        ahead, behind = (
            np.take(padded, range(2, padded.shape[axis]), axis),
            np.take(padded, range(padded.shape[axis] - 2), axis),
        )
        counts = 0.5 * counts + 0.25 * (ahead + behind)
    shares = counts.ravel() / max(1e-9, float(counts.sum())) + 1e-4
    return np.asarray(shares / shares.sum(), np.float64)


def _best_line(evidence: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows that split each column best into no ground above and ground below."""
    rows, columns = evidence.shape
    total = np.concatenate([np.zeros((1, columns)), np.cumsum(evidence, axis=0)])
    # Split at r: cells r... are ground, whose evidence is gained, the cells above are not, whose evidence is lost.
    gain = total[-1][None] - 2 * total - prior[:, None]
    distance = _JUMP * np.abs(np.arange(rows + 1)[:, None] - np.arange(rows + 1)[None])
    best, came = gain[:, 0], np.zeros((columns, rows + 1), np.intp)
    for column in range(1, columns):
        options = best[None] - distance
        came[column] = options.argmax(axis=1)
        best = options.max(axis=1) + gain[:, column]
    line = np.zeros(columns, np.float32)
    row = int(best.argmax())
    for column in range(columns - 1, -1, -1):
        line[column] = row
        row = int(came[column, row])
    return line
