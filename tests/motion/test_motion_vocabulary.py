"""What can be asked of a camera, and what is refused with which words."""

import pytest

from engine.core.errors import OptionError
from engine.motion import METHODS, MOVES, PROMPT_LENGTH, Motion, flattened, generated


def test_every_move_has_a_description_and_opposites_agree():
    for name, move in MOVES.items():
        assert move.about.endswith(".")
        assert bool(move.unit) == bool(move.amount_about)
        if move.opposite:
            assert MOVES[move.opposite].opposite == name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"moves": ()}, "no move"),
        ({"moves": ("fly_in",)}, "'fly_in' is not a camera move"),
        ({"moves": ("zoom_in", "zoom_out")}, "cannot 'zoom_in' and 'zoom_out' at the same time"),
        ({"moves": ("pan_left", "zoom_in", "pan_right")}, "'pan_left' and 'pan_right'"),
        ({"moves": ("pan_down", "pan_up")}, "at the same time"),
        ({"moves": ("rotate_cw", "rotate_ccw")}, "at the same time"),
        ({"moves": ("zoom_in", "zoom_in")}, "given twice"),
        ({"moves": ("hold", "drift")}, "'hold' keeps the camera still"),
        ({"moves": ("hold",), "amount": 1.2}, "'hold' takes no amount"),
        ({"amount": 0.9}, "at least 1"),
        ({"amount": float("nan")}, "amount nan"),
        ({"amount": float("inf")}, "amount inf"),
        ({"moves": ("zoom_out",), "amount": 0.0}, "amount 0"),
        ({"moves": ("pan_left",), "amount": 1.2}, "from 0 to 1"),
        ({"moves": ("pan_left",), "amount": -0.1}, "from 0 to 1"),
        ({"moves": ("rotate_cw",), "amount": -5.0}, "at least 0"),
        ({"moves": ("drift",), "amount": 0.5}, "from 0 to 0.2"),
        ({"moves": ("zoom_in", "pan_left"), "amount": (1.2,)}, "1 amounts for 2 camera moves"),
        ({"moves": ("zoom_in", "pan_left"), "amount": (0.5, 1.2)}, "amount 0.5"),
        ({"moves": ("hold",), "amount": (1.2,)}, "'hold' takes no amount"),
        ({"moves": ("dolly_in", "dolly_out")}, "at the same time"),
        ({"moves": ("sway",), "amount": 1.5}, "from 0 to 1"),
        ({"method": "magic"}, "'magic' is not a camera method"),
        ({"strength": 1.5}, "A strength of 1.5"),
        ({"prompt": " \n"}, "The prompt is empty"),
        ({"prompt": "x" * (PROMPT_LENGTH + 1)}, f"The prompt has {PROMPT_LENGTH + 1} characters"),
        ({"extend": "mirror"}, "'mirror' is not a way to extend a clip"),
        ({"quality": "best"}, "'best' is not a quality of generated motion"),
        ({"model": "sora"}, "'sora' is not a model family"),
        ({"speed": "quick"}, "'quick' is not a camera speed"),
        ({"ease": "bounce"}, "'bounce' is not a camera easing"),
        ({"focus": "dog"}, "'dog' is not a focus"),
        ({"focus": (0.5, 1.5)}, "is not a focus"),
        ({"focus": (0.5, float("nan"))}, "is not a focus"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(arguments, words):
    with pytest.raises(OptionError) as caught:
        Motion(**arguments)
    assert words in caught.value.message
    assert caught.value.message.endswith(".")


def test_one_amount_serves_the_first_move_that_takes_one_and_those_of_its_unit():
    diagonal = Motion(("pan_left", "zoom_in", "pan_up"), 0.5)
    assert [diagonal.amount_of(move) for move in diagonal.moves] == [0.5, None, 0.5]
    both = Motion(("zoom_in", "pan_left"), (1.4, 0.3))
    assert [both.amount_of(move) for move in both.moves] == [1.4, 0.3]
    some = Motion(("zoom_in", "pan_left"), (None, 0.3))
    assert [some.amount_of(move) for move in some.moves] == [None, 0.3]


def test_a_zoom_out_takes_its_scale_either_way_round():
    assert Motion(("zoom_out",), 1.25).factor() == pytest.approx(1.25)
    assert Motion(("zoom_out",), 0.8).factor() == pytest.approx(1.25)


def test_a_motion_is_a_value():
    assert Motion(("pan_left",), 0.5) == Motion(("pan_left",), 0.5)
    assert len({Motion(), Motion(), Motion(speed="slow")}) == 2


def test_over_a_flat_picture_a_move_through_space_becomes_what_comes_nearest():
    assert flattened(Motion(("dolly_in", "truck_left"), 0.5)) == Motion(("zoom_in", "pan_left"))
    assert flattened(Motion(("pan_up", "sway"), (0.4, 0.2))) == Motion(("pan_up", "drift"), (0.4, None))
    assert flattened(Motion(("zoom_out", "dolly_in"))) == Motion(("zoom_out",))
    assert flattened(Motion(("zoom_in", "dolly_zoom"), (1.3, 1.0))) == Motion(("zoom_in",), (1.3,))
    flat = Motion(("zoom_in", "drift"), 1.2, "slow")
    assert flattened(flat) is flat
    assert flattened(Motion(("dolly_in",), depth="a.png")) == Motion(("zoom_in",), depth="a.png")
    for name, move in MOVES.items():
        assert move.flat is None or MOVES[move.flat].flat is None
        assert all(MOVES[each].flat is None for each in flattened(Motion((name,))).moves)


def test_only_the_method_makes_a_motion_generated():
    assert [method for method in (None, *METHODS) if generated(Motion(method=method))] == ["diffusion"]
    assert not generated(Motion(prompt="the waves roll", strength=0.5))


def test_a_prompt_is_one_line_and_the_longest_one_fits():
    assert Motion(prompt="  the waves\n roll ").prompt == "the waves roll"
    assert Motion(prompt=" " + "x" * PROMPT_LENGTH).prompt == "x" * PROMPT_LENGTH
