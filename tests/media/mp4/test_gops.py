"""Groups of pictures: encoded apart, a function of their frames alone; kept in files that tell of damage."""

import threading
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import CorruptMedia, DeviceUnavailable, EncodeError, OutputError, UnreadableMedia
from engine.core.frames import YuvFrame
from engine.core.time import FRAME_RATES
from engine.media import PRESETS, Mp4Options
from engine.media.encoders import gop_frames
from engine.media.gop_encoder import GopEncoder
from engine.media.packets import MAGIC, EncodedGop, EncodedPacket, gop_from_bytes, gop_to_bytes, read_gop, write_gop
from tests.media.mp4.pictures import encode_gops, moving_gradient, noise, numbered

SIZE = (128, 96)
ORDER = Mp4Options(*SIZE)
GROUP = gop_frames(ORDER.frame_rate)


def encode(encoder, frames):
    for frame in frames:
        encoder.encode(frame)
    return encoder.finish()


@pytest.mark.parametrize("rate", FRAME_RATES.values(), ids=list(FRAME_RATES))
def test_a_group_is_about_two_seconds_and_never_more(rate):
    assert 1.95 <= gop_frames(rate) / rate <= 2


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize("count", [1, 2, 3, 7, GROUP])
def test_packets_count_from_the_groups_start(preset, count):
    (gop,) = encode_gops(replace(ORDER, preset=preset), moving_gradient(*SIZE, count))
    assert gop.frames == len(gop.packets) == count
    assert sorted(packet.pts for packet in gop.packets) == list(range(count))
    first = gop.packets[0]
    assert (first.pts, first.keyframe) == (0, True)
    assert [packet.dts for packet in gop.packets] == list(range(first.dts, first.dts + count))
    assert all(packet.dts <= packet.pts for packet in gop.packets)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_the_delay_and_the_parameter_sets_are_the_same_for_every_group(preset):
    order = replace(ORDER, preset=preset)
    gops = [*encode_gops(order, moving_gradient(*SIZE, GROUP + 3)), *encode_gops(order, noise(*SIZE, 5))]
    assert len({(gop.packets[0].dts, gop.extradata) for gop in gops}) == 1
    (short,) = encode_gops(order, noise(*SIZE, 1))  # nothing to wait for
    assert (short.packets[0].dts, short.extradata) == (0, gops[0].extradata)


def test_a_group_does_not_depend_on_what_was_encoded_before():
    encoder = GopEncoder(ORDER)
    encode(encoder, noise(*SIZE, 9))
    encoder.encode(numbered(*SIZE, 5))
    encoder.abort()
    assert encode(encoder, moving_gradient(*SIZE, 20)) == encode(GopEncoder(ORDER), moving_gradient(*SIZE, 20))


def test_a_group_does_not_depend_on_threads_or_on_groups_beside_it():
    alone = [encode(GopEncoder(ORDER), moving_gradient(*SIZE, count)) for count in range(20, 24)]
    made = {}

    def work(count):
        made[count] = encode(GopEncoder(replace(ORDER, threads=count % 4)), moving_gradient(*SIZE, count))

    threads = [threading.Thread(target=work, args=(count,)) for count in range(20, 24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made[count] for count in range(20, 24)] == alone


def test_frames_made_in_place_and_copied_frames_give_the_same_packets():
    encoder = GopEncoder(ORDER)
    frame = encoder.new_frame()
    for source in moving_gradient(*SIZE, 20):
        # One frame for all: the encoder must have taken its own copy by the time encode() returns.
        frame.y[:], frame.u[:], frame.v[:] = source.y, source.u, source.v
        encoder.encode(frame)
    assert encoder.finish() == encode(encoder, moving_gradient(*SIZE, 20))


def test_a_group_needs_a_frame():
    encoder = GopEncoder(ORDER)
    with pytest.raises(ValueError, match="not one frame"):
        encoder.finish()
    encode(encoder, moving_gradient(*SIZE, 1))
    with pytest.raises(ValueError, match="not one frame"):
        encoder.finish()


@pytest.mark.parametrize("after", [1, 4])
def test_a_group_can_be_given_up_while_it_is_finished(after):
    encoder = GopEncoder(ORDER)
    calls = []

    def check():
        calls.append(len(calls))
        if len(calls) == after:
            raise KeyboardInterrupt

    for frame in noise(*SIZE, 20):
        encoder.encode(frame)
    with pytest.raises(KeyboardInterrupt):
        encoder.finish(check)
    assert len(calls) == after
    expected = encode(GopEncoder(ORDER), moving_gradient(*SIZE, 8))
    for frame in moving_gradient(*SIZE, 8):
        encoder.encode(frame)
    assert encoder.finish(lambda: None) == expected


def test_a_frame_of_another_size_is_refused_and_changes_nothing():
    encoder = GopEncoder(ORDER)
    frames = list(moving_gradient(*SIZE, 4))
    encoder.encode(frames[0])
    with pytest.raises(ValueError, match="96x128"):
        encoder.encode(YuvFrame.empty(96, 128))
    assert encode(encoder, frames[1:]) == encode(encoder, frames)


def test_settings_that_the_encoder_refuses_are_one_sentence():
    wrong = replace(PRESETS["draft"], x264_preset="warp")
    with pytest.raises(EncodeError, match=r"^The x264 encoder failed") as refusal:
        GopEncoder(replace(ORDER, preset=wrong)).encode(numbered(*SIZE, 1))
    assert refusal.value.detail


def test_an_encoder_that_does_not_open_is_refused_at_once():
    with pytest.raises(DeviceUnavailable, match="x264"):
        GopEncoder(Mp4Options(16, 16, encoder="nvenc"))


packets = st.builds(
    EncodedPacket,
    data=st.binary(max_size=40),
    pts=st.integers(-(2**31), 2**31 - 1),
    dts=st.integers(-(2**31), 2**31 - 1),
    keyframe=st.booleans(),
)
gops = st.builds(
    EncodedGop,
    packets=st.lists(packets, max_size=6).map(tuple),
    extradata=st.binary(max_size=40),
    frames=st.integers(0, 2**32 - 1),
)


@given(gop=gops)
def test_a_group_comes_back_from_its_bytes(gop):
    assert gop_from_bytes(gop_to_bytes(gop)) == gop


@settings(deadline=None)
@given(gop=gops, data=st.data())
def test_damage_anywhere_is_found(gop, data):
    whole = gop_to_bytes(gop)
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"checksum|not a GOP file"):
        gop_from_bytes(whole[:place] + bytes([whole[place] ^ changed]) + whole[place + 1 :])
    with pytest.raises(ValueError, match=r"checksum|not a GOP file"):
        gop_from_bytes(whole[:place])
    with pytest.raises(ValueError, match="checksum"):
        gop_from_bytes(whole + b"\0")


def test_a_file_holds_a_group(tmp_path):
    one, two = encode_gops(ORDER, moving_gradient(*SIZE, GROUP + 5))
    write_gop(tmp_path / "a.gop", one)
    assert read_gop(tmp_path / "a.gop") == one
    write_gop(tmp_path / "a.gop", two)
    assert read_gop(tmp_path / "a.gop") == two
    assert [path.name for path in tmp_path.iterdir()] == ["a.gop"]


@pytest.mark.parametrize("content", [b"", MAGIC, b"MPGOP00\n" + bytes(100), b"not a group at all"])
def test_a_file_that_is_no_group_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "a.gop").write_bytes(content)
    with pytest.raises(CorruptMedia, match=r"^a\.gop: its bytes are damaged") as refusal:
        read_gop(tmp_path / "a.gop")
    assert refusal.value.message.endswith(".")


def test_a_file_that_is_missing_or_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(UnreadableMedia, match=r"^a\.gop: "):
        read_gop(tmp_path / "a.gop")
    with pytest.raises(OutputError, match=r"^a\.gop: its folder does not exist"):
        write_gop(tmp_path / "missing" / "a.gop", EncodedGop((), b"", 0))


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    (gop,) = encode_gops(ORDER, moving_gradient(*SIZE, 2))
    write_gop(tmp_path / "a.gop", gop)
    with pytest.raises(AttributeError):
        write_gop(tmp_path / "a.gop", None)
    assert read_gop(tmp_path / "a.gop") == gop
    assert [path.name for path in tmp_path.iterdir()] == ["a.gop"]


def test_a_frame_rate_of_23_976_has_whole_groups():
    order = Mp4Options(64, 48, Fraction(24000, 1001), PRESETS["draft"])
    assert [gop.frames for gop in encode_gops(order, moving_gradient(64, 48, 100))] == [47, 47, 6]
