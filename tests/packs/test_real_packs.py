"""The real packs, from the registries that this machine reaches; each skips, with the reason, where that is none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.errors import OptionError
from engine.packs import find_pack, font_folders, installed, music_folders, verify
from engine.packs.fetch import Unreachable, pull


def pull_if_reachable(pack_id: str) -> Path:
    try:
        pull(find_pack(pack_id))
    except Unreachable as error:
        pytest.skip(error.problem)
    folder = installed(pack_id)
    assert folder is not None
    return folder


def test_the_pack_of_music_holds_28_tracks() -> None:
    folder = pull_if_reachable("music-moods")
    assert len(list(folder.glob("*/*.opus"))) == 28
    assert (folder / "LICENSE-MUSIC").is_file()
    assert music_folders() == (folder,)
    assert verify("music-moods") == ()


def test_the_pack_of_the_subject_mask_holds_its_weights() -> None:
    folder = pull_if_reachable("u2netp")
    assert sorted(path.name for path in folder.iterdir()) == ["LICENSE.txt", "u2netp.onnx"]
    assert verify("u2netp") == ()


def test_the_pack_of_the_enlarging_network_waits_for_its_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match=r"this site does not accept GPL-3\.0"):
        pull(find_pack("span-x2"))
    monkeypatch.setenv("MULTIPLANE_LICENCES", "Apache-2.0,GPL-3.0")
    folder = pull_if_reachable("span-x2")
    assert sorted(path.name for path in folder.iterdir()) == ["LICENSE", "spanx2_ch48.bin", "spanx2_ch48.param"]
    assert verify("span-x2") == ()


def test_a_pack_of_fonts_holds_fonts() -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine")
    folder = pull_if_reachable("fonts-hebrew")
    assert sorted(path.suffix for path in folder.iterdir()) == ["", ".ttf", ".ttf"]
    assert font_folders() == (folder,)


def test_a_machine_without_network_is_told_in_one_line(tmp_path: Path) -> None:
    namespace = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("no namespace without network can be made here")
    command = [*namespace, sys.executable, "-m", "api.cli", "packs", "pull", "--all-default", "--if-possible", "--json"]
    settings = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "MULTIPLANE_DATA": str(tmp_path / "data"),
        "PIP_NO_CACHE_DIR": "1",
    }
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert '"event": "not_fetched"' in last
    assert "music-moods" in last
    assert "no network: pip reached no package index" in last
