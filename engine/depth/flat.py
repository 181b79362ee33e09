"""Whether a picture is of something flat: a page, a screen of text, a pattern."""

import cv2
import numpy as np

from engine.depth.guided import Map
from engine.depth.look import Look, odd, step

_CELLS = 4

PAPER = 0.05
"""Light (0..1) by which paper may differ from the paper around it."""

TINT = 0.08
"""Difference of colour (-1..1) from the page's tint up to which ink and paper are plain."""

INK = 0.15
"""Least contrast (0..1 of light) of a stroke with its paper."""


def page_likeness(look: Look) -> float:
    """0..1: how surely this is a page or a screen of text: strokes on paper, or light strokes on dark, all over it.

    A closing (Serra, "Image analysis and mathematical morphology", 1982) wider than a stroke shows the bare paper,
    however it is lit; nearly every pixel of a page is then either paper or clearly ink, which photographs are not.
    """
    light = look.colour[..., 0]
    tints = look.colour[..., 1:].reshape(-1, 2)
    strayed = np.abs(tints - np.median(tints, axis=0)).max(axis=1)
    plain = 1 - step(float((strayed > TINT).mean()), 0.08, 0.24)
    return plain * max(_written(light), _written(1 - light))


def _written(light: Map) -> float:
    side = odd(max(light.shape) / 28)
    bare = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    depth = bare - light
    paper, ink = depth < PAPER, depth > INK
    uneven = cv2.morphologyEx(bare, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > PAPER
    height, width = light.shape
    spread = cv2.resize(ink.astype(np.float32), (min(_CELLS, width), min(_CELLS, height)), interpolation=cv2.INTER_AREA)
    return (
        step(float((paper | ink).mean()), 0.72, 0.86)
        * step(float(ink.mean()), 0.02, 0.05)
        * step(float((spread > 0.015).mean()), 0.5, 0.8)
        * step(float(paper.mean()), 0.35, 0.55)
        * (1 - step(float(uneven.mean()), 0.1, 0.25))
    )


def pattern_likeness(look: Look) -> float:
    """0..1: how surely this is a pattern or noise: rough nearly everywhere, alike when blurred."""
    height, width = look.shape
    cells = (min(_CELLS, width), min(_CELLS, height))
    blurred = cv2.resize(look.colour, cells, interpolation=cv2.INTER_AREA)
    coarse = float(blurred.reshape(-1, 3).std(axis=0).max())
    fine = float(look.colour[..., 0].std())
    everywhere = float((look.rough > 0.02).mean())
    return step(everywhere, 0.7, 0.95) * (1 - step(coarse / (fine + 1e-6), 0.12, 0.3))
