"""A model's folder in the layout of diffusers: ``model_index.json`` and one folder for each part of the model."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.core.errors import DeviceMemoryError, MultiplaneError, WeightsError
from models.image_to_video.out_of_memory import is_out_of_memory
from models.runtime import has_torch, offline

MODEL_INDEX = "model_index.json"
CONFIG = "config.json"
SCHEDULER = "scheduler/scheduler_config.json"
TOKENIZER = "tokenizer"

FULL_SIZE = 4
"""Bytes of a number of the plain files."""

HALF = "fp16"
"""What diffusers calls the variant of weights that are half floats: ``model.fp16.safetensors``."""


def read_json(path: Path) -> dict[str, Any]:
    """An object of a JSON file; empty where there is no such file, or it holds none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def check_folder(
    name: str, folder: Path, pipelines: Sequence[str], parts: Sequence[str], files: Sequence[str] = ()
) -> None:
    """Look whether a folder holds a model, without reading its weights.

    Args:
        name: of the model, for sentences.
        folder: with ``model_index.json``.
        pipelines: classes of diffusers that the index may name.
        parts: folders with weights that the model consists of; each has a ``config.json`` and safetensors.
        files: with an object of JSON that it has besides these and the scheduler's.

    Raises:
        WeightsError: a file is missing, is another model's, or is a pickle.
    """
    if not (folder / MODEL_INDEX).is_file():
        raise WeightsError(name, f"its file {MODEL_INDEX} is missing: import its pack again.", detail=str(folder))
    if (kind := read_json(folder / MODEL_INDEX).get("_class_name")) not in pipelines:
        raise WeightsError(
            name, f"its {MODEL_INDEX} is of another model: import its pack again.", detail=f"kind {kind!r}"
        )
    for needed in (SCHEDULER, *files, *(f"{part}/{CONFIG}" for part in parts)):
        if not read_json(folder / needed):
            raise WeightsError(name, f"its file {needed} is missing or damaged: import its pack again.")
    for part in parts:
        _check_weights(name, folder, part)


def variant_of(part: Path, half: bool) -> str | None:
    """Which files of a part to load, as diffusers' and transformers' ``variant``.

    Args:
        part: the folder of one part, with safetensors.
        half: the weights shall be half floats: files that hold such are taken where there are both.

    Returns:
        ``fp16``, or None for the plain files.
    """
    files = [path.name for path in part.glob("*.safetensors")]
    halves = [file for file in files if f".{HALF}" in file]
    return HALF if halves and (half or len(halves) == len(files)) else None


def weights_on_disk(part: Path, half: bool) -> int:
    """Bytes of a part's files that would be loaded; the arguments are those of :func:`variant_of`."""
    is_half = variant_of(part, half) == HALF
    return sum(path.stat().st_size for path in part.glob("*.safetensors") if (f".{HALF}" in path.name) == is_half)


def check_tokenizer(name: str, folder: Path) -> None:
    """Look whether the tokenizer can be read with what is installed.

    Raises:
        WeightsError: it is missing, or in a form whose library is not there.
    """
    from importlib import util

    tokenizer = folder / TOKENIZER
    if (tokenizer / "tokenizer.json").is_file():
        return
    if not (tokenizer / "spiece.model").is_file():
        raise WeightsError(name, f"its folder {TOKENIZER} lacks tokenizer.json: import its pack again.")
    if util.find_spec("sentencepiece") is None:
        raise WeightsError(
            name, "its tokenizer has no tokenizer.json, only spiece.model: install sentencepiece, which reads that."
        )


def _check_weights(name: str, folder: Path, part: str) -> None:
    there = {path.name for path in (folder / part).iterdir()}
    files = sorted(file for file in there if file.endswith(".safetensors"))
    if not files and any(file.endswith((".bin", ".pt", ".pth", ".ckpt")) for file in there):
        raise WeightsError(
            name, f"the weights of its {part} are a pickle, and loading one runs what is in it: have safetensors."
        )
    if not files:
        raise WeightsError(name, f"the weights of its {part} (*.safetensors) are missing: import its pack again.")
    # The index of a variant has its name before the last dot.
    for index in sorted(file for file in there if ".safetensors.index." in file and file.endswith(".json")):
        shards = read_json(folder / part / index).get("weight_map", {})
        if lacking := sorted(set(shards.values()) - there):
            raise WeightsError(
                name, f"the weights of its {part} are not complete: import its pack again.", detail=f"lacking {lacking}"
            )


@contextmanager
def loading(name: str) -> Iterator[None]:
    """While the hub's libraries are imported and read a folder: nothing is looked for elsewhere, and errors are ours.

    Raises:
        WeightsError: torch or a library is not installed, or what happens within fails.
        DeviceMemoryError: there is not memory enough for it.
    """
    if not has_torch():
        raise WeightsError(name, "torch, which runs it, is not installed (extra 'gpu').")
    with offline():
        try:
            from diffusers.utils import logging as diffusers_logging
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise WeightsError(
                name, "diffusers and transformers, which load it, are not installed (extra 'gpu').", detail=str(error)
            ) from error
        diffusers_logging.disable_progress_bar()
        transformers_logging.disable_progress_bar()
        # It warns of an image processor that diffusers names and we do not use; what is wrong is raised, not warned of.
        level = transformers_logging.get_verbosity()
        transformers_logging.set_verbosity_error()
        try:
            yield
        except MultiplaneError:
            raise  # it says what is wrong better than what follows
        except Exception as error:  # the libraries raise whatever their parts do
            if is_out_of_memory(error):
                raise DeviceMemoryError(
                    f"{name} ran out of memory while its weights were loaded: free some.", detail=str(error)
                ) from error
            raise WeightsError(name, "its files cannot be loaded: import its pack again.", detail=str(error)) from error
        finally:
            transformers_logging.set_verbosity(level)


def loaded(name: str, kind: Any, folder: Path, part: str, dtype: Any) -> Any:  # noqa: ANN401  classes without types
    """A part of a model, on the processor, ready to be used.

    Args:
        name: of the model, for sentences.
        kind: the part's class, of diffusers or transformers.
        folder: of the model.
        part: the folder in it.
        dtype: number format, as torch has it; parts of the part that their class keeps in float32 stay so.

    Raises:
        WeightsError: a tensor is missing or of another shape.
    """
    key = "torch_dtype" if kind.__module__.startswith("diffusers.") else "dtype"
    model, report = kind.from_pretrained(
        folder / part,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
        variant=variant_of(folder / part, dtype.itemsize < FULL_SIZE),
        **{key: dtype},
    )
    # What a file lacks is filled with random numbers, which would be random pictures.
    if lacking := [*report["missing_keys"], *report["mismatched_keys"]]:
        raise WeightsError(
            name, f"the weights of its {part} are not complete: import its pack again.", detail=f"lacking {lacking[:5]}"
        )
    return model.eval()
