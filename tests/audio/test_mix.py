"""What an editor hears: every clip at its place, at its level, in its time."""

from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.audio import SoundClip, render_mix
from engine.audio.decode import decode_sound
from engine.audio.player import open_players
from engine.audio.samples import SAMPLE_RATE
from engine.core.errors import Cancelled, DraftError, OptionError, UnsupportedMedia
from engine.timeline.playback import Playback, Sound
from tests.audio.sounds import level, music, noise, pitch, tone, write_sound
from tests.audio.test_loudness import ffmpeg_measures
from tests.tolerances import CLICK_OFFSET, LOUDNESS_ERROR, TRUE_PEAK


def part(samples: np.ndarray, begin: float, end: float) -> np.ndarray:
    return samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def clicks(seconds: float, every: float = 0.5, first: float = 0.5) -> np.ndarray:
    """Short pulses of 4 kHz, each symmetrical about its time."""
    out = np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32)
    n = np.arange(-96, 97)
    pulse = 0.8 * np.cos(2 * np.pi * 4000 * n / SAMPLE_RATE) * np.exp(-((n / 30) ** 2))
    for at in np.arange(first, seconds - 0.01, every):
        centre = round(at * SAMPLE_RATE)
        out[centre - 96 : centre + 97] += pulse[:, None].astype(np.float32)
    return out


def offsets(heard: np.ndarray, made: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Samples by which each click is heard late, between the samples."""
    found = []
    for at in times:
        centre = round(at * SAMPLE_RATE)
        wanted = made[centre - 200 : centre + 200, 0]
        field = heard[centre - 260 : centre + 260, 0]
        likeness = np.correlate(field, wanted, "valid")
        k = int(likeness.argmax())
        below, peak, above = likeness[k - 1 : k + 2]
        found.append(k - 60 + 0.5 * (below - above) / (below - 2 * peak + above))
    return np.array(found)


def heard_of(clips: list[SoundClip], seconds: int) -> np.ndarray:
    """The sum of the clips, neither levelled nor encoded."""
    total = seconds * SAMPLE_RATE
    out = np.zeros((total, 2), np.float32)
    with ExitStack() as stack:
        for player in open_players(clips, total, None, [], lambda share: None, stack):
            player.add_to(out, 0, None)
    return out


def test_clicks_stay_in_place_over_ten_minutes(tmp_path: Path) -> None:
    made = clicks(600.0, every=10.0, first=0.5) / 16  # so soft that the limiter has nothing to do
    source = write_sound(tmp_path / "clicks.flac", made, "flac")
    seconds = Fraction(600) - Fraction(1, 1000)
    report = render_mix([SoundClip(source, Fraction(0), Fraction(600))], seconds, tmp_path / "a.m4a")
    heard = np.concatenate(list(decode_sound(tmp_path / "a.m4a")))
    assert len(heard) == 599_999 * 48
    assert np.abs(offsets(heard, made, np.arange(0.5, 599, 10.0))).max() < CLICK_OFFSET
    assert not report.silent


def test_clicks_of_a_file_at_another_rate_are_placed_by_the_timeline(mixed, tmp_path: Path) -> None:
    made = clicks(4.0)
    rate = 44_100
    t = np.arange(4 * rate) / rate
    other = np.zeros((4 * rate, 2), np.float32)
    for at in np.arange(0.5, 3.9, 0.5):
        n = (t - at) * SAMPLE_RATE
        pulse = 0.8 * np.cos(2 * np.pi * 4000 * n / SAMPLE_RATE) * np.exp(-np.minimum((n / 30) ** 2, 700))
        other += np.where(np.abs(n) < 97, pulse, 0)[:, None].astype(np.float32)
    source = write_sound(tmp_path / "clicks.wav", other, rate=rate)
    _, heard = mixed([SoundClip(source, Fraction(3, 2), Fraction(4))], 6)
    shifted = np.concatenate([np.zeros((72_000, 2), np.float32), made, np.zeros((24_000, 2), np.float32)])
    assert np.abs(offsets(heard, shifted, np.arange(2.0, 5.3, 0.5))).max() < CLICK_OFFSET


@pytest.mark.parametrize("seconds", [Fraction(1001, 30_000) * 31, Fraction(1, 10), Fraction(5001, 1000)])
def test_the_file_is_as_long_as_asked(mixed, tmp_path: Path, seconds: Fraction) -> None:
    source = write_sound(tmp_path / "a.wav", tone(6.0))
    _, heard = mixed([SoundClip(source, Fraction(0), Fraction(6))], seconds)
    assert len(heard) == round(seconds * SAMPLE_RATE)


def test_sounds_lie_where_they_were_put_and_no_where_else(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", tone(3.0))
    clips = [
        SoundClip(source, Fraction(1), Fraction(1), Playback(start=Fraction(1, 2))),
        SoundClip(source, Fraction(3), Fraction(1), Playback(end=Fraction(1, 2))),
    ]
    _, heard = mixed(clips, 5)
    assert level(part(heard, 0, 0.97)) < -80
    assert level(part(heard, 2.03, 2.97)) < -80
    assert level(part(heard, 3.53, 5)) < -80
    assert level(part(heard, 1.1, 1.9)) == pytest.approx(level(part(heard, 3.1, 3.4)), abs=0.2)


def test_volume_is_a_factor_of_amplitude(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", noise(2.0))
    clips = [
        SoundClip(source, Fraction(0), Fraction(2)),
        SoundClip(source, Fraction(2), Fraction(2), sound=Sound(volume=0.5)),
        SoundClip(source, Fraction(4), Fraction(2), sound=Sound(volume=0)),
    ]
    _, heard = mixed(clips, 6)
    loud, soft, none = (level(part(heard, at + 0.1, at + 1.9)) for at in (0, 2, 4))
    assert loud - soft == pytest.approx(6.02, abs=0.2)
    assert none < -80


def test_a_faster_sound_keeps_its_pitch_and_its_time(mixed, tmp_path: Path) -> None:
    made = np.concatenate([tone(2.0, 300.0), tone(2.0, 500.0)])
    source = write_sound(tmp_path / "a.wav", made)
    for speed, turn in ((Fraction(2), 1.0), (Fraction(1, 2), 4.0), (Fraction(5, 4), 1.6)):
        _, heard = mixed([SoundClip(source, Fraction(0), Fraction(8), Playback(speed=speed))], 8)
        assert pitch(part(heard, 0.1, turn - 0.1)) == pytest.approx(300, abs=3)
        assert pitch(part(heard, turn + 0.1, 2 * turn - 0.1)) == pytest.approx(500, abs=5)
        assert turn == 4.0 or level(part(heard, 2 * turn + 0.05, 8)) < -80
        steady = [level(part(heard, at, at + 0.1)) for at in np.arange(0.1, turn - 0.2, 0.1)]
        assert np.ptp(steady) < 0.5


def test_reverse_plays_backwards(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", np.concatenate([tone(1.0, 300.0), tone(1.0, 500.0)]))
    _, heard = mixed([SoundClip(source, Fraction(0), Fraction(2), Playback(reverse=True))], 2)
    assert pitch(part(heard, 0.1, 0.9)) == pytest.approx(500, abs=3)
    assert pitch(part(heard, 1.1, 1.9)) == pytest.approx(300, abs=3)


def test_a_frozen_clip_is_silent(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", tone(2.0))
    report, heard = mixed([SoundClip(source, Fraction(0), Fraction(2), Playback(freeze=Fraction(1)))], 2)
    assert report.silent
    assert np.abs(heard).max() == 0


def test_fades_start_and_end_in_silence(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", noise(4.0))
    sound = Sound(fade_in=Fraction(1), fade_out=Fraction(1))
    _, heard = mixed([SoundClip(source, Fraction(0), Fraction(4), sound=sound)], 4)
    levels = [level(part(heard, at, at + 0.1)) for at in np.arange(0, 4, 0.1)]
    assert np.all(np.diff(levels[:8]) > 0.5)
    assert np.all(np.diff(levels[-8:]) < -0.5)
    assert levels[0] < levels[15] - 25
    assert levels[-1] < levels[15] - 25
    assert np.ptp(levels[11:29]) < 0.7


@pytest.mark.parametrize(("fade_in", "fade_out"), [(3, 1), (0, 6), (6, 0)])
def test_fades_that_are_longer_than_their_clip_meet(tmp_path: Path, fade_in: int, fade_out: int) -> None:
    source = write_sound(tmp_path / "a.wav", tone(4.0, 1000.0))
    sound = Sound(fade_in=Fraction(fade_in), fade_out=Fraction(fade_out))
    heard = heard_of([SoundClip(source, Fraction(0), Fraction(2), sound=sound)], 2)
    top = 2 * fade_in / (fade_in + fade_out)
    assert level(part(heard, max(top - 0.05, 0), top + 0.05)) == pytest.approx(level(tone(1.0, 1000.0)), abs=0.5)
    for silent in [0.0] * bool(fade_in) + [1.98] * bool(fade_out):
        assert level(part(heard, silent, silent + 0.02)) < level(tone(1.0)) - 25


def test_music_that_is_over_before_its_segment_is_said(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", tone(4.0))
    clip = SoundClip(source, Fraction(1), Fraction(9), role="music")
    assert mixed([clip], 10)[0].notes == ("a.wav: the music is over after 4 s of 9 s: set its loop to 0 to repeat it.",)
    assert mixed([clip], 6)[0].notes == ()
    assert mixed([replace(clip, playback=Playback(plays=0))], 10)[0].notes == ()
    assert mixed([replace(clip, role="voice")], 10)[0].notes == ()


def test_a_crossfade_of_two_sounds_keeps_the_power(mixed, tmp_path: Path) -> None:
    one, two = (write_sound(tmp_path / f"{seed}.wav", noise(5.0, seed=seed)) for seed in (1, 2))
    clips = [
        SoundClip(one, Fraction(0), Fraction(3), crossfade_out=Fraction(1)),
        SoundClip(two, Fraction(3), Fraction(3), Playback(start=Fraction(1)), crossfade_in=Fraction(1)),
    ]
    _, heard = mixed(clips, 6)
    levels = [level(part(heard, at, at + 0.1)) for at in np.arange(0.1, 5.8, 0.1)]
    assert np.ptp(levels) < 1.0


def test_without_material_before_its_start_a_sound_still_comes_in_from_silence(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", tone(3.0))
    _, heard = mixed([SoundClip(source, Fraction(1), Fraction(2), crossfade_in=Fraction(1))], 3)
    levels = [level(part(heard, at, at + 0.05)) for at in np.arange(1.0, 1.5, 0.05)]
    assert np.all(np.diff(levels) > 0)
    assert levels[0] < levels[-1] - 15


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(3, 2)])
@pytest.mark.parametrize("crossfade", [Fraction(0), Fraction(1, 2)])
def test_a_cut_through_a_sound_is_not_heard(tmp_path: Path, crossfade: Fraction, speed: Fraction) -> None:
    source = write_sound(tmp_path / "a.flac", music(6.0), "flac")
    first = Playback(speed=speed)
    second = Playback(start=2 * speed, speed=speed)
    whole = heard_of([SoundClip(source, Fraction(0), Fraction(4), first)], 4)
    cut = [
        SoundClip(source, Fraction(0), Fraction(2), first, crossfade_out=crossfade),
        SoundClip(source, Fraction(2), Fraction(2), second, crossfade_in=crossfade),
    ]
    heard = heard_of(cut, 4)
    if speed == 1:
        assert np.abs(heard - whole).max() < 1e-6
    else:  # the stretcher chose other windows: the same music, not the same samples
        levels = [
            level(part(heard, at, at + 0.2)) - level(part(whole, at, at + 0.2)) for at in np.arange(1.5, 2.5, 0.1)
        ]
        assert np.abs(levels).max() < 2.5


def test_a_cut_in_the_middle_of_a_wave_does_not_click(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", tone(4.0, 200.0, 0.5))
    begin = Fraction(1) + Fraction(1, 800)  # on the crest
    _, heard = mixed([SoundClip(source, Fraction(1), Fraction(1), Playback(start=begin, end=begin + 1))], 3)
    spectrum = np.abs(np.fft.rfft(part(heard, 0.99, 1.01)[:, 0] * np.hanning(960)))
    steady = np.abs(np.fft.rfft(part(heard, 1.4, 1.42)[:, 0] * np.hanning(960)))
    assert spectrum[100:].max() < 0.002 * steady.max()  # beyond 5 kHz


@pytest.mark.parametrize(
    "made",
    [noise(6.0, 0.02), music(8.0), tone(5.0, 1000.0, 0.9), np.sign(tone(5.0, 110.0)), noise(6.0, 0.5)],
    ids=["soft noise", "music", "loud tone", "square", "clipped noise"],
)
def test_loudness_and_peak_hold_after_encoding(mixed, tmp_path: Path, made: np.ndarray) -> None:
    source = write_sound(tmp_path / "a.wav", np.clip(made, -1, 1))
    seconds = Fraction(len(made), SAMPLE_RATE)
    report, heard = mixed([SoundClip(source, Fraction(0), seconds)], seconds)
    loudness, peak = ffmpeg_measures(heard)
    assert loudness == pytest.approx(-14, abs=LOUDNESS_ERROR)
    assert report.loudness == pytest.approx(loudness, abs=0.1)
    assert report.true_peak is not None
    assert report.true_peak <= TRUE_PEAK
    assert peak <= TRUE_PEAK + 0.1  # libavfilter's interpolation is another one
    assert report.notes == ()


def test_another_loudness_can_be_asked_for(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", music(8.0))
    report, _ = mixed([SoundClip(source, Fraction(0), Fraction(8))], 8, loudness=-23.0)
    assert report.loudness == pytest.approx(-23, abs=LOUDNESS_ERROR)
    assert not report.limited
    assert str(report.limiting) == "0.0"  # and not -0.0


def test_silence_stays_silence(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", np.zeros((96_000, 2), np.float32))
    for clips in ([SoundClip(source, Fraction(0), Fraction(2))], []):
        report, heard = mixed(clips, 2)
        assert report.silent
        assert (report.loudness, report.true_peak, report.gain) == (None, None, 0.0)
        assert len(heard) == 96_000
        assert np.abs(heard).max() == 0


def test_next_to_nothing_is_not_blown_up(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.flac", noise(3.0, 0.0006), "flac")
    report, _ = mixed([SoundClip(source, Fraction(0), Fraction(3))], 3)
    assert report.gain <= 20.0
    assert report.loudness is not None
    assert report.loudness < -35
    assert "so soft" in report.notes[0]


def test_a_mix_too_dynamic_to_reach_its_loudness_says_so(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", clicks(6.0, every=1.0) + noise(6.0, 0.003))
    report, heard = mixed([SoundClip(source, Fraction(0), Fraction(6))], 6)
    assert "peaks would have to be lowered" in report.notes[0]
    assert report.limiting <= 13
    assert report.true_peak is not None
    assert report.true_peak <= TRUE_PEAK
    assert np.abs(heard).max() < 1


def test_a_cancelled_mix_leaves_nothing(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", noise(3.0))
    clips = [SoundClip(source, Fraction(0), Fraction(3))]
    seen: list[float] = []
    out = tmp_path / "out"
    out.mkdir()
    render_mix(clips, Fraction(3), out / "mix.m4a", on_progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    (out / "mix.m4a").unlink()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for calls in (1, 3, len(seen) // 2, len(seen) - 2, len(seen)):

        def stop(share: float, left=[calls]) -> None:  # noqa: B006 - counts down over one mix
            left[0] -= 1
            if left[0] <= 0:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            render_mix(clips, Fraction(3), out / "mix.m4a", on_progress=stop)
        assert list(out.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_older_file_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "mix.m4a"
    target.write_bytes(b"older")
    Image.new("RGB", (8, 8)).save(tmp_path / "picture.gif")
    with pytest.raises(UnsupportedMedia, match="has no sound"):
        render_mix([SoundClip(tmp_path / "picture.gif", Fraction(0), Fraction(1))], Fraction(1), target)
    assert target.read_bytes() == b"older"


def test_a_part_beyond_the_end_is_said(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "short.wav", tone(1.0))
    report, _ = mixed([SoundClip(source, Fraction(0), Fraction(1), Playback(start=Fraction(5)))], 1)
    assert report.silent
    assert "short.wav: the part that was chosen lies beyond its end" in report.notes[0]


def test_a_damaged_file_is_mixed_as_far_as_it_goes(mixed, tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.mp3", noise(4.0), "libmp3lame")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    report, heard = mixed([SoundClip(source, Fraction(0), Fraction(4))], 4)
    assert any("a.mp3: the file is damaged" in note for note in report.notes)
    assert level(part(heard, 0.1, 1.8)) > -40
    assert level(part(heard, 2.2, 4)) < -80


def test_wrong_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DraftError):
        SoundClip(tmp_path / "a", Fraction(0), Fraction(0))
    with pytest.raises(DraftError):
        SoundClip(tmp_path / "a", Fraction(0), Fraction(1), role="noise")
    with pytest.raises(DraftError):
        SoundClip(tmp_path / "a", Fraction(0), Fraction(1), crossfade_in=Fraction(-1))
    with pytest.raises(OptionError):
        render_mix([], Fraction(0), tmp_path / "a.m4a")
