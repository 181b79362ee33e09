"""Tiny random models that several tests of models share."""

from pathlib import Path

import pytest

from tests.models.tiny_svd import write_tiny_svd


@pytest.fixture(scope="session")
def tiny_svd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny Stable Video Diffusion, as a pack has it; do not write into it."""
    pytest.importorskip("diffusers")
    return write_tiny_svd(tmp_path_factory.mktemp("tiny") / "svd")
