"""Verifying: what was changed after the installation is found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.errors import OptionError
from engine.packs import FileProblem, Pack, import_pack, to_verify, verify
from engine.packs.manifest import hash_file
from tests.packs.archives import ArchiveMaker, sha256, source


@pytest.fixture
def folder(know: Callable[..., Pack], archives: ArchiveMaker) -> Path:
    """The files of an installed pack."""
    archive = archives.npm({"package/a.ttf": b"aaa", "package/b.ttf": b"bbb"})
    contents = {"a.ttf": sha256(b"aaa"), "b.ttf": sha256(b"bbb")}
    members = [{"take": "package/*.ttf", "to": ""}]
    return import_pack(know("font", members=members, source=source(archive), contents=contents), archive)


def test_a_pack_as_it_was_installed_is_in_order(folder: Path) -> None:
    assert verify("font") == ()


def test_what_was_changed_is_named(folder: Path) -> None:
    (folder / "a.ttf").write_bytes(b"AAA")
    (folder / "b.ttf").unlink()
    (folder / "c.ttf").touch()
    problems = (FileProblem("a.ttf", "differs"), FileProblem("b.ttf", "missing"), FileProblem("c.ttf", "strange"))
    assert verify("font") == problems


def test_a_manifest_that_was_changed_with_the_file_deceives_nobody(folder: Path) -> None:
    (folder / "a.ttf").write_bytes(b"AAA")
    path = folder.parent / "pack.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["a.ttf"]["sha256"] = hash_file(folder / "a.ttf").sha256
    path.write_text(json.dumps(manifest))
    assert verify("font") == (FileProblem("a.ttf", "differs"),)


def test_a_broken_manifest_is_a_finding(folder: Path) -> None:
    (folder.parent / "pack.json").write_text("{")
    assert to_verify() == ("font",)
    assert verify("font") == (FileProblem("pack.json", "differs"),)


def test_what_is_not_installed_cannot_be_verified() -> None:
    with pytest.raises(OptionError, match="Pack fonts-korean is not installed: multiplane packs pull fonts-korean"):
        verify("fonts-korean")
