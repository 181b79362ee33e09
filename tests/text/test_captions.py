"""SubRip and WebVTT: times, markup, encodings, places, overlaps, and refusals with a line number."""

import contextlib
import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import CorruptMedia, MediaError, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.text.captions import MAX_AT_ONCE, Cue, read_captions, without_overlaps, write_srt
from engine.text.encoding import decode

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i>,
<font color="#ff0000">General</font> {\\i1}Kenobi{\\i0}

2
00:01:00,000 --> 01:00:01,050
Second
"""

VTT = """WEBVTT - a title

NOTE a comment
over two lines --> even with an arrow

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:left line:0
<v Anna>Tom &amp; <c.loud>Jerry</c></v>

00:03.000 --> 00:04.000
3 &lt; 4
01:00:00.000 --> 01:00:01.000
no blank line before
"""


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        read_captions(path)
    return caught.value.message


def test_an_srt_file_gives_times_and_plain_text(tmp_path: Path) -> None:
    first, second = read_captions(write(tmp_path / "a.srt", SRT))
    assert first == Cue(Fraction(1), Fraction(5, 2), "Hello there,\nGeneral Kenobi")
    assert second == Cue(Fraction(60), Fraction(3601) + Fraction(50, 1000), "Second")


def test_a_vtt_file_gives_places_and_leaves_comments_out(tmp_path: Path) -> None:
    cues = read_captions(write(tmp_path / "a.vtt", VTT))
    assert cues == (
        Cue(Fraction(1), Fraction(5, 2), "Tom & Jerry", "top_left"),
        Cue(Fraction(3), Fraction(4), "3 < 4"),
        Cue(Fraction(3600), Fraction(3601), "no blank line before"),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path: Path, newline: str) -> None:
    assert len(read_captions(write(tmp_path / "a.srt", SRT.replace("\n", newline)))) == 2


def test_blank_lines_within_a_cue_and_missing_numbers_are_borne(tmp_path: Path) -> None:
    text = "00:00:01,000 --> 00:00:02,000\none\n\ntwo\n\n7\n\n00:00:03.5 --> 00:00:04\n1984\n"
    cues = read_captions(write(tmp_path / "a.srt", text))
    assert [cue.text for cue in cues] == ["one\ntwo\n7", "1984"]
    assert cues[1].start == Fraction(7, 2)


def test_marks_of_place_become_anchors(tmp_path: Path) -> None:
    text = "".join(f"00:00:0{n},000 --> 00:00:0{n},500\n{{\\an{n}}}x\n\n" for n in (1, 2, 5, 8, 9))
    cues = read_captions(write(tmp_path / "a.srt", text))
    assert [cue.anchor for cue in cues] == ["bottom_left", "bottom", "center", "top", "top_right"]


TEXTS = {
    "en": "Café – naïve façade, “quoted” £5, Ångström, señor",
    "zh": "你好，世界。今天我们去看一场很好的电影，然后回家吃饭。",
    "ru": "Привет, мир. Сегодня мы идём в кино, а потом домой.",
    "tw": "你好，世界。今天我們去看一場很好的電影，然後回家吃飯。",
    "ja": "こんにちは、世界。今日は映画を見に行きます。",
    "ko": "안녕하세요. 오늘은 영화를 보러 갑니다. 정말 좋은 생각이에요!",
    "ar": "مرحبا بالعالم. اليوم نذهب إلى السينما ثم نعود إلى البيت.",
    "he": "שלום עולם. היום אנחנו הולכים לקולנוע ואחר כך חוזרים הביתה.",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("language", TEXTS)
def test_unicode_is_read_with_and_without_a_mark(tmp_path: Path, language: str, encoding: str) -> None:
    text = TEXTS[language]
    data = f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(encoding)
    assert read_captions(write(tmp_path / "a.srt", data))[0].text == text


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("en", "cp1252"), ("zh", "gb18030"), ("zh", "gb2312"), ("tw", "big5"), ("ja", "shift_jis"), ("ja", "euc_jp"),
        ("ko", "cp949"), ("ru", "cp1251"), ("ar", "cp1256"), ("he", "cp1255"),
    ],
)  # fmt: skip
def test_old_code_pages_are_guessed(language: str, encoding: str) -> None:
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize(
    "text",
    ["Änderung Äpfel Ärger Ämter Ähnlich Äste Äcker Ära", "École À Été Ça", "ÉCOLE ÉTÉ ÉLÈVE ÉTAT", "¿Qué? ¡Sí!"],
)
def test_western_texts_that_look_like_double_bytes_stay_western(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_of_a_long_file_the_beginning_tells_the_encoding() -> None:
    text = f"{TEXTS['ja']}\n" * 4000
    assert decode(text.encode("shift_jis")) == text


@given(st.binary(max_size=400))
def test_any_bytes_are_some_text(data: bytes) -> None:
    decode(data)


def test_what_cannot_be_understood_is_refused_with_its_line(tmp_path: Path) -> None:
    bad = SRT.replace("00:01:00,000 -->", "00:01:xx,000 -->")
    assert "line 7: this is not the time of a caption" in refused(write(tmp_path / "a.srt", bad))
    turned = "\n00:00:05,000 --> 00:00:02,000\nx\n"
    assert "line 2: this caption ends before it begins" in refused(write(tmp_path / "b.srt", turned))
    assert "line 1: a WebVTT file must begin with WEBVTT" in refused(write(tmp_path / "c.vtt", SRT))
    assert "there are no captions in it" in refused(write(tmp_path / "d.srt", "just text\n"))
    assert "there are no captions in it" in refused(write(tmp_path / "e.srt", b""))


def test_numbers_that_are_no_time_are_refused_and_an_arrow_alone_is_text(tmp_path: Path) -> None:
    endless = f"{'9' * 5000}:00:01,000 --> 00:00:02,000\nx\n"
    assert "line 1: this is not the time of a caption" in refused(write(tmp_path / "a.srt", endless))
    (cue,) = read_captions(write(tmp_path / "b.srt", "00:00:01,000 --> 00:00:02,000\nup --> down\n"))
    assert cue.text == "up --> down"


def test_a_caption_of_braces_alone_is_read_in_one_pass(tmp_path: Path) -> None:
    """Marks without an end: tried anew from each of them, this file would take minutes."""
    braces = "{" + "\\an1" * 200_000
    (cue,) = read_captions(write(tmp_path / "a.srt", f"00:00:01,000 --> 00:00:02,000\n{braces}\n"))
    assert (cue.text, cue.anchor) == (braces, None)


def test_a_crowd_of_captions_at_one_time_is_refused_with_the_time(tmp_path: Path) -> None:
    def crowd(number: int) -> Path:
        text = "".join(f"00:00:01,{n:03d} --> 00:01:00,{n:03d}\nx\n\n" for n in range(number))
        return write(tmp_path / "a.srt", text)

    assert len(read_captions(crowd(MAX_AT_ONCE))) == MAX_AT_ONCE
    assert "more than 100 captions are up at 1.1 s: mend their ends." in refused(crowd(MAX_AT_ONCE + 1))


def test_files_that_are_missing_foreign_or_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnreadableMedia, match=r"gone\.srt"):
        read_captions(tmp_path / "gone.srt")
    with pytest.raises(UnsupportedMedia, match=r"\.srt and \.vtt"):
        read_captions(write(tmp_path / "a.ass", SRT))
    monkeypatch.setenv("MULTIPLANE_MAX_CAPTION_MB", "1")
    with pytest.raises(MediaLimitExceeded, match="larger than 1 MB"):
        read_captions(write(tmp_path / "big.srt", SRT + "x" * (1 << 20)))


def test_random_damage_is_refused_or_read_but_never_a_crash(tmp_path: Path) -> None:
    source = random.Random(7)
    for text, suffix in ((SRT, ".srt"), (VTT, ".vtt")):
        for _ in range(150):
            data = bytearray(text.encode())
            for _ in range(source.randint(1, 6)):
                data[source.randrange(len(data))] = source.randrange(256)
            path = write(tmp_path / f"damaged{suffix}", bytes(data))
            with contextlib.suppress(CorruptMedia):
                assert read_captions(path)


def cue(start: int, end: int, text: str, anchor: str | None = None) -> Cue:
    return Cue(Fraction(start), Fraction(end), text, anchor)


def test_cues_that_overlap_are_stacked_where_they_do() -> None:
    assert without_overlaps([cue(0, 4, "a"), cue(2, 6, "b"), cue(3, 5, "c", "top")]) == (
        cue(0, 2, "a"),
        cue(2, 4, "a\nb"),
        cue(3, 5, "c", "top"),
        cue(4, 6, "b"),
    )


def test_one_caption_beside_all_others_costs_each_of_them_no_more_than_itself() -> None:
    """Compared with every cue before it, each of these would take twenty thousand steps: minutes in all."""
    cues = [cue(0, 40_000, "long"), *(cue(n, n + 1, "x") for n in range(20_000))]
    assert without_overlaps(cues)[7] == cue(7, 8, "long\nx")


cues_strategy = st.lists(
    st.builds(
        lambda start, length, text: Cue(Fraction(start, 1000), Fraction(start + length, 1000), text),
        st.integers(0, 10_000_000),
        st.integers(1, 100_000),
        st.text(st.sampled_from("abc é你א"), min_size=1, max_size=12).map(str.strip).filter(bool),
    ),
    min_size=1,
    max_size=12,
)


@given(cues_strategy)
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, cues: list[Cue]) -> None:
    path = write(tmp_path_factory.mktemp("srt") / "a.srt", write_srt(cues))
    assert sorted(read_captions(path), key=repr) == sorted(cues, key=repr)


@given(cues_strategy)
def test_stacked_cues_never_overlap_and_show_the_same_at_each_time(cues: list[Cue]) -> None:
    stacked = without_overlaps(cues)
    assert all(a.end <= b.start for a, b in pairwise(stacked))
    for time in {c.start for c in cues} | {c.end for c in cues}:
        shown = sorted(line for c in cues if c.start <= time < c.end for line in c.text.split("\n"))
        assert sorted(line for c in stacked if c.start <= time < c.end for line in c.text.split("\n")) == shown
