"""What generations really took of a GPU, kept in a file: the next admission knows better than the count.

Only runs that came to their end are noted: one that ran out of memory would have taken more than could be seen.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from models.image_to_video.ladder import Rung
from models.image_to_video.memory import Shape
from models.runtime import CUDA

FILE = "memory-taken.json"


def name_of(shape: Shape, preset: str, rung: Rung) -> str:
    """What a run is called in the file."""
    size = f"{shape.clips}x{shape.frames}x{shape.width}x{shape.height}"
    guided = "guided" if shape.guided else "unguided"
    return f"{shape.family} {size} {guided} {preset} {rung.micro_batch} {rung.offload}"


class MemoryTaken:
    """The file. Several processes may use it: of two that write at a time one's note is lost, and comes again.

    Args:
        folder: that it lies in; made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def of(self, shape: Shape, preset: str, rung: Rung) -> int:
        """The most bytes of workspace that such a run took; 0 where none is known."""
        return self._read().get(name_of(shape, preset, rung), 0)

    def note(self, shape: Shape, preset: str, rung: Rung, taken: int) -> None:
        """Keep what a run took, if none took more. Where the file cannot be written nothing is kept."""
        known, name = self._read(), name_of(shape, preset, rung)
        if taken <= known.get(name, 0):
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(f".{os.getpid()}.part")
            try:
                part.write_text(json.dumps({**known, name: taken}, indent=1, sort_keys=True), encoding="utf-8")
                part.replace(self._path)
            finally:
                part.unlink(missing_ok=True)

    @contextmanager
    def watching(
        self,
        shape: Shape,
        preset: str,
        rung: Rung,
        device: str,
        cuda: Any = None,  # noqa: ANN401  torch.cuda, or a test's stand-in
    ) -> Iterator[None]:
        """Around one generation of a model that is loaded: note what it took, if it comes to its end on a GPU.

        The pool's other models must not work on the same GPU meanwhile: what they take would count as this one's.
        """
        if not device.startswith(CUDA):
            yield
            return
        if cuda is None:
            import torch

            cuda = torch.cuda
        cuda.reset_peak_memory_stats(device)
        before = cuda.memory_allocated(device)
        yield
        self.note(shape, preset, rung, cuda.max_memory_allocated(device) - before)

    def _read(self) -> dict[str, int]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {name: size for name, size in data.items() if type(size) is int and size >= 0}
