"""Validation: every problem with its path and a sentence, the same ones that keep a draft from being read."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline import Draft, draft_text, read_draft, validate_draft, write_draft
from tests.timeline import golden
from tests.timeline.drafts import drafts, values


def problems(draft: object) -> list[tuple[str, str]]:
    return [(problem.path, problem.text) for problem in validate_draft(draft)]


def test_every_problem_of_a_draft_is_found_at_once():
    draft = {
        "fps": 31,
        "w": 640,
        "t": [
            {
                "id": "x",
                "sg": [
                    {"id": "x", "d": 1000, "src": "color:red", "mo": {"move": "fly", "amount": "far"}},
                    {"s": 500, "d": 1000, "pl": {"scale": 0, "opacity": 2, "blend": "mix"}, "vol": 3},
                    {"d": 1000, "ef": ["snow", "sparkle", {"fx": "rain", "amount": -1}, {"fx": "lut"}, {}]},
                    {"d": 1000, "kf": [{"at": -1}, {"scale": 2}, 5], "tr": {"ty": "star_wipe", "d": -1}},
                    {"d": 1000, "in": 500, "out": 400, "sp": 9, "fit": "stretch", "bg": "red"},
                ],
            },
            {
                "tt": 7,
                "captions": "hard",
                "sg": [{"tx": 5, "st": {"anchor": "up", "size": 2000, "bg": "red", "box": {"color": "red"}}}],
            },
            "none",
        ],
    }
    assert [path for path, _ in problems(draft)] == [
        "h",
        "fps",
        "t[0].sg[0].id",
        "t[0].sg[0].mo.amount",
        "t[0].sg[0].mo.move",
        "t[0].sg[0].src",
        "t[0].sg[1].s",
        "t[0].sg[1].pl.scale",
        "t[0].sg[1].pl.opacity",
        "t[0].sg[1].pl.blend",
        "t[0].sg[1].vol",
        "t[0].sg[2].ef[1]",
        "t[0].sg[2].ef[2].amount",
        "t[0].sg[2].ef[3].fx",
        "t[0].sg[2].ef[4].fx",
        "t[0].sg[3].tr.d",
        "t[0].sg[3].tr.ty",
        "t[0].sg[3].kf[0].at",
        "t[0].sg[3].kf[1].at",
        "t[0].sg[3].kf[2]",
        "t[0].sg[4].fit",
        "t[0].sg[4].bg",
        "t[0].sg[4].sp",
        "t[0].sg[4]",
        "t[1].sg[0].tx",
        "t[1].sg[0].st.bg",
        "t[1].sg[0].st.size",
        "t[1].sg[0].st.box.color",
        "t[1].sg[0].st.anchor",
        "t[1].captions",
        "t[2]",
    ]
    for problem in validate_draft(draft):
        assert problem.text.endswith(".")
        assert str(problem) == f"{problem.path}: {problem.text}"


def test_reading_names_the_first_problem_and_counts_the_others():
    with pytest.raises(DraftError) as caught:
        read_draft({"t": [{"sg": [{"d": "x"}, {"d": 1, "vol": 3}, {"d": 1, "duck": 1}]}]})
    message = caught.value.message
    assert message.startswith("t[0].sg[0].d: must be milliseconds")
    assert message.endswith("not 'x'. There are 2 more problems.")
    assert [problem.path for problem in caught.value.problems] == [
        "t[0].sg[0].d",
        "t[0].sg[1].vol",
        "t[0].sg[2].duck",
    ]
    with pytest.raises(DraftError, match=r"There is 1 more problem\.$"):
        read_draft({"fps": 1, "d": -1})


@pytest.mark.parametrize("source", [5, None, [1], "{", b"\xff\xfe\xfa", '"text"', {"x": {1}}, {"x": float("inf")}])
def test_what_is_no_draft_at_all_is_one_problem(source: Any):
    found = validate_draft(source)
    assert [problem.path for problem in found] == [""]
    with pytest.raises(DraftError, match=re.escape(found[0].text)):
        read_draft(source)


@settings(max_examples=20, deadline=None)
@given(drafts())
def test_what_we_write_has_no_problem(draft: Draft):
    assert validate_draft(write_draft(draft)) == ()


def places(value: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """For the path of everything in a JSON value, the object or list that holds it and its key there."""
    if isinstance(value, dict):
        items = [(key, item, f"{path}.{key}" if path else key) for key, item in value.items()]
    else:
        items = [(key, item, f"{path}[{key}]") for key, item in enumerate(value if isinstance(value, list) else ())]
    found = {}
    for key, item, place in items:
        found[place] = (value, key)
        found |= places(item, place)
    return found


odd = values | st.sampled_from([[], {}, "", "x", 0, -1, 1e18, 10**19, 0.5, "#ffffff", "1/3", "1e99", [0.5, 0.6, 0, 0]])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_draft_with_anything_anywhere_is_read_or_its_problems_are_named(data: st.DataObject):
    draft = copy.deepcopy(golden.DRAFTS[data.draw(st.sampled_from(sorted(golden.DRAFTS)))])
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = places(draft)[data.draw(st.sampled_from(list(places(draft))))]
        if data.draw(st.booleans()):
            holder[key] = copy.deepcopy(data.draw(odd))
        else:
            del holder[key]
    found = validate_draft(draft)
    if found:
        known = places(draft)
        for problem in found:
            # A member that is missing stands in an object that is there.
            parent = problem.path.rpartition(".")[0]
            assert problem.path in known or parent in known or not parent, problem
            assert problem.text.endswith(".")
            assert "\n" not in problem.text
        with pytest.raises(DraftError) as caught:
            read_draft(draft)
        assert caught.value.problems == found
    else:
        read = read_draft(draft)
        assert read_draft(draft_text(read)) == read


@pytest.mark.parametrize("kind", ["7", 1.5, True, {}])
def test_a_track_of_no_type_is_one_problem(kind: Any):
    assert [path for path, _ in problems({"t": [{"tt": kind, "sg": [{"d": 1, "vol": 99}]}]})] == ["t[0].tt"]


def test_a_bad_time_is_not_called_an_overlap():
    assert [path for path, _ in problems({"t": [{"sg": [{"d": 9000}, {"s": -1, "d": 1}, {"s": 1}]}]})] == [
        "t[0].sg[1].s"
    ]


@pytest.mark.parametrize(("kind", "count"), [(0, 1), (1, 1), (7, 1), (5, 0)])
def test_overlaps(kind: int, count: int):
    draft = {"t": [{"tt": kind, "sg": [{"s": 0, "d": 2000, "tx": "a"}, {"s": 1999, "d": 1000, "tx": "b"}]}]}
    assert len(problems(draft)) == count
    draft["t"][0]["sg"][1]["s"] = 2000
    assert problems(draft) == []


def test_a_draft_lasts_a_day_at_most():
    day = 24 * 3600 * 1000
    assert problems({"t": [{"sg": [{"d": day}]}]}) == []
    assert [path for path, _ in problems({"t": [{"sg": [{"d": day}, {"d": 1}]}]})] == ["t[0].sg[1].d"]


def test_a_number_in_a_text_that_would_take_all_memory_is_refused():
    found = problems({"fps": "1e999999999", "t": [{"sg": [{"d": 1, "sp": "1e999999999"}]}]})
    assert [path for path, _ in found] == ["fps", "t[0].sg[0].sp"]


def test_half_a_character_is_refused():
    assert "half a character" in problems('{"m": {"title": "\\ud800"}}')[0][1]
    assert problems('{"m": {"title": "\\ud83d\\ude00"}}') == []


def test_a_problem_is_reported_where_it_stands_in_a_version_1_draft():
    assert [path for path, _ in problems({"m": {"width": 1080, "height": "x"}})] == ["m.height"]
    assert [path for path, _ in problems(json.dumps({"t": [{"tt": 7, "sg": [{"m": 5}]}]}))] == ["t[0].sg[0].m"]


@pytest.mark.parametrize(
    "member",
    [
        {"tr": "x" * 9999},
        {"bg": "x" * 9999},
        {"fit": "x" * 9999},
        {"ef": ["x" * 9999]},
        {"mo": "x" * 9999},
        {"mo": {"move": "hold", "ease": "x" * 9999}},
        {"mo": {"move": "hold", "focus": "x" * 9999}},
        {"pl": {"blend": "x" * 9999}},
        {"src": "color:" + "x" * 9999},
        {"src": "gradient:" + "x" * 9999},
        {"kf": [{"at": 0, "ease": "x" * 9999}]},
    ],
)
def test_a_sentence_stays_short_whatever_the_draft_holds(member: dict[str, Any]):
    (problem,) = validate_draft({"t": [{"sg": [{"d": 1000} | member]}]})
    assert "xxx..." in problem.text
    assert len(problem.text) < 400


def test_each_member_of_generated_motion_is_blamed_at_its_own_path():
    motion = {"move": "hold", "with": "diffusion", "prompt": " ", "extend": "mirror", "quality": 3, "model": "sora"}
    draft = {"w": 640, "h": 360, "t": [{"sg": [{"d": 1000, "src": "a.jpg", "mo": motion}]}]}
    found = dict(problems(draft))
    assert set(found) == {f"t[0].sg[0].mo.{member}" for member in ("prompt", "extend", "quality", "model")}
    assert found["t[0].sg[0].mo.extend"].endswith("use one of auto, slow, ping_pong, loop, chain.")
