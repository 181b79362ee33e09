"""Clips that are ready to be mixed: decoded, stretched, looped, each with its gain."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.audio.clip import SoundClip
from engine.audio.gain import EDGE, EQUAL_POWER, LINEAR, ClipGain, Ramp
from engine.audio.loop import looped
from engine.audio.material import Material, Spool, at_speed, part_of, spool_sound
from engine.audio.samples import SAMPLE_RATE, Samples, sample_at
from engine.timeline.playback import ENDLESS

_MARGIN = SAMPLE_RATE // 4
"""Samples of a medium that are decoded beyond what a clip plays, so that its edges know how the sound goes on."""

_SPLICE = SAMPLE_RATE * 10 // 1000
"""Samples of the crossfade where a stretched sound was cut and goes on: 10 ms."""

_UNNOTICED = SAMPLE_RATE
"""Samples by which music may end before its segment without a word."""


@dataclass(frozen=True, slots=True)
class Player:
    """One clip.

    Attributes:
        clip: what it is.
        material: its samples; sample 0 is the clip's start.
        gain: its level.
        begin: sample of the timeline where the clip starts.
        first, last: samples of the clip in which it can be heard; first may be negative, in a crossfade.
    """

    clip: SoundClip
    material: Material
    gain: ClipGain
    begin: int
    first: int
    last: int

    def add_to(self, out: Samples, start: int, gain: np.ndarray[tuple[int], np.dtype[np.float64]] | None) -> None:
        """Add what is heard during samples [start, start + len(out)) of the timeline.

        Args:
            out: (n, 2), changed in place.
            start: sample of the timeline.
            gain: a further gain, (n,), or None.
        """
        first = max(start - self.begin, self.first)
        last = min(start + len(out) - self.begin, self.last)
        if first >= last:
            return
        level = self.gain.over(first, last - first)
        offset = first + self.begin - start
        if gain is not None:
            level = level * gain[offset : offset + last - first]
        samples = self.material.read(first, last - first)
        if isinstance(level, np.ndarray):
            samples *= level[:, None].astype(np.float32)
        elif level != 1:
            samples *= np.float32(level)
        out[offset : offset + last - first] += samples


def open_players(
    clips: Sequence[SoundClip],
    total: int,
    folder: Path | None,
    notes: list[str],
    pulse: Callable[[float], None],
    stack: ExitStack,
) -> list[Player]:
    """Decode everything that is heard in the first ``total`` samples.

    Args:
        clips: in any order.
        total: samples of the mix.
        folder: for temporary files.
        notes: gets a sentence for each damaged or missing part.
        pulse: called often with the share that is done; may raise.
        stack: gets the temporary files to close.

    Raises:
        MediaError: a file cannot be used; see :func:`engine.audio.decode.decode_sound`.
    """
    audible = [
        clip
        for clip in clips
        if clip.playback.freeze is None and clip.sound.volume > 0 and sample_at(clip.start) < total
    ]
    ranges: dict[Path, tuple[int, int | None]] = {}
    for clip in audible:
        first, last = _needed(clip)
        if clip.path in ranges:
            known_first, known_last = ranges[clip.path]
            first = min(first, known_first)
            last = None if last is None or known_last is None else max(last, known_last)
        ranges[clip.path] = (first, last)
    spools: dict[Path, Spool] = {}
    for index, (path, (first, last)) in enumerate(ranges.items()):
        share = index / len(ranges)
        spools[path] = spool_sound(path, first, last, folder, notes, lambda share=share: pulse(share))  # type: ignore[misc]
        stack.callback(spools[path].samples.close)
    players = []
    for clip in audible:
        player = _player(clip, clips, spools[clip.path], folder, pulse, stack)
        pulse(1.0)
        if player is None:
            notes.append(f"{clip.path.name}: the part that was chosen lies beyond its end, so nothing is heard of it.")
            continue
        players.append(player)
        wanted = min(sample_at(clip.duration), total - player.begin)
        if clip.role == "music" and player.last < wanted - _UNNOTICED:
            notes.append(
                f"{clip.path.name}: the music is over after {player.last / SAMPLE_RATE:.0f} s of "
                f"{wanted / SAMPLE_RATE:.0f} s: set its loop to 0 to repeat it."
            )
    return players


def _needed(clip: SoundClip) -> tuple[int, int | None]:
    """Samples of the medium that a clip can need: [first, last); last None is the medium's end."""
    play = clip.playback
    start, end = sample_at(play.start), None if play.end is None else sample_at(play.end)
    handle = round(sample_at(max(clip.crossfade_in, clip.crossfade_out)) * play.speed) + _MARGIN
    first = max(0, start - handle)
    once = start + round(sample_at(clip.duration) * play.speed)
    if play.plays == 1 and not play.reverse:
        return first, (once if end is None else min(end, once)) + handle
    return first, None if end is None else end + handle


def _player(
    clip: SoundClip,
    clips: Sequence[SoundClip],
    spool: Spool,
    folder: Path | None,
    pulse: Callable[[float], None],
    stack: ExitStack,
) -> Player | None:
    play = clip.playback
    length = sample_at(clip.duration)
    half_in, half_out = sample_at(clip.crossfade_in) // 2, sample_at(clip.crossfade_out) // 2
    before, after = _neighbours(clip, clips)
    if play.speed != 1:
        # The stretcher chooses its windows anew on each side of a cut: the waves are shifted against each other, and a
        # long crossfade of them would be hollow.
        half_in, half_out = _SPLICE // 2 if before else half_in, _SPLICE // 2 if after else half_out
    shape = LINEAR if play.speed == 1 else EQUAL_POWER
    end = None if play.end is None else sample_at(play.end)
    material = part_of(spool, sample_at(play.start), end, play.reverse, padded=clip.in_step)
    if material.length <= 0:
        return None
    if play.speed != 1:
        once = play.plays == 1
        material, made = at_speed(
            material,
            play.speed,
            -half_in - _MARGIN if once else -_MARGIN,
            length + half_out + _MARGIN if once else round(material.length / play.speed) + _MARGIN,
            folder,
            lambda: pulse(1.0),
        )
        stack.callback(made.close)
    if play.plays != 1:
        material = looped(material, play.plays, musical=clip.role == "music")
    first = max(-half_in, material.first)
    last = min(length + half_out, material.last) if length <= material.length else material.length
    ramps: list[Ramp] = []
    if half_in:
        ramps.append(Ramp(first, half_in, shape if before else EQUAL_POWER))
    elif material.first < first and not before:
        ramps.append(Ramp(first, first + EDGE))
    if half_out:
        ramps.append(Ramp(last, length - half_out, shape if after else EQUAL_POWER))
    elif material.last > last and not after:
        ramps.append(Ramp(last, last - EDGE))
    fade_in, fade_out = _fades(clip, length)
    if fade_in:
        ramps.append(Ramp(first, fade_in))
    if fade_out:
        ramps.append(Ramp(max(last, length), length - fade_out))
    gain = ClipGain(clip.sound.volume, tuple(ramps))
    return Player(clip, material, gain, sample_at(clip.start), first, last)


def _fades(clip: SoundClip, length: int) -> tuple[int, int]:
    """Samples of the fades in and out; where the clip is too short for both they meet, each shortened by as much."""
    fade_in, fade_out = sample_at(clip.sound.fade_in), sample_at(clip.sound.fade_out)
    together = fade_in + fade_out
    if together <= length:
        return fade_in, fade_out
    fade_in = fade_in * length // together
    return fade_in, length - fade_in


def _neighbours(clip: SoundClip, clips: Sequence[SoundClip]) -> tuple[bool, bool]:
    """Whether another clip's sound goes on in this one's at its start, and this one's in another's at its end.

    That is what splitting a clip leaves behind: the cut must not be heard.
    """
    return (
        any(_goes_on(other, clip) for other in clips if other is not clip),
        any(_goes_on(clip, other) for other in clips if other is not clip),
    )


def _goes_on(one: SoundClip, other: SoundClip) -> bool:
    a, b = one.playback, other.playback
    if one.path != other.path or one.end != other.start or a.speed != b.speed or a.reverse != b.reverse:
        return False
    if a.freeze is not None or b.freeze is not None or ENDLESS in (a.plays, b.plays) or a.plays != 1 or b.plays != 1:
        return False
    if a.reverse:
        return a.end is not None and b.end is not None and b.end == a.end - one.duration * a.speed
    return b.start == a.start + one.duration * a.speed
