"""Which names inside a pack are safe, and which files of an archive go where."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.packs.model import Member
from engine.packs.names import is_safe_path, is_wanted, place_of, runs_code

PARTS = st.one_of(st.sampled_from(["..", ".", "", "a", "é", "b.ttf", "C:", "\\", "~", "\0"]), st.text(max_size=6))


@given(st.lists(PARTS, max_size=5).map("/".join))
def test_a_safe_path_stays_inside_its_folder(path: str) -> None:
    if is_safe_path(path):
        joined = os.path.normpath(Path("/packs/folder", path))
        assert joined == f"/packs/folder/{path}"


@pytest.mark.parametrize("path", ["a.ttf", "calm/a b.opus", "字体/é.otf", "~x", "..a", "a..", "-rf"])
def test_usual_names_are_safe(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "../a", "a/../b", "./a", "a//b", "a\\b", "a\nb", "a\0b", "\x1b[2J", "é" * 128]
)
def test_names_that_lead_away_or_hide_something_are_not(path: str) -> None:
    assert not is_safe_path(path)


@pytest.mark.parametrize(
    ("take", "to", "path", "place"),
    [
        ("music/tracks/*/*.opus", "", "music/tracks/calm/a.opus", "calm/a.opus"),
        ("music/tracks/*/*.opus", "all/", "music/tracks/calm/a.opus", "all/calm/a.opus"),
        ("music/tracks/*/*.opus", "", "music/tracks/a.opus", None),
        ("music/tracks/*/*.opus", "", "music/tracks/calm/deep/a.opus", None),
        ("fonts/*.otf", "", "fonts/A.otf", "A.otf"),
        ("fonts/*.otf", "", "fonts/A.OTF", None),
        ("fonts/A.otf", "", "fonts/A.otf", "A.otf"),
        ("fonts/A.otf", "f/", "fonts/A.otf", "f/A.otf"),
        ("LICENSE-1", "LICENSE", "LICENSE-1", "LICENSE"),
        ("*", "", "LICENSE", "LICENSE"),
    ],
)
def test_a_member_goes_to_its_place(take: str, to: str, path: str, place: str | None) -> None:
    assert place_of(Member(take, to), path) == place


def test_the_pattern_of_a_hub_passes_folders() -> None:
    assert is_wanted("unet/model.safetensors", ("*.safetensors",))
    assert not is_wanted("unet/model.bin", ("*.safetensors", "*.json"))


def test_files_that_run_code_when_loaded_are_known() -> None:
    assert all(map(runs_code, ("a.bin", "x/a.PT", "a.ckpt", "a.pkl", "modeling.py")))
    assert not any(map(runs_code, ("a.safetensors", "config.json", "a.ttf", "a.opus")))
