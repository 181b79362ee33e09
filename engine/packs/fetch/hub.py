"""A model repository, through huggingface_hub where it is installed (extra ``gpu``)."""

import importlib.util
import json
import sys
from pathlib import Path

from engine.packs.fetch.errors import Unreachable
from engine.packs.fetch.process import run_tool
from engine.packs.install import OnProgress, PackProgress
from engine.packs.model import HubSource, Pack
from engine.packs.names import CODE_SUFFIXES, runs_code

_CLIENT = Path(__file__).with_name("hub_client.py")

_SETTINGS = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

_OFFLINE_SIGNS = (
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
)


def fetch_hub(pack: Pack, source: HubSource, folder: Path, on_progress: OnProgress) -> Path:
    """Download the wanted files of one revision; what an earlier try left in the folder is used again.

    Args:
        pack: whose files these are.
        source: repository, revision and patterns.
        folder: where the library puts them.
        on_progress: told how many bytes have arrived.

    Returns:
        The folder with the files.

    Raises:
        Unreachable: the library is missing or did not get them.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise Unreachable(pack.id, "hub", "huggingface_hub, which gets it, is not installed (extra 'gpu')")

    def report() -> None:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        on_progress(PackProgress(pack.id, "fetching", min(size, pack.size or size), pack.size))

    wanted = {
        "repo_id": source.repository,
        "revision": source.revision,
        "allow_patterns": list(source.files),
        "ignore_patterns": [] if any(map(runs_code, pack.contents)) else [f"*{suffix}" for suffix in CODE_SUFFIXES],
        "local_dir": str(folder),
    }
    # -P: our own folder is not searched for modules, where wheel.py would stand for the package of that name.
    done = run_tool([sys.executable, "-P", str(_CLIENT), json.dumps(wanted)], folder, _SETTINGS, report)
    if done.code == 0:
        return folder
    if any(sign in done.output for sign in _OFFLINE_SIGNS):
        problem = "no network: the hub was not reached"
        raise Unreachable(pack.id, "hub", problem, detail=done.output, offline=True)
    problem = f"the hub has no {source.repository} at {source.revision[:12]}, or gives no right to it"
    raise Unreachable(pack.id, "hub", problem, detail=done.output)
