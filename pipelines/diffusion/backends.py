"""Which models could bring a photo to life on this machine, and what is missing where none can. Nothing is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.content import digest
from engine.core.errors import DeviceUnavailable, MotionUnavailable, WeightsError
from engine.packs import installed, installed_packs
from models.image_to_video.families import FAMILIES, Family, open_model, traits_of
from models.image_to_video.interface import Traits
from models.runtime import CPU, MODEL_DEVICE, Placement, place

if TYPE_CHECKING:
    from models.image_to_video.interface import ImageToVideo
    from models.image_to_video.ladder import Rung
    from models.recipes.presets import Preset

LIBRARIES = ("torch", "diffusers", "transformers")
"""What every family runs on (extra ``gpu``)."""

NO_GPU = f"there is no CUDA GPU ({MODEL_DEVICE.variable}=cpu makes it on the processor, which takes hours)"

OFFER = 'Let the photo move in depth instead: "3D", or --with parallax.'


@dataclass(frozen=True, slots=True)
class Backend:
    """A model that is installed, and where it would run.

    What it made before can be shown on a machine where it cannot run.

    Attributes:
        family: what kind of model.
        pack: id of its pack.
        folder: with its weights.
        identity: changes when the weights do.
        licence: SPDX identifier of their licence.
        placement: device and number format; None where it cannot run.
        missing: a sentence that says why it cannot; empty where it can.
    """

    family: Family
    pack: str
    folder: Path
    identity: str
    licence: str
    placement: Placement | None
    missing: str = ""

    def where(self) -> Placement:
        """Where it runs.

        Raises:
            MotionUnavailable: it cannot; the sentence says what is missing and offers depth.
        """
        if self.placement is None:
            raise MotionUnavailable(f"{self.missing} {OFFER}")
        return self.placement

    def traits(self) -> Traits:
        """What the model was trained for; reads its configuration.

        Raises:
            WeightsError: a file is missing or another model's.
        """
        return traits_of(self.folder)

    def open(self, preset: "Preset", rung: "Rung") -> "ImageToVideo":
        """Load it.

        Raises:
            MotionUnavailable: it cannot run here.
            WeightsError: a file or a library is missing, damaged or another model's.
            DeviceMemoryError: the device has no room for it.
        """
        return open_model(self.folder, self.where(), preset, rung)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at this machine found.

    Attributes:
        backends: what is installed, the one that is preferred first.
        missing: a sentence that says why none of them can run; empty where they can.
        lacks: the first thing that is missing, as :data:`pipelines.director.abilities.MISSING` names it.
    """

    backends: tuple[Backend, ...]
    missing: str = ""
    lacks: str = ""

    @property
    def follows_text(self) -> bool:
        """Whether one of them can be told what moves."""
        return any(backend.family.follows_text for backend in self.backends)


def find_backends() -> Found:
    """Look for installed models, their libraries, and a device to run them on.

    A processor takes hours for one clip, so it counts only where the site has said ``cpu`` itself.

    Raises:
        OptionError: a setting is not usable.
    """
    there = [(family, pack) for family in FAMILIES for pack in family.packs if installed(pack) is not None]
    lacking = [name for name in LIBRARIES if util.find_spec(name) is None]
    placement, no_device = _device(look=bool(there) and not lacking)
    problems, lacks = [], []
    if not there:
        lacks.append("weights")
        wanted = FAMILIES[0].packs[0]
        problems.append(f"no model for it is installed (multiplane packs import {wanted} FOLDER)")
    if lacking:
        lacks.append("torch")
        problems.append(f"{_listed(lacking)} {'is' if len(lacking) == 1 else 'are'} not installed (extra 'gpu')")
    if placement is None and no_device:
        lacks.append("gpu")
        problems.append(no_device)
    missing = f"Generated motion is not possible here: {_listed(problems)}." if problems else ""
    runs_on = None if problems else placement
    manifests = installed_packs()
    backends = []
    for family, pack in there:
        folder, manifest = installed(pack), manifests.get(pack)
        if folder is not None and manifest is not None:
            contents = sorted((name, file.sha256) for name, file in manifest.files.items())
            identity = digest(pack, contents)
            backends.append(Backend(family, pack, folder, identity, manifest.licence.spdx, runs_on, missing))
    return Found(tuple(backends), missing, lacks[0] if lacks else "")


def backend_for(found: Found, model: str | None, prompt: str | None) -> Backend:
    """The model that makes a shot.

    Args:
        found: what is there.
        model: the family that the draft asks for; None leaves it open.
        prompt: what moves; a model that follows text is preferred for it.

    Raises:
        MotionUnavailable: none is installed; the sentence says what is missing and offers depth.
    """
    if not found.backends:
        raise MotionUnavailable(f"{found.missing} {OFFER}")
    if model is not None:
        fitting = [backend for backend in found.backends if backend.family.name == model]
        if not fitting:
            packs = next(family.packs for family in FAMILIES if family.name == model)
            there = _listed(sorted({backend.family.name for backend in found.backends}))
            raise MotionUnavailable(
                f"The model {model} is not installed (multiplane packs import {packs[0]} FOLDER); {there} is."
            )
        return fitting[0]
    if prompt:
        return next((each for each in found.backends if each.family.follows_text), found.backends[0])
    return next((each for each in found.backends if not each.family.follows_text), found.backends[0])


def checked_backend(found: Found, model: str | None, prompt: str | None) -> tuple[Backend, Traits]:
    """The model that makes a shot, and what it was trained for.

    Raises:
        MotionUnavailable: there is none, or its files are not what they should be.
    """
    backend = backend_for(found, model, prompt)
    try:
        return backend, backend.traits()
    except WeightsError as error:
        raise MotionUnavailable(f"{error.message} {OFFER}", detail=error.detail) from error


def _device(*, look: bool) -> tuple[Placement | None, str]:
    """Where models run, or why nowhere.

    Args:
        look: with torch, which takes seconds to load; else the kernel's device files say whether there is a GPU.
    """
    asked = MODEL_DEVICE.value()
    if asked == CPU:
        return place(CPU), ""
    if not look:
        return None, "" if any(Path("/dev").glob("nvidia[0-9]*")) else NO_GPU
    try:
        placement = place(asked)
    except DeviceUnavailable as error:
        return None, error.message.rstrip(".")
    return (placement, "") if placement.on_gpu else (None, NO_GPU)


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
