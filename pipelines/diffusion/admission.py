"""A model in memory for as long as it is used: how it begins, within what the site allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.image_to_video.interface import ImageToVideo
from models.image_to_video.ladder import FULL, Rung
from pipelines.diffusion.order import Order


def first_rung(order: Order) -> Rung:
    """The rung that an order begins on."""
    return FULL


@contextmanager
def leased_model(order: Order, rung: Rung) -> Iterator[ImageToVideo]:
    """The model of an order, loaded for a rung."""
    yield order.backend.open(order.preset, rung)
