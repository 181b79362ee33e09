"""The checkout as git sees it: what a fresh clone would hold."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT


def tracked_files() -> list[Path]:
    """The files that git tracks and that are there, relative to the checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file()]


def copy_tracked(target: Path) -> Path:
    """Copy the tracked files, times included, as a fresh clone would have them; returns ``target``."""
    for name in tracked_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target
