"""The library, which has no types that the checker could read: here it is Any."""

from importlib import import_module
from typing import Any


def library() -> Any:  # noqa: ANN401 - a module without types
    """The module ``opentimelineio``."""
    return import_module("opentimelineio")
