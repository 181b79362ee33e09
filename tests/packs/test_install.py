"""A pack is there whole or not at all: after a kill at any moment, and when two processes install it at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.errors import OptionError
from engine.packs import Pack, import_pack, installed, pack_source, remove, verify
from engine.packs.install import pack_lock
from tests.conftest import ROOT

KILLED_EVERYWHERE = """
import os, shutil, signal, sys
from pathlib import Path
from engine.packs import find_pack, import_pack, installed, pack_source, verify

folder, data = Path(sys.argv[1]), Path(sys.argv[2])
os.fsync = lambda descriptor: None  # a kill loses nothing that was written: only a power cut does
EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "shutil.rmtree", "shutil.copyfile"}
pack = find_pack("house")


def kill_at(number):
    count = 0

    def hook(event, arguments):
        nonlocal count
        if event in EVENTS:
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def install(number):
    '''Install in a child that is killed at that event; whether it came to its end.'''
    child = os.fork()
    if child == 0:
        kill_at(number)
        import_pack(pack, folder)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def contents():
    if installed("house") is None:
        return None
    assert verify("house") == ()
    return pack_source("pack:house/a.ttf").read_text()


seen = []
for before in (None, "old"):
    number = 0
    while True:
        number += 1
        shutil.rmtree(data, ignore_errors=True)
        if before:
            (folder / "a.ttf").write_text(before)
            import_pack(pack, folder)
        (folder / "a.ttf").write_text("new")
        ended = install(number)
        found = contents()
        assert found in (before, "new"), (number, found)
        seen.append((before, found))
        # The next one finds no trace of it.
        import_pack(pack, folder)
        assert contents() == "new"
        names = sorted(path.name.partition("-")[0] for path in (data / "packs" / "house").iterdir())
        assert names == ["files", "pack.json"], names
        if ended:
            break
    print(number)
assert {(None, None), (None, "new"), ("old", "old"), ("old", "new")} == set(seen)
"""


@pytest.fixture
def house(know: Callable[..., Pack], tmp_path: Path) -> tuple[Pack, Path]:
    """A pack of source dir, and a folder for it."""
    folder = tmp_path / "house"
    (folder / "bold").mkdir(parents=True)
    (folder / "a.ttf").write_text("letters")
    (folder / "bold" / "b.ttf").write_text("bold letters")
    return know("house", files=["*.ttf"], source={"tool": "dir"}), folder


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_kill_at_any_moment_leaves_the_old_pack_or_the_new_or_none(house: tuple[Pack, Path], tmp_path: Path) -> None:
    with python(KILLED_EVERYWHERE, house[1], tmp_path / "data") as child:
        out, err = child.communicate(timeout=100)
    assert child.returncode == 0, err
    moments = list(map(int, out.split()))
    assert len(moments) == 2
    assert all(count > 10 for count in moments), "the kills fell into the installation"


def test_what_killed_installations_left_does_not_count_as_disk_that_is_taken(
    house: tuple[Pack, Path], packs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (packs / "house" / f".part-{number}").mkdir(parents=True)
    monkeypatch.setattr("engine.packs.adopt.check_disk", lambda pack: seen.append(list(packs.glob("house/.part-*"))))
    seen: list[list[Path]] = []
    import_pack(*house)
    assert seen == [[]]
    assert not list(packs.glob("house/.part-*"))


def test_installations_at_once_wait_for_each_other(house: tuple[Pack, Path]) -> None:
    code = """
import sys
from pathlib import Path
from engine.packs import find_pack, import_pack
import_pack(find_pack("house"), Path(sys.argv[1]), on_progress=lambda step: print(step.phase, flush=True))
"""
    with pack_lock("house"):
        children = [python(code, house[1]) for _ in range(2)]
        assert [child.stdout and child.stdout.readline() for child in children] == ["waiting\n", "waiting\n"]
        assert installed("house") is None
    said = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0, 0], said
    assert all(out.endswith("installed\n") for out, _ in said)
    assert verify("house") == ()
    assert pack_source("pack:house/a.ttf").read_text() == "letters"


def test_a_removed_pack_is_gone(house: tuple[Pack, Path], packs: Path) -> None:
    import_pack(*house)
    remove("house")
    assert installed("house") is None
    assert not (packs / "house").exists()
    with pytest.raises(OptionError, match="Pack house is not installed"):
        remove("house")


def test_only_packs_are_removed(house: tuple[Pack, Path], packs: Path) -> None:
    import_pack(*house)
    for name in ("..", "../data", ".", "", "house/.."):
        with pytest.raises(OptionError, match="is not installed"):
            remove(name)
    assert installed("house") is not None
