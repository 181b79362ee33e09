"""The name of a loaded model, and how it is told to people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What makes one loaded model another.

    Attributes:
        name: for people and sentences, such as the pack's id.
        source: what it was loaded from, such as the folder: a pack that was installed again lies in another one.
        device: ``cpu`` or ``cuda:N``.
        variant: all else that the load depends on, such as the number format, or what leaves the device while idle.
    """

    name: str
    source: str
    device: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """A loaded model, as it is told to people.

    Attributes:
        key: which.
        size: bytes that it counts for, without what leases of it need beside.
        leases: how many use it now.
        parked: it waits in memory of the processor for its next use on its device.
    """

    key: ModelKey
    size: int
    leases: int
    parked: bool = False
