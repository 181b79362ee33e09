"""Labelled instructions come out as labelled; opposites are never confused."""

from pathlib import Path

import pytest

from engine.timeline import apply_all, slideshow
from pipelines.director import direct
from tests.director.labelled import Labelled, differences, load

FILES = sorted(path.name for path in Path(__file__).parent.glob("instructions*.jsonl"))
ITEMS = [item for name in FILES for item in load(name)]

OPPOSITES = [
    ("zoom in", "zoom out", "zoom_in", "zoom_out"),
    ("push in", "pull back", "zoom_in", "zoom_out"),
    ("move closer", "move away", "zoom_in", "zoom_out"),
    ("pan left", "pan right", "pan_left", "pan_right"),
    ("pan to the left", "pan to the right", "pan_left", "pan_right"),
    ("pan from right to left", "pan from left to right", "pan_left", "pan_right"),
    ("leftward pan", "rightward pan", "pan_left", "pan_right"),
    ("tilt up", "tilt down", "pan_up", "pan_down"),
    ("pan from the bottom to the top", "pan from the top to the bottom", "pan_up", "pan_down"),
    ("rotate clockwise", "rotate counterclockwise", "rotate_cw", "rotate_ccw"),
    ("slide the image right", "slide the image left", "pan_left", "pan_right"),
]


def test_there_are_enough_and_none_is_there_twice():
    assert len(ITEMS) >= 120
    assert len({(item.text, item.photos) for item in ITEMS}) == len(ITEMS)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.text[:60])
def test_labelled(item: Labelled):
    assert differences(item) == []


@pytest.mark.parametrize(("text", "opposite", "move", "other"), OPPOSITES)
@pytest.mark.parametrize("frame", ["{}", "slowly {}", "{} for 8 seconds", "please {}, 9:16", "{} a little"])
def test_opposites(text: str, opposite: str, move: str, other: str, frame: str):
    draft = slideshow(["a.jpg"])
    for words, expected in ((text, move), (opposite, other)):
        plan = direct(frame.format(words), draft)
        (photo,) = apply_all(draft, plan.operations).photos
        assert photo.motion is not None
        assert photo.motion.moves == (expected,)
