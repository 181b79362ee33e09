"""A piece that repeats without a click, a dip or a limp."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.audio import SoundClip
from engine.audio.decode import decode_sound
from engine.audio.loop import looped
from engine.audio.material import Material
from engine.audio.samples import SAMPLE_RATE
from engine.audio.seam import find_seam
from engine.timeline.playback import ENDLESS, Playback
from tests.audio.sounds import level, music, noise, tone, write_sound
from tests.tolerances import SEAM_LEVEL


def piece(samples: np.ndarray, first: int = 0, last: int | None = None) -> Material:
    """Samples [first, last) are the part; the rest is beyond it."""
    last = len(samples) if last is None else last

    def read(start: int, count: int) -> np.ndarray:
        out = np.zeros((count, 2), np.float32)
        low, high = max(first + start, 0), min(first + start + count, len(samples))
        if low < high:
            out[low - first - start : high - first - start] = samples[low:high]
        return out

    return Material(read, last - first, -first, len(samples) - first)


def test_a_seam_keeps_the_bar() -> None:
    made = piece(music(20.5))  # ten bars of two seconds and a bit
    seam = find_seam(made.read, made.length)
    assert seam is not None
    period = (seam.leave - seam.enter) / SAMPLE_RATE
    assert abs(period - 8 * round(period / 8)) < 0.002  # the chords come back every four bars
    assert seam.correlation > 0.9


@pytest.mark.parametrize("made", [music(15.0), noise(15.0), tone(15.0, 123.4)], ids=["music", "noise", "tone"])
def test_the_level_holds_over_a_seam(made: np.ndarray) -> None:
    material = piece(made)
    seam = find_seam(material.read, material.length)
    assert seam is not None
    repeated = looped(material, ENDLESS, musical=True)
    around = repeated.read(seam.leave - SAMPLE_RATE, 2 * SAMPLE_RATE)
    beside = [level(material.read(at - SAMPLE_RATE, 2 * SAMPLE_RATE)) for at in (seam.leave, seam.enter)]
    assert min(beside) - SEAM_LEVEL < level(around) < max(beside) + SEAM_LEVEL


@pytest.mark.parametrize("musical", [True, False])
def test_no_seam_clicks(musical: bool) -> None:
    # A tone whose period does not divide the piece: a hard jump would be heard as a click beyond 5 kHz.
    material = piece(tone(9.0013, 123.4, 0.5))
    repeated = looped(material, ENDLESS, musical)
    heard = repeated.read(0, 30 * SAMPLE_RATE)[:, 0]
    blocks = np.abs(np.fft.rfft(heard[: len(heard) // 960 * 960].reshape(-1, 960) * np.hanning(960), axis=1))
    assert blocks[:, 100:].max() < 0.004 * np.median(blocks.max(axis=1))


def test_a_loop_in_step_with_its_picture_repeats_exactly() -> None:
    made = noise(6.0)
    material = piece(made, SAMPLE_RATE, 4 * SAMPLE_RATE)
    repeated = looped(material, 3, musical=False)
    assert repeated.length == 9 * SAMPLE_RATE
    heard = repeated.read(0, 10 * SAMPLE_RATE)
    for play in range(3):
        begin = play * 3 * SAMPLE_RATE
        assert np.array_equal(
            heard[begin + 1000 : begin + 3 * SAMPLE_RATE - 1000], made[SAMPLE_RATE + 1000 : 4 * SAMPLE_RATE - 1000]
        )
    # What the medium has on either side serves edges and crossfades.
    assert (repeated.first, repeated.last) == (-SAMPLE_RATE, 11 * SAMPLE_RATE)
    assert np.array_equal(heard[9 * SAMPLE_RATE :], made[4 * SAMPLE_RATE : 5 * SAMPLE_RATE])
    assert np.array_equal(repeated.read(-SAMPLE_RATE, SAMPLE_RATE), made[:SAMPLE_RATE])
    joins = [level(heard[at - 480 : at + 480]) for at in (3 * SAMPLE_RATE, 6 * SAMPLE_RATE)]
    assert np.abs(np.array(joins) - level(made)).max() < 1.5  # noise of 20 ms varies by itself


def test_a_piece_whose_ends_fit_is_joined_untouched() -> None:
    made = tone(1.0, 100.0)  # whole periods
    heard = looped(piece(made), 3, musical=False).read(0, 3 * SAMPLE_RATE)
    assert np.array_equal(heard, np.concatenate([made, made, made]))


@pytest.mark.parametrize("seconds", [0.01, 0.2, 3.0, 8.0])
def test_reading_in_pieces_gives_the_same_samples(seconds: float) -> None:
    repeated = looped(piece(music(seconds)), ENDLESS, musical=True)
    whole = repeated.read(0, 20 * SAMPLE_RATE)
    parts = np.concatenate([repeated.read(at, 7777) for at in range(0, 20 * SAMPLE_RATE, 7777)])[: len(whole)]
    assert np.array_equal(whole, parts)
    assert level(whole[-SAMPLE_RATE:]) > -40


@pytest.mark.parametrize("role", ["music", "effect"])
def test_a_loop_of_a_part_begins_and_ends_without_a_click(mixed, tmp_path: Path, role: str) -> None:
    # Cut out of a tone in the middle of its wave: the part begins at 0.8 and ends at 0.6 of the amplitude.
    source = write_sound(tmp_path / "a.wav", tone(9.0, 123.4, 0.5))
    part = Playback(Fraction(1002, 1000), Fraction(8003, 1000), plays=2)
    _, heard = mixed([SoundClip(source, Fraction(1009, 1000), Fraction(19), part, role=role)], 21)
    blocks = np.abs(np.fft.rfft(heard[: len(heard) // 960 * 960, 0].reshape(-1, 960) * np.hanning(960), axis=1))
    assert blocks[:, 100:].max() < 0.004 * blocks.max()


def test_the_last_play_goes_to_the_end() -> None:
    made = music(12.0)
    repeated = looped(piece(made), 3, musical=True)
    assert repeated.length <= 36 * SAMPLE_RATE
    assert np.array_equal(repeated.read(repeated.length - 48_000, 48_000), made[-48_000:])


def test_endless_music_fills_its_segment(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.opus", music(10.0), "libopus")
    _, heard = mixed([SoundClip(source, Fraction(0), Fraction(25), Playback(plays=ENDLESS), role="music")], 25)
    levels = [level(heard[at : at + SAMPLE_RATE]) for at in range(0, 25 * SAMPLE_RATE, SAMPLE_RATE)]
    assert np.ptp(levels) < 3
    assert len(np.concatenate(list(decode_sound(source)))) == 10 * SAMPLE_RATE
