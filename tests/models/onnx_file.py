"""Tiny ONNX files for the tests, written by hand: protobuf's wire format needs thirty lines, the onnx package 20 MB."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

FLOAT, INT = 1, 2
"""ONNX's numbers: of float32 among tensors' types, of an integer among attributes' types."""

Node = tuple[str, Sequence[str], str, Mapping[str, int]]
"""Operator, inputs, output, whole-number attributes."""


def write_onnx(
    path: Path,
    inputs: Mapping[str, tuple[int, ...]],
    nodes: Sequence[Node],
    output: tuple[str, tuple[int, ...]],
    constants: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """Write a graph of float32 tensors (ONNX IR 8, operators of version 13)."""
    graph = [field(1, node(*item)) for item in nodes] + [field(2, b"tiny")]
    graph += [field(5, tensor(name, value)) for name, value in (constants or {}).items()]
    graph += [field(11, value_info(name, shape)) for name, shape in inputs.items()]
    graph.append(field(12, value_info(*output)))
    path.write_bytes(number(1, 8) + field(7, b"".join(graph)) + field(8, field(1, b"") + number(2, 13)))
    return path


def node(operator: str, inputs: Sequence[str], output: str, attributes: Mapping[str, int]) -> bytes:
    parts = [field(1, name.encode()) for name in inputs] + [field(2, output.encode()), field(4, operator.encode())]
    for name, value in attributes.items():
        parts.append(field(5, field(1, name.encode()) + number(3, value) + number(20, INT)))
    return b"".join(parts)


def tensor(name: str, value: np.ndarray) -> bytes:
    dims = b"".join(number(1, length) for length in value.shape)
    return dims + number(2, FLOAT) + field(8, name.encode()) + field(9, value.astype("<f4").tobytes())


def value_info(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(field(1, number(1, length)) for length in shape)
    return field(1, name.encode()) + field(2, field(1, number(1, FLOAT) + field(2, dims)))


def field(tag: int, data: bytes) -> bytes:
    return varint(tag << 3 | 2) + varint(len(data)) + data


def number(tag: int, value: int) -> bytes:
    return varint(tag << 3) + varint(value)


def varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
