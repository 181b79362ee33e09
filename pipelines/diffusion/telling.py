"""How far long work is, as its caller hears it."""

from collections.abc import Callable

Tell = Callable[[float], None]
"""Told how much is done, 0..1; what it raises ends the work within one step."""


def part_of(tell: Tell, number: int, parts: int) -> Tell:
    """What part ``number`` of equal parts, counted from 0, tells its progress to."""
    return lambda done: tell((number + done) / parts)
