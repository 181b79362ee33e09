"""From a photo's file to a 1080p30 MP4 as a user gets it: a pack that is installed, a draft, the renderer."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from benchmarks.svd_models import Model
from engine.motion import Motion
from engine.packs import find_pack, import_pack
from engine.timeline import VIDEO, Canvas, Draft, Segment, Track
from models.recipes.presets import PRESETS
from models.residency import models_in_memory
from pipelines.render import RenderOptions, render_draft

PACK = "svd-xt-1.1"


def photo_to_mp4(model: Model, photo: Path, folder: Path, duration: Fraction) -> dict[str, dict[str, float]]:
    """Seconds by each preset: ``cold`` loads the model from disk, ``warm`` finds it in memory, as a service does.

    Args:
        model: whose modules are written into a pack.
        photo: to be moved.
        folder: an empty one for all of that.
        duration: seconds of the video.
    """
    model.stock().save_pretrained(folder / "model", safe_serialization=True)
    with _site(folder, model.placement.device):
        import_pack(find_pack(PACK), folder / "model", link=True)
        found: dict[str, dict[str, float]] = {}
        for name in PRESETS:
            models_in_memory().clear()
            found[name] = {}
            for seed, state in enumerate(("cold", "warm")):
                motion = Motion(("hold",), method="diffusion", quality=name)
                clip = Segment("a", Fraction(0), duration, src=str(photo), motion=motion)
                draft = Draft(Canvas(1920, 1080), duration=duration, tracks=(Track("v", VIDEO, (clip,)),))
                began = time.perf_counter()
                render_draft(draft, folder / f"{name}-{state}.mp4", RenderOptions(seed=seed))
                found[name][state] = time.perf_counter() - began
    return found


@contextmanager
def _site(folder: Path, device: str) -> Iterator[None]:
    """Settings of a site of its own."""
    settings = {
        "MULTIPLANE_PACKS": str(folder / "packs"),
        "MULTIPLANE_CACHE": str(folder / "cache"),
        "MULTIPLANE_LICENCES": "*",
        "MULTIPLANE_MODEL_DEVICE": device,
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
