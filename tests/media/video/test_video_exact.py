"""Picture n is picture n, wherever reading begins."""

import shutil
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from engine.media.video import VideoReader, probe_video
from engine.timeline.playback import Playback
from pipelines.clip.timing import source_time
from tests.media.video.video_samples import (
    CLOSED,
    H264,
    HEVC,
    VP9,
    digest,
    starting_later,
    straight_through,
    write_video,
)


def uneven(number: int) -> int:
    """Presentation times of a telephone: mostly 33 ms, sometimes a long gap."""
    return 33 * number + (number // 7) * 120 + (number % 3)


KINDS = {
    "open GOP, B-frames, MP4": ("a.mp4", "libx264", "yuv420p", {"options": H264}),
    "no B-frames, MP4": ("a.mp4", "libx264", "yuv420p", {"options": CLOSED}),
    "open GOP, MOV": ("a.mov", "libx264", "yuv420p", {"options": H264}),
    "open GOP, MPEG-TS": ("a.ts", "libx264", "yuv420p", {"options": H264}),
    "open GOP, Matroska": ("a.mkv", "libx264", "yuv420p", {"options": H264}),
    "fragmented MP4": (
        "a.mp4", "libx264", "yuv420p", {"options": H264, "container": {"movflags": "frag_keyframe+empty_moov"}}
    ),
    "uneven times": ("a.mp4", "libx264", "yuv420p", {"options": H264, "times": uneven, "clock": 1000}),
    "uneven times, Matroska": ("a.mkv", "libx264", "yuv420p", {"options": H264, "times": uneven, "clock": 1000}),
    "late start": ("a.ts", "libx264", "yuv420p", {"options": H264, "times": lambda n: n + 1000}),
    "late start, Matroska": ("a.mkv", "libx264", "yuv420p", {"options": H264, "times": lambda n: n + 90}),
    "negative start": (
        "a.mp4", "libx264", "yuv420p",
        {"options": H264, "times": lambda n: n - 5, "container": {"avoid_negative_ts": "disabled"}},
    ),
    "VP9": ("a.webm", "libvpx-vp9", "yuv420p", {"options": VP9}),
    "HEVC, 10 bits": ("a.mp4", "libx265", "yuv420p10le", {"options": HEVC}),
    "HEVC, 10 bits, Matroska": ("a.mkv", "libx265", "yuv420p10le", {"options": HEVC}),
    "ProRes": ("a.mov", "prores_ks", "yuv422p10le", {"options": {"profile": "1"}}),
    "ProRes with alpha": ("a.mov", "prores_ks", "yuva444p10le", {"options": {"profile": "4"}}),
    "MPEG-4 in AVI": ("a.avi", "mpeg4", "yuv420p", {"options": {"bf": "2", "g": "12"}}),
    "MPEG-2 in MPEG-TS": ("a.ts", "mpeg2video", "yuv420p", {"options": {"bf": "2", "g": "12"}}),
    "intra refresh": (
        "a.mkv", "libx264", "yuv420p",
        {"options": {"preset": "veryfast", "x264-params": "keyint=12:intra-refresh=1:bframes=0"}},
    ),
}  # fmt: skip


def check_against_straight(path: Path, seed: int = 3) -> None:
    straight = list(straight_through(path))
    with VideoReader(path) as reader:
        assert reader.info.frames == len(straight)
        assert [reader.index.time_of(n) for n in range(len(straight))] == [time for time, _ in straight]
        order = list(range(len(straight)))
        Random(seed).shuffle(order)
        runs = {
            "forwards": range(len(straight)),
            "anyhow": order,
            "backwards": list(reversed(order := sorted(order))),
            "every fifth": order[3::5],
        }
        for name, numbers in runs.items():
            wrong = [n for n in numbers if digest(reader.decoded(n)) != straight[n][1]]
            assert wrong == [], name
    # A reader that has seen nothing yet begins anywhere.
    for number in order[1::7]:
        with VideoReader(path) as fresh:
            assert digest(fresh.decoded(number)) == straight[number][1], number


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_exact_from_any_start(tmp_path, kind):
    name, codec, pixels, more = KINDS[kind]
    path = write_video(tmp_path / name, codec, pixels, **more)
    assert len({text for _, text in straight_through(path)}) >= 35  # the pictures can be told apart
    check_against_straight(path)


@pytest.mark.parametrize("skipped", [5, 12, 17])
def test_an_edit_list_that_starts_inside_a_gop_is_obeyed(tmp_path, skipped):
    whole = write_video(tmp_path / "whole.mp4", options=H264)
    path = starting_later(Path(shutil.copy(whole, tmp_path / "a.mp4")), skipped)
    all_of_it = [text for _, text in straight_through(whole)]
    assert [text for _, text in straight_through(path)] == all_of_it[skipped:]
    check_against_straight(path)


@pytest.mark.parametrize(("name", "slack"), [("a.mkv", Fraction(1, 1000)), ("a.mp4", Fraction(1, 1000))])
def test_a_moment_shows_the_last_picture_that_is_not_later(tmp_path, name, slack):
    path = write_video(tmp_path / name, options=H264, times=uneven, clock=1000)
    times = [Fraction(uneven(n) - uneven(0), 1000) for n in range(40)]
    with VideoReader(path) as reader:
        for n in (0, 1, 6, 7, 20, 39):
            assert reader.index.at(times[n]) == n
            assert reader.index.at(times[n] - slack - Fraction(1, 10**9)) == max(n - 1, 0)
        assert reader.index.at(Fraction(-5)) == 0
        assert reader.index.at(Fraction(500)) == 39
        assert (reader.frame_at(times[7]).y == reader.picture(7).frame.y).all()


def test_the_probe_says_what_the_file_is(tmp_path):
    even = probe_video(write_video(tmp_path / "a.mp4", options=H264, silence=2.5))
    assert (even.format, even.codec, even.width, even.height) == ("MP4", "h264", 96, 64)
    assert (even.duration, even.frame_rate, even.frames, even.variable) == (Fraction(8, 5), Fraction(25), 40, False)
    assert even.has_audio
    assert even.audio_duration == pytest.approx(2.5, abs=0.05)
    assert (even.has_alpha, even.animated, even.interlaced, even.color, even.notes) == (
        False,
        False,
        False,
        "BT.709",
        (),
    )
    odd = probe_video(write_video(tmp_path / "b.mkv", options=H264, times=uneven, clock=1000))
    assert odd.variable
    assert not odd.has_audio
    assert odd.audio_duration is None
    assert any("frame rate varies" in note for note in odd.notes)


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.flv", "a.ts", "a.mp4", "a.avi"])
@pytest.mark.parametrize("rate", [Fraction(30), Fraction(24), Fraction(60), Fraction(30000, 1001)], ids=str)
def test_a_clip_at_the_rate_of_its_timeline_shows_every_picture_once(tmp_path, name, rate):
    """Whatever the clock of the container rounds: forwards, backwards, and from a frame on."""
    codec, options = ("libvpx-vp9", VP9) if name == "a.webm" else ("libx264", CLOSED)
    path = write_video(tmp_path / name, codec, count=70, size=(32, 32), rate=rate, options=options)
    with VideoReader(path) as reader:
        assert reader.info.frame_rate == rate
        assert reader.info.duration == 70 / rate
        for first in (0, 1, 2):
            played = Playback(start=first / rate)
            moments = [source_time(played, reader.info.duration, n / rate) for n in range(70 - first)]
            assert [reader.index.at(moment) for moment in moments] == list(range(first, 70))
        back = [source_time(Playback(reverse=True), reader.info.duration, n / rate) for n in range(70)]
        assert [reader.index.at(moment) for moment in back] == list(reversed(range(70)))


def test_where_pictures_are_left_out_the_others_still_come_in_time(tmp_path):
    """A screen recorder's file: 30 per second, in milliseconds, and nothing where nothing moved."""
    there = [n for n in range(70) if n % 9 not in (4, 5) and n % 11]
    path = write_video(
        tmp_path / "a.mkv", options=CLOSED, count=len(there), rate=30, times=lambda n: round(there[n] * 1000 / 30),
        clock=1000,
    )  # fmt: skip
    with VideoReader(path) as reader:
        assert reader.info.variable
        begins = there[0]
        for frame in range(begins, there[-1] + 1):
            last = max(k for k, n in enumerate(there) if n <= frame)
            assert reader.index.at(Fraction(frame - begins, 30)) == last, frame


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts"])
def test_the_rate_of_ntsc_is_found_in_any_clock(tmp_path, name):
    info = probe_video(write_video(tmp_path / name, options=CLOSED, times=lambda n: 1001 * n, clock=30000, count=70))
    assert info.frame_rate == Fraction(30000, 1001)
    assert not info.variable


def test_threads_of_the_decoder_change_nothing(tmp_path):
    path = write_video(tmp_path / "a.mp4", options=H264)
    straight = [text for _, text in straight_through(path)]
    with VideoReader(path, threads=2) as reader:
        assert [digest(reader.decoded(n)) for n in (30, 2, 17, 18, 19, 39, 0)] == [
            straight[n] for n in (30, 2, 17, 18, 19, 39, 0)
        ]


def test_pictures_stay_as_they_are_when_the_reader_goes_on(tmp_path):
    path = write_video(tmp_path / "a.mp4", options=H264)
    with VideoReader(path) as reader:
        held = [reader.picture(n).frame for n in range(40)]
        before = [frame.y.copy() for frame in held]
        for n in (5, 30, 12):
            reader.picture(n)
    assert all((frame.y == copy).all() for frame, copy in zip(held, before, strict=True))
    assert not held[0].y.flags.writeable


def test_playing_backwards_decodes_each_gop_a_few_times_at_most(tmp_path, monkeypatch):
    path = write_video(tmp_path / "a.mp4", options={**CLOSED, "x264-params": "keyint=200:bframes=0"}, count=100)
    with VideoReader(path) as reader:
        kept = 30
        reader._sequence._kept_backward = kept
        decoded = 0
        decode = reader._sequence._decode_from

        def counting(key):
            nonlocal decoded
            for item in decode(key):
                decoded += 1
                yield item

        reader._sequence._decode_from = counting
        for number in reversed(range(100)):
            reader.decoded(number)
            assert len(reader._sequence._kept) <= kept
    assert decoded <= 100 * (100 / kept + 2) / 2 + 100
