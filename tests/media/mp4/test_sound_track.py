"""The sound in the file: carried over packet by packet, in step with the pictures, within reach of a player."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.core.errors import CorruptMedia, UnreadableMedia, UnsupportedMedia
from engine.media import PRESETS, Mp4Options
from engine.media.encoders import gop_frames
from engine.media.mp4_muxer import Mp4Muxer
from tests.helpers_mp4 import boxes
from tests.media.mp4.pictures import CREATED, encode_gops, numbered
from tests.media.mp4.sounds import RATE, click_times, read_sound, write_m4a

SIZE = (64, 48)
DARK, BRIGHT = numbered(*SIZE, 0), numbered(*SIZE, 60)


def film(path: Path, rate: Fraction, groups: int, flashes: set[int], sound: Path) -> Path:
    """A dark video with single bright frames; groups without one are encoded once."""
    options = Mp4Options(*SIZE, rate, PRESETS["draft"], creation_time=CREATED)
    size = gop_frames(rate)
    (calm,) = encode_gops(options, [DARK] * size)
    with Mp4Muxer(path, options, audio=sound) as muxer:
        for group in range(groups):
            numbers = range(group * size, (group + 1) * size)
            if flashes.isdisjoint(numbers):
                muxer.write(calm)
            else:
                muxer.write(next(encode_gops(options, [BRIGHT if n in flashes else DARK for n in numbers])))
    return path


def flash_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [f.pts * f.time_base for f in container.decode(video=0) if f.to_ndarray()[: SIZE[1]].mean() > 100]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)], ids=["25", "29.97"])
def test_clicks_are_heard_when_flashes_are_seen(tmp_path, rate):
    groups = 45  # a minute and a half
    flashes = {0, 1 * round(rate), 700, 1500, groups * gop_frames(rate) - 30}
    seconds = groups * gop_frames(rate) / rate
    sound = write_m4a(tmp_path / "a.m4a", float(seconds), [float(n / rate) for n in flashes])
    path = film(tmp_path / "a.mp4", rate, groups, flashes, sound)
    seen, heard = flash_times(path), click_times(path)
    assert seen == sorted(n / rate for n in flashes)
    assert len(heard) == len(seen)
    assert max(abs(float(one) - two) for one, two in zip(seen, heard, strict=True)) < 0.001


def test_the_sound_is_the_same_bit_for_bit(tmp_path):
    sound = write_m4a(tmp_path / "a.m4a", 4, [0.5, 2])
    path = film(tmp_path / "a.mp4", Fraction(30), 2, set(), sound)
    (begin, before), (begin_after, after) = read_sound(sound), read_sound(path)
    assert begin == begin_after == 0
    assert len(after) >= 4 * RATE
    assert np.array_equal(before[: len(after)], after)


@pytest.mark.parametrize("seconds", [0.7, 3.999, 4, 4.01, 9])
def test_the_sound_never_outlasts_the_pictures(tmp_path, seconds):
    sound = write_m4a(tmp_path / "a.m4a", seconds, [0.5])
    path = film(tmp_path / "a.mp4", Fraction(30), 2, set(), sound)
    expected = min(Fraction(seconds), Fraction(4))
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.layout.name) == ("aac", RATE, "stereo")
        assert stream.start_time == 0
        assert stream.duration == round(expected * RATE)
        assert container.duration == 4 * av.time_base
    _, heard = read_sound(path)
    # A packet is 1024 samples. The index cuts the last one; libavformat decodes it whole.
    assert expected * RATE - 1 <= len(heard) < expected * RATE + 1024


def test_pictures_and_sound_lie_within_a_second_of_each_other_in_the_file(tmp_path):
    # A player that reads from front to back must not need to keep much of one track to play the other.
    path = film(tmp_path / "a.mp4", Fraction(30), 4, {33}, write_m4a(tmp_path / "a.m4a", 8, [1]))
    with av.open(str(path)) as container:
        packets = [(p.pos, p.stream.type, p.dts * p.time_base) for p in container.demux() if p.dts is not None]
    latest = {"video": Fraction(0), "audio": Fraction(0)}
    for _, kind, time in sorted(packets):
        latest[kind] = time
        assert abs(latest["video"] - latest["audio"]) < 1
    assert len({kind for _, kind, _ in packets}) == 2


def test_the_index_still_stands_first_and_the_track_has_a_name(tmp_path):
    path = film(tmp_path / "a.mp4", Fraction(30), 1, set(), write_m4a(tmp_path / "a.m4a", 2))
    found = boxes(path)
    top = [each.path for each in found if "/" not in each.path]
    assert top.index("moov") < top.index("mdat")
    names = [each.payload[24:] for each in found if each.path == "moov/trak/mdia/hdlr"]
    assert names == [b"Multiplane video\0", b"Multiplane audio\0"]
    edits = [struct.unpack_from(">IIi", each.payload, 4) for each in found if each.path == "moov/trak/edts/elst"]
    assert [(count, start) for count, _, start in edits] == [(1, 2000), (1, 1024)]


def test_a_sound_that_cannot_be_used_is_refused_before_any_work(tmp_path):
    options = Mp4Options(*SIZE)
    (tmp_path / "text.m4a").write_text("this is not a sound")
    flac = write_m4a(tmp_path / "flac.m4a", 1, codec="flac")
    for sound, error in (
        (tmp_path / "missing.m4a", UnreadableMedia),
        (tmp_path / "text.m4a", CorruptMedia),
        (flac, UnsupportedMedia),
    ):
        with pytest.raises(error, match=rf"^{sound.name}: .*\.$"):
            Mp4Muxer(tmp_path / "a.mp4", options, audio=sound)
        assert not (tmp_path / "a.mp4").exists()


def test_the_sound_can_be_given_once_and_before_the_first_group(tmp_path):
    options = Mp4Options(*SIZE)
    sound = write_m4a(tmp_path / "a.m4a", 1)
    (gop,) = encode_gops(options, [DARK])
    with Mp4Muxer(tmp_path / "a.mp4", options, audio=sound) as muxer:
        with pytest.raises(ValueError, match="once"):
            muxer.set_audio(sound)
        muxer.write(gop)
    with Mp4Muxer(tmp_path / "b.mp4", options) as muxer:
        muxer.write(gop)
        with pytest.raises(ValueError, match="before the first group"):
            muxer.set_audio(sound)
