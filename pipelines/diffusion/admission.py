"""A model in memory for as long as it is used: where on the ladder it begins, within what the site allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.core.errors import DeviceMemoryError, ModelMemoryError
from engine.core.frames import RgbImage
from models.image_to_video.interface import ImageToVideo
from models.image_to_video.ladder import LADDER, Rung, preset_on
from models.image_to_video.memory import Need, Shape, lacking_sentence, need_of, start_rung
from models.image_to_video.memory_taken import MemoryTaken
from models.residency import ModelKey, model_budget, models_in_memory
from models.runtime import CPU
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
    placement = order.backend.where()
    budget, on_host = model_budget(placement.device), model_budget(CPU)
    all_needs = {rung: need(order, shape, rung) for rung in LADDER}
    # What leaves the device waits in host memory: no room there, no such rung.
    needs = {rung: each.on_device for rung, each in all_needs.items() if each.host <= on_host}
    rung = start_rung(needs, budget)
    if needs[rung] > budget:
        raise ModelMemoryError(lacking_sentence(order.backend.pack, shape, needs[rung], budget, placement))
    return rung


def need(order: Order, shape: Shape, rung: Rung) -> Need:
    """What an order takes on a rung: by count, and by what such orders really took here."""
    preset = preset_on(rung, order.preset.name)
    return need_of(
        order.backend.folder, shape, order.backend.where(), preset, rung, taken=_taken().of(shape, preset, rung)
    )


@contextmanager
def leased_model(order: Order, shape: Shape, rung: Rung) -> Iterator[ImageToVideo]:
    """The model of an order, loaded for a rung with its preset.

    Raises:
        DeviceMemoryError: the device has less than was counted, or models may not take as much; what was loaded for
            this rung is dropped then, so that the next one finds its place.
        WeightsError: it cannot be loaded.
    """
    backend, preset = order.backend, order.preset
    needed = need(order, shape, rung)
    device = backend.where().device
    key = ModelKey(backend.pack, str(backend.folder), device, f"{preset.name} {rung.micro_batch} {rung.offload}")
    try:
        with _leased(order, shape, rung, key, needed) as model:
            yield model
    except ModelMemoryError as error:
        raise DeviceMemoryError(error.message, detail=error.detail) from error
    except DeviceMemoryError:
        models_in_memory().forget(key)
        raise


@contextmanager
def _leased(order: Order, shape: Shape, rung: Rung, key: ModelKey, needed: Need) -> Iterator[ImageToVideo]:
    backend, preset = order.backend, order.preset
    with (
        models_in_memory().lease(
            key,
            lambda: backend.open(preset, rung),
            needed.weights,
            workspace=needed.workspace,
            host=needed.host,
        ) as model,
        _taken().watching(shape, preset.name, rung, key.device),
    ):
        yield model


def _taken() -> MemoryTaken:
    return MemoryTaken(Cache.of_site().folder)
