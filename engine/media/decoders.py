"""The libraries that decode, called so that nothing but our own errors comes out of them.

Pillow's plugin of the sniffed format is called directly, never ``Image.open``: the format cannot be confused, and
Pillow's own pixel limit, which would warn on honest 100-megapixel photos, is replaced by ours. pillow-heif reads HEIC
and OpenCV reads 16-bit RGB in PNG and TIFF, which Pillow would cut down to the high byte.
"""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from engine.core.errors import MediaError, MediaLimitExceeded, UnsupportedMedia
from engine.media.headers.model import PhotoHeader
from engine.media.headers.png import picture_chunks
from engine.media.headers.tiff import read_upright
from engine.media.orientation import UPRIGHT, swaps_sides
from engine.media.source import PhotoSource

_PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}

# What Pillow, pillow-heif and OpenCV are seen to raise on damaged bytes. The plugins parse with plain indexing and
# struct, so the arithmetic and lookup errors of Python belong to the list.
_DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_JPEG_SCALES = (8, 4, 2)


@dataclass(frozen=True, slots=True)
class Samples:
    """Decoded pixels as an array, from the decoders that give one.

    Attributes:
        values: shape (H, W, C), uint8 0..255 or uint16 over the whole range 0..65535; C is 1 (grey), 2 (grey, alpha),
            3 (R, G, B) or 4 (R, G, B, alpha). Alpha is straight.
    """

    values: NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture in its own colour space.

    Attributes:
        content: the pixels.
        orientation: the EXIF orientation that is still to be applied.
    """

    content: Image.Image | Samples
    orientation: int


class _Quiet:
    """Silences Pillow's warnings and its pixel limit while any thread decodes.

    Both are settings of the process, so they are changed when the first thread enters and put back when the last one
    leaves; ``warnings.catch_warnings`` alone would restore them in the wrong order under threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._caught = warnings.catch_warnings()
        self._pixel_limit: int | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.|pillow_heif\.")
                self._pixel_limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                Image.MAX_IMAGE_PIXELS = self._pixel_limit
                self._caught.__exit__(None, None, None)


_quiet = _Quiet()


@contextmanager
def decoder_errors(source: PhotoSource, header: PhotoHeader) -> Iterator[None]:
    """Run decoder calls; whatever they raise becomes an error of our tree, their words its ``detail``.

    Raises:
        CorruptMedia: the decoder gave up.
        UnsupportedMedia: the decoder does not know this feature.
        MediaLimitExceeded: the memory of this machine does not suffice.
    """
    try:
        with _quiet:
            yield
    except MediaError:
        raise
    except MemoryError as error:
        raise MediaLimitExceeded(
            source.path,
            f"this machine has not enough memory for its {header.width}x{header.height} pixels; scale it down.",
            detail=str(error),
        ) from error
    except _DAMAGE as error:
        words = f"{type(error).__name__}: {error}"
        if any(sign in words for sign in ("truncated", "EOF", "end of file", "nd of data", "not large enough")):
            raise source.truncated(words) from error
        if isinstance(error, NotImplementedError) or any(
            sign in words for sign in ("nsupported", "unknown pixel mode")
        ):
            raise UnsupportedMedia(
                source.path,
                f"this {header.format} uses a feature that is not read; save it as a plain JPEG or PNG.",
                detail=words,
            ) from error
        raise source.damaged(words) from error


def jpeg_reduction(header: PhotoHeader, min_scale: float) -> int:
    """The largest of the DCT reductions 1/2, 1/4, 1/8 that still gives ``min_scale``, as its divisor (1: none)."""
    return next((n for n in _JPEG_SCALES if 1 / n >= min_scale and min(header.width, header.height) >= n), 1)


def _stream(source: PhotoSource, header: PhotoHeader) -> BinaryIO:
    return io.BytesIO(picture_chunks(source)) if header.format == "PNG" else source.stream()


def _decode_pillow(source: PhotoSource, header: PhotoHeader, min_scale: float) -> Decoded:
    # Pillow's TIFF plugin turns the picture upright itself; its AVIF plugin only reports irot and imir.
    turns = header.format == "TIFF"
    expected = _upright_size(header) if turns else (header.width, header.height)
    with _stream(source, header) as stream:
        picture = _PLUGINS[header.format](stream)
        if picture.size != expected:
            raise source.damaged(f"header says {expected}, decoder {picture.size}")
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            n = jpeg_reduction(header, min_scale)
            if n > 1:
                picture.draft(None, (header.width // n, header.height // n))
        picture.load()
    return Decoded(picture, UPRIGHT if turns else header.orientation)


def _upright_size(header: PhotoHeader) -> tuple[int, int]:
    return (header.height, header.width) if swaps_sides(header.orientation) else (header.width, header.height)


def _decode_opencv(source: PhotoSource, header: PhotoHeader) -> Samples | None:
    """16-bit grey and RGB of PNG and TIFF; None where OpenCV does not know the layout."""
    import cv2

    if header.format == "PNG":
        # OpenCV would fill up what is missing; checksums and a complete chunk list leave nothing missing.
        with _stream(source, header) as stream:
            PngImagePlugin.PngImageFile(stream).verify()
    # It would print to the terminal; what it has to say comes back as None.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        # OpenCV turns TIFF by its tag, in some versions only: take the decision from it.
        data = read_upright(source) if header.format == "TIFF" else source.at(0, source.size)
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise source.damaged(str(error)) from error
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[:2] != (header.height, header.width):
        return None
    samples: NDArray[np.uint16] = pixels.reshape(header.height, header.width, -1).astype(np.uint16, copy=False)
    if samples.shape[2] >= 3:  # OpenCV's order is B, G, R, alpha
        samples = samples[..., [2, 1, 0, 3] if samples.shape[2] == 4 and header.has_alpha else [2, 1, 0]]
    if header.inverted:
        samples = 65535 - samples
    return Samples(_straight(samples) if header.premultiplied and samples.shape[2] == 4 else samples)


def _straight(samples: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Divide colour by alpha, rounded; what is wholly transparent becomes black."""
    alpha = samples[..., 3:].astype(np.uint32)
    colour = (samples[..., :3] * np.uint32(65535) + alpha // 2) // np.maximum(alpha, 1)
    return np.concatenate([np.minimum(colour, 65535).astype(np.uint16), samples[..., 3:]], axis=-1)


def _decode_heif(source: PhotoSource, header: PhotoHeader) -> Samples:
    import pillow_heif

    with source.stream() as stream:
        file = pillow_heif.open_heif(stream, convert_hdr_to_8bit=not header.deep, hdr_to_16bit=False)
    picture = file[file.primary_index]
    width, height = _upright_size(header)  # libheif applies irot and imir
    if tuple(picture.size) != (width, height):
        raise source.damaged(f"header says {width}x{height}, libheif {picture.size}")
    pixels = np.asarray(picture)
    if pixels.shape[:2] != (height, width):
        raise source.damaged(f"header says {width}x{height}, libheif gave {pixels.shape}")
    pixels = pixels.reshape(height, width, -1)
    if picture.premultiplied_alpha:
        raise UnsupportedMedia(source.path, "its transparency is premultiplied, which is not read; export it as PNG.")
    if pixels.dtype == np.uint8:
        return Samples(pixels)
    top = (1 << header.bit_depth) - 1
    full = (pixels.astype(np.uint32) * 65535 + top // 2) // top
    return Samples(np.minimum(full, 65535).astype(np.uint16))


def decode(source: PhotoSource, header: PhotoHeader, min_scale: float) -> Decoded:
    """Decode the (first) picture.

    Args:
        source: the open file.
        header: its parsed header.
        min_scale: decoded pixels that are needed per full-size pixel; only JPEG can save work here.

    Raises:
        CorruptMedia, UnsupportedMedia, MediaLimitExceeded: see :func:`decoder_errors`.
    """
    with decoder_errors(source, header):
        if header.format == "HEIC":
            return Decoded(_decode_heif(source, header), UPRIGHT)
        if header.deep and (deep := _decode_opencv(source, header)) is not None:
            return Decoded(deep, header.orientation)
        return _decode_pillow(source, header, min_scale)
