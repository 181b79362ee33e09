"""Loading the parts of a model from a folder in the layout of diffusers, whole or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import Any

from engine.core.errors import DeviceMemoryError, WeightsError
from models.image_to_video.folders import weights_on_disk
from models.image_to_video.ladder import forget_locals
from models.image_to_video.out_of_memory import is_out_of_memory
from models.runtime import Placement, has_torch, offline, release_memory

TOKENIZER = "tokenizer"
SCHEDULER = "scheduler/scheduler_config.json"

WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}
"""Bytes of one number."""


def check_tokenizer(name: str, folder: Path) -> None:
    """Look whether the tokenizer can be read with what is installed.

    Raises:
        WeightsError: it is missing, or in a form whose library is not there.
    """
    tokenizer = folder / TOKENIZER
    if (tokenizer / "tokenizer.json").is_file():
        return
    if not (tokenizer / "spiece.model").is_file():
        raise WeightsError(name, f"its file {TOKENIZER}/tokenizer.json is missing: import its pack again.")
    if util.find_spec("sentencepiece") is None:
        raise WeightsError(
            name, "its tokenizer has no tokenizer.json, only spiece.model: install sentencepiece, which reads that."
        )


@contextmanager
def loading(name: str, device: str) -> Iterator[None]:
    """While the hub's libraries are imported and read a folder: nothing is looked for elsewhere, and errors are ours.

    Args:
        name: of the model, for sentences.
        device: that it is loaded for.

    Raises:
        WeightsError: torch or a library is not installed, or what happens within fails.
        DeviceMemoryError: there is not enough memory.
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
        try:
            yield
            return
        except WeightsError:
            raise
        except Exception as error:  # the libraries raise whatever their parts do
            if not is_out_of_memory(error):
                raise WeightsError(
                    name, "its files cannot be loaded: import its pack again.", detail=str(error)
                ) from error
            forget_locals(error)
            detail = str(error)
    release_memory(device)
    raise DeviceMemoryError(
        f"{name} ran out of memory on {device} while its weights were loaded: free some there.", detail=detail
    )


def load_part(name: str, kind: Any, folder: Path, part: str, dtype: Any) -> Any:  # noqa: ANN401  classes without types
    """A part of a model, on the processor, ready to be used.

    Args:
        name: of the model, for sentences.
        kind: the part's class, of diffusers or transformers.
        folder: of the model.
        part: the folder in it.
        dtype: number format, as torch has it; modules that their class keeps in float32 stay so.

    Raises:
        WeightsError: a tensor is missing or of another shape.
    """
    key = "torch_dtype" if kind.__module__.startswith("diffusers.") else "dtype"
    model, report = kind.from_pretrained(
        folder / part, local_files_only=True, use_safetensors=True, output_loading_info=True, **{key: dtype}
    )
    # What a file lacks is filled with random numbers, which would be random pictures.
    if lacking := [*report["missing_keys"], *report["mismatched_keys"]]:
        raise WeightsError(
            name, f"the weights of its {part} are not complete: import its pack again.", detail=f"lacking {lacking[:5]}"
        )
    return model.eval()


def loaded_size(folder: Path, parts: Sequence[str], placement: Placement) -> int:
    """Bytes that parts will take once loaded, from the sizes of their files, which hold bfloat16 as published.

    Where files hold float32 it says more than will be taken on a GPU.
    """
    on_disk = weights_on_disk(folder, parts, half=False)
    return on_disk * WIDTHS[placement.dtype] // WIDTHS["bfloat16"]
