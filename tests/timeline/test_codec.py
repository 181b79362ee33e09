"""The draft's JSON: nothing is lost, tolerant where the protocol asks for it, precise where something is wrong."""

import copy
import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.motion import Motion
from engine.timeline import (
    Canvas,
    Draft,
    Fit,
    SetFrameRate,
    Sound,
    TextStyle,
    Transition,
    apply,
    draft_text,
    read_draft,
    write_draft,
)
from tests.timeline import golden
from tests.timeline.drafts import drafts, extras

HARBOUR: dict[str, Any] = golden.DRAFTS["design"]


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
    assert photo.motion == Motion(("zoom_in",), 1.2, None, (0.42, 0.55), "in_out", "parallax")
    assert photo.transition == Transition("cross_dissolve", Fraction(1, 2))
    music, title = (track.segments[0] for track in read_draft(HARBOUR).tracks[1:])
    assert music.sound == Sound(volume=0.35, fade_out=Fraction(4, 5))
    assert (title.text, title.style) == ("Urban Dreams", TextStyle(anchor="center"))


def test_a_draft_with_everything_is_written_as_it_was_read():
    draft = golden.DRAFTS["everything"]
    assert write_draft(read_draft(draft)) == draft
    assert json.loads(draft_text(read_draft(draft))) == draft


def test_the_example_of_the_protocol_survives():
    draft = golden.DRAFTS["protocol"]
    written = write_draft(read_draft(draft))
    style = written["t"][2]["sg"][0]["st"]
    assert style.pop("size") == pytest.approx(64 / 1920)  # pixels of the canvas become a share of its height
    assert style == {"color": "#ffffff", "x": 0.5, "y": 0.2}
    written["t"][2]["sg"][0]["st"] = draft["t"][2]["sg"][0]["st"]
    assert written == draft


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_unknown_members_survive_at_every_level(data: st.DataObject):
    draft = copy.deepcopy(golden.DRAFTS["everything"])
    for item in _objects(draft):
        item |= data.draw(extras)
    assert write_draft(read_draft(draft)) == draft


def _objects(value: Any) -> list[dict[str, Any]]:
    """Every JSON object in a value, but not those in members that are unknown anyway."""
    if isinstance(value, list):
        return [found for item in value for found in _objects(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for key, item in value.items() if not key.startswith("x-") for found in _objects(item))]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["mo", "tr", "pl", "ef", "vol", "st", "tx", "in"]), st.just([1, {"a": None}])))
def test_what_a_track_has_no_use_for_is_kept_whatever_it_is(members: dict[str, Any]):
    segment = {"id": "s1", "s": 0, "d": 1000} | members
    draft = read_draft({"t": [{"id": "t1", "tt": 12, "sg": [segment | {"src": 5, "m": "x"}]}]})
    assert write_draft(draft)["t"][0]["sg"] == [segment | {"src": 5, "m": "x"}]


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


@pytest.mark.parametrize("stated", [{}, {"d": 0}, {"d": 0.3}])
def test_a_draft_that_states_no_length_lasts_to_its_end(stated: dict[str, Any]):
    # An empty draft is written with "d": 0, and a client that then adds a clip may leave it there.
    draft = read_draft(stated | {"t": [{"sg": [{"d": 2500, "src": "a.jpg"}]}]})
    assert draft.duration == Fraction(5, 2)
    assert write_draft(draft)["d"] == 2500
    assert read_draft(stated).duration == 0


@pytest.mark.parametrize("pack", [lambda text: "\ufeff" + text, lambda text: text.encode("utf-8-sig"), json.dumps])
def test_a_draft_may_be_packed(pack: Any):
    assert read_draft(pack(json.dumps(HARBOUR))) == read_draft(HARBOUR)
    assert read_draft(json.dumps("\ufeff" + json.dumps(HARBOUR))) == read_draft(HARBOUR)


def test_ids_that_are_made_up_take_none_that_is_stated():
    draft = read_draft({"t": [{"sg": [{}, {"id": "s1"}, {}]}, {"id": "t1"}]})
    assert [track.id for track in draft.tracks] == ["t2", "t1"]
    assert [photo.id for photo in draft.photos] == ["s2", "s1", "s3"]


def test_captions_are_for_text_tracks():
    draft = read_draft({"t": [{"tt": 7, "captions": "both"}, {"tt": 0, "captions": "hard"}]})
    assert [track.captions for track in draft.tracks] == ["both", "burn"]
    assert write_draft(draft)["t"][1]["captions"] == "hard"


def test_a_canvas_mirrored_in_the_metadata_follows():
    draft = read_draft({"w": 640, "h": 480, "m": {"width": 1, "height": 2, "title": "x"}})
    assert write_draft(draft)["m"] == {"width": 640, "height": 480, "title": "x"}


def test_so_does_the_frame_rate():
    draft = read_draft({"v": 2, "m": {"fps": 25, "width": 640, "height": 480}})
    assert (draft.frame_rate, draft.canvas) == (25, Canvas(640, 480))
    slower = apply(draft, SetFrameRate(Fraction(24)))
    assert write_draft(slower)["m"] == {"fps": 24, "width": 640, "height": 480}
    assert read_draft(write_draft(slower)) == slower
    assert read_draft({"fps": 50, "m": {"fps": 25}}).meta == {"fps": 50}
    assert read_draft({"v": 2, "m": {"fps": "as filmed"}}).meta == {"fps": "as filmed"}
    with pytest.raises(DraftError, match=r"m\.fps: 31 frames per second is not supported: use one of 23\.976"):
        read_draft({"v": 2, "m": {"fps": 31}})


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
        ({"t": [5]}, r"t\[0\]: must be a JSON object"),
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
        (one(mo={"speed": "slow"}), r"t\[0\]\.sg\[0\]\.mo\.move: is missing: name of a camera move"),
        (one(mo="fly"), r"t\[0\]\.sg\[0\]\.mo: 'fly' is not a camera move"),
        (one(mo={"move": ["zoom_in", "zoom_out"]}), r"t\[0\]\.sg\[0\]\.mo\.move: .*at the same time"),
        (one(mo={"move": "zoom_in", "amount": "x"}), r"mo\.amount: must be a number"),
        (one(mo={"move": "zoom_in", "focus": [0.1]}), r"mo\.focus: must be \[x, y\]"),
        (one(mo={"move": "zoom_in", "focus": [0.1, 7]}), r"t\[0\]\.sg\[0\]\.mo\.focus: .*focus"),
        (one(tr={"ty": "star_wipe"}), r"t\[0\]\.sg\[0\]\.tr\.ty: .*not available"),
        (one(tr="star_wipe"), r"t\[0\]\.sg\[0\]\.tr: .*not available"),
        (one(tr={"d": -5}), r"t\[0\]\.sg\[0\]\.tr\.d: must be milliseconds"),
        (one(fit="stretch"), r"t\[0\]\.sg\[0\]\.fit: "),
        (one(fit="color", bg="red"), r"t\[0\]\.sg\[0\]\.bg: .*#rrggbb"),
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
