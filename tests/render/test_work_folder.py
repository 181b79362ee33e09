"""Folders for a while: gone with whoever made them, or soon after."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipelines.render.work_folder import GRACE_SECONDS, work_folder

HOLD = """
from pipelines.render.work_folder import work_folder
with work_folder() as folder:
    (folder / "mix.m4a").write_bytes(b"half")
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def age(path: Path) -> None:
    then = time.time() - GRACE_SECONDS - 10
    os.utime(path, (then, then))


def test_it_goes_with_its_block(temporary: Path):
    with work_folder() as folder:
        assert folder.parent == temporary
        (folder / "x").touch()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_one_and_what_is_in_use_stays(temporary: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        age(left)
        with work_folder():
            assert (left / "mix.m4a").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert left.exists()
    (temporary / "multiplane-work-young").mkdir()
    (temporary / "multiplane-work-link").symlink_to("/")
    (temporary / "multiplane-other").mkdir()
    age(temporary / "multiplane-other")
    with work_folder():
        assert not left.exists()
    assert {path.name for path in temporary.iterdir()} == {
        "multiplane-work-young",
        "multiplane-work-link",
        "multiplane-other",
    }
