"""Which upscaler a machine has: the studio's own model first, then SPAN, and Lanczos where neither is."""

from pathlib import Path

from models.runtime import ON_CPU, Placement, has_torch
from models.super_resolution import span, spandrel_model
from models.super_resolution.interface import Upscaler
from models.super_resolution.lanczos import Lanczos

SPAN_PACK = span.PACK
OTHER_PACK = spandrel_model.PACK

LANCZOS_MEMORY = 64 * 2**20
"""Bytes: Pillow's copies of a picture and its result, up to 4K."""


def open_upscaler(
    span_folder: Path | None, other_folder: Path | None = None, placement: Placement = ON_CPU
) -> Upscaler:
    """What enlarges pictures here.

    Args:
        span_folder: of the pack ``span-x2``; None where it is not installed.
        other_folder: of the pack ``upscaler``, a model of the studio's own, which goes first; None where there is none.
        placement: where a network runs; Lanczos runs on the processor.

    Raises:
        WeightsError: a folder is given, and its files are missing, damaged, or another model's.
    """
    if other_folder is not None:
        return spandrel_model.SpandrelUpscaler.open(other_folder, placement)
    if span_folder is not None and has_torch():
        return span.Span.open(span_folder, placement)
    return Lanczos()


def upscaler_memory(span_folder: Path | None, other_folder: Path | None = None, placement: Placement = ON_CPU) -> int:
    """Bytes to declare before it is opened."""
    if other_folder is not None:
        return spandrel_model.memory(other_folder, placement)
    if span_folder is not None and has_torch():
        return span.memory(span_folder, placement)
    return LANCZOS_MEMORY
