"""Reads the pair of files that ncnn keeps a network in: a graph in text (.param) and its numbers (.bin).

Only what a network that we run consists of is known here; anything else is refused, because a number that is taken for
another one makes a wrong picture and no error. Format: ncnn's wiki, "param and model file structure"; magic 7767517.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = "7767517"

FLOAT16 = 0x01306B47
FLOAT32 = 0
"""What stands before the numbers of a layer that may be stored in either form."""

LARGEST = 64 * 2**20
"""Bytes of either file: what we run has less than one."""

_INPUTS, _OUTPUTS = 2, 3  # places in a line: kind, name, number of inputs, number of outputs, blobs, settings


class NotReadable(ValueError):
    """The files are no such pair, or hold what is not known here; the text says what, without a path."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of the graph.

    Attributes:
        kind: such as ``Convolution``.
        name: its own.
        inputs: names of the blobs that go in.
        outputs: of those that come out.
        settings: number of the setting to its text, as ncnn writes them.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: dict[int, str]

    def number(self, key: int, default: int = 0) -> int:
        """A whole number among the settings."""
        try:
            return int(self.settings.get(key, default))
        except ValueError:
            raise NotReadable(f"setting {key} of {self.name} is no whole number") from None


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution's numbers: weight (out, in, kernel, kernel) and bias (out,), float32."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


def read_graph(path: Path) -> tuple[Layer, ...]:
    """The layers of a .param file, in the order in which they are computed and their numbers are stored.

    Raises:
        NotReadable: it is no such file.
    """
    lines = _bytes(path).decode("utf-8", "replace").splitlines()
    if len(lines) < 2 or lines[0].strip() != MAGIC:
        raise NotReadable("the graph is no text of ncnn's")
    layers = tuple(_layer(line) for line in lines[2:] if line.strip())
    if lines[1].split()[:1] != [str(len(layers))]:
        raise NotReadable(f"the graph says {lines[1]!r} and has {len(layers)} layers")
    return layers


def read_weights(graph: tuple[Layer, ...], path: Path) -> tuple[dict[str, Convolution], dict[str, NDArray[np.float32]]]:
    """The numbers of a .bin file, by the layers of its graph.

    Returns:
        Of each ``Convolution`` by name; and of each ``MemoryData`` by name, in its own shape reversed, such as (C, H,
        W).

    Raises:
        NotReadable: it ends too soon or holds more, or a layer's numbers are in a form that is not known here.
    """
    data = _Numbers(_bytes(path))
    convolutions: dict[str, Convolution] = {}
    constants: dict[str, NDArray[np.float32]] = {}
    for layer in graph:
        if layer.kind == "Convolution":
            convolutions[layer.name] = _convolution(layer, data)
        elif layer.kind == "MemoryData":
            shape = tuple(size for size in (layer.number(key) for key in (2, 1, 0)) if size)
            constants[layer.name] = data.floats(int(np.prod(shape))).reshape(shape)
        elif layer.kind not in ("Input", "Split", "BinaryOp", "Swish", "Sigmoid", "Concat", "PixelShuffle"):
            raise NotReadable(f"its layer {layer.kind} is not known here")
    data.at_end()
    return convolutions, constants


def _layer(line: str) -> Layer:
    words = line.split()
    try:
        inputs, outputs = int(words[_INPUTS]), int(words[_OUTPUTS])
        blobs, rest = words[4 : 4 + inputs + outputs], words[4 + inputs + outputs :]
        settings = {int(key): value for key, _, value in (word.partition("=") for word in rest)}
    except (IndexError, ValueError):
        raise NotReadable("a line of the graph is not as ncnn writes it") from None
    if min(inputs, outputs) < 0 or len(blobs) != inputs + outputs:
        raise NotReadable("a line of the graph names fewer blobs than it says")
    return Layer(words[0], words[1], tuple(blobs[:inputs]), tuple(blobs[inputs:]), settings)


def _convolution(layer: Layer, data: "_Numbers") -> Convolution:
    """Settings: 0 outputs, 1 kernel width, 11 its height, 5 whether there is a bias, 6 how many weights there are."""
    outputs, kernel, count = layer.number(0), layer.number(1), layer.number(6)
    if layer.number(11, kernel) != kernel or min(outputs, kernel, count) < 1 or count % (outputs * kernel * kernel):
        raise NotReadable(f"the size of {layer.name} makes no sense")
    weight = data.tagged(count).reshape(outputs, -1, kernel, kernel)
    bias = data.floats(outputs) if layer.number(5) else np.zeros(outputs, np.float32)
    return Convolution(weight, bias)


class _Numbers:
    """A .bin file from its beginning to its end, little-endian."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def floats(self, count: int) -> NDArray[np.float32]:
        return np.frombuffer(self._take(4 * count), "<f4").astype(np.float32)

    def tagged(self, count: int) -> NDArray[np.float32]:
        """Numbers behind a word that says how they are stored; half floats are filled up to four bytes."""
        tag = int.from_bytes(self._take(4), "little")
        if tag == FLOAT32:
            return self.floats(count)
        if tag == FLOAT16:
            return np.frombuffer(self._take(2 * count + 2 * (count % 2))[: 2 * count], "<f2").astype(np.float32)
        raise NotReadable(f"its numbers are stored as {tag:#x}, which is not known here")

    def at_end(self) -> None:
        if self._at != len(self._data):
            raise NotReadable(f"{len(self._data) - self._at} bytes are left over")

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise NotReadable("its numbers end too soon")
        self._at += size
        return part


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise NotReadable("it is too large to be such a file")
    return path.read_bytes()
