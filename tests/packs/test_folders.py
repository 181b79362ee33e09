"""What the engine asks: which file a source names, and where fonts and music lie."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.errors import MediaError, OptionError
from engine.packs import (
    Pack,
    data_folder,
    font_folders,
    import_pack,
    installed,
    installed_packs,
    music_folders,
    pack_reference,
    pack_source,
    packs_folder,
)


@pytest.fixture
def sounds(know: Callable[..., Pack], tmp_path: Path) -> Path:
    """The folder of an installed pack of music."""
    origin = tmp_path / "origin"
    (origin / "calm").mkdir(parents=True)
    (origin / "calm" / "a b.opus").write_bytes(b"la")
    return import_pack(know("sounds", kind="music", files=["*.opus"], source={"tool": "dir"}), origin)


def test_a_source_names_a_file_and_the_file_its_source(sounds: Path) -> None:
    path = pack_source("pack:sounds/calm/a b.opus")
    assert path == sounds / "calm" / "a b.opus"
    assert pack_reference(path) == "pack:sounds/calm/a b.opus"
    assert pack_reference(sounds.parent / "pack.json") is None
    assert pack_reference(Path("harbour.jpg").absolute()) is None


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "pack:music-moods/calm/a.opus",
            "the pack music-moods, which is not installed: multiplane packs pull music-moods",
        ),
        ("pack:sounds/calm/c.opus", "the pack sounds has no such file"),
        ("pack:sounds/calm", "the pack sounds has no such file"),
        ("pack:sounds/calm/../calm/a b.opus", "the pack sounds has no such file"),
        ("pack:sounds/../pack.json", "the pack sounds has no such file"),
        ("pack:sounds//etc/passwd", "the pack sounds has no such file"),
        ("pack:../packs/sounds/calm/a b.opus", "is not installed|not a file of a pack"),
        ("pack:sounds", "this is not a file of a pack: write pack:ID/FILE"),
        ("pack:", "this is not a file of a pack"),
        ("pack:/x", "this is not a file of a pack"),
        ("sounds/calm/a b.opus", "this is not a file of a pack"),
    ],
)
def test_a_source_that_names_nothing_is_refused(sounds: Path, reference: str, sentence: str) -> None:
    with pytest.raises(MediaError, match=sentence):
        pack_source(reference)


def test_the_studio_s_own_folders_come_first(
    sounds: Path, know: Callable[..., Pack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert music_folders() == (sounds,)
    assert font_folders() == ()
    (tmp_path / "mine").mkdir()
    (tmp_path / "more").mkdir()
    monkeypatch.setenv("MULTIPLANE_MUSIC", f"{tmp_path / 'mine'}:{tmp_path / 'more'}")
    monkeypatch.setenv("MULTIPLANE_FONTS", str(tmp_path / "mine"))
    assert music_folders() == (tmp_path / "mine", tmp_path / "more", sounds)
    assert font_folders() == (tmp_path / "mine",)
    monkeypatch.setenv("MULTIPLANE_FONTS", str(tmp_path / "gone"))
    with pytest.raises(OptionError, match=r"MULTIPLANE_FONTS: there is no folder .*gone: create it"):
        font_folders()


def test_a_pack_with_a_broken_manifest_is_not_installed(sounds: Path) -> None:
    path = sounds.parent / "pack.json"
    whole = json.loads(path.read_text())
    for text in ("", "[]", "{}", "null", json.dumps({**whole, "schema": 2}), json.dumps({**whole, "folder": "../.."})):
        path.write_text(text)
        assert installed("sounds") is None
        assert installed_packs() == {}
        assert music_folders() == ()
    path.write_text(json.dumps(whole))
    assert installed("sounds") == sounds


def test_the_data_folder_follows_the_desktop_s_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert packs_folder() == tmp_path / "data" / "packs"
    monkeypatch.delenv("MULTIPLANE_DATA")
    monkeypatch.setenv("HOME", str(tmp_path / "anna"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert data_folder() == tmp_path / "share" / "multiplane"
    # A relative path is to be ignored, says the specification.
    for given in ("share", ""):
        monkeypatch.setenv("XDG_DATA_HOME", given)
        assert data_folder() == tmp_path / "anna" / ".local" / "share" / "multiplane"
    monkeypatch.setenv("MULTIPLANE_DATA", "~/films")
    assert packs_folder() == tmp_path / "anna" / "films" / "packs"
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "image"))
    assert packs_folder() == tmp_path / "image"


def test_a_relative_data_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_DATA", "films")
    with pytest.raises(OptionError, match="MULTIPLANE_DATA='films' is not usable: give a path that starts with / or ~"):
        data_folder()
