"""A wheel from the package index that this machine's pip is set up for."""

import sys
from pathlib import Path

from engine.packs.fetch.errors import Unreachable, not_the_file
from engine.packs.fetch.process import run_tool
from engine.packs.install import OnProgress, PackProgress
from engine.packs.model import ArchiveSource, Pack

RETRIES = 2
"""How often pip tries again; its own 5 keep a user without a network waiting for 8 seconds."""


_OFFLINE_SIGNS = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "connection broken")


def fetch_wheel(pack: Pack, source: ArchiveSource, folder: Path, on_progress: OnProgress) -> Path:
    """Download the wheel; pip checks its sha256 too. Nothing is installed, built or run.

    Args:
        pack: whose archive this is.
        source: its source.
        folder: an empty one for pip to work in.
        on_progress: told how many bytes have arrived.

    Returns:
        The downloaded file.

    Raises:
        Unreachable: pip is missing or did not get it.
        EngineError: it got another file.
    """
    wanted, arrived, temporary = folder / "wanted.txt", folder / "arrived", folder / "temporary"
    wanted.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    arrived.mkdir()
    temporary.mkdir()

    def report() -> None:
        # pip writes below TMPDIR and moves the file when it is complete.
        size = max((path.stat().st_size for path in _files(temporary, arrived)), default=0)
        on_progress(PackProgress(pack.id, "fetching", min(size, source.size), source.size))

    report()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", f"--retries={RETRIES}"]
    command += ["--require-hashes", f"--requirement={wanted}", f"--dest={arrived}"]
    done = run_tool(command, folder, {"TMPDIR": str(temporary)}, report)
    found = sorted(arrived.glob("*.whl"))
    if done.code == 0 and len(found) == 1:
        return found[0]
    what = f"{source.package} {source.version}"
    if "DO NOT MATCH THE HASHES" in done.output:
        raise not_the_file(pack.id, what, done.output)
    if "No module named pip" in done.output:
        problem = f"the Python that runs Multiplane has no pip, which gets {what} (Debian package python3-pip)"
        raise Unreachable(pack.id, source.tool, problem, detail=done.output)
    if any(sign in done.output for sign in _OFFLINE_SIGNS):
        problem = "no network: pip reached no package index"
        raise Unreachable(pack.id, source.tool, problem, detail=done.output, offline=True)
    raise Unreachable(pack.id, source.tool, f"no package index in reach of pip has {what}", detail=done.output)


def _files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*.whl") if path.is_file()]
