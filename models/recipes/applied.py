"""A recipe that was applied to a module, and can be taken off again."""

from typing import Any, Protocol, TypeAlias

DiffusersModule: TypeAlias = Any
"""A module of diffusers, which carries no types."""


class Applied(Protocol):
    """What ``apply_x`` returns."""

    def remove(self) -> None:
        """Give the module back as it was before; a second call does nothing."""
        ...


class Replaced:
    """Attributes of objects that were replaced, and come back in the opposite order: an :class:`Applied`."""

    def __init__(self) -> None:
        self._before: list[tuple[object, str, bool, object]] = []

    def put(self, owner: object, name: str, value: object) -> None:
        """Replace an attribute of this one object; what its class says stays as it is."""
        own = vars(owner)
        self._before.append((owner, name, name in own, own.get(name)))
        own[name] = value

    def remove(self) -> None:
        """See :meth:`Applied.remove`."""
        while self._before:
            owner, name, was_own, value = self._before.pop()
            if was_own:
                vars(owner)[name] = value
            else:
                del vars(owner)[name]
