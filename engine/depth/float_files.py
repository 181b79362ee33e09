"""Depth maps of floating-point values: NumPy's .npy, Portable Float Maps, and TIFF with float samples.

Sizes are read from the headers and held against the site's limits before anything else is read.
"""

import ast
import math
import re

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin

from engine.core.errors import UnsupportedMedia
from engine.media.decoders import decoder_errors
from engine.media.headers.model import PhotoHeader
from engine.media.source import PhotoSource

NPY_MAGIC = b"\x93NUMPY"
_NPY_HEADER_BYTES = 4096
_PFM_HEADER_BYTES = 256
_PFM = re.compile(rb"(P[Ff])\s+(\d{1,9})\s+(\d{1,9})\s+([-+.\deE]{1,30})[ \t]*\r?\n")


def is_pfm(head: bytes) -> bool:
    """Whether a file begins like a Portable Float Map."""
    return head[:2] in (b"Pf", b"PF") and head[2:3].isspace()


def read_npy(source: PhotoSource) -> NDArray[np.generic]:
    """An array of NumPy's format 1.0 or 2.0 (``numpy.lib.format``); never pickled objects.

    Returns:
        shape (h, w), (h, w, 1) or (1, h, w) made (h, w); booleans, integers or floats of any kind.

    Raises:
        UnsupportedMedia: another shape or kind of value.
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
    """
    shape, fortran, kind, start = _npy_header(source)
    if kind.hasobject or kind.kind not in "biuf":
        raise UnsupportedMedia(source.path, "this array does not hold plain numbers; save the depth as float32.")
    sides = [side for side in shape if side != 1] if len(shape) == 3 else list(shape)
    if len(shape) == 3 and len(sides) < 2:
        sides = list(shape[1:] if shape[0] == 1 else shape[:2])
    if len(sides) != 2:
        raise UnsupportedMedia(
            source.path, f"this array has the shape {shape}; save one depth map, of shape (height, width)."
        )
    source.check_size(sides[1], sides[0])
    data = source.at(start, math.prod(shape) * kind.itemsize)
    values = np.frombuffer(data, kind).reshape(sides[::-1] if fortran else sides)
    return values.T if fortran else values


def _npy_header(source: PhotoSource) -> tuple[tuple[int, ...], bool, np.dtype[np.generic], int]:
    """Shape, whether columns come first, kind, and where the values start.

    Not by NumPy's own reader: it takes a damaged header for one of Python 2, with a warning and the tokenizer's errors.
    """
    head = source.up_to(0, _NPY_HEADER_BYTES)
    wide = head[6:7] != b"\x01"
    first = 12 if wide else 10
    start = first + int.from_bytes(head[8:first], "little")
    if start > len(head):
        raise source.damaged(f"a header of {start} bytes")
    try:
        fields = ast.literal_eval(head[first:start].decode("latin-1").strip())
        shape, fortran, kind = fields["shape"], fields["fortran_order"], np.dtype(fields["descr"])
    except (ValueError, SyntaxError, TypeError, LookupError, MemoryError, RecursionError) as error:
        raise source.damaged(f"{type(error).__name__}: {error}") from error
    if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape):
        raise source.damaged(f"the shape {shape!r}")
    return shape, bool(fortran), kind, start


def read_pfm(source: PhotoSource) -> NDArray[np.generic]:
    """A Portable Float Map (Debevec): rows from the foot up; a negative scale means little-endian.

    Returns:
        shape (h, w) or (h, w, 3), float32.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
    """
    head = _PFM.match(source.up_to(0, _PFM_HEADER_BYTES))
    if head is None:
        raise source.damaged("no PFM header")
    width, height = int(head[2]), int(head[3])
    source.check_size(width, height)
    try:
        order = "<" if float(head[4]) < 0 else ">"
    except ValueError as error:
        raise source.damaged(str(error)) from error
    channels = 3 if head[1] == b"PF" else 1
    data = source.at(head.end(), width * height * channels * 4)
    values = np.frombuffer(data, f"{order}f4").reshape(height, width, channels)[::-1].astype(np.float32)
    return values if channels == 3 else values[..., 0]


def read_float_tiff(source: PhotoSource) -> NDArray[np.generic] | None:
    """A grey TIFF of 32-bit floats; None for any other TIFF.

    Raises:
        CorruptMedia, UnsupportedMedia, MediaLimitExceeded: see :func:`engine.media.decoders.decoder_errors`.
    """
    with decoder_errors(source, PhotoHeader("TIFF", 0, 0)), source.stream() as stream:
        picture = TiffImagePlugin.TiffImageFile(stream)
        if picture.mode != "F":
            return None
        source.check_size(*picture.size)
        return np.asarray(picture, np.float32)
