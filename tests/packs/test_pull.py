"""Pulling with pip, npm and a hub's library, each from a source on this machine."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.errors import EngineError, OptionError
from engine.packs import Pack, PackProgress, installed, installed_packs, pack_source, verify
from engine.packs.fetch import Unreachable, pull
from engine.packs.fetch.pull import ARCHIVE
from tests.packs.archives import ArchiveMaker, npm_registry, sha256, source

SOUND = {"some/tracks/a.opus": b"la", "some/__init__.py": b""}
FONT = {"package/a.ttf": b"letters"}
LICENSED = {"members": [{"take": "package/*.ttf", "to": ""}]}


@pytest.fixture
def wheels(archives: ArchiveMaker, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip sees: no network is asked."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(archives.folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return archives.folder


@pytest.fixture
def sound(know: Callable[..., Pack], archives: ArchiveMaker, wheels: Path) -> Pack:
    """A pack of source wheel that pip finds."""
    archive = archives.wheel(SOUND)
    members = [{"take": "some/tracks/*.opus", "to": ""}]
    return know("sound", kind="music", members=members, source=source(archive), contents={"a.opus": sha256(b"la")})


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """npm with an empty cache and nobody's configuration."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine")
    for name in ("npm_config_cache", "npm_config_prefix"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("npm_config_userconfig", "/dev/null")


@pytest.fixture
def npm_font(
    know: Callable[..., Pack], archives: ArchiveMaker, npm: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pack]:
    """A pack of source npm that the registry of the test serves."""
    archive = archives.npm(FONT)
    with npm_registry(archive) as address:
        monkeypatch.setenv("npm_config_registry", address)
        yield know("font", source=source(archive), **LICENSED)


def test_a_wheel_is_fetched_by_pip_and_never_installed(sound: Pack, packs: Path) -> None:
    seen: list[PackProgress] = []
    assert pull(sound, on_progress=seen.append)
    assert pack_source("pack:sound/a.opus").read_bytes() == b"la"
    assert verify("sound") == ()
    assert seen[0].phase == "fetching"
    assert seen[0].total == sound.source.size
    assert seen[-1].phase == "installed"
    assert not any((packs / ".downloads").iterdir())


def test_what_is_installed_is_not_fetched_again(
    sound: Pack, wheels: Path, know: Callable[..., Pack], archives: ArchiveMaker
) -> None:
    pull(sound)
    shutil.rmtree(wheels)
    assert not pull(sound)
    with pytest.raises(Unreachable):
        pull(sound, again=True)
    assert verify("sound") == ()


def test_a_damaged_pack_is_mended_by_pulling_again(sound: Pack) -> None:
    pull(sound)
    pack_source("pack:sound/a.opus").write_bytes(b"noise")
    assert verify("sound") != ()
    assert pull(sound, again=True)
    assert verify("sound") == ()


def test_a_wheel_that_is_not_the_one_of_the_registry_is_refused(
    sound: Pack, archives: ArchiveMaker, packs: Path
) -> None:
    archives.wheel({**SOUND, "some/tracks/a.opus": b"LA"})
    with pytest.raises(EngineError, match=r"for some-sounds 1\.0 is not the file that the registry names") as raised:
        pull(sound)
    assert not isinstance(raised.value, Unreachable), "this must not be passed over by --if-possible"
    assert installed("sound") is None
    assert not (packs / ".downloads" / "sound").exists()


def test_a_wheel_that_no_index_has_is_said(sound: Pack, wheels: Path, packs: Path) -> None:
    shutil.rmtree(wheels)
    with pytest.raises(Unreachable) as raised:
        pull(sound)
    assert raised.value.message == (
        "Pack sound could not be fetched: no package index in reach of pip has some-sounds 1.0. On a machine without "
        "network, copy the pack from another one and run: multiplane packs import sound FILE_OR_FOLDER."
    )
    assert "some-sounds" in raised.value.detail
    assert not (packs / ".downloads" / "sound").exists()


def test_no_network_is_called_so(sound: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(Unreachable, match=r"no network: pip reached no package index\. ") as raised:
        pull(sound)
    assert raised.value.offline


def test_a_pull_that_was_stopped_fetches_nothing_twice(sound: Pack, wheels: Path, packs: Path) -> None:
    def stop(progress: PackProgress) -> None:
        if progress.phase == "checking":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(sound, on_progress=stop)
    assert installed("sound") is None
    assert (packs / ".downloads" / "sound" / "1.0" / ARCHIVE).exists()
    shutil.rmtree(wheels)
    assert pull(sound)
    assert verify("sound") == ()


def test_a_broken_leftover_is_not_taken(sound: Pack, packs: Path) -> None:
    place = packs / ".downloads" / "sound" / "1.0"
    place.mkdir(parents=True)
    (place / ARCHIVE).write_bytes(b"half of it")
    (place / "work-of-a-killed-process").mkdir()
    seen: list[bool] = []
    assert pull(sound, on_progress=lambda _: seen.append((place / "work-of-a-killed-process").exists()))
    assert not any(seen)
    assert verify("sound") == ()


def test_a_new_version_takes_the_place_of_the_old(sound: Pack, archives: ArchiveMaker, packs: Path) -> None:
    pull(sound)
    archive = archives.wheel({"some/tracks/b.opus": b"lala"}, version="2.0")
    about = replace(sound.source, version="2.0", sha256=sha256(archive.read_bytes()), size=archive.stat().st_size)
    assert pull(replace(sound, source=about, contents={"b.opus": sha256(b"lala")}))
    assert pack_source("pack:sound/b.opus").read_bytes() == b"lala"
    assert installed_packs()["sound"].version == "2.0"
    assert [path.name for path in packs.rglob("*.opus")] == ["b.opus"]


def test_an_npm_package_is_fetched_and_no_script_of_it_runs(npm_font: Pack, tmp_path: Path) -> None:
    assert pull(npm_font)
    assert pack_source("pack:font/a.ttf").read_bytes() == b"letters"
    assert not list(tmp_path.rglob("SCRIPT-RAN"))


def test_an_npm_package_that_is_not_the_one_of_the_registry_is_refused(
    npm_font: Pack, know: Callable[..., Pack]
) -> None:
    about = {"tool": "npm", "package": "@some/fonts", "version": "1.0.0", "sha256": "0" * 64, "size": 1}
    with pytest.raises(EngineError, match="is not the file that the registry names") as raised:
        pull(know("other", source=about, **LICENSED))
    assert not isinstance(raised.value, Unreachable)
    assert installed("other") is None


def test_an_npm_package_that_no_registry_has_is_said(npm_font: Pack, know: Callable[..., Pack]) -> None:
    about = {"tool": "npm", "package": "@some/other", "version": "1.0.0", "sha256": "0" * 64, "size": 1}
    with pytest.raises(Unreachable, match=r"no registry in reach of npm has @some/other 1\.0\.0") as raised:
        pull(know("other", source=about, **LICENSED))
    assert not raised.value.offline


def test_npm_without_a_network_is_said(
    know: Callable[..., Pack], archives: ArchiveMaker, npm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"no network: npm reached no registry\. ") as raised:
        pull(know("font", source=source(archives.npm(FONT)), **LICENSED))
    assert raised.value.offline


def test_a_machine_without_npm_is_told_its_package(
    know: Callable[..., Pack], archives: ArchiveMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreachable, match=r"npm, which gets .*, is not on this machine \(Debian package npm\)"):
        pull(know("font", source=source(archives.npm(FONT)), **LICENSED))


HUB = """
import json, os, pathlib
def snapshot_download(repo_id, revision, allow_patterns, ignore_patterns, local_dir):
    place = pathlib.Path(local_dir)
    (place / "asked.json").write_text(json.dumps([repo_id, revision, allow_patterns, "*.bin" in ignore_patterns]))
    (place / ".cache").mkdir(exist_ok=True)
    (place / ".cache" / "x.safetensors").write_text("half")
    (place / "model.safetensors").write_text("weights")
    if os.environ.get("HUB_FAILS"):
        raise OSError(os.environ["HUB_FAILS"])
"""


@pytest.fixture
def hub(know: Callable[..., Pack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """A pack of source hub; in place of the library stands one that needs no network."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "huggingface_hub.py").write_text(HUB)
    monkeypatch.syspath_prepend(library)
    monkeypatch.setenv("PYTHONPATH", str(library))
    about = {"tool": "hub", "repository": "some/model", "revision": "a" * 40}
    return know("model", kind="weights", files=["*.safetensors", "*.json"], source=about)


def test_the_wanted_files_of_one_commit_come_from_a_hub(hub: Pack, packs: Path) -> None:
    assert pull(hub)
    folder = installed("model")
    assert folder is not None
    assert sorted(path.name for path in folder.iterdir()) == ["asked.json", "model.safetensors"]
    asked = pack_source("pack:model/asked.json").read_text()
    assert asked == f'["some/model", "{"a" * 40}", ["*.safetensors", "*.json"], true]'
    assert not pull(hub)
    assert not any((packs / ".downloads").iterdir())


@pytest.mark.parametrize(
    ("words", "offline", "sentence"),
    [
        ("ConnectError: refused", True, "no network: the hub was not reached"),
        ("404 not found", False, "the hub has no some/model at aaaaaaaaaaaa, or gives no right to it"),
    ],
)
def test_a_hub_that_fails_is_said_and_what_came_is_kept(
    hub: Pack, packs: Path, monkeypatch: pytest.MonkeyPatch, words: str, offline: bool, sentence: str
) -> None:
    monkeypatch.setenv("HUB_FAILS", words)
    with pytest.raises(Unreachable, match=sentence) as raised:
        pull(hub)
    assert raised.value.offline is offline
    assert installed("model") is None
    assert (packs / ".downloads" / "model" / ("a" * 40) / "model.safetensors").exists()


def test_a_machine_without_the_hub_s_library_is_told_the_extra(
    know: Callable[..., Pack], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    about = {"tool": "hub", "repository": "some/model", "revision": "a" * 40}
    with pytest.raises(Unreachable, match=r"huggingface_hub, which gets it, is not installed \(extra 'gpu'\)"):
        pull(know("model", kind="weights", files=["*"], source=about))


def test_a_folder_of_the_studio_cannot_be_pulled(know: Callable[..., Pack]) -> None:
    with pytest.raises(OptionError, match="run multiplane packs import house FOLDER"):
        pull(know("house", files=["*"], source={"tool": "dir"}))
