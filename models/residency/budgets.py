"""How many bytes models may take on each device, and the sentences for those that do not fit."""

from engine.core.errors import ModelMemoryError
from engine.core.settings import Setting
from models.residency.key import ModelKey
from models.runtime import CPU, gpu_memory

MEGABYTE = 2**20

MODEL_MEMORY = Setting(
    "MULTIPLANE_MODEL_MEMORY_MB", 8192, "MB", 256, 4_000_000, "memory of the processor that loaded models may take"
)
MODEL_GPU_MEMORY = Setting(
    "MULTIPLANE_MODEL_GPU_MEMORY_MB",
    0,
    "MB",
    0,
    4_000_000,
    "memory of each GPU that they may take; 0: nine tenths of it",
)

GPU_SHARE = 0.9
"""Of a GPU's memory that models may take where the site does not say: drivers and frames need the rest."""


def model_budget(device: str) -> int:
    """Bytes that models may take on a device, by the site's settings."""
    given = setting_of(device).int_value()
    return int(gpu_memory(device) * GPU_SHARE) if given == 0 else given * MEGABYTE


def setting_of(device: str) -> Setting:
    """The setting that says so."""
    return MODEL_MEMORY if device == CPU else MODEL_GPU_MEMORY


def too_large(key: ModelKey, device: str, size: int, budget: int) -> ModelMemoryError:
    """For a model that would not fit if it were alone."""
    return ModelMemoryError(
        f"{key.name} needs {megabytes(size)} on {device}, and models may take {megabytes(budget)}: "
        f"raise {setting_of(device).variable}, or run it on another device."
    )


def no_room_beside(key: ModelKey, device: str, size: int, budget: int, in_use: list[str]) -> ModelMemoryError:
    """For a model that would not fit beside those that the same thread uses."""
    return ModelMemoryError(
        f"{key.name} needs {megabytes(size)} on {device} beside the models in use, and models may take "
        f"{megabytes(budget)}: raise {setting_of(device).variable}.",
        detail=f"in use: {in_use}",
    )


def megabytes(size: int) -> str:
    """A number of bytes for people, rounded up."""
    return f"{-(-size // MEGABYTE)} MB"
