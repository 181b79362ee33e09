"""Moves through space: what a photo's depth is used for, and what stays when the words change the motion."""

import pytest

from engine.motion import MOVES, Motion
from engine.timeline import SetMotion, apply, apply_all, slideshow
from pipelines.director import direct


def told(text: str, motion: Motion | None = None) -> tuple[Motion | None, str]:
    """The motion of the one photo after an instruction, and the answer."""
    draft = slideshow(["a.jpg"])
    draft = draft if motion is None else apply(draft, SetMotion(motion))
    plan = direct(text, draft)
    (photo,) = apply_all(draft, plan.operations).photos
    return photo.motion, plan.said


@pytest.mark.parametrize(
    "text", ["push in", "pan left", "no 3D, zoom out", "hold still", "animate it", "slower", "dolly out in 3D"]
)
def test_whatever_is_said_the_photo_keeps_its_depth_map(text: str):
    motion, _ = told(text, Motion(("dolly_in",), method="parallax", depth="depth.png"))
    assert motion is not None
    assert motion.depth == "depth.png"


@pytest.mark.parametrize("name", sorted(name for name, move in MOVES.items() if move.unit == "depth"))
def test_every_move_through_space_is_done_there_unless_the_words_say_flat(name: str):
    words = name.replace("_", " ")
    motion, said = told(words)
    assert motion == Motion((name,), method="parallax")
    assert "without depth" not in said
    motion, said = told(f"{words}, but no 3D")
    assert motion is not None
    assert (motion.moves, motion.method in (None, "kenburns")) == ((MOVES[name].flat,), True)
    assert "over the flat photo, without depth" in said


@pytest.mark.parametrize(
    ("text", "move"),
    [("slow zoom with parallax", "zoom_in"), ("pan left with parallax", "pan_left"), ("pan left", "pan_left"),
     ("push in", "zoom_in"), ("move left", "pan_left"), ("subtle motion", "drift"),
     ("an old truck, zoom in", "zoom_in")],
)  # fmt: skip
def test_what_a_flat_camera_does_stays_so(text: str, move: str):
    motion, _ = told(text)
    assert motion is not None
    assert motion.moves == (move,)


def test_how_far_through_space_is_a_share_of_the_way():
    motion, said = told("dolly in by 40 %")
    assert motion is not None
    assert motion.amount == 0.4
    assert "40 % of the way" in said


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("make it pop", "parallax"),
        ('add the title "Sale" and make it pop', None),
        ("add calm music and make it pop", "parallax"),
    ],
)
def test_make_it_pop_is_about_the_text_that_was_just_named(text: str, method: str | None):
    motion, _ = told(text)
    assert motion is not None
    assert motion.method == method
