"""What a clip plays, as samples that can be read from anywhere: trimmed, reversed, stretched, repeated."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.audio.decode import decode_sound
from engine.audio.limits import SOUND_HOURS
from engine.audio.samples import SAMPLE_RATE, SampleFile, Samples
from engine.audio.stretch import stretch
from engine.core.errors import MediaLimitExceeded

Reader = Callable[[int, int], Samples]
"""read(start, count) -> (count, 2); silence where there is nothing."""


@dataclass(frozen=True, slots=True)
class Material:
    """Samples on a clip's own clock, at 48 kHz.

    Attributes:
        read: the samples.
        length: of one play: [0, length) is what the clip asks for.
        first, last: [first, last) is what there is; first <= 0 and last >= length. What lies beyond the play serves
            crossfades.
    """

    read: Reader
    length: int
    first: int
    last: int


@dataclass(slots=True)
class Spool:
    """The decoded sound of one file, or of a part of it.

    Attributes:
        samples: where it lies.
        offset: which sample of the medium the first one is.
        ended: whether the medium ends where the samples end.
    """

    samples: SampleFile
    offset: int
    ended: bool

    @property
    def end(self) -> int:
        """The sample of the medium after the last one here."""
        return self.offset + self.samples.length

    def read(self, start: int, count: int) -> Samples:
        """Samples of the medium; silence where they were not decoded."""
        return self.samples.read(start - self.offset, count)


def spool_sound(
    path: Path, first: int, last: int | None, folder: Path | None, notes: list[str], pulse: Callable[[], None]
) -> Spool:
    """Decode samples [first, last) of a file to disk.

    Args:
        path: the file.
        first, last: samples of the medium at 48 kHz; last None is its end.
        folder: for the temporary file.
        notes: see :func:`engine.audio.decode.decode_sound`, which also says what else is raised.
        pulse: called after each block; may raise.

    Raises:
        MediaLimitExceeded: the part is longer than :data:`engine.audio.limits.SOUND_HOURS`.
    """
    limit = round(SOUND_HOURS.value() * 3600 * SAMPLE_RATE)
    spool = Spool(SampleFile(folder), first, True)
    try:
        for block in decode_sound(path, first, notes):
            pulse()
            if last is not None and spool.end + len(block) >= last:
                spool.samples.append(block[: max(0, last - spool.end)])
                spool.ended = False
                break
            spool.samples.append(block)
            if spool.samples.length > limit:
                raise MediaLimitExceeded(
                    path,
                    f"more than {SOUND_HOURS.value():g} hours of its sound would be needed; use a shorter part of it, "
                    f"or raise {SOUND_HOURS.variable}.",
                )
    except BaseException:
        spool.samples.close()
        raise
    return spool


def part_of(spool: Spool, start: int, end: int | None, reverse: bool, *, padded: bool = False) -> Material:
    """Samples [start, end) of a medium, forwards or backwards; end None is the medium's end.

    Args:
        spool: the medium.
        start, end: samples of it.
        reverse: backwards.
        padded: where the medium ends before ``end``, silence follows it; else the part ends there.
    """
    stop = spool.end if end is None else end if padded else min(end, spool.end)
    length = max(0, stop - start)
    if not reverse:
        last = max(spool.end - start, length)
        return Material(lambda first, count: spool.read(start + first, count), length, -start, last)

    def backwards(first: int, count: int) -> Samples:
        return np.ascontiguousarray(spool.read(stop - first - count, count)[::-1])

    return Material(backwards, length, min(stop - spool.end, 0), stop)


def at_speed(
    material: Material, speed: Fraction, first: int, last: int, folder: Path | None, pulse: Callable[[], None]
) -> tuple[Material, SampleFile]:
    """The material at another speed, pitch kept.

    Args:
        material: at speed 1.
        speed: seconds of it in one second of the timeline.
        first, last: which samples of the result are wanted.
        folder: for the temporary file that holds the result.
        pulse: called after each block; may raise.

    Returns:
        The result, and the file, which the caller closes.
    """
    length = round(material.length / speed)
    first = max(first, -int(-material.first / speed))
    last = min(last, int(material.last / speed))
    made = SampleFile(folder)
    try:
        for block in stretch(material.read, first, max(0, last - first), speed):
            pulse()
            made.append(block)
    except BaseException:
        made.close()
        raise
    begin = first
    return Material(lambda at, count: made.read(at - begin, count), length, first, max(last, first)), made
