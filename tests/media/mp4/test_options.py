"""What can be ordered, and what is refused before any work."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from engine.core.errors import DeviceUnavailable, EncodeError, OptionError
from engine.core.time import FRAME_RATES
from engine.media import PRESETS, Mp4Options, Mp4Writer, encoder_problem, preset_named, usable_encoders
from engine.media.encoders import _nvenc_settings, choose_encoder
from tests.helpers_mp4 import read_frames, sequence_parameters
from tests.media.mp4.pictures import numbered, write_mp4


@pytest.mark.parametrize(
    ("width", "height", "says"),
    [
        (14, 16, "16 to 4096"),
        (16, 14, "16 to 4096"),
        (4098, 16, "16 to 4096"),
        (16, 4098, "16 to 4096"),
        (0, 0, "16 to 4096"),
        (-1920, 1080, "16 to 4096"),
        (1921, 1080, "even sides, for example 1920x1080"),
        (1920, 1081, "even sides, for example 1920x1080"),
        (17, 4095, "even sides, for example 16x4094"),
    ],
)
def test_sizes_outside_the_range_and_odd_sizes_are_refused(width, height, says):
    with pytest.raises(OptionError, match=says) as refusal:
        Mp4Options(width, height)
    assert f"{width}x{height}" in refusal.value.message
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize("size", [(16, 16), (4096, 4096), (16, 4096), (4096, 16)], ids=str)
def test_sizes_at_the_ends_of_the_range_are_accepted(size):
    Mp4Options(*size)


@pytest.mark.parametrize("rate", [0, -30, 12, 29, 61, 120, Fraction(2397, 100), Fraction(1, 30)], ids=str)
def test_other_frame_rates_are_refused(rate):
    with pytest.raises(OptionError, match=r"23\.976, 24, 25, 29\.97, 30, 50, 60"):
        Mp4Options(frame_rate=Fraction(rate))


def test_the_default_is_full_hd_at_thirty():
    options = Mp4Options()
    assert (options.width, options.height, options.frame_rate) == (1920, 1080, FRAME_RATES["30"])
    assert options.preset is PRESETS["standard"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"encoder": "h264_nvenc"},
        {"threads": -1},
        {"threads": 129},
        {"title": "a\0b"},
        {"creation_time": datetime(2030, 1, 1)},
        {"creation_time": datetime(1903, 12, 31, tzinfo=UTC)},
    ],
    ids=str,
)
def test_other_values_are_refused_with_a_sentence(wrong):
    with pytest.raises(OptionError) as refusal:
        Mp4Options(**wrong)
    assert refusal.value.message.endswith(".")


def test_presets_have_names():
    assert [preset_named(name).name for name in PRESETS] == ["draft", "standard", "high"]
    with pytest.raises(OptionError, match="draft, standard, high"):
        preset_named("ultra")


def test_x264_opens_here():
    assert encoder_problem("x264") == ""
    assert "x264" in usable_encoders()


def test_auto_takes_nvenc_only_where_it_opens(tmp_path):
    there = not encoder_problem("nvenc")
    with Mp4Writer(tmp_path / "a.mp4", Mp4Options(256, 256, encoder="auto")) as writer:
        assert writer.encoder == ("nvenc" if there else "x264")
        writer.write(numbered(256, 256, 1))


def test_auto_falls_back_where_nvenc_does_not_take_the_size(tmp_path):
    path = write_mp4(tmp_path / "a.mp4", Mp4Options(16, 16, encoder="auto"), iter([numbered(16, 16, 1)]))
    assert len(read_frames(path)) == 1


def test_nvenc_is_refused_with_a_sentence_and_without_a_file_where_it_does_not_open(tmp_path):
    # 16x16 is below what any NVENC takes, so this is refused on every machine.
    with pytest.raises(DeviceUnavailable, match="x264") as refusal:
        Mp4Writer(tmp_path / "a.mp4", Mp4Options(16, 16, encoder="nvenc"))
    assert refusal.value.detail
    assert list(tmp_path.iterdir()) == []


def test_settings_that_the_encoder_refuses_are_one_sentence_and_no_file(tmp_path):
    wrong = replace(PRESETS["draft"], x264_preset="warp")
    with pytest.raises(EncodeError, match=r"^a\.mp4: the x264 encoder failed") as refusal:
        Mp4Writer(tmp_path / "a.mp4", Mp4Options(64, 64, preset=wrong))
    assert refusal.value.detail
    assert list(tmp_path.iterdir()) == []


def test_an_encoder_that_breaks_on_the_way_is_one_sentence_and_no_file(tmp_path, monkeypatch):
    # x264 cannot be made to fail on demand; the frame that libavcodec refuses stands in for a card that goes away.
    import av

    def work():
        with Mp4Writer(tmp_path / "a.mp4", Mp4Options(64, 64)) as writer:
            writer.write(numbered(64, 64, 1))
            monkeypatch.setattr(writer._mp4, "video", _Broken())
            writer.write(numbered(64, 64, 2))

    class _Broken:
        def encode(self, _):
            raise av.error.ExternalError(-542398533, "Generic error in an external library")

    with pytest.raises(EncodeError, match="the x264 encoder failed") as failure:
        work()
    assert "external library" in failure.value.detail
    assert list(tmp_path.iterdir()) == []


def test_x264_is_never_replaced_behind_the_users_back():
    assert choose_encoder(Mp4Options(encoder="x264")) == "x264"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_nvenc_knows_every_setting_that_we_give_it(preset):
    import av

    known = av.CodecContext.create("h264_nvenc", "w").supported_options
    choices = {option.name: {choice.name for choice in option.choices} for option in (*known.generic, *known.private)}
    for name, value in _nvenc_settings(preset).items():
        assert name in choices
        assert not value.isalpha() or value in choices[name], f"{name}={value}"


def test_nvenc_writes_the_same_kind_of_stream_if_available(tmp_path):
    problem = encoder_problem("nvenc")
    if problem:
        pytest.skip(f"NVENC does not open here: {problem}")
    options = Mp4Options(640, 360, encoder="nvenc")
    path = write_mp4(tmp_path / "a.mp4", options, (numbered(640, 360, number % 60) for number in range(130)))
    said = sequence_parameters(path)
    assert (said.profile_idc, said.primaries, said.transfer, said.matrix, said.full_range) == (100, 1, 1, 1, False)
    assert len(read_frames(path)) == 130
