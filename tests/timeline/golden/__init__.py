"""Golden drafts: whole ones, and pairs of an older version and what becomes of it."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def golden(folder: str) -> dict[str, Any]:
    """The JSON files of a folder by their names."""
    files = sorted((FOLDER / folder).glob("*.json"))
    assert files
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


DRAFTS = golden("draft")
UPGRADES = golden("upgrade")
