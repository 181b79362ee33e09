"""An npm package from the registry that this machine's npm is set up for."""

import shutil
from pathlib import Path

from engine.packs.fetch.errors import Unreachable, not_the_file
from engine.packs.fetch.process import run_tool
from engine.packs.install import OnProgress, PackProgress
from engine.packs.model import ArchiveSource, Pack

RETRIES = 1
RETRY_WAIT = 1000
"""Milliseconds before npm tries again; its own settings keep a user without a network waiting for 70 seconds."""


_OFFLINE_SIGNS = (
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTCACHED",
    "ENOTFOUND",
    "ERR_SOCKET_TIMEOUT",
    "ETIMEDOUT",
)


def fetch_npm(pack: Pack, source: ArchiveSource, folder: Path, on_progress: OnProgress) -> Path:
    """Download the package's archive. Nothing is installed, and no script of it is run.

    Args:
        pack: whose archive this is.
        source: its source.
        folder: an empty one for npm to work in.
        on_progress: told that it began; npm does not let us count bytes.

    Returns:
        The downloaded file.

    Raises:
        Unreachable: npm is missing or did not get it.
        EngineError: it got another file.
    """
    npm = shutil.which("npm")
    what = f"{source.package} {source.version}"
    if npm is None:
        raise Unreachable(pack.id, source.tool, f"npm, which gets {what}, is not on this machine (Debian package npm)")
    on_progress(PackProgress(pack.id, "fetching", 0, source.size))
    command = [npm, "pack", "--ignore-scripts", "--no-update-notifier", f"--pack-destination={folder}"]
    command += [f"--fetch-retries={RETRIES}", f"--fetch-retry-mintimeout={RETRY_WAIT}"]
    done = run_tool([*command, f"{source.package}@{source.version}"], folder, {})
    found = sorted(folder.glob("*.tgz"))
    if done.code == 0 and len(found) == 1:
        return found[0]
    if "EINTEGRITY" in done.output:
        raise not_the_file(pack.id, what, done.output)
    if any(f"code {sign}" in done.output for sign in _OFFLINE_SIGNS):
        problem = "no network: npm reached no registry"
        raise Unreachable(pack.id, source.tool, problem, detail=done.output, offline=True)
    raise Unreachable(pack.id, source.tool, f"no registry in reach of npm has {what}", detail=done.output)
