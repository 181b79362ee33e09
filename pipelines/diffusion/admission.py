"""A model in memory for as long as it is used: where on the ladder it begins, within what the site allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.core.errors import ModelMemoryError
from engine.core.frames import RgbImage
from models.image_to_video.interface import ImageToVideo
from models.image_to_video.ladder import LADDER, Rung, preset_on
from models.image_to_video.memory import Need, Shape, lacking_sentence, need_of, start_rung
from models.image_to_video.memory_taken import MemoryTaken
from models.residency import ModelKey, model_budget, models_in_memory
from pipelines.diffusion.order import Order
from pipelines.render.cache import Cache


def shape_of(order: Order, picture: RgbImage) -> Shape:
    """What an order makes at a time, for the count of its memory."""
    height, width = picture.shape[:2]
    traits = order.traits
    return Shape(traits.family, traits.frames, width, height, guided=max(traits.guidance) > 1)


def first_rung(order: Order, shape: Shape) -> Rung:
    """The rung that an order begins on: the first that fits what models may take on its device.

    Raises:
        ModelMemoryError: none does.
        WeightsError: the weights cannot be counted.
    """
    placement = order.backend.placement
    budget = model_budget(placement.device)
    needs = {rung: need(order, shape, rung).on_device for rung in LADDER}
    rung = start_rung(needs, budget)
    if needs[rung] > budget:
        raise ModelMemoryError(lacking_sentence(order.backend.pack, shape, needs[rung], budget, placement))
    return rung


def need(order: Order, shape: Shape, rung: Rung) -> Need:
    """What an order takes on a rung: by count, and by what such orders really took here."""
    preset = preset_on(rung, order.preset.name)
    return need_of(
        order.backend.folder, shape, order.backend.placement, preset, rung, taken=_taken().of(shape, preset, rung)
    )


@contextmanager
def leased_model(order: Order, shape: Shape, rung: Rung) -> Iterator[ImageToVideo]:
    """The model of an order, loaded for a rung with its preset.

    Raises:
        ModelMemoryError: other models that are in use leave too little.
        DeviceMemoryError: the device has less than was counted.
        WeightsError: it cannot be loaded.
    """
    backend, preset = order.backend, order.preset
    needed = need(order, shape, rung)
    device = backend.placement.device
    key = ModelKey(backend.pack, str(backend.folder), device, f"{preset.name} {rung.micro_batch} {rung.offload}")
    with (
        models_in_memory().lease(
            key,
            lambda: backend.open(preset, rung),
            needed.weights,
            workspace=needed.workspace,
            host=needed.host,
        ) as model,
        _taken().watching(shape, preset.name, rung, device),
    ):
        yield model


def _taken() -> MemoryTaken:
    return MemoryTaken(Cache.of_site().folder)
