"""The places where workers work: one for each GPU, some on the CPU for videos, some for what is quick.

A *lane* is a queue of jobs; a slot takes jobs of its lanes only, so that an upload never waits for a video.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from api.intake.site import FETCH_WORKERS
from engine.core.settings import Setting

RENDER, GPU, LIGHT, FETCH = "render", "gpu", "light", "fetch"
"""Lanes: videos; videos for which a model generates clips; files that came in; files that are fetched, whose servers
may be slow."""

RENDER_WORKERS = Setting(
    "MULTIPLANE_RENDER_WORKERS", 1, "workers", 0, 64, "videos that are made at a time on the CPU, each on all cores"
)

GPU_WORKERS = Setting(
    "MULTIPLANE_GPU_WORKERS", -1, "workers", -1, 64, "videos that are made at a time, each on a GPU of its own; -1: all"
)

LIGHT_WORKERS = Setting("MULTIPLANE_LIGHT_WORKERS", 1, "workers", 1, 64, "uploads that are looked into at a time")

_GPU = re.compile(r"nvidia\d+")

_DEVICES = Path("/dev")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place.

    Attributes:
        name: ``cpu-0``, ``gpu-1``, ``light-0``, ``fetch-0``.
        lanes: whose jobs are done here; of jobs that are as urgent, those of the first lane first.
        gpu: number of the GPU; None works on the CPU.
    """

    name: str
    lanes: tuple[str, ...]
    gpu: int | None = None


def slot_folders(data: Path) -> Path:
    """Where each slot has a folder for what its task needs while it runs, on the disk of local blobs."""
    return data / "scratch" / "slots"


def slots_of_site(devices: Path = _DEVICES) -> list[Slot]:
    """The slots that the settings and the machine ask for.

    Args:
        devices: where the kernel shows the GPUs.
    """
    found = len([path for path in devices.glob("nvidia*") if _GPU.fullmatch(path.name)])
    wanted = GPU_WORKERS.int_value()
    gpus = found if wanted < 0 else min(found, wanted)
    cpus = RENDER_WORKERS.int_value() or (0 if gpus else 1)
    # Without a GPU nothing is generated, unless the site lets processors do it; but somebody must say so.
    first_cpu = (RENDER,) if gpus else (RENDER, GPU)
    return [
        *(Slot(f"gpu-{number}", (GPU, RENDER), number) for number in range(gpus)),
        *(Slot(f"cpu-{number}", (RENDER,) if number else first_cpu) for number in range(cpus)),
        *(Slot(f"light-{number}", (LIGHT,)) for number in range(LIGHT_WORKERS.int_value())),
        *(Slot(f"fetch-{number}", (FETCH,)) for number in range(FETCH_WORKERS.int_value())),
    ]
