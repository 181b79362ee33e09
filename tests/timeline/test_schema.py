"""The published JSON Schema: it is what the code says, what we write obeys it, what it refuses we refuse too."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.timeline import Draft, read_draft, validate_draft, write_draft
from engine.timeline.schema import DRAFT_KEYS, SEGMENT_KEYS, TRACK_KEYS, draft_schema, schema_text
from engine.timeline.upgrade import upgrade
from tests.timeline import golden
from tests.timeline.drafts import drafts

PUBLISHED = Path(__file__).parents[2] / "docs" / "draft.schema.json"
SCHEMA = draft_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def complaints(draft: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(draft)]


def test_the_published_file_is_what_the_code_says():
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), "write engine.timeline.schema_text() there"


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", golden.DRAFTS)
def test_golden_drafts_obey(name: str):
    assert complaints(golden.DRAFTS[name]) == []


@pytest.mark.parametrize("name", ["1_photos", "1_stated"])
def test_upgraded_drafts_obey(name: str):
    assert complaints(upgrade(golden.UPGRADES[name]["in"])) == []


@settings(max_examples=30, deadline=None)
@given(drafts())
def test_what_we_write_obeys(draft: Draft):
    assert complaints(write_draft(draft)) == []


BAD_VALUES = ["none such", -5000, 10**12, 0.3, True, [], {}, [0.1, "x"], {"fx": 3}, ["none such"], "#12345"]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all that stands in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in ((*path, key), *places(item, (*path, key)))]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses(data: st.DataObject):
    draft = copy.deepcopy(golden.DRAFTS[data.draw(st.sampled_from(sorted(golden.DRAFTS)))])
    place = data.draw(st.sampled_from(places(draft)))
    target: Any = draft
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = copy.deepcopy(data.draw(st.sampled_from(BAD_VALUES)))
    if complaints(draft):
        assert validate_draft(draft) != ()


def test_every_known_member_is_read():
    """A key that stands in the schema and that the reader does not take would be found among the unknown ones."""
    for draft in map(read_draft, golden.DRAFTS.values()):
        assert not DRAFT_KEYS & draft.extra.keys()
        for track in draft.tracks:
            assert not TRACK_KEYS & track.extra.keys()
            if track.id not in ("music", "later"):  # these have members of other tracks, which are kept
                assert not any(SEGMENT_KEYS & segment.extra.keys() for segment in track.segments)


def test_the_golden_drafts_use_every_known_member():
    used = {key for draft in golden.DRAFTS.values() for track in draft["t"] for item in track["sg"] for key in item}
    assert used >= SEGMENT_KEYS


@pytest.mark.parametrize(
    ("draft", "place"),
    [
        ({"w": 640}, "$"),
        ({"w": 641, "h": 480}, "$.w"),
        ({"t": [{"sg": [{"s": -1}]}]}, "$.t[0].sg[0].s"),
        ({"t": [{"tt": 0, "sg": [{"ef": ["none such"]}]}]}, "$.t[0].sg[0].ef"),
        ({"t": [{"sg": [{"tr": {"ty": "star_wipe"}}]}]}, "$.t[0].sg[0].tr"),
        ({"t": [{"tt": 1, "sg": [{"vol": 3}]}]}, "$.t[0].sg[0].vol"),
        ({"t": [{"tt": 7, "captions": "hard"}]}, "$.t[0].captions"),
        ({"t": [{"tt": 7, "sg": [{"st": {"weight": 0}}]}]}, "$.t[0].sg[0].st.weight"),
    ],
)
def test_the_schema_says_where(draft: dict[str, Any], place: str):
    assert [error.json_path for error in VALIDATOR.iter_errors(draft)] == [place]
    assert validate_draft(json.dumps(draft)) != ()


@pytest.mark.parametrize(
    "segment", [{"tt": 1, "sg": [{"mo": 5, "st": 7}]}, {"tt": 7, "sg": [{"ef": 5}]}, {"tt": 9, "sg": [{"vol": "x"}]}]
)
def test_members_of_other_tracks_may_be_anything(segment: dict[str, Any]):
    draft = {"v": 2, "t": [segment]}
    assert complaints(draft) == []
    assert validate_draft(draft) == ()


@pytest.mark.parametrize(
    "draft",
    [
        *({"fps": rate} for rate in (31, 30.5, 1, "9/9", "31")),
        *({"v": 2, "t": [{"sg": [{"ef": [effect]}]}]} for effect in ("lut", {"fx": "lut"}, {"fx": "lut", "src": ""})),
        {"t": [{"sg": [{"ef": [{"fx": "snow", "amount": -0.1}]}]}]},
        {"t": [{"sg": [{"ef": [{"fx": "snow", "seed": 2**63 - 1}]}]}]},
        {"t": [{"sg": [{"s": 0, "d": 0}]}]},
    ],
)
def test_what_the_reader_refuses_for_one_member_the_schema_refuses(draft: dict[str, Any]):
    assert validate_draft(draft) != ()
    assert complaints(draft) != []


@pytest.mark.parametrize(
    "draft",
    [
        *({"fps": rate} for rate in (24, 29.97, 29.97003, 23.98, "30000/1001", "25")),
        {"t": [{"sg": [{"ef": [{"fx": "lut", "src": "a.cube"}, {"fx": "brightness", "amount": -1}]}]}]},
        {"t": [{"sg": [{"ef": ["snow", {"fx": "snow", "seed": 10**18}]}]}]},
        {"t": [{"sg": [{"s": 0, "d": 0.7}]}]},
    ],
)
def test_what_the_reader_takes_the_schema_takes(draft: dict[str, Any]):
    assert validate_draft(draft) == ()
    assert complaints(draft) == []
