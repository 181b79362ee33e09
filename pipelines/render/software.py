"""What makes the frames, as a hash: our own code, and the libraries that it stands on."""

import importlib.metadata
from functools import lru_cache
from pathlib import Path

import engine
import models
import pipelines
from engine.core.content import digest, tree_digest
from engine.version import VERSION

LIBRARIES = (
    "av",
    "freetype-py",
    "numba",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "pillow",
    "pillow-heif",
    "uharfbuzz",
)
"""Whose version may change a frame or a packet."""


@lru_cache(maxsize=1)
def software() -> str:
    """The hash of our own source files and of the versions of what they stand on."""
    versions = [importlib.metadata.version(name) for name in LIBRARIES]
    sources = [tree_digest(Path(next(iter(package.__path__))), ".py") for package in (engine, models, pipelines)]
    return digest(VERSION, versions, sources)
