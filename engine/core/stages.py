"""Stages: what is prepared once for a source, and read by every frame, process and rendering after that.

A decoded photo is one; depth, layers and fill are others. Each is a function of contents and parameters alone, so its
result is named by their hash and needs never be invalidated.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")


class Stages(Protocol):
    """Where results are kept. Any number of processes may share one; none of its methods fails for a full disk."""

    def find(self, kind: str, key: str) -> Path | None:
        """The file of a result; None where there is none."""
        ...

    def keep(self, kind: str, key: str, write: Callable[[Path], object]) -> Path | None:
        """Keep a result: ``write`` writes it to the file that it is given. None where it could not be kept."""
        ...

    def discard(self, kind: str, key: str) -> None:
        """Forget a result that turned out to be unusable."""
        ...


def prepared(
    stages: Stages | None,
    kind: str,
    key: str,
    make: Callable[[], T],
    read: Callable[[Path], T],
    write: Callable[[Path, T], object],
) -> T:
    """Take a result from where it is kept, or make it and keep it.

    Args:
        stages: where; None makes it anew.
        kind: what sort of result, such as ``photo``: a word.
        key: the hash of all that the result depends on but for our own code: contents of files, parameters.
        make: makes the result.
        read: gives back exactly what ``write`` was given; raises OSError, ValueError or EOFError where the
            file is no good.
        write: writes the result to a file.

    Raises:
        Exception: what ``make`` raises.
    """
    if stages is not None:
        path = stages.find(kind, key)
        if path is not None:
            try:
                return read(path)
            except (OSError, ValueError, EOFError):
                stages.discard(kind, key)
    made = make()
    if stages is not None:
        stages.keep(kind, key, lambda path: write(path, made))
    return made
