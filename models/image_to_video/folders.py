"""Folders of models in the layout of diffusers: looked at without loading anything.

A pack in that layout has ``model_index.json``, and a folder for each part with its ``config.json`` and safetensors.
Pickles (``.bin``) are never read: loading one runs what is in it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core.errors import WeightsError

MODEL_INDEX = "model_index.json"

HALF = "fp16"
"""What diffusers calls the variant of weights that are half floats: ``model.fp16.safetensors``."""

_PICKLES = (".bin", ".pt", ".pth", ".ckpt")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is none, or it is no JSON."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def check_folder(
    model: str, folder: Path, pipelines: Sequence[str], files: Sequence[str], parts: Sequence[str]
) -> None:
    """Look whether a folder holds a model, without reading its weights.

    Args:
        model: its name for people.
        folder: where it lies.
        pipelines: classes of diffusers, one of which ``model_index.json`` must name.
        files: that must be there beside it, such as ``scheduler/scheduler_config.json``.
        parts: folders that must hold ``config.json`` and weights.

    Raises:
        WeightsError: something is missing, or it is another model.
    """
    for name in (MODEL_INDEX, *files, *(f"{part}/config.json" for part in parts)):
        if not (folder / name).is_file():
            raise WeightsError(model, f"its file {name} is missing: import its pack again.", detail=str(folder))
    kind = read_json(folder / MODEL_INDEX).get("_class_name")
    if kind not in pipelines:
        raise WeightsError(
            model, f"its {MODEL_INDEX} is of another model: import its pack again.", detail=f"class {kind!r}"
        )
    for part in parts:
        _check_weights(model, folder / part)


def variant_of(part: Path, half: bool) -> str | None:
    """Which of the files in a part's folder to load, as diffusers' and transformers' ``variant``.

    Args:
        part: a folder with safetensors.
        half: the weights shall be half floats: files that hold such are taken where there are both.

    Returns:
        ``fp16``, or None for the plain files.
    """
    names = [path.name for path in part.glob("*.safetensors")]
    halves = [name for name in names if f".{HALF}" in name]
    return HALF if halves and (half or len(halves) == len(names)) else None


def weights_on_disk(folder: Path, parts: Sequence[str], half: bool) -> int:
    """Bytes of the files that would be loaded."""
    size = 0
    for part in parts:
        is_half = variant_of(folder / part, half) == HALF
        size += sum(
            path.stat().st_size
            for path in (folder / part).glob("*.safetensors")
            if (f".{HALF}" in path.name) == is_half
        )
    return size


def _check_weights(model: str, part: Path) -> None:
    if not list(part.glob("*.safetensors")):
        if any(path.suffix in _PICKLES for path in part.iterdir()):
            problem = f"its {part.name} is in pickles, which run what is in them: get it as safetensors."
        else:
            problem = f"its weights ({part.name}/*.safetensors) are missing: import its pack again."
        raise WeightsError(model, problem, detail=str(part))
    for index in part.glob("*.index*.json"):
        if ".safetensors." not in index.name:
            continue
        shards = set(read_json(index).get("weight_map", {}).values())
        if lacking := sorted(shard for shard in shards if not (part / str(shard)).is_file()):
            raise WeightsError(model, f"its file {part.name}/{lacking[0]} is missing: import its pack again.")
