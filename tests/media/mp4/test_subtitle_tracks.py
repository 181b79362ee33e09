"""Subtitles as tracks of the file: every script, exact times, shown only when asked for."""

import struct
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import OptionError
from engine.media import PRESETS, Mp4Options
from engine.media.language_codes import iso_639_2
from engine.media.mp4_muxer import Mp4Muxer
from engine.media.packets import EncodedGop
from engine.media.subtitle_track import MAX_TEXT_BYTES, SubtitleTrack, samples
from tests.helpers_mp4 import boxes, read_frames
from tests.media.mp4.pictures import CREATED, encode_gops, numbered
from tests.media.mp4.sounds import write_m4a

SIZE = (320, 180)
ORDER = Mp4Options(*SIZE, preset=PRESETS["draft"], creation_time=CREATED)
SECOND = Fraction(1)


@pytest.fixture(scope="module")
def gop() -> EncodedGop:
    """Two seconds."""
    (group,) = encode_gops(ORDER, [numbered(*SIZE, 10)] * 60)
    return group


def mux(path, gops, tracks, **more):
    with Mp4Muxer(path, ORDER, subtitles=tracks, **more) as muxer:
        for each in gops:
            muxer.write(each)
    return path


def shown(path, track=0):
    """What a player shows: (start, end, text) in seconds; the empty samples between are left out."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[track]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert all(packet.duration for packet in packets[:-1]), "a sample of no duration"
        result = []
        for packet in packets:
            (length,) = struct.unpack_from(">H", bytes(packet))
            begin, end = (t * packet.time_base for t in (packet.pts, packet.pts + (packet.duration or 0)))
            if length:
                result.append((begin, end, bytes(packet)[2 : 2 + length].decode()))
        return result


def test_texts_of_every_script_come_back_at_their_times(tmp_path, gop):
    cues = [
        (Fraction(0), Fraction("0.5"), "Guten Morgen – Grüße"),
        (Fraction("0.5"), Fraction("1.25"), "港口的早晨\n第二行"),
        (Fraction("1.251"), Fraction("2.5"), "صباح الخير"),
        (Fraction(3), Fraction(4), "שלום 👋🏽 नमस्ते"),
        (Fraction("5.999"), Fraction(6), "ende"),
    ]
    path = mux(tmp_path / "a.mp4", [gop] * 3, [SubtitleTrack("de", cues)])
    assert shown(path) == cues
    with av.open(str(path)) as container:
        decoded = [s for p in container.demux(subtitles=0) for s in p.decode()]
        texts = [line.dialogue.decode() for line in decoded if line.dialogue]
        assert texts == [text for _, _, text in cues]
        assert container.duration == 6 * av.time_base
    assert len(read_frames(path)) == 180


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "eng"), ("zh-Hans", "zho"), ("chi", "zho"), ("pt_BR", "por"), ("AR", "ara"), ("yue", "yue"), ("", "und")],
)
def test_the_language_is_three_letters(tmp_path, gop, language, written):
    assert iso_639_2(language) == written
    path = mux(tmp_path / "a.mp4", [gop], [SubtitleTrack(language, [(0 * SECOND, SECOND, "…")])])
    with av.open(str(path)) as container:
        assert container.streams.subtitles[0].metadata.get("language", "und") == written


@pytest.mark.parametrize("language", ["english", "e", "12", "zz", "日本語", "x-klingon"])
def test_other_languages_are_refused(language):
    with pytest.raises(OptionError, match="is not a language"):
        SubtitleTrack(language, [])


@pytest.mark.parametrize("default", [(False,), (True,), (False, False), (False, True), (True, False)], ids=str)
def test_players_show_only_what_is_default(tmp_path, gop, default):
    tracks = [SubtitleTrack("en", [(0 * SECOND, SECOND, "text")], each) for each in default]
    path = mux(tmp_path / "a.mp4", [gop], tracks, audio=write_m4a(tmp_path / "a.m4a", 2))
    with av.open(str(path)) as container:
        said = [bool(s.disposition & av.stream.Disposition.default) for s in container.streams.subtitles]
        assert said == list(default)
        assert container.streams.video[0].disposition & av.stream.Disposition.default
        assert container.streams.audio[0].disposition & av.stream.Disposition.default
    headers = [box.payload for box in boxes(path) if box.path == "moov/trak/tkhd"]
    assert [payload[3] & 1 for payload in headers] == [1, 1, *default]


def test_the_text_may_use_the_whole_picture_and_hides_none_of_it(tmp_path, gop):
    path = mux(tmp_path / "a.mp4", [gop], [SubtitleTrack("en", [(0 * SECOND, SECOND, "text")], name="Signs")])
    found = boxes(path)
    _, header = (box.payload for box in found if box.path == "moov/trak/tkhd")
    assert struct.unpack(">II", header[-8:]) == (SIZE[0] << 16, SIZE[1] << 16)
    _, handler = (box.payload for box in found if box.path == "moov/trak/mdia/hdlr")
    assert handler[8:12] in (b"sbtl", b"text")
    assert handler[24:] == b"Signs\0"
    (entry,) = (box.payload for box in found if box.path.endswith("stsd/tx3g"))
    # TS 26.245, 5.16: reserved, reference, flags, justification (centre, bottom), background, region.
    assert struct.unpack_from(">bb4B4H", entry, 12) == (1, -1, 0, 0, 0, 0, 0, 0, SIZE[1], SIZE[0])


def test_several_tracks_keep_their_order_beside_a_sound(tmp_path, gop):
    tracks = [SubtitleTrack(code, [(SECOND / 2, SECOND, code)]) for code in ("en", "ja", "ko")]
    path = mux(tmp_path / "a.mp4", [gop] * 2, tracks, audio=write_m4a(tmp_path / "a.m4a", 4))
    assert [shown(path, n)[0][2] for n in range(3)] == ["en", "ja", "ko"]
    with av.open(str(path)) as container:
        assert [s.type for s in container.streams] == ["video", "audio", "subtitle", "subtitle", "subtitle"]


def test_what_lies_beyond_the_last_picture_is_cut(tmp_path, gop):
    cues = [(SECOND, 9 * SECOND, "long"), (3 * SECOND, 4 * SECOND, "late")]
    path = mux(tmp_path / "a.mp4", [gop], [SubtitleTrack("en", cues)])
    assert shown(path) == [(1, 2, "long")]
    with av.open(str(path)) as container:
        assert container.duration == 2 * av.time_base


def test_a_track_without_cues_is_a_track(tmp_path, gop):
    path = mux(tmp_path / "a.mp4", [gop], [SubtitleTrack("en", [])])
    with av.open(str(path)) as container:
        assert len(container.streams.subtitles) == 1
        assert container.duration == 2 * av.time_base


def test_a_cue_in_the_tenth_minute_is_exact_and_rates_do_not_matter(tmp_path):
    order = replace(ORDER, frame_rate=Fraction(30000, 1001), width=64, height=48)
    (group,) = encode_gops(order, [numbered(64, 48, 10)] * 59)
    cues = [(Fraction(599_999, 1000), Fraction(600_001, 1000), "now"), (Fraction(600_001, 1000), 601 * SECOND, "then")]
    with Mp4Muxer(tmp_path / "a.mp4", order, subtitles=[SubtitleTrack("en", cues)]) as muxer:
        for _ in range(310):
            muxer.write(group)
    assert shown(tmp_path / "a.mp4") == cues


@pytest.mark.parametrize(
    ("cue", "says"),
    [
        ((SECOND, SECOND / 2, "back in time"), "back in time"),
        ((-SECOND, SECOND, "before"), "before"),
        ((0 * SECOND, SECOND, "a\0b"), "zero byte"),
        ((0 * SECOND, SECOND, "港" * (MAX_TEXT_BYTES // 3 + 1)), "longer than 65535 bytes"),
    ],
)
def test_cues_that_cannot_be_are_refused_with_a_sentence(cue, says):
    with pytest.raises(OptionError, match=says) as refusal:
        SubtitleTrack("en", [cue])
    assert refusal.value.message.endswith(".")
    assert len(refusal.value.message) < 200


def test_the_longest_text_fits(tmp_path, gop):
    text = "港" * (MAX_TEXT_BYTES // 3)
    assert shown(mux(tmp_path / "a.mp4", [gop], [SubtitleTrack("zh", [(0 * SECOND, SECOND, text)])])) == [(0, 1, text)]


def test_overlapping_cues_are_shown_together():
    cues = [(2 * SECOND, 4 * SECOND, "b"), (SECOND, 3 * SECOND, "a"), (5 * SECOND, 6 * SECOND, "  ")]
    assert samples(cues) == [(1000, 2000, "a"), (2000, 3000, "a\nb"), (3000, 4000, "b")]


def test_a_cue_of_no_time_is_not_shown_beside_others():
    assert samples([(SECOND, SECOND, "never"), (0 * SECOND, 2 * SECOND, "a")]) == [(0, 1000, "a"), (1000, 2000, "a")]


times = st.integers(0, 60)


@given(st.lists(st.tuples(times, times, st.sampled_from(["a", "b", "c"])).map(lambda c: (*sorted(c[:2]), c[2]))))
def test_at_every_moment_all_cues_of_that_moment_are_shown(cues):
    written = samples([(Fraction(start, 1000), Fraction(end, 1000), text) for start, end, text in cues])
    assert all(start < end for start, end, _ in written)
    assert all(one[1] <= two[0] for one, two in pairwise(written))
    for now in range(60):
        expected = sorted(text for start, end, text in cues if start <= now < end)
        assert (
            sorted(line for start, end, text in written if start <= now < end for line in text.split("\n")) == expected
        )
