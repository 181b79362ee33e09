"""What stands around the stream: boxes, clocks, metadata."""

import struct
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.time import FRAME_RATES
from engine.media import PRESETS, Mp4Options, Mp4Writer
from tests.helpers_mp4 import STBL, box, boxes, presentation_times, read_frames, table
from tests.media.mp4.pictures import BOTH_WAYS, CREATED, moving_gradient, numbered, write_mp4

EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)


@pytest.fixture(params=BOTH_WAYS.values(), ids=list(BOTH_WAYS))
def write(request):
    """Both ways to make a file: by one encoder, and by groups that are put together."""
    return request.param


def small(path, count=20, rate=Fraction(30), preset=PRESETS["standard"], *, write=write_mp4, **more):
    return write(path, Mp4Options(64, 48, rate, preset, **more), moving_gradient(64, 48, count))


def test_the_index_stands_before_the_media(tmp_path, write):
    top = [found.path for found in boxes(small(tmp_path / "a.mp4", write=write)) if "/" not in found.path]
    assert top[0] == "ftyp"
    assert top.index("moov") < top.index("mdat")
    assert top.count("moov") == top.count("mdat") == 1


def test_the_container_says_bt709_limited_range(tmp_path, write):
    path = small(tmp_path / "a.mp4", write=write)
    # ISO/IEC 14496-12, 12.1.5: nclx, primaries, transfer, matrix as in H.273, then the full-range bit.
    assert box(path, f"{STBL}/stsd/avc1/colr").payload == b"nclx" + struct.pack(">HHHB", 1, 1, 1, 0)
    assert box(path, f"{STBL}/stsd/avc1/pasp").payload == struct.pack(">II", 1, 1)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize("rate", FRAME_RATES.values(), ids=list(FRAME_RATES))
def test_every_clock_counts_the_frame_rate_exactly(tmp_path, write, rate, preset):
    count = 23
    path = small(tmp_path / "a.mp4", count, rate, preset, write=write)
    ((samples, delta),) = table(path, f"{STBL}/stts", "II")  # one row: a constant frame rate
    timescale, duration = struct.unpack_from(">II", box(path, "moov/trak/mdia/mdhd").payload, 12)
    movie_timescale, movie_duration = struct.unpack_from(">II", box(path, "moov/mvhd").payload, 12)
    (track_duration,) = struct.unpack_from(">I", box(path, "moov/trak/tkhd").payload, 20)
    assert (samples, Fraction(timescale, delta)) == (count, rate)
    assert Fraction(duration, timescale) == Fraction(movie_duration, movie_timescale) == count / rate
    assert Fraction(track_duration, movie_timescale) == count / rate
    assert presentation_times(path) == [number / rate for number in range(count)]


def test_the_edit_list_only_undoes_the_reordering(tmp_path, write):
    path = small(tmp_path / "a.mp4", 150, write=write)
    version, entries, duration, start, speed = struct.unpack(">IIIiI", box(path, "moov/trak/edts/elst").payload)
    first_offset = table(path, f"{STBL}/ctts", "Ii")[0][1]
    assert (version, entries, duration, start, speed) == (0, 1, 150 * 1000, first_offset, 0x10000)


def test_title_time_and_handler_are_where_players_look(tmp_path, write):
    title = "Hafen, früh am Morgen — 港 ⚓"
    path = small(tmp_path / "a.mp4", title=title, creation_time=CREATED, write=write)
    assert box(path, "moov/udta/meta/ilst/©nam/data").payload == struct.pack(">II", 1, 0) + title.encode()
    seconds = int((CREATED - EPOCH_1904).total_seconds())
    for name in ("moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/mdhd"):
        assert struct.unpack_from(">II", box(path, name).payload, 4) == (seconds, seconds), name
    assert box(path, "moov/trak/mdia/hdlr").payload[8:12] == b"vide"
    assert box(path, "moov/trak/mdia/hdlr").payload[24:] == b"Multiplane video\0"


def test_no_title_writes_none(tmp_path):
    assert not [found for found in boxes(small(tmp_path / "a.mp4")) if "©nam" in found.path]


def test_a_creation_time_of_another_zone_is_stored_in_utc(tmp_path):
    tokyo = CREATED.astimezone(timezone(timedelta(hours=9)))
    one = box(small(tmp_path / "a.mp4", creation_time=tokyo), "moov/mvhd")
    two = box(small(tmp_path / "b.mp4", creation_time=CREATED), "moov/mvhd")
    assert one == two


def test_the_creation_time_is_now_unless_given(tmp_path):
    before = datetime.now(UTC).replace(microsecond=0)
    (seconds,) = struct.unpack_from(">I", box(small(tmp_path / "a.mp4"), "moov/mvhd").payload, 4)
    assert before <= EPOCH_1904 + timedelta(seconds=seconds) <= datetime.now(UTC)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_order_gives_the_same_bytes(tmp_path, write, threads):
    options = Mp4Options(176, 144, creation_time=CREATED, threads=threads, title="Twice")
    files = [write(tmp_path / name, options, moving_gradient(176, 144, 40)) for name in ("a.mp4", "b.mp4")]
    assert files[0].read_bytes() == files[1].read_bytes()


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(8, 80),
    height=st.integers(8, 80),
    rate=st.sampled_from(list(FRAME_RATES.values())),
    preset=st.sampled_from(list(PRESETS.values())),
    count=st.integers(1, 20),
    threads=st.integers(0, 3),
    write=st.sampled_from(list(BOTH_WAYS.values())),
)
def test_any_order_gives_the_exact_count_size_and_times(
    tmp_path_factory, width, height, rate, preset, count, threads, write
):
    width, height = 2 * width, 2 * height
    path = tmp_path_factory.mktemp("any") / "a.mp4"
    options = Mp4Options(width, height, rate, preset, threads=threads)
    write(path, options, (numbered(width, height, number) for number in range(count)))
    assert presentation_times(path) == [number / rate for number in range(count)]
    assert {(frame.width, frame.height) for frame in read_frames(path)} == {(width, height)}
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.start_time) == (count, 0)
        assert stream.duration * stream.time_base == count / rate
        if count > 1:  # libavformat derives no rate from a single frame
            assert stream.average_rate == rate


@pytest.mark.parametrize("size", [(16, 16), (4096, 16), (16, 4096), (1080, 1920), (4096, 4096)], ids=str)
def test_the_smallest_and_the_largest_sizes_work(tmp_path, size):
    path = write_mp4(
        tmp_path / "a.mp4", Mp4Options(*size, preset=PRESETS["draft"]), (numbered(*size, n) for n in range(2))
    )
    assert [(frame.width, frame.height) for frame in read_frames(path)] == [size, size]


def test_names_that_libavformat_could_misread_are_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("file:a.mp4", "http:b.mp4", "c%03d.mp4", "-d.mp4", "é 港.mp4", "no suffix"):
        with Mp4Writer(Path(name), Mp4Options(16, 16)) as writer:
            writer.write(numbered(16, 16, 1))
        assert len(read_frames(tmp_path / name)) == 1
    assert len(list(tmp_path.iterdir())) == 6
