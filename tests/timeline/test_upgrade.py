"""Older drafts: golden pairs, and nothing is upgraded that needs no upgrade."""

import copy
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from engine.core.errors import DraftError
from engine.timeline import Draft, read_draft, write_draft
from engine.timeline.schema import SCHEMA_VERSION
from engine.timeline.upgrade import UPGRADES, upgrade, upgrade_1_to_2, version_of
from tests.timeline import golden
from tests.timeline.drafts import drafts


@pytest.mark.parametrize("name", golden.UPGRADES)
def test_golden_upgrades(name: str):
    before, after = golden.UPGRADES[name]["in"], golden.UPGRADES[name]["out"]
    untouched = copy.deepcopy(before)
    assert version_of(before) == 1
    assert upgrade_1_to_2(before) == after
    assert upgrade(before) == after
    assert before == untouched


def test_every_older_version_has_an_upgrade():
    assert sorted(UPGRADES) == list(range(1, SCHEMA_VERSION))


def test_a_draft_of_version_1_is_read():
    draft = read_draft(golden.UPGRADES["1_photos"]["in"])
    assert (draft.canvas.width, draft.canvas.height) == (1080, 1920)
    assert [(photo.src, photo.start, photo.end) for photo in draft.photos] == [
        ("http://host/pier.jpg", 0, 4),
        ("clips/waves.mp4", 4, 7),
    ]
    assert draft.tracks[1].segments[0].src == "http://host/lofi.mp3"
    assert draft.tracks[2].segments[0].text == "Sea walk"
    assert write_draft(draft)["v"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    "draft",
    [
        {"w": 640, "h": 480},
        {"fps": 25, "t": []},
        {"t": [{"captions": "soft"}]},
        {"t": [{"sg": [{"s": 0, "url": "a.jpg"}]}]},
        {"t": [{"sg": [{"url": "a.jpg"}, {"mo": "hold"}]}]},
    ],
)
def test_a_draft_with_newer_keys_is_not_taken_for_an_old_one(draft: dict[str, Any]):
    assert version_of(draft) == 2
    assert upgrade(draft) == draft


@settings(max_examples=20, deadline=None)
@given(drafts())
def test_a_draft_of_today_needs_no_upgrade(draft: Draft):
    written = write_draft(draft)
    assert upgrade(written) == written
    without = {key: value for key, value in written.items() if key != "v"}
    assert read_draft(without) == draft


def test_the_metadata_keeps_an_address_that_nothing_else_names():
    draft = read_draft({"t": [{"sg": [{"d": 1000, "s": 0, "m": {"url": "a.jpg"}}]}]})
    assert draft.photos[0].src is None
    assert draft.photos[0].meta == {"url": "a.jpg"}


@pytest.mark.parametrize("version", [0, -1, "2", 1.5, True, [], 3, 10**30])
def test_a_version_that_is_none_is_refused(version: Any):
    with pytest.raises(DraftError, match=r"^v: ") as caught:
        read_draft(json.dumps({"v": version}))
    assert [problem.path for problem in caught.value.problems] == ["v"]


def test_a_whole_number_is_a_version_however_it_is_written():
    assert read_draft('{"v": 2.0, "d": 1000}').duration == Fraction(1)
