"""Broken photos of every format, made from good ones by a seeded generator: cut, flipped, overwritten, renamed, joined.

``python -m tests.media.photos.broken_corpus FOLDER`` writes the corpus to look at.
"""

import sys
from pathlib import Path
from random import Random

import numpy as np

from tests.media.photos.photo_samples import EXTENSION, FORMATS, corner_picture, encode, png16, smooth_picture, tiff16

SEED = 20_240_817
CUTS = 9
HEADER_FLIPS = 14
BODY_FLIPS = 10
OVERWRITES = 6


def _sources() -> dict[str, bytes]:
    """Good files, one a format and two of 16 bits; names with extension."""
    picture = smooth_picture(61, 47)
    files = {f"{f}{EXTENSION[f]}": encode(picture, f, orientation=6) for f in FORMATS}
    deep = picture.astype(np.uint16) * 257
    files["PNG16.png"] = png16(deep)
    files["TIFF16.tif"] = tiff16(deep, orientation=6)
    files["SMALL.jpg"] = encode(corner_picture(16, 16), "JPEG")
    return files


def _flip(rng: Random, data: bytes, start: int, end: int, count: int) -> bytes:
    broken = bytearray(data)
    for _ in range(count):
        broken[rng.randrange(start, end)] ^= 1 << rng.randrange(8)
    return bytes(broken)


def _overwrite(rng: Random, data: bytes) -> bytes:
    """Put a run of zeros, ones or noise over some bytes: what a failing disk leaves."""
    start = rng.randrange(len(data))
    length = rng.randrange(1, 64)
    filler = rng.choice([bytes(length), b"\xff" * length, rng.randbytes(length)])
    return data[:start] + filler + data[start + length :]


def broken_files(seed: int = SEED) -> dict[str, bytes]:
    """Name -> content; the same for the same seed."""
    rng = Random(seed)
    sources = _sources()
    files: dict[str, bytes] = {}
    for name, data in sources.items():
        stem, _, suffix = name.rpartition(".")
        for i in range(CUTS):
            files[f"{stem}-cut{i}.{suffix}"] = data[: rng.randrange(len(data))]
        for i in range(HEADER_FLIPS):
            files[f"{stem}-head{i}.{suffix}"] = _flip(rng, data, 0, min(len(data), 200), rng.randrange(1, 4))
        for i in range(BODY_FLIPS):
            files[f"{stem}-body{i}.{suffix}"] = _flip(rng, data, 0, len(data), rng.randrange(1, 30))
        for i in range(OVERWRITES):
            files[f"{stem}-hole{i}.{suffix}"] = _overwrite(rng, data)
        files[f"{stem}-doubled.{suffix}"] = data + data
        files[f"{stem}-tail.{suffix}"] = data + rng.randbytes(100)
        files[f"{stem}-noise.{suffix}"] = data[:12] + rng.randbytes(400)
        other = rng.choice([other for other in sources if other != name])
        files[f"{stem}-as-{other.partition('.')[0]}.{other.rpartition('.')[2]}"] = data
        files[f"{stem}-spliced.{suffix}"] = data[: len(data) // 2] + sources[other][len(sources[other]) // 2 :]
    return files


def write_corpus(folder: Path, seed: int = SEED) -> int:
    """Write the files; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    files = broken_files(seed)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return len(files)


if __name__ == "__main__":
    sys.stdout.write(f"{write_corpus(Path(sys.argv[1]))} files\n")
