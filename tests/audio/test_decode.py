"""Every format comes out at its place, to the sample, in stereo."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.audio import probe_audio
from engine.audio.decode import decode_sound
from engine.core.errors import CorruptMedia, UnreadableMedia, UnsupportedMedia
from tests.audio.sounds import level, noise, tone, write_sound


def decode(path: Path, start: int = 0, notes: list[str] | None = None) -> np.ndarray:
    return np.concatenate([np.zeros((0, 2), np.float32), *decode_sound(path, start, notes)])


def delay(heard: np.ndarray, original: np.ndarray) -> int:
    """Samples by which ``heard`` is late, by cross-correlation."""
    size = 1 << (len(heard) + len(original)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard[:, 0], size) * np.conj(np.fft.rfft(original[:, 0], size)), size)
    at = int(product.argmax())
    return at if at < size // 2 else at - size


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
        ("a.mp3", "libmp3lame"),
        ("a.m4a", "aac"),
        ("a.mp4", "aac"),
        ("a.mov", "aac"),
        ("a.opus", "libopus"),
        ("a.mka", "libopus"),
    ],
)
def test_no_format_moves_the_sound_or_changes_its_length(tmp_path: Path, name: str, codec: str) -> None:
    original = noise(2.0)[:95_777]
    path = write_sound(tmp_path / name, original, codec)
    heard = decode(path)
    # A movie whose clock counts milliseconds cannot state the length to the sample.
    assert abs(len(heard) - len(original)) <= (48 if name == "a.mov" else 0)
    assert delay(heard, original) == 0
    info = probe_audio(path)
    assert info is not None
    assert abs(info.duration - Fraction(95_777, 48_000)) < Fraction(1, 50)
    assert (info.rate, info.channels) == (48_000, 2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 96_000])
def test_other_rates_keep_time_and_phase(tmp_path: Path, rate: int) -> None:
    path = write_sound(tmp_path / "a.wav", tone(1.6, 1000.0, 0.5, rate), rate=rate)
    heard = decode(path)
    assert len(heard) == 76_800
    assert np.abs(heard - tone(1.6, 1000.0, 0.5))[480:-480].max() < 2e-3


def test_the_same_part_is_heard_from_any_start(tmp_path: Path) -> None:
    original = noise(14.0)
    for name, codec in (("a.flac", "flac"), ("a.wav", "pcm_s16le"), ("a.opus", "libopus")):
        path = write_sound(tmp_path / name, original, codec)
        start = 12 * 48_000 + 777
        assert np.array_equal(decode(path, start), decode(path)[start:])
    # A lossy decoder that was started elsewhere fills noise bands with other noise, so only the place is compared.
    path = write_sound(tmp_path / "a.m4a", original, "aac")
    part, whole = decode(path, start), decode(path)[start:]
    assert len(part) == len(whole)
    assert delay(part, whole) == 0


@pytest.mark.parametrize(
    ("layout", "channels", "expected"),
    [
        ("mono", {0: 1.0}, (1.0, 1.0)),
        ("5.1", {0: 1.0}, (1.0, 0.0)),
        ("5.1", {2: 1.0}, (0.7071, 0.7071)),
        ("5.1", {3: 1.0}, (0.0, 0.0)),
        ("5.1", {4: 1.0}, (0.7071, 0.0)),
        ("7.1", {7: 1.0}, (0.0, 0.7071)),
        ("quad", {3: 1.0}, (0.0, 0.7071)),
        ("6.1", {4: 1.0}, (0.5, 0.5)),
        ("3.0", {2: 1.0}, (0.7071, 0.7071)),
    ],
)
def test_channels_are_mixed_down_as_bs_775_says(
    tmp_path: Path, layout: str, channels: dict[int, float], expected: tuple[float, float]
) -> None:
    count = len(av.AudioLayout(layout).channels)
    samples = np.zeros((24_000, count), np.float32)
    for channel, gain in channels.items():
        samples[:, channel] = gain * tone(0.5)[:, 0]
    heard = decode(write_sound(tmp_path / "a.wav", samples, layout=layout))
    for side in (0, 1):
        assert np.abs(heard[:, side] - expected[side] * tone(0.5)[:, 0]).max() < 1e-3


def video_with_sound(path: Path, sound_begins: Fraction, gap: bool = False) -> Path:
    """One second of black, and 1 kHz from ``sound_begins`` on; with a gap, nothing between 0.5 and 0.8 s."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=48_000, layout="stereo")
        audio.time_base = Fraction(1, 48_000)
        for n in range(25):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([16 if plane is frame.planes[0] else 128]) * plane.buffer_size)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for first in range(0, 48_000, 1200):
            if gap and 24_000 <= first < 38_400:
                continue
            block = (tone(1.0, 1000.0)[first : first + 1200] * 32767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout="stereo")
            frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
            frame.pts = first + round(sound_begins * 48_000)
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def test_sound_that_begins_after_the_picture_stays_behind_it(tmp_path: Path) -> None:
    heard = decode(video_with_sound(tmp_path / "a.mov", Fraction(1, 4)))
    assert np.abs(heard[:11_999]).max() == 0
    assert np.abs(heard[12_000:60_000] - tone(1.0, 1000.0)).max() < 1e-3


def test_a_gap_in_a_videos_sound_is_silence_and_what_follows_stays_in_place(tmp_path: Path) -> None:
    heard = decode(video_with_sound(tmp_path / "a.mkv", Fraction(0), gap=True))
    assert np.abs(heard[24_100:38_300]).max() == 0
    # Matroska rounds time stamps to a millisecond.
    assert level(heard[38_500:47_900]) == pytest.approx(level(tone(1.0, 1000.0)), abs=0.1)
    assert level(heard[23_000:23_900]) == pytest.approx(level(tone(1.0, 1000.0)), abs=0.1)


def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    assert probe_audio(path) is None
    with pytest.raises(UnsupportedMedia, match=r"silent\.mp4: has no sound"):
        decode(path)


def test_a_truncated_file_gives_what_is_there_and_a_note(tmp_path: Path) -> None:
    for name, codec in (("a.flac", "flac"), ("a.mp3", "libmp3lame")):
        path = write_sound(tmp_path / name, noise(4.0), codec)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        notes: list[str] = []
        heard = decode(path, notes=notes)
        assert 1.5 < len(heard) / 48_000 < 2.5, name
        assert level(heard[:48_000]) == pytest.approx(-20, abs=1)
        assert len(notes) == 1
        assert notes[0].startswith(f"{name}: the file is damaged")


def test_bytes_that_were_overwritten_leave_the_rest_in_place(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.m4a", tone(4.0), "aac")
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4 + 30_000
    data[at : at + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(data)
    notes: list[str] = []
    heard = decode(path, notes=notes)
    assert len(heard) == 4 * 48_000
    assert np.abs(heard - tone(4.0))[150_000:190_000].max() < 0.02


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_samples_that_are_no_numbers_are_silent_and_said(tmp_path: Path, rate: int) -> None:
    # Floats are written by programs that divide by zero; one such sample would silence the mix, or end it.
    made = tone(2.0, rate=rate)
    made[1000:1010] = np.nan
    made[30_000] = np.inf
    made[60_000, 1] = -1e30
    path = write_sound(tmp_path / "a.wav", made, "pcm_f32le", rate=rate)
    notes: list[str] = []
    heard = decode(path, notes=notes)
    assert len(heard) == 96_000
    assert np.abs(heard).max() < 0.3
    assert level(heard) == pytest.approx(level(tone(2.0)), abs=0.1)
    assert notes == ["a.wav: the file is damaged: what could not be decoded is silent."]


@pytest.mark.parametrize("data", [b"", b"not a sound at all" * 100, b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(data)
    with pytest.raises((CorruptMedia, UnreadableMedia, UnsupportedMedia), match=r"^bad\.wav: .*[a-z]\.$"):
        decode(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"gone\.mp3: there is no such file"):
        probe_audio(tmp_path / "gone.mp3")
    with pytest.raises(UnreadableMedia, match="is a folder"):
        decode(tmp_path)
