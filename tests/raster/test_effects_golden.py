"""What effects and transitions look like: small pictures that a person has looked at.

``python -m tests.raster.test_effects_golden`` paints them anew; look at them before they go in.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.core.frames import Patch, YuvFrame
from engine.raster.effects import EffectChain
from engine.raster.transitions import mix
from engine.timeline import TRANSITIONS, Effect
from engine.timeline.effects import EFFECTS
from tests.raster.pictures import scene
from tests.tolerances import GOLDEN_DIFFERS

GOLDEN = Path(__file__).parent / "golden"
WIDTH, HEIGHT = 192, 108
LOOKS = [name for name in EFFECTS if name != "lut"]  # a .cube file's look is its own affair
TIME = Fraction(10, 3)


def sheet(frame: YuvFrame) -> NDArray[np.uint8]:
    """Y', Cb and Cr of a frame as one grey picture: what is compared is what was made, not a conversion of it."""
    return np.vstack([frame.y, np.hstack([frame.u, frame.v])])


def paint_effect(name: str) -> NDArray[np.uint8]:
    frame = scene(WIDTH, HEIGHT, 7, 0.6)  # overlays show on what is not bright
    EffectChain([Effect(name, 0.8)], (WIDTH, HEIGHT), 3, Path()).apply(frame, TIME)
    return sheet(frame)


def paint_transition(kind: str) -> NDArray[np.uint8]:
    out = YuvFrame.empty(WIDTH, HEIGHT)
    mix(kind, Patch(0, 0, scene(WIDTH, HEIGHT, 7)), Patch(0, 0, scene(WIDTH, HEIGHT, 8)), 0.4, Patch(0, 0, out))
    return sheet(out)


PICTURES = {
    **{f"effect_{name}": (paint_effect, name) for name in LOOKS},
    **{f"transition_{kind}": (paint_transition, kind) for kind in TRANSITIONS if kind != "cut"},
}


@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_as_it_did(name: str) -> None:
    paint, argument = PICTURES[name]
    wanted = np.asarray(Image.open(GOLDEN / f"{name}.png")).astype(int)
    assert np.abs(paint(argument) - wanted).max() <= GOLDEN_DIFFERS


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, (paint, argument) in PICTURES.items():
        Image.fromarray(paint(argument)).save(GOLDEN / f"{name}.png", optimize=True)
