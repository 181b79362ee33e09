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


OFF = [
    "parallax off", "disable parallax", "turn the parallax off", "turn off parallax", "switch off the 3D",
    "parallax: none", "no more parallax", "remove the 3D effect", "关闭视差", "把视差关掉", "视差：无",
    "desactiva el paralaje", "apaga el 3D", "paralaje: no",
]  # fmt: skip


@pytest.mark.parametrize("text", OFF)
def test_parallax_that_is_switched_off_is_off(text: str):
    motion, _ = told(text)
    assert motion == told("no parallax")[0]
    motion, _ = told(text, Motion(("dolly_in",), method="parallax", depth="depth.png"))
    assert motion == Motion(("zoom_in",), method="kenburns", depth="depth.png")


@pytest.mark.parametrize("text", ["turn the parallax on", "don't turn the parallax off", "parallax on", "不要关闭视差"])
def test_parallax_that_is_switched_on_is_on(text: str):
    motion, said = told(text)
    assert motion == Motion(("zoom_in",), method="parallax")
    assert "depth" in said or "景深" in said


def test_what_rises_is_the_camera_where_no_text_is_spoken_of():
    assert told("rise up")[0] == Motion(("pan_up",))
    assert told("rise up in 3D")[0] == Motion(("pedestal_up",), method="parallax")
    assert told('add the title "Sale", rise up')[0] == told('add the title "Sale"')[0]
    assert told("the sun rises, zoom in")[0] == Motion(("zoom_in",))
