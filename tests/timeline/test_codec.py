"""The draft's JSON: nothing is lost, tolerant where the protocol asks for it, precise where something is wrong."""

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.motion import Motion
from engine.timeline import Canvas, Draft, Fit, Transition, draft_text, read_draft, write_draft
from tests.timeline.drafts import drafts

HARBOUR: dict[str, Any] = {
    "v": 2,
    "d": 10000,
    "w": 1920,
    "h": 1080,
    "fps": 30,
    "m": {"title": "Harbour"},
    "t": [
        {
            "id": "t1",
            "tt": 0,
            "m": {"name": "Video"},
            "sg": [
                {
                    "id": "a",
                    "s": 0,
                    "d": 10000,
                    "src": "harbour.jpg",
                    "mo": {
                        "move": "zoom_in",
                        "amount": 1.2,
                        "focus": [0.42, 0.55],
                        "ease": "in_out",
                        "with": "parallax",
                    },
                    "tr": {"ty": "cross_dissolve", "d": 500},
                }
            ],
        },
        {
            "id": "t2",
            "tt": 1,
            "m": {"name": "BGM: Lo-fi"},
            "sg": [{"id": "b", "s": 0, "d": 10000, "src": "lofi.opus", "vol": 0.35, "fo": 800}],
        },
        {
            "id": "t3",
            "tt": 7,
            "m": {"name": "Title"},
            "sg": [{"id": "c", "s": 0, "d": 3000, "tx": "Urban Dreams", "st": {"anchor": "center"}}],
        },
    ],
}


KEYS = ("v", "d", "w", "h", "fps", "m", "t", "tt", "sg", "s", "id", "mo", "tr", "ty", "move", "focus", "fit", "bg")


def one(**segment: Any) -> dict[str, Any]:
    return {"t": [{"sg": [{"d": 1000, "src": "a.jpg"} | segment]}]}


@settings(max_examples=60, deadline=None)
@given(drafts())
def test_what_is_written_reads_back_equal(draft: Draft):
    text = draft_text(draft)
    assert read_draft(text) == draft
    assert read_draft(json.dumps(text)) == draft
    assert read_draft(json.loads(text)) == draft


def test_the_example_of_the_design_survives():
    assert write_draft(read_draft(HARBOUR)) == HARBOUR
    photo = read_draft(HARBOUR).photos[0]
    assert photo.motion == Motion(("zoom_in",), 1.2, None, (0.42, 0.55), "in_out")
    assert photo.motion_extra == {"with": "parallax"}
    assert photo.transition == Transition("cross_dissolve", Fraction(1, 2))


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner),
        max_leaves=20,
    )
)
@example({"tt": float("inf")})
def test_any_json_is_read_or_refused(value: Any):
    refusal = ""
    try:
        draft = read_draft(value if isinstance(value, dict) else {"t": value})
    except DraftError as error:
        refusal = error.message
    if refusal:
        assert refusal.endswith(".")
        assert "\n" not in refusal
    else:
        assert read_draft(draft_text(draft)) == draft


def test_missing_members_have_a_meaning():
    draft = read_draft({"d": 9000, "t": [{"sg": [{"src": "a.jpg", "d": 2000}, {"src": "b.jpg"}, {"s": 5000}]}]})
    assert [(photo.start, photo.end) for photo in draft.photos] == [(0, 2), (2, 5), (5, 9)]
    assert draft.canvas == Canvas(1920, 1080)
    assert draft.frame_rate == 30
    assert len({photo.id for photo in draft.photos}) == 3
    assert read_draft({}).duration == 0
    assert read_draft({"t": [{"sg": [{}]}]}).duration == 4
    assert read_draft({"m": {"width": 1080, "height": 1920}}).canvas == Canvas(1080, 1920)


def test_a_canvas_mirrored_in_the_metadata_follows():
    draft = read_draft({"w": 640, "h": 480, "m": {"width": 1, "height": 2, "title": "x"}})
    assert write_draft(draft)["m"] == {"width": 640, "height": 480, "title": "x"}


@pytest.mark.parametrize(
    ("given_rate", "rate", "written"),
    [
        (30, Fraction(30), 30),
        (30.0, Fraction(30), 30),
        (29.97, Fraction(30000, 1001), 29.97),
        (29.97002997, Fraction(30000, 1001), 29.97),
        ("30000/1001", Fraction(30000, 1001), 29.97),
        (23.98, Fraction(24000, 1001), 23.976),
        ("24", Fraction(24), 24),
    ],
)
def test_frame_rates(given_rate: Any, rate: Fraction, written: float):
    draft = read_draft({"fps": given_rate})
    assert draft.frame_rate == rate
    assert write_draft(draft)["fps"] == written


def test_fractions_of_milliseconds_keep_clips_together():
    thirds = [{"s": 1000 * index / 3, "d": 1000 / 3} for index in range(9)]
    photos = read_draft({"t": [{"sg": thirds}]}).photos
    assert photos[-1].end == 3
    assert all(left.end == right.start for left, right in pairwise(photos))


def test_fit_and_its_colour():
    photo = read_draft(one(fit="color", bg="#102030")).photos[0]
    assert photo.fit == Fit("color", "#102030")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "The draft must be a JSON object"),
        ('"x', "not valid JSON"),
        ('{"d": NaN}', "NaN"),
        (b"\xff\xfe\xfa", "UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ({"v": 3}, "v: "),
        ({"t": 5}, "t: must be a list"),
        ({"t": [5]}, r"t\[0\] must be a JSON object"),
        ({"d": -1}, "d: must be milliseconds"),
        ({"d": True}, "d: must be milliseconds"),
        ({"d": 10**400}, "d: must be milliseconds"),
        ({"fps": 31}, "fps: "),
        ({"fps": "x"}, "fps: "),
        ({"w": 1921, "h": 1080}, "w: .*even"),
        ({"w": 8000, "h": 1080}, "w: .*4096"),
        ({"w": 640}, "h: is missing"),
        ({"w": 1e300, "h": 2}, "w: must be a number"),
        ({"t": [{"sg": [{"d": 1}, {"d": 1}, {"d": "x"}]}]}, r"t\[0\]\.sg\[2\]\.d: must be milliseconds"),
        (one(d=0), r"t\[0\]\.sg\[0\]\.d: must be at least one millisecond"),
        ({"t": [{"sg": [{"d": 2000}, {"s": 1000, "d": 500}]}]}, r"t\[0\]\.sg\[1\]\.s: starts at 1 s, before"),
        ({"t": [{"id": "x", "sg": [{"id": "x"}]}]}, r"t\[0\]\.sg\[0\]\.id: 'x' is already"),
        (one(src=5), r"t\[0\]\.sg\[0\]\.src: must be a text"),
        (one(mo={"speed": "slow"}), r"t\[0\]\.sg\[0\]\.mo\.move: must be the name of a move"),
        (one(mo="fly"), r"t\[0\]\.sg\[0\]\.mo: 'fly' is not a camera move"),
        (one(mo={"move": ["zoom_in", "zoom_out"]}), r"t\[0\]\.sg\[0\]\.mo: "),
        (one(mo={"move": "zoom_in", "amount": "x"}), r"mo\.amount: must be a number"),
        (one(mo={"move": "zoom_in", "focus": [0.1]}), r"mo\.focus: must be \[x, y\]"),
        (one(mo={"move": "zoom_in", "focus": [0.1, 7]}), r"t\[0\]\.sg\[0\]\.mo: .*focus"),
        (one(tr={"ty": "wipe_left"}), r"t\[0\]\.sg\[0\]\.tr\.ty: .*not available"),
        (one(tr={"d": -5}), r"t\[0\]\.sg\[0\]\.tr\.d: must be milliseconds"),
        (one(fit="stretch"), r"t\[0\]\.sg\[0\]\.fit: "),
        (one(fit="color", bg="red"), r"t\[0\]\.sg\[0\]\.fit: .*#rrggbb"),
        (one(m=[]), r"t\[0\]\.sg\[0\]\.m: must be a JSON object"),
    ],
)
def test_bad_values_are_refused_with_their_path(data: Any, words: str):
    with pytest.raises(DraftError, match=words):
        read_draft(data)


@pytest.mark.parametrize("text", ['{"tt": 1e999}', '{"t": [], "x": -1e999}', '{"x": Infinity}'])
def test_a_number_beyond_all_numbers_is_refused(text: str):
    with pytest.raises(DraftError, match="The draft holds"):
        read_draft(text)
