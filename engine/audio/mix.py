"""Every sound of a timeline into one .m4a."""

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.audio.clip import MixReport, SoundClip
from engine.audio.ducking import HOP, Ducking, VoiceLevel, heard
from engine.audio.levelling import TARGET_LOUDNESS, Mixed, write_levelled
from engine.audio.loudness import LoudnessMeter, PeakMeter
from engine.audio.player import Player, open_players
from engine.audio.progress import MixProgress, Stages
from engine.audio.samples import BLOCK, SampleFile, Samples, sample_at
from engine.core.errors import OptionError
from engine.media.pending_file import PendingFile

_STAGES = {"decode": 3.0, "mix": 2.0, "encode": 5.0}


def render_mix(
    clips: Sequence[SoundClip],
    duration: Fraction,
    target: Path,
    *,
    loudness: float = TARGET_LOUDNESS,
    on_progress: MixProgress | None = None,
) -> MixReport:
    """Mix, level and encode: AAC-LC, 192 kbit/s, stereo, 48 kHz, exactly ``duration`` long.

    Works in blocks of a second: memory does not depend on the duration. Decoded sounds and the mix lie in files without
    a name beside the target (23 MB a minute each); they are gone whatever happens. An older target is replaced when the
    new one is complete.

    Args:
        clips: in any order; what lies beyond ``duration`` is not heard.
        duration: seconds of the whole.
        target: the .m4a.
        loudness: LUFS, integrated, of the result (ITU-R BS.1770-5).
        on_progress: gets the share that is done; an exception from it ends the mix and leaves no file.

    Raises:
        MediaError: a file cannot be read, or has no sound.
        OutputError: the target cannot be written.
        EncodeError: the encoder failed.
        EngineError: the disk is too full for the temporary files.
        OptionError: the duration is not positive.
    """
    total = sample_at(duration)
    if total <= 0:
        raise OptionError("The duration of a mix must be longer than zero seconds.")
    stages = Stages(on_progress, _STAGES)
    stages.at("decode", 0)
    notes: list[str] = []
    with ExitStack() as stack:
        file = stack.enter_context(PendingFile(target, overwrite=True))
        folder = target.resolve().parent
        players = open_players(clips, total, folder, notes, lambda share: stages.at("decode", share), stack)
        samples = stack.enter_context(SampleFile(folder))
        mix = _mix(players, total, samples, stages)
        return write_levelled(mix, file.path, target.name, loudness, notes, lambda share: stages.at("encode", share))


def _mix(players: Sequence[Player], total: int, out: SampleFile, stages: Stages) -> Mixed:
    """Add everything up, and measure the sum."""
    ducking = _ducking(players, total, stages)
    loudness, peaks = LoudnessMeter(), PeakMeter()
    for first in range(0, total, BLOCK):
        block = np.zeros((min(BLOCK, total - first), 2), np.float32)
        for player in players:
            gain = ducking.gain(first, len(block)) if ducking is not None and player.clip.sound.duck else None
            player.add_to(block, first, gain)
        out.append(block)
        loudness.add(block)
        peaks.add(block)
        stages.at("mix", out.length / total)
    peaks.finish()
    return Mixed(out, loudness.integrated(), peaks.decibels)


def _ducking(players: Sequence[Player], total: int, stages: Stages) -> Ducking | None:
    """The envelope under the voices; None where nothing ducks or nobody speaks."""
    voices = [player for player in players if player.clip.role == "voice" and not player.clip.sound.duck]
    if not voices or not any(player.clip.sound.duck for player in players):
        return None
    level = VoiceLevel()
    for first in range(0, total, BLOCK):
        level.add(_sum(voices, first, min(BLOCK, total - first)))
        stages.at("mix", 0)
    stretches = heard(level.levels())
    return Ducking(stretches, total // HOP + 1) if stretches else None


def _sum(players: Sequence[Player], first: int, count: int) -> Samples:
    block = np.zeros((count, 2), np.float32)
    for player in players:
        player.add_to(block, first, None)
    return block
