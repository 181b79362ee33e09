"""The registry: ours holds what it promises, a site adds its own, and what is wrong in one is said with its place."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import OptionError
from engine.packs import Pack, PackKind, find_pack, licence_problem, registry
from engine.packs.model import ArchiveSource, FolderSource
from engine.packs.names import is_safe_path
from engine.packs.parse import parse_registry
from engine.packs.registry import OWN_REGISTRY

GOOD = """
schema = 1
[licences.MIT]
name = "MIT License"
[[pack]]
id = "sounds"
kind = "music"
title = "Sounds"
about = "music"
licence = "MIT"
size = 12
members = [{ take = "a/*.opus", to = "" }]
[pack.source]
tool = "wheel"
package = "some-sounds"
version = "1.0"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
size = 7
[pack.contents]
"calm/a.opus" = "1111111111111111111111111111111111111111111111111111111111111111"
"""

SVD = {"svd", "svd-xt", "svd-xt-1.1"}


def test_every_pack_of_ours_can_be_checked_and_is_accepted_by_default() -> None:
    packs = registry()
    assert {"music-moods", "fonts-chinese", "fonts-japanese", "fonts-korean", "fonts-emoji"} <= packs.keys()
    assert {"fonts-arabic", "fonts-hebrew"} <= packs.keys()
    asked_for = {"span-x2"}  # the wheel's text is the GPL's: the site decides, and `packs pull` says so
    # Models that come with terms of their own are the site's to decide on.
    assert {pack.id for pack in packs.values() if licence_problem(pack.licence)} == {*asked_for, "ltx-video", *SVD}
    assert "GPL-3.0" in (licence_problem(packs["span-x2"].licence) or "")
    fetched = [pack for pack in packs.values() if isinstance(pack.source, ArchiveSource)]
    assert {"u2netp", "rife", "span-x2"} <= {pack.id for pack in fetched}
    for pack in fetched:
        assert pack.contents
        assert all(map(is_safe_path, pack.contents))
        assert pack.size > 0
        assert pack.default == (pack.id not in asked_for)
        assert any(path.startswith("LICENSE") for path in pack.contents), "its licence text travels with it"
    assert sum(path.endswith(".opus") for path in packs["music-moods"].contents) == 28


def test_packs_that_only_a_studio_has_are_never_pulled_by_default() -> None:
    brought = {pack.id: pack for pack in registry().values() if isinstance(pack.source, FolderSource)}
    assert brought.keys() == {"depth-anything-v2-small", "lama", "upscaler", "wan2.2-ti2v-5b", "ltx-video", *SVD}
    assert all(pack.kind is PackKind.WEIGHTS and not pack.default for pack in brought.values())


def test_a_site_adds_packs_and_takes_the_place_of_ours(know: Callable[..., Pack]) -> None:
    own = list(registry())
    know("house-font", files=["*.ttf"], source={"tool": "dir"})
    know("music-moods", kind="music", files=["*.wav"], source={"tool": "dir"})
    assert list(registry()) == [*own, "house-font"]
    assert registry()["music-moods"].source.files == ("*.wav",)


def test_a_registry_that_was_edited_is_read_again(know: Callable[..., Pack]) -> None:
    know("one", files=["*"], source={"tool": "dir"})
    know("two", files=["*"], source={"tool": "dir"})
    assert find_pack("two").kind is PackKind.FONT


def test_an_unknown_pack_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(OptionError, match=r"fonts-klingon is not a pack: music-moods, .* are known"):
        find_pack("fonts-klingon")


def test_a_site_s_registry_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULTIPLANE_PACKS_REGISTRY", str(tmp_path / "gone.toml"))
    with pytest.raises(OptionError, match=r"MULTIPLANE_PACKS_REGISTRY names .*gone\.toml, which cannot be read"):
        registry()


def test_a_site_s_registry_that_is_no_toml_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[[pack]\n")
    monkeypatch.setenv("MULTIPLANE_PACKS_REGISTRY", str(path))
    with pytest.raises(OptionError, match=r"site\.toml: this registry of packs is not TOML: .*line 1"):
        registry()


def test_a_pack_that_needs_an_unknown_one_is_refused(know: Callable[..., Pack]) -> None:
    with pytest.raises(OptionError, match="pack big: needs small, which is no pack"):
        know("big", files=["*"], source={"tool": "dir"}, needs=["small"])


def data(text: str = GOOD) -> dict[str, Any]:
    return tomllib.loads(text)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("schema = 1", "schema = 2", "schema must be 1 for this version"),
        ('id = "sounds"', 'id = "Sounds"', "pack 1: id must be lower-case"),
        ('id = "sounds"', 'id = "../sounds"', "id must be lower-case"),
        ('id = "sounds"', "", "pack 1: id is missing"),
        ('kind = "music"', 'kind = "film"', "pack sounds: kind must be one of music, font, weights"),
        ('title = "Sounds"', 'title = ""', "title must not be empty"),
        ('title = "Sounds"', "title = 3", "title must be a text"),
        ('licence = "MIT"', 'licence = "GPL"', "licence names GPL, which is not among"),
        ('licence = "MIT"', 'licence = "MIT AND X"', "licence names X"),
        ("size = 12", "size = -1", "size must be a whole number, 0 or more"),
        ("size = 12", "size = true", "size must be a whole number"),
        ("size = 12", "sizes = 12", "sizes is not known here"),
        ("size = 12", 'default = "yes"', "default must be true or false"),
        ('package = "some-sounds"', 'package = "--index-url"', "package must be the name of a package of wheel"),
        ('package = "some-sounds"', 'package = "./folder"', "package must be the name of a package of wheel"),
        ('version = "1.0"', 'version = ">=1"', "version must be one exact version"),
        ('sha256 = "0000', 'sha256 = "000', "sha256 must be 64 hexadecimal digits"),
        ('tool = "wheel"', 'tool = "curl"', "tool must be one of wheel, npm, hub, dir"),
        ('tool = "wheel"', 'tool = "hub"', "members is not known here"),
        ('take = "a/*.opus"', 'take = "../*.opus"', "take is not a path inside an archive"),
        ('to = ""', 'to = "/etc/"', "to is not a path inside a pack"),
        ('to = ""', 'to = "one.opus"', "to must end with /"),
        ('"calm/a.opus"', '"../a.opus"', "is not a path inside a pack"),
        ('= "1111', '= "x111', "must be 64 hexadecimal digits"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    with pytest.raises(OptionError) as raised:
        parse_registry(data(GOOD.replace(old, new)), "site.toml")
    assert raised.value.message.startswith("site.toml")
    assert sentence in raised.value.message


@pytest.mark.parametrize("package", ["a;b", "a b", "file:a", "@a", "@a/b/c", "https://a", "-g", "A", "git+ssh://x"])
def test_only_the_name_of_a_package_goes_to_npm(package: str) -> None:
    whole = data(GOOD.replace('tool = "wheel"', 'tool = "npm"').replace("some-sounds", package))
    with pytest.raises(OptionError, match="package must be the name of a package of npm"):
        parse_registry(whole, "site.toml")


def test_two_packs_of_one_id_are_refused() -> None:
    whole = data()
    whole["pack"] *= 2
    with pytest.raises(OptionError, match="two packs have the id sounds"):
        parse_registry(whole, "site.toml")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("revision", "main", "revision must be a commit of 40"),
        ("repository", "model", "repository must be owner/name"),
    ],
)
def test_a_hub_needs_a_repository_and_a_commit(key: str, value: str, sentence: str) -> None:
    whole = data()
    pack = whole["pack"][0]
    del pack["members"]
    pack["files"] = ["*.safetensors"]
    pack["source"] = {"tool": "hub", "repository": "owner/model", "revision": "a" * 40}
    assert parse_registry(whole, "site.toml")[0].version == "a" * 40
    pack["source"][key] = value
    with pytest.raises(OptionError, match=sentence):
        parse_registry(whole, "site.toml")


def test_our_registry_holds_no_more_than_packs_and_licences() -> None:
    assert data(OWN_REGISTRY.read_text(encoding="utf-8")).keys() == {"schema", "licences", "pack"}
