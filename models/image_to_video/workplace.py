"""Where the parts of a model are at work: on the device always, a part at a time, or a layer at a time."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from engine.core.errors import DeviceMemoryError
from models.image_to_video.interface import ClipRequest, Traits
from models.image_to_video.ladder import FULL, Rung, forget_locals
from models.image_to_video.offload import LayerVisits, Visitor
from models.image_to_video.out_of_memory import is_out_of_memory
from models.residency.parking import park, unpark
from models.runtime import Placement, release_memory

if TYPE_CHECKING:
    import torch

    from models.recipes.presets import Preset

T = TypeVar("T")

VAE = "vae"


class Workplace:
    """The parts of one model, and what happens while they work; one thread at a time, others wait.

    Args:
        name: of the model, for sentences.
        parts: by name; one of them is ``vae``.
        placement: where they work.
        rung: how much is there at a time. By layers all but the VAE come, which is small and whose methods are not a
            module's call.
    """

    def __init__(self, name: str, parts: Mapping[str, "torch.nn.Module"], placement: Placement, rung: Rung) -> None:
        self._name = name
        self._parts = dict(parts)
        self._rung = rung
        self._lock = threading.Lock()
        self._phase = ""
        self.device = placement.device
        self._visitors: dict[str, Visitor] = {}
        self._layers: list[LayerVisits] = []
        if rung.offload == "none":
            unpark(self._parts.values(), self.device)
            return
        whole = self._parts if rung.offload == "model" else {VAE}
        self._visitors = {part: Visitor(self._parts[part], self.device) for part in whole}
        self._layers = [LayerVisits(self._parts[part], self.device) for part in self._parts.keys() - self._visitors]

    @property
    def weights_size(self) -> int:
        """Bytes of the parameters and buffers of all parts, wherever they lie."""
        tensors = [tensor for part in self._parts.values() for tensor in (*part.parameters(), *part.buffers())]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    @property
    def is_short_of_memory(self) -> bool:
        """Whether the VAE should work in tiles: from the second rung of the ladder on."""
        return self._rung.micro_batch < FULL.micro_batch

    @property
    def is_least(self) -> bool:
        """Whether the VAE should take as few pictures at a time as it can."""
        return self._rung.micro_batch == 1

    @contextmanager
    def at_work(self, phase: str, part: str) -> Iterator[None]:
        """Name what is done, for errors; the part that does it is on the device meanwhile.

        Args:
            phase: goes into "ran out of memory while ...".
            part: its name.
        """
        self._phase = phase
        if part not in self._visitors:
            yield
            return
        with self._visitors[part].visit():
            yield

    def generated(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, of which torch keeps no record for training.

        Raises:
            DeviceMemoryError: there was not enough memory; nothing of it is left on the device.
            Exception: whatever else ``work`` raises.
        """
        import torch

        with self._lock:
            self._phase = "getting ready"
            try:
                with torch.no_grad():
                    return work()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                forget_locals(error)  # they hold what fills the device
                detail = str(error)
            # Here, where the error is gone, nothing holds its tensors any more.
            release_memory(self.device)
        raise DeviceMemoryError(
            f"{self._name} ran out of memory on {self.device} while {self._phase}: ask for a smaller or shorter clip, "
            "or free memory there.",
            detail=detail,
        )

    def to_host(self, pinned: bool) -> None:
        """See :class:`models.residency.parking.Parkable`; parts that are offloaded lie there already."""
        if self._rung.offload == "none":
            park(self._parts.values(), pinned)

    def to_device(self) -> None:
        """See :class:`models.residency.parking.Parkable`.

        Raises:
            DeviceMemoryError: there is not enough memory.
        """
        if self._rung.offload == "none":
            self.generated(lambda: unpark(self._parts.values(), self.device))


class ModelAtWork:
    """What the adapters of all families have in common: a :class:`models.residency.parking.Parkable` with traits.

    Args:
        traits: what the model was trained for.
        work: where its parts are at work.
        preset: what may be approximated; None: nothing.
    """

    def __init__(self, traits: Traits, work: Workplace, preset: "Preset | None") -> None:
        self._traits = traits
        self._work = work
        self._preset = preset

    @property
    def traits(self) -> Traits:
        """See :attr:`models.image_to_video.interface.ImageToVideo.traits`."""
        return self._traits

    @property
    def weights_size(self) -> int:
        """Bytes of its weights, wherever they lie."""
        return self._work.weights_size

    def steps_of(self, request: ClipRequest) -> int:
        """Steps that are taken for a request: the preset's share of those that it asks for, at least 1."""
        return request.steps if self._preset is None else self._preset.steps(request.steps)

    def to_host(self, pinned: bool) -> None:
        """See :class:`models.residency.parking.Parkable`."""
        self._work.to_host(pinned)

    def to_device(self) -> None:
        """See :class:`models.residency.parking.Parkable`."""
        self._work.to_device()
