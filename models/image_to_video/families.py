"""Which families of models there are, and whose a folder is; nothing heavy is loaded before a model is opened."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engine.core.errors import WeightsError
from models.image_to_video.diffusers_folder import MODEL_INDEX, read_json
from models.image_to_video.interface import ImageToVideo, Traits
from models.image_to_video.ladder import FULL, Rung
from models.runtime import ON_CPU, Placement

if TYPE_CHECKING:
    from models.recipes.presets import Preset


@dataclass(frozen=True, slots=True)
class Family:
    """Models that one adapter knows.

    Attributes:
        name: ``svd``, ``wan`` or ``ltx``, as in :class:`models.image_to_video.interface.Traits`.
        packs: ids of the packs that its models come as, the best first.
        module: of its adapter, with ``check_files``, ``traits_of`` and ``open_model``.
        pipelines: classes of diffusers that ``model_index.json`` names.
        follows_text: a prompt says what moves.
    """

    name: str
    packs: tuple[str, ...]
    module: str
    pipelines: tuple[str, ...]
    follows_text: bool


FAMILIES = (
    Family(
        "svd",
        ("svd-xt-1.1", "svd-xt", "svd"),
        "models.image_to_video.svd",
        ("StableVideoDiffusionPipeline",),
        follows_text=False,
    ),
    Family(
        "wan",
        ("wan2.2-ti2v-5b",),
        "models.image_to_video.wan",
        ("WanPipeline", "WanImageToVideoPipeline"),
        follows_text=True,
    ),
    Family(
        "ltx",
        ("ltx-video",),
        "models.image_to_video.ltx",
        ("LTXPipeline", "LTXImageToVideoPipeline", "LTXConditionPipeline"),
        follows_text=True,
    ),
)
"""All of them; of those that follow text the better first."""


def family_named(name: str) -> Family:
    """A family by its name.

    Raises:
        ValueError: there is none of that name.
    """
    for family in FAMILIES:
        if family.name == name:
            return family
    raise ValueError(f"{name!r} is no family of models: {', '.join(family.name for family in FAMILIES)}")


def family_of(folder: Path) -> Family:
    """The family that a folder's model is of, by its ``model_index.json``.

    Raises:
        WeightsError: it is of none.
    """
    kind = read_json(folder / MODEL_INDEX).get("_class_name")
    for family in FAMILIES:
        if kind in family.pipelines:
            return family
    raise WeightsError(
        "This folder",
        f"its {MODEL_INDEX} names no model that brings photos to life: import the pack of one again.",
        detail=f"kind {kind!r}",
    )


def check_files(folder: Path) -> None:
    """Look whether a folder holds a model of its family, without reading its weights.

    Raises:
        WeightsError: it does not.
    """
    _adapter(family_of(folder)).check_files(folder)


def traits_of(folder: Path) -> Traits:
    """What the model in a folder was trained for.

    Raises:
        WeightsError: as :func:`check_files`.
    """
    return cast(Traits, _adapter(family_of(folder)).traits_of(folder))


def open_model(
    folder: Path, placement: Placement = ON_CPU, preset: "Preset | None" = None, rung: Rung = FULL
) -> ImageToVideo:
    """Load the model in a folder.

    Args:
        folder: of a pack, in the layout of diffusers.
        placement: where it runs.
        preset: what may be approximated; None: nothing.
        rung: how much is on the device at a time.

    Raises:
        WeightsError: a library is not installed, or a file is missing, damaged, or another model's.
        DeviceMemoryError: there is no room for it on the device.
    """
    from models.recipes.presets import PRESETS

    adapter = _adapter(family_of(folder))
    return cast(ImageToVideo, adapter.open_model(folder, placement, preset or PRESETS["exact"], rung))


def weights_size(folder: Path, placement: Placement) -> int:
    """Bytes that the weights of the model in a folder will take once loaded, from the sizes of their files.

    Raises:
        WeightsError: it is of no family.
    """
    return cast(int, _adapter(family_of(folder)).weights_size(folder, placement))


def _adapter(family: Family) -> Any:  # noqa: ANN401  modules that agree in their names
    return import_module(family.module)
