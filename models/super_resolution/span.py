"""SPAN x2: enlarging by a network of 0.4 million weights (see ``span_network``), read from ncnn's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import WeightsError
from models.runtime import ON_CPU, Placement, has_torch
from models.super_resolution.lanczos import check_enlarging, resampled
from models.super_resolution.ncnn_weights import Layer, NotReadable, read_graph, read_weights
from models.super_resolution.on_device import run_on_device
from models.super_resolution.tiles import enlarged_in_tiles

if TYPE_CHECKING:
    from torch import Tensor

    from models.super_resolution.span_network import SpanNetwork

NAME = "SPAN"
PACK = "span-x2"
GRAPH = "spanx2_ch48.param"
WEIGHTS = "spanx2_ch48.bin"

TILE = 384
"""Pixels of a tile's longest side on the processor."""

GPU_TILE = 1152
"""The same on a GPU: a picture 1024 wide is one tile."""

BYTES_PER_PIXEL = 2600
"""Of working memory in float32 for each pixel of a tile; half of that on a GPU. 2000 were measured at 600 x 600."""

_SKIPS = (r"/conv_1/.*", r"/conv_2/.*", r"/block_1/Mul_.*", r"/block_6/act1/.*")
"""What is joined before the last layers, in this order."""


class Span:
    """An :class:`models.super_resolution.interface.Upscaler`; any number of threads may use it at a time."""

    def __init__(self, network: SpanNetwork, placement: Placement = ON_CPU) -> None:
        self._network = network
        self._placement = placement

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> Span:
        """Load it from a folder that holds ``spanx2_ch48.param`` and ``.bin``.

        Raises:
            WeightsError: torch is not installed, or a file is missing, damaged, or another model's.
        """
        for file in (GRAPH, WEIGHTS):
            if not (folder / file).is_file():
                raise WeightsError(
                    NAME, f"its file {file} is missing: install the pack {PACK} again.", detail=str(folder)
                )
        if not has_torch():
            raise WeightsError(NAME, "torch, which runs it, is not installed (extra 'gpu').")
        try:
            network = _network(folder)
        except NotReadable as error:
            raise WeightsError(
                NAME, f"its files are damaged or another model's: install the pack {PACK} again.", detail=str(error)
            ) from error
        return cls(network.to(placement.device, placement.torch_dtype()).eval().requires_grad_(False), placement)

    @property
    def name(self) -> str:
        """See :class:`models.super_resolution.interface.Upscaler`."""
        return f"span-x{self._network.factor}-{self._placement.dtype}"

    @property
    def weights_size(self) -> int:
        """Bytes of its weights."""
        return sum(item.numel() * item.element_size() for item in self._network.parameters())

    def enlarge(self, rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """See :meth:`models.super_resolution.interface.Upscaler.enlarge`: by two first, then to the exact size.

        Raises:
            ValueError: this is no picture, or the size is smaller than it.
            DeviceMemoryError: the GPU has not enough free memory for a tile.
        """
        from models.super_resolution.span_network import REACH

        check_enlarging(rgb, size)
        if size == (rgb.shape[1], rgb.shape[0]):
            return rgb.copy()
        tile = GPU_TILE if self._placement.on_gpu else TILE
        return resampled(enlarged_in_tiles(self._tile, rgb, self._network.factor, tile, REACH), size)

    def _tile(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        return run_on_device(NAME, self._network, rgb, self._placement)


def memory(folder: Path, placement: Placement = ON_CPU) -> int:
    """Bytes to declare for it before it is loaded."""
    path = folder / WEIGHTS
    tile = GPU_TILE**2 * BYTES_PER_PIXEL // 2 if placement.on_gpu else TILE**2 * BYTES_PER_PIXEL
    return (2 * path.stat().st_size if path.is_file() else 0) + tile


def _network(folder: Path) -> SpanNetwork:
    import torch

    from models.super_resolution.span_network import SpanNetwork

    graph = read_graph(folder / GRAPH)
    convolutions, constants = read_weights(graph, folder / WEIGHTS)
    _check_graph(graph, constants)
    state: dict[str, Tensor] = {}
    for name, numbers in convolutions.items():
        own = re.sub(r"^/|/eval_conv/Conv$|/upsampler\.0/Conv$|/Conv$", "", name).replace("/", ".")
        state[f"{own}.weight"] = torch.from_numpy(numbers.weight.copy())
        state[f"{own}.bias"] = torch.from_numpy(numbers.bias.copy())
    try:
        network = SpanNetwork(len(state["conv_1.bias"]), next(_of(graph, "PixelShuffle")).number(0))
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise NotReadable(f"its layers are not SPAN's: {error}") from error
    return network


def _check_graph(graph: tuple[Layer, ...], constants: dict[str, NDArray[np.float32]]) -> None:
    """Everything that the layers' names and shapes do not say: order of the skips, the mean, the range, no scaling."""
    from models.super_resolution.span_network import BLOCKS, MEAN, RANGE

    joins, shuffles = list(_of(graph, "Concat")), list(_of(graph, "PixelShuffle"))
    if len(joins) != 1 or len(shuffles) != 1:
        raise NotReadable("its layers are not SPAN's")
    if len(joins[0].inputs) != len(_SKIPS) or not all(map(re.match, _SKIPS, joins[0].inputs)):
        raise NotReadable("it joins other layers than SPAN does")
    (mean,) = constants.values() if len(constants) == 1 else (np.zeros(0),)
    if mean.size != len(MEAN) or not np.allclose(mean.ravel(), MEAN):
        raise NotReadable("it was trained around another mean")
    scalings = [layer for layer in _of(graph, "BinaryOp") if layer.settings.get(1) == "1" and layer.number(0) == 2]
    if [float(layer.settings.get(2, "0")) for layer in scalings] != [RANGE]:
        raise NotReadable("it was trained for another range")
    counts = {kind: len(list(_of(graph, kind))) for kind in ("Swish", "Sigmoid", "BinaryOp")}
    if counts != {"Swish": 2 * BLOCKS, "Sigmoid": BLOCKS, "BinaryOp": 2 + 3 * BLOCKS}:
        raise NotReadable("its blocks are not SPAN's")
    if graph[-1] is not shuffles[0]:
        raise NotReadable("something comes after its last layer")


def _of(graph: tuple[Layer, ...], kind: str) -> Iterator[Layer]:
    return (layer for layer in graph if layer.kind == kind)
