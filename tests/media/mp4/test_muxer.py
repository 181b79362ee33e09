"""Groups become one file in which no decoder sees a seam."""

import os
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
import pytest

from engine.core.errors import EncodeError, OutputError
from engine.core.frames import YuvFrame
from engine.media import PRESETS, Mp4Options, pending_file
from engine.media.encoders import gop_frames, level_for
from engine.media.mp4_muxer import Mp4Muxer
from tests.helpers_mp4 import STBL, presentation_times, read_frames, samples, table
from tests.media.mp4.pictures import CREATED, encode_gops, moving_gradient, mux_mp4, noise, number_of, numbered
from tests.media.mp4.sounds import write_m4a

SIZE = (128, 96)
ORDER = Mp4Options(*SIZE, creation_time=CREATED)
GROUP = gop_frames(ORDER.frame_rate)


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def mux(path, gops, options=ORDER, **more):
    with Mp4Muxer(path, options, **more) as muxer:
        for gop in gops:
            muxer.write(gop)
    return path


def equal(one, two):
    return all(np.array_equal(a, b) for a, b in ((one.y, two.y), (one.u, two.u), (one.v, two.v)))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_each_picture_is_that_of_its_group_decoded_alone(tmp_path, preset):
    order = replace(ORDER, preset=preset)
    gops = list(encode_gops(order, moving_gradient(*SIZE, 2 * GROUP + 17)))
    together = read_frames(mux(tmp_path / "all.mp4", gops, order))
    apart = [frame for n, gop in enumerate(gops) for frame in read_frames(mux(tmp_path / f"{n}.mp4", [gop], order))]
    assert len(together) == len(apart) == 2 * GROUP + 17
    assert all(map(equal, together, apart))


def test_seeking_to_a_group_gives_the_picture_that_playing_gives(tmp_path):
    path = mux_mp4(tmp_path / "a.mp4", ORDER, moving_gradient(*SIZE, 2 * GROUP + 17))
    played = read_frames(path)
    assert {(1,), (GROUP + 1,), (2 * GROUP + 1,)} <= set(table(path, f"{STBL}/stss", "I"))
    with av.open(str(path)) as container:
        for number in (2 * GROUP, GROUP, 0):
            container.seek(number * 1000, stream=container.streams.video[0])
            frame = next(container.decode(video=0))
            assert frame.pts == number * 1000
            assert np.array_equal(frame.to_ndarray()[: SIZE[1]], played[number].y)


def test_the_file_is_the_same_however_the_work_was_divided(tmp_path):
    frames = list(moving_gradient(*SIZE, 4 * GROUP - 10))
    at_once = mux_mp4(tmp_path / "a.mp4", ORDER, iter(frames))
    starts = range(0, len(frames), GROUP)
    # The last group first, each by an encoder of its own.
    apart = {start: next(encode_gops(ORDER, frames[start : start + GROUP])) for start in reversed(starts)}
    divided = mux(tmp_path / "b.mp4", (apart[start] for start in starts))
    assert divided.read_bytes() == at_once.read_bytes()


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_short_last_group_leaves_no_gap(tmp_path, last):
    # x264 gives one or two pictures another delay than more.
    path = mux_mp4(tmp_path / "a.mp4", ORDER, moving_gradient(*SIZE, GROUP + last))
    assert presentation_times(path) == [Fraction(number, 30) for number in range(GROUP + last)]
    assert table(path, f"{STBL}/stts", "II") == [(GROUP + last, 1000)]


def test_the_bit_rate_stays_inside_the_level_across_seams(tmp_path):
    # Each seam lies between two bursts of noise, and calm pictures let every group save up for them.
    options = Mp4Options(480, 270, Fraction(60), PRESETS["draft"])
    level, group = level_for(options), gop_frames(options.frame_rate)
    burst = list(noise(480, 270, 40))
    calm = numbered(480, 270, 20)
    frames = [burst[n % 40] if n % group < 40 or n % group >= group - 40 else calm for n in range(3 * group)]
    sizes = [8 * len(sample) for sample in samples(mux_mp4(tmp_path / "a.mp4", options, iter(frames)))]
    # The leaky bucket of Annex C: filled at the level's rate, emptied by each picture, full at the start.
    fullness = lowest = level.max_buffer_size
    for size in sizes:
        lowest = min(lowest, fullness - size)
        fullness = min(level.max_buffer_size, fullness - size + level.max_bit_rate / 60)
    assert lowest >= 0
    assert lowest < level.max_buffer_size / 2, "the noise was too cheap to prove anything"


def test_groups_of_another_order_are_refused(tmp_path):
    (other,) = encode_gops(Mp4Options(64, 48), moving_gradient(64, 48, 3))
    (gop,) = encode_gops(ORDER, moving_gradient(*SIZE, 3))
    with pytest.raises(EncodeError, match=r"^a\.mp4: the frames from 3 on do not fit") as refusal:
        mux(tmp_path / "a.mp4", [gop, other])
    assert "parameter sets" in refusal.value.detail
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda gop: replace(gop, packets=gop.packets[1:], frames=gop.frames - 1),
        lambda gop: replace(gop, packets=gop.packets[:-1]),
        lambda gop: replace(gop, packets=(), frames=0),
        lambda gop: replace(gop, packets=(*gop.packets[:-1], replace(gop.packets[-1], pts=99))),
        lambda gop: replace(gop, packets=(*gop.packets[:-1], replace(gop.packets[-1], dts=99))),
        lambda gop: replace(gop, packets=tuple(replace(packet, dts=packet.dts + 3) for packet in gop.packets)),
        lambda gop: replace(gop, packets=tuple(replace(packet, dts=packet.dts - 1) for packet in gop.packets)),
    ],
    ids=["no key frame", "cut off", "empty", "pts", "dts", "late dts", "more delay"],
)
def test_groups_that_are_not_whole_are_refused(tmp_path, change):
    (gop,) = encode_gops(ORDER, moving_gradient(*SIZE, 10))
    with pytest.raises(EncodeError, match="render them again"):
        mux(tmp_path / "a.mp4", [gop, change(gop)])
    assert listing(tmp_path) == []


def test_a_video_without_groups_is_an_error_and_no_file(tmp_path):
    with pytest.raises(EncodeError, match=r"^a\.mp4: not one frame"):
        mux(tmp_path / "a.mp4", [])
    with pytest.raises(EncodeError, match=r"^a\.mp4: not one frame"):
        mux(tmp_path / "a.mp4", [], audio_follows=True)
    assert listing(tmp_path) == []


@pytest.mark.parametrize("nameless", [True, False], ids=["nameless", "part"])
@pytest.mark.parametrize("audio_follows", [False, True])
def test_an_error_inside_the_block_leaves_the_old_file(tmp_path, monkeypatch, nameless, audio_follows):
    if not nameless:
        monkeypatch.setattr(pending_file, "_MODE_WITHOUT_NAME", None)
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    (gop,) = encode_gops(ORDER, moving_gradient(*SIZE, 3))

    def work():
        with Mp4Muxer(target, ORDER, overwrite=True, audio_follows=audio_follows) as muxer:
            muxer.write(gop)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("nameless", [True, False], ids=["nameless", "part"])
def test_giving_up_does_not_read_what_was_written(tmp_path, monkeypatch, nameless):
    # libavformat's way to put the index first reads the whole file: 2 s for each GB, in which nothing can stop it.
    if not nameless:
        monkeypatch.setattr(pending_file, "_MODE_WITHOUT_NAME", None)
    (gop,) = encode_gops(ORDER, noise(*SIZE, 30))
    heavy = replace(gop, packets=tuple(replace(each, data=each.data + bytes(200_000)) for each in gop.packets))
    muxer = Mp4Muxer(tmp_path / "a.mp4", ORDER)
    for _ in range(4):
        muxer.write(heavy)
    before = bytes_read()
    muxer.abort()
    assert bytes_read() - before < 1_000_000
    assert listing(tmp_path) == []


def bytes_read():
    """What this process has read so far, from the cache of the disk too (proc_pid_io(5))."""
    with Path("/proc/self/io").open() as lines:
        return int(next(line.split()[1] for line in lines if line.startswith("rchar")))


def test_a_target_that_cannot_be_is_refused_before_any_work(tmp_path):
    (tmp_path / "a.mp4").touch()
    with pytest.raises(OutputError, match="exists already"):
        Mp4Muxer(tmp_path / "a.mp4", ORDER)
    with pytest.raises(OutputError, match="folder does not exist"):
        Mp4Muxer(tmp_path / "missing" / "a.mp4", ORDER, audio_follows=True)
    assert listing(tmp_path) == ["a.mp4"]


def test_nothing_can_be_added_after_the_end(tmp_path):
    (gop,) = encode_gops(ORDER, moving_gradient(*SIZE, 3))
    muxer = Mp4Muxer(tmp_path / "a.mp4", ORDER)
    muxer.write(gop)
    assert muxer.frames_written == 3
    muxer.close()
    complete = (tmp_path / "a.mp4").read_bytes()
    muxer.close()
    muxer.abort()
    with pytest.raises(ValueError, match="closed"):
        muxer.write(gop)
    with pytest.raises(ValueError, match="before the first group"):
        muxer.set_audio(write_m4a(tmp_path / "a.m4a", 1))
    assert (tmp_path / "a.mp4").read_bytes() == complete


def test_groups_wait_on_disk_for_a_sound_that_comes_late(tmp_path):
    sound = write_m4a(tmp_path / "a.m4a", 3, [1])
    gops = list(encode_gops(ORDER, moving_gradient(*SIZE, 2 * GROUP + 5)))
    early = mux(tmp_path / "early.mp4", gops, audio=sound)
    silent = mux(tmp_path / "silent.mp4", gops)
    for before, frames in enumerate(accumulate((gop.frames for gop in gops), initial=0)):
        late = tmp_path / f"{before}.mp4"
        with Mp4Muxer(late, ORDER, audio_follows=True) as muxer:
            for gop in gops[:before]:
                muxer.write(gop)
            assert muxer.frames_written == frames
            muxer.set_audio(sound)
            for gop in gops[before:]:
                muxer.write(gop)
        assert late.read_bytes() == early.read_bytes()
    assert mux(tmp_path / "never.mp4", gops, audio_follows=True).read_bytes() == silent.read_bytes()


def test_pictures_come_back_in_order(tmp_path):
    frames = (numbered(*SIZE, number % 64) for number in range(150))
    path = mux_mp4(tmp_path / "a.mp4", ORDER, frames)
    assert [number_of(frame) for frame in read_frames(path)] == [number % 64 for number in range(150)]


def test_no_descriptor_stays_open(tmp_path):
    sound = write_m4a(tmp_path / "a.m4a", 1)
    gops = list(encode_gops(ORDER, [YuvFrame.empty(*SIZE) for _ in range(3)]))
    mux(tmp_path / "warm.mp4", gops, audio=sound)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - iterdir() would open one more
    for number in range(4):
        mux(tmp_path / f"{number}.mp4", gops, audio=sound)
        muxer = Mp4Muxer(tmp_path / "x.mp4", ORDER, audio_follows=True)
        muxer.write(gops[0])
        muxer.abort()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
