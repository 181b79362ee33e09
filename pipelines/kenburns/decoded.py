"""The decoded photo as a stage: decoders that take longer than reading pixels back run once.

A 12-megapixel HEIC takes 0.5 s to decode on two cores, PNG and WEBP 0.2 to 0.3 s, and their 36 MB of pixels 0.01 to
0.03 s to read. A JPEG decodes in 0.06 s, and at a fraction of its size where less is needed: it is not worth the disk.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.core.content import digest, file_digest
from engine.core.stages import Stages, prepared
from engine.media import Photo, load_photo, probe_photo

KIND = "photo"
"""What sort of result a decoded photo is."""

QUICK = ("JPEG",)
"""Formats whose decoders are as fast as it gets."""

Rgb = tuple[int, int, int]


def decoded_photo(path: Path, min_scale: float, background: Rgb | None, stages: Stages | None) -> Photo:
    """Like :func:`engine.media.load_photo`, but a photo that was decoded before is read back, pixel for pixel.

    Args:
        path, min_scale, background: see there.
        stages: where decoded photos are kept; None keeps none.

    Raises:
        MediaError: see there.
    """
    if stages is None:
        return load_photo(path, min_scale=min_scale, background=background)
    info = probe_photo(path)
    if info.format in QUICK:
        return load_photo(path, min_scale=min_scale, background=background)

    def read(file: Path) -> Photo:
        with file.open("rb") as stream:
            notes = json.loads(bytes(np.load(stream, allow_pickle=False)))
            pixels, alpha = (np.load(stream, allow_pickle=False) for _ in range(2))
        if pixels.shape != (info.height, info.width, 3):
            raise ValueError("another picture")
        # The name, and what is to be said about it, are those of the file that was asked for.
        return Photo(pixels, replace(info, notes=(*info.notes, *notes)), alpha if alpha.size else None)

    def write(file: Path, photo: Photo) -> None:
        decoding = [note for note in photo.info.notes if note not in info.notes]
        nothing = np.empty((0, 0), np.uint8)
        with file.open("wb") as stream:
            for part in (
                np.frombuffer(json.dumps(decoding).encode(), np.uint8),
                photo.pixels,
                nothing if photo.alpha is None else photo.alpha,
            ):
                np.save(stream, part, allow_pickle=False)

    # All these formats are decoded whole, whatever the scale: one result serves every move and every canvas.
    key = digest(file_digest(path), background if info.has_alpha else None)
    return prepared(
        stages, KIND, key, lambda: load_photo(path, min_scale=min_scale, background=background), read, write
    )
