"""A piece that is repeated."""

from dataclasses import dataclass

import numpy as np

from engine.audio.material import Material
from engine.audio.samples import SAMPLE_RATE, Samples
from engine.audio.seam import find_seam, seam_gains
from engine.timeline.playback import ENDLESS

JOIN_FADE = SAMPLE_RATE * 20 // 1000
"""Samples of the crossfade where a piece must repeat exactly: 20 ms."""

_EDGE = SAMPLE_RATE * 3 // 1000
"""Samples of the ramps at a join for which there is no material to cross-fade with."""

_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class _Round:
    """How a piece repeats: play to ``leave``, with ``joint`` in place of the samples before it, go on at ``enter``."""

    piece: Material
    enter: int
    leave: int
    joint: Samples
    plays: int

    @property
    def period(self) -> int:
        return self.leave - self.enter

    def material(self) -> Material:
        """All rounds; what the medium has beyond the piece comes before the first and after the last one."""
        piece = self.piece
        length = _FOREVER if self.plays == ENDLESS else piece.length + (self.plays - 1) * self.period
        return Material(self.samples, length, piece.first, length + piece.last - piece.length)

    def samples(self, start: int, count: int) -> Samples:
        out = np.zeros((count, 2), np.float32)
        end = start + count
        at = start
        while at < end:
            play = max(0, (at - self.enter) // self.period)
            if self.plays != ENDLESS:
                play = min(play, self.plays - 1)
            offset = play * self.period  # the piece's sample p is heard at offset + p
            is_last = self.plays != ENDLESS and play == self.plays - 1
            stop = end if is_last else min(end, offset + self.leave)
            part = self.piece.read(at - offset, stop - at)
            if not is_last:
                _lay(part, at - offset, self.joint, self.leave - len(self.joint))
            out[at - start : stop - start] = part
            at = stop
        return out


def _lay(part: Samples, start: int, over: Samples, over_start: int) -> None:
    """Replace what ``over`` covers; both are positions on one clock."""
    first, last = max(start, over_start), min(start + len(part), over_start + len(over))
    if first < last:
        part[first - start : last - start] = over[first - over_start : last - over_start]


def looped(piece: Material, plays: int, musical: bool) -> Material:
    """Repeat a piece.

    Args:
        piece: one play.
        plays: how often, :data:`ENDLESS` for ever.
        musical: whether the length may change by the seam (see :mod:`engine.audio.seam`). If not, the period is exactly
            one play, and the join a crossfade of :data:`JOIN_FADE` with what the medium has before the part, or after
            it; if it has neither and the ends do not fit together, two ramps of 3 ms.
    """
    seam = find_seam(piece.read, piece.length) if musical else None
    if seam is None:
        return _exact_round(piece, plays).material()
    half = seam.fade // 2
    out, into = seam_gains(seam)
    joint = piece.read(seam.leave - half, seam.fade) * out[:, None]
    joint += piece.read(seam.enter - half, seam.fade) * into[:, None]
    return _Round(piece, seam.enter + half, seam.leave + half, joint.astype(np.float32), plays).material()


def _exact_round(piece: Material, plays: int) -> _Round:
    length = piece.length
    fade = min(JOIN_FADE, length // 4)
    way = ((np.arange(fade) + 0.5) / max(fade, 1) * np.pi / 2)[:, None]
    if -piece.first >= fade:  # what comes before the part leads into its start
        joint = piece.read(length - fade, fade) * np.cos(way) + piece.read(-fade, fade) * np.sin(way)
        return _Round(piece, 0, length, joint.astype(np.float32), plays)
    if piece.last - length >= fade:  # what comes after the part fades out over its start
        joint = piece.read(length, fade) * np.cos(way) + piece.read(0, fade) * np.sin(way)
        return _Round(piece, fade, length + fade, joint.astype(np.float32), plays)
    if _fit_together(piece):
        return _Round(piece, 0, length, np.zeros((0, 2), np.float32), plays)
    ramp = min(_EDGE, length // 4)
    rise = np.sin((np.arange(ramp) + 0.5) / max(ramp, 1) * np.pi / 2)[:, None] ** 2
    joint = np.concatenate([piece.read(length - ramp, ramp) * rise[::-1], piece.read(0, ramp) * rise])
    return _Round(piece, ramp, length + ramp, joint.astype(np.float32), plays)


def _fit_together(piece: Material) -> bool:
    """Whether the end goes on in the start: no step in the wave, nor in its slope, larger than those beside it."""
    near = min(256, piece.length // 2)
    joined = np.concatenate([piece.read(piece.length - near, near), piece.read(0, near)]).astype(np.float64)
    for order in (1, 2):
        change = np.abs(np.diff(joined, n=order, axis=0)).max(axis=1)
        middle = slice(near - order, near)
        beside = np.delete(change, np.arange(near - order, near))
        if change[middle].max() > 1.5 * beside.max() + 1e-4:
            return False
    return True
