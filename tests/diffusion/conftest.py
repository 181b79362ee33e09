"""A site that has a tiny random model as a pack, and a stand-in that moves photos as a good model would."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import Cancelled
from engine.motion import Motion
from engine.packs import find_pack, import_pack
from engine.timeline import VIDEO, Canvas, Draft, Segment, Track
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits, Watch
from models.image_to_video.ladder import Rung
from models.recipes.presets import Preset
from models.residency import models_in_memory
from pipelines.diffusion import backends
from tests.models.tiny_svd import write_tiny_svd


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packs folder with a tiny Stable Video Diffusion."""
    pytest.importorskip("diffusers")
    root = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTIPLANE_PACKS", str(root / "packs"))
        patch.setenv("MULTIPLANE_LICENCES", "*")
        import_pack(find_pack("svd-xt-1.1"), write_tiny_svd(root / "svd"))
    return root / "packs"


@pytest.fixture
def site(packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The site; its cache is the returned folder, new for each test."""
    monkeypatch.setenv("MULTIPLANE_PACKS", str(packs))
    monkeypatch.setenv("MULTIPLANE_LICENCES", "*")
    monkeypatch.setenv("MULTIPLANE_MODEL_DEVICE", "cpu")
    monkeypatch.setenv("MULTIPLANE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("pipelines.render.fonts._held", None)
    # Python's heap is swept whenever a model goes, which takes a second where torch is loaded.
    monkeypatch.setattr("gc.collect", lambda *_: 0)
    yield tmp_path / "cache"
    models_in_memory().clear()


class Mover:
    """Moves what it gets to the right by ``speed`` pixels a picture, and drifts in colour as diffusion models do.

    Attributes:
        calls: requests that it was given.
        steps: that it made.
        fail: raised by the first generations, one after the other.
    """

    def __init__(self, traits: Traits, speed: int = 2, drift: float = 1.5) -> None:
        self.traits = traits
        self.speed = speed
        self.drift = drift
        self.calls: list[ClipRequest] = []
        self.begun: list[int] = []
        self.rungs: list[Rung] = []
        self.fail: list[Exception] = []
        self.steps = 0

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[np.ndarray]:
        (request,) = requests
        self.calls.append(request)
        self.begun.append(resume.step if resume else 0)
        if self.fail:
            raise self.fail.pop(0)
        for step in range(self.begun[-1] + 1, request.steps + 1):
            self.steps += 1
            if watch is not None:
                arrays = {"latents": np.full((2, 2), step, np.float32)}
                watch(step, request.steps, lambda step=step, arrays=arrays: Checkpoint(step, request.steps, arrays))
        pictures = []
        for number in range(request.frames):
            moved = np.roll(request.picture, self.speed * number, axis=1).astype(np.float32)
            drifted = (moved - 128) * (1 - 0.01 * number) + 128 - self.drift * number
            pictures.append(np.clip(np.rint(drifted), 0, 255).astype(np.uint8))
        return [np.stack(pictures)]


TRAITS = Traits("svd", False, ((256, 144), (144, 256), (192, 192)), 8, 1, 7, 25, (1.0, 3.0), "LicenseRef-Test")


@pytest.fixture
def mover(site: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    """Takes the place of the site's model."""
    model = Mover(TRAITS)

    def opened(self: backends.Backend, preset: Preset, rung: Rung) -> Mover:
        model.rungs.append(rung)
        return model

    monkeypatch.setattr(backends.Backend, "open", opened)
    monkeypatch.setattr(backends.Backend, "traits", lambda self: model.traits)
    return model


def draft_of(photo: Path, seconds: float = 1, size: tuple[int, int] = (256, 144), **motion: object) -> Draft:
    """A draft with one photo that a model moves; ``fit`` and ``moves`` may be among the rest."""
    fit = motion.pop("fit", None)
    moves = motion.pop("moves", ("hold",))
    duration = Fraction(seconds)
    asked = Motion(moves, method="diffusion", **motion)  # type: ignore[arg-type]
    segment = Segment("a", Fraction(0), duration, src=str(photo), motion=asked)
    if fit is not None:
        segment = replace(segment, fit=fit)  # type: ignore[arg-type]
    return Draft(Canvas(*size), duration=duration, tracks=(Track("v", VIDEO, (segment,)),))


def stop_at(share: float) -> object:
    """A progress callback that gives up when so much of the clips is made."""

    def on_progress(progress: object) -> None:
        if progress.generated is not None and progress.generated >= share:  # type: ignore[attr-defined]
            raise Cancelled("stopped")

    return on_progress
