"""What an edit operation is aimed at, and the bounds that all operations share."""

from fractions import Fraction

from engine.core.errors import DraftError
from engine.timeline.draft import MAX_DURATION

Target = tuple[str, ...] | None
"""Ids of segments, or None for all on the tracks that the operation is about (the video tracks, where it says nothing
else)."""

MAX_NAME_LENGTH = 200
"""Characters of an id or of a track's name that an operation brings."""


def check_duration(duration: Fraction) -> None:
    """Refuse a duration that no segment can have.

    Raises:
        DraftError: shorter than a millisecond, or longer than a day.
    """
    if not Fraction(1, 1000) <= duration <= MAX_DURATION:
        raise DraftError(
            f"A duration of {float(duration):g} s is not possible: it must be more than 0 and at most a day."
        )


def check_time(time: Fraction) -> None:
    """Refuse a time that is not on any timeline.

    Raises:
        DraftError: before 0, or after a day.
    """
    if not 0 <= time <= MAX_DURATION:
        raise DraftError(f"{float(time):g} s is not a time on the timeline: it must be 0 to a day.")


def check_id(name: str | None) -> None:
    """Refuse an id that cannot be one; None leaves it to the draft.

    Raises:
        DraftError: empty, or too long.
    """
    if name is not None and not 0 < len(name) <= MAX_NAME_LENGTH:
        raise DraftError(f"An id must have 1 to {MAX_NAME_LENGTH} characters.")


def check_ids(names: tuple[str, ...]) -> None:
    """Refuse a list of ids that names nothing, or one thing twice.

    Raises:
        DraftError: it is empty, or an id stands in it twice.
    """
    if not names:
        raise DraftError("No clip is named: give at least one id.")
    if len(set(names)) < len(names):
        raise DraftError("A clip is named twice: give each id once.")
