"""A recipe that was applied to a module, and can be taken off again."""

from typing import Protocol


class Applied(Protocol):
    """What ``apply_x`` returns."""

    def remove(self) -> None:
        """Give the module back as it was before; a second call does nothing."""
        ...
