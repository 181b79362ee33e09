"""The situations in which labelled conversations begin: see ``labels/starts.json``."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from engine.timeline import Draft, read_draft
from pipelines.director import Asset

LABELS = Path(__file__).parent / "labels"


@cache
def starts() -> dict[str, Any]:
    return json.loads((LABELS / "starts.json").read_text(encoding="utf-8"))


def draft_of(start: str) -> Draft:
    return read_draft(starts()[start]["draft"])


def assets_of(start: str) -> tuple[Asset, ...]:
    known = ("name", "width", "height", "kind", "duration", "faces")
    return tuple(Asset(**{key: asset[key] for key in known if key in asset}) for asset in starts()[start]["assets"])
