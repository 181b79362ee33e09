"""One line of what ``multiplane doctor`` reports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        name: what was looked at.
        status: ``ok``, ``missing`` (optional, and not there) or ``problem`` (the main job suffers).
        about: what was found.
    """

    name: str
    status: str
    about: str
