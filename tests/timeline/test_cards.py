"""Cards: the sources that name a colour or a gradient."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline.cards import Card, parse_card


@pytest.mark.parametrize(
    ("src", "card"),
    [
        ("color:#102030", Card(("#102030",))),
        ("color:#ABCDEF", Card(("#abcdef",))),
        ("gradient:#000000,#ffffff", Card(("#000000", "#ffffff"), 180)),
        ("gradient:#000000,#ffffff,45", Card(("#000000", "#ffffff"), 45)),
        ("gradient: #000000, #ffffff, 22.5", Card(("#000000", "#ffffff"), 22.5)),
        ("gradient:#000000,#ffffff,-90", Card(("#000000", "#ffffff"), 270)),
        ("gradient:#000000,#ffffff,360", Card(("#000000", "#ffffff"), 0)),
    ],
)
def test_cards(src: str, card: Card):
    assert parse_card(src) == card


@pytest.mark.parametrize("src", ["", "a.jpg", "#102030", "colors:#102030", "C:\\color.png", "https://host/color:x"])
def test_everything_else_is_a_file(src: str):
    assert parse_card(src) is None


@pytest.mark.parametrize(
    ("src", "words"),
    [
        ("color:", "not a colour"),
        ("color:red", "'red' is not a colour"),
        ("color:#12345", "not a colour"),
        ("gradient:#000000", "two colours"),
        ("gradient:#000000,#ffffff,1,2", "two colours"),
        ("gradient:#000000,#fff", "'#fff' is not a colour"),
        ("gradient:#000000,#ffffff,up", "'up' is not an angle"),
        ("gradient:#000000,#ffffff,nan", "not an angle"),
        ("gradient:#000000,#ffffff,inf", "not an angle"),
    ],
)
def test_a_card_that_is_none_is_refused(src: str, words: str):
    with pytest.raises(DraftError, match=words):
        parse_card(src)


@given(st.floats(-1e6, 1e6))
def test_an_angle_is_brought_into_one_turn(angle: float):
    card = parse_card(f"gradient:#000000,#ffffff,{angle!r}")
    assert card is not None
    assert 0 <= card.angle < 360
