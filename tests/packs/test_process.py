"""The client that fetches: what it says is kept, and it ends when we are stopped."""

import os
import time
from pathlib import Path

import pytest

from engine.core.errors import EngineError
from engine.packs.fetch import process
from engine.packs.fetch.process import run_tool


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def test_a_client_runs_with_its_settings_in_its_folder(tmp_path: Path) -> None:
    done = run_tool(shell('pwd; echo "$COLOUR" >&2; exit 3'), tmp_path, {"COLOUR": "blue"})
    assert (done.code, done.output.split()) == (3, [str(tmp_path), "blue"])


def test_only_the_end_of_what_it_says_is_kept(tmp_path: Path) -> None:
    done = run_tool(shell("yes | head -c 100000; echo; echo the end"), tmp_path, {})
    assert len(done.output) < 10_000
    assert done.output.endswith("the end\n")


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="The disk became full while a pack was fetched"):
        run_tool(shell("echo 'OSError: [Errno 28] No space left on device'; exit 1"), tmp_path, {})


def test_a_client_that_does_not_want_to_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_GRACE", 0.1)

    def stop() -> None:
        if (tmp_path / "pids").exists():
            raise KeyboardInterrupt

    # The child of the client must end too.
    script = 'trap "" TERM; sleep 60 & echo $$ $! > new; mv new pids; while true; do sleep 1; done'
    with pytest.raises(KeyboardInterrupt):
        run_tool(shell(script), tmp_path, {}, stop)
    for pid in (tmp_path / "pids").read_text().split():
        assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected by its new parent does not."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return False
        if state in "ZX":
            return False
        time.sleep(0.01)
    return True
