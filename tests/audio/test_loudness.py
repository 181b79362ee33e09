"""The meters against what the standards say, and against ffmpeg's."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.loudness import PEAK_TAPS, LoudnessMeter, PeakMeter, interpolators
from tests.audio.sounds import music, noise, tone


def measure(samples: np.ndarray, block: int = 48_000) -> tuple[float | None, float | None]:
    loudness, peak = LoudnessMeter(), PeakMeter()
    for first in range(0, len(samples), block):
        loudness.add(samples[first : first + block])
        peak.add(samples[first : first + block])
    peak.finish()
    return loudness.integrated(), peak.decibels


def ffmpeg_measures(samples: np.ndarray) -> tuple[float, float]:
    """LUFS and dBTP by libavfilter's ebur128."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(sample_rate=48_000, format="flt", layout="stereo", channels=2)
    meter, sink = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found = {}
    for first in [*range(0, len(samples), 4800), None]:
        if first is None:
            graph.push(None)
        else:
            block = np.ascontiguousarray(samples[first : first + 4800].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, first
            graph.push(frame)
        while True:
            try:
                found |= graph.pull().metadata
            except (av.BlockingIOError, av.EOFError):
                break
    peak = max(float(value) for key, value in found.items() if "true_peaks_ch" in key)
    return float(found["lavfi.r128.I"]), 20 * np.log10(peak)


def test_a_full_scale_sine_in_one_channel_reads_what_bs_1770_says() -> None:
    samples = tone(5.0, 997.0, 1.0) * np.array([1, 0], np.float32)
    assert measure(samples)[0] == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (((-23.0, 20.0),), -23.0),
        (((-33.0, 20.0),), -33.0),
        (((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)), -23.0),
        (((-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)), -23.0),
        (((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)), -23.0),
    ],
)
def test_the_signals_of_ebu_tech_3341_read_as_they_must(parts: tuple, expected: float) -> None:
    samples = np.concatenate([tone(seconds, 1000.0, 10 ** (decibels / 20)) for decibels, seconds in parts])
    assert measure(samples)[0] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("divisor", [4, 6, 8])
def test_peaks_between_the_samples_are_seen(divisor: int) -> None:
    # EBU Tech 3341, cases 15 to 18: sines of which no sample lies on the crest.
    n = np.arange(24_000)
    phase = {4: 45, 6: 60, 8: 67.5}[divisor]
    wave = 0.5 * np.sin(2 * np.pi * n / divisor + np.deg2rad(phase)) * np.minimum(1, n / 4800)
    wave *= np.minimum(1, n[::-1] / 4800)
    _, peak = measure(np.repeat(wave[:, None], 2, axis=1).astype(np.float32))
    assert -0.4 <= peak + 6.0 <= 0.2


def test_the_interpolators_are_flat_where_there_is_sound() -> None:
    distance = np.arange(PEAK_TAPS) - (PEAK_TAPS // 2 - 1)
    for hertz in np.linspace(0, 20_000, 41):
        for phase, taps in enumerate(interpolators(), 1):
            response = np.sum(taps * np.exp(2j * np.pi * hertz / 48_000 * (distance - phase / 4)))
            assert abs(20 * np.log10(abs(response))) < 0.06


@pytest.mark.parametrize("samples", [noise(6.0, 0.2), music(8.0), np.concatenate([noise(4.0, 0.01), music(4.0)])])
def test_both_meters_agree_with_ffmpegs(samples: np.ndarray) -> None:
    loudness, peak = measure(samples)
    theirs, their_peak = ffmpeg_measures(samples)
    assert loudness == pytest.approx(theirs, abs=0.1)
    assert peak == pytest.approx(their_peak, abs=0.3)


@settings(deadline=None, max_examples=20)  # the first example compiles
@given(st.integers(2_000, 90_000))
def test_how_the_stream_is_cut_into_blocks_does_not_matter(block: int) -> None:
    samples = music(1.5)
    whole, parts = measure(samples), measure(samples, block)
    assert parts == pytest.approx(whole, abs=1e-6)


def test_silence_has_no_loudness_and_no_peak() -> None:
    assert measure(np.zeros((96_000, 2), np.float32)) == (None, None)
    assert measure(np.zeros((0, 2), np.float32)) == (None, None)


def test_what_is_shorter_than_a_block_is_measured_all_the_same() -> None:
    assert measure(tone(0.2, 997.0, 1.0))[0] == pytest.approx(0.0, abs=0.2)
