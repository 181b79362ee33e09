"""What the coded stream says about itself, and how it is cut into groups of pictures."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from engine.core.time import FRAME_RATES
from engine.media import PRESETS, Mp4Options
from engine.media.encoders import level_for
from tests.helpers_mp4 import STBL, box, nal_types, read_frames, samples, sequence_parameters, table
from tests.media.mp4.pictures import BOTH_WAYS, moving_gradient, noise, number_of, numbered, write_mp4

IDR, PICTURE = 5, 1


@pytest.fixture(params=BOTH_WAYS.values(), ids=list(BOTH_WAYS))
def write(request):
    """Both ways to make a file: by one encoder, and by groups that are put together."""
    return request.param


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_is_high_profile_bt709_limited_range(tmp_path, write, preset):
    options = Mp4Options(320, 180, preset=preset)
    said = sequence_parameters(write(tmp_path / "a.mp4", options, moving_gradient(320, 180, 6)))
    assert (said.profile_idc, said.constraint_flags, said.chroma_format_idc) == (100, 0, 1)
    assert (said.width, said.height, said.sample_aspect_ratio) == (320, 180, (1, 1))
    assert (said.primaries, said.transfer, said.matrix, said.full_range) == (1, 1, 1, False)
    # Absent means 0, "left" (Annex E): x264 leaves the default out.
    assert said.chroma_location in (None, 0)


@pytest.mark.parametrize("rate", FRAME_RATES.values(), ids=list(FRAME_RATES))
def test_the_stream_states_a_fixed_exact_frame_rate(tmp_path, write, rate):
    options = Mp4Options(64, 48, rate, PRESETS["draft"])
    said = sequence_parameters(write(tmp_path / "a.mp4", options, moving_gradient(64, 48, 3)))
    assert (said.rate, said.fixed_frame_rate) == (rate, True)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize(
    ("width", "height", "rate", "level"),
    [(1920, 1080, 30, 40), (1080, 1920, 30, 40), (1280, 720, 30, 31), (1920, 1080, 60, 42)],
)
def test_level_and_buffering_fit_each_other(tmp_path, write, preset, width, height, rate, level):
    options = Mp4Options(width, height, Fraction(rate), preset)
    said = sequence_parameters(write(tmp_path / "a.mp4", options, moving_gradient(width, height, 1)))
    assert said.level_idc == level
    allowed = level_for(options).dpb_frames(width, height)
    assert said.num_ref_frames <= allowed
    assert said.max_dec_frame_buffering <= allowed


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30)], ids=["23.976", "30"])
def test_groups_are_closed_and_at_most_two_seconds_long(tmp_path, write, preset, rate):
    count = 150
    path = write(tmp_path / "a.mp4", Mp4Options(64, 64, rate, preset), moving_gradient(64, 64, count))
    idr = [index for index, sample in enumerate(samples(path)) if IDR in nal_types(sample)]
    assert idr == [row[0] - 1 for row in table(path, f"{STBL}/stss", "I")], "key frames are IDR pictures, all indexed"
    assert idr[0] == 0
    assert all(later - earlier <= 2 * rate for earlier, later in pairwise([*idr, count]))

    # Closed: decoding and presentation order change places only inside a group.
    offsets = [offset for run, offset in table(path, f"{STBL}/ctts", "Ii") for _ in range(run)]
    ((_, delta),) = table(path, f"{STBL}/stts", "II")
    shown = [index * delta + offset for index, offset in enumerate(offsets)]
    for start in idr[1:]:
        assert max(shown[:start]) < min(shown[start:])


def test_a_cut_between_photos_begins_a_new_group(tmp_path, write):
    def slideshow():
        for number in range(40):
            frame = numbered(128, 128, 0 if number < 20 else 50)
            frame.y[::2] += np.uint8(20 if number < 20 else 5)
            yield frame

    path = write(tmp_path / "a.mp4", Mp4Options(128, 128), slideshow())
    assert (21,) in table(path, f"{STBL}/stss", "I")


def test_the_stream_decodes_from_every_key_frame_alone(tmp_path, write):
    path = write(tmp_path / "a.mp4", Mp4Options(64, 64), (numbered(64, 64, n % 60) for n in range(130)))
    import av

    with av.open(str(path)) as container:
        for (key,) in table(path, f"{STBL}/stss", "I"):
            container.seek((key - 1) * 1000, stream=container.streams.video[0])
            frame = next(container.decode(video=0))
            assert frame.pts == (key - 1) * 1000
            assert round((float(frame.to_ndarray()[:64].mean()) - 32) / 3) == (key - 1) % 60


def test_the_bit_rate_stays_inside_the_level_even_for_noise(tmp_path):
    options = Mp4Options(480, 270, Fraction(60))
    level = level_for(options)
    path = write_mp4(tmp_path / "a.mp4", options, noise(480, 270, 60))
    sizes = [8 * len(sample) for sample in samples(path)]
    # The leaky bucket of Annex C: filled at the level's rate, emptied by each picture, full at the start.
    fullness = level.max_buffer_size
    for size in sizes:
        assert size <= fullness
        fullness = min(level.max_buffer_size, fullness - size + level.max_bit_rate / 60)
    assert sum(sizes) > level.max_bit_rate, "the noise was too cheap to prove anything"


def test_pictures_come_back_in_order_and_close_to_what_went_in(tmp_path):
    given = [numbered(64, 48, number % 64) for number in range(100)]
    path = write_mp4(tmp_path / "a.mp4", Mp4Options(64, 48), iter(given))
    assert [number_of(frame) for frame in read_frames(path)] == [number % 64 for number in range(100)]

    soft = list(moving_gradient(320, 180, 30))
    for name, floor in (("draft", 36), ("standard", 40), ("high", 43)):
        path = write_mp4(tmp_path / f"{name}.mp4", Mp4Options(320, 180, preset=PRESETS[name]), iter(soft))
        for before, after in zip(soft, read_frames(path), strict=True):
            error = np.mean((before.y.astype(float) - after.y) ** 2)
            assert 10 * np.log10(255**2 / max(error, 1e-9)) > floor


def test_the_picture_is_progressive_and_in_one_slice(tmp_path, write):
    path = write(tmp_path / "a.mp4", Mp4Options(640, 360), moving_gradient(640, 360, 12))
    for sample in samples(path):
        assert sum(kind in (IDR, PICTURE) for kind in nal_types(sample)) == 1
    assert box(path, f"{STBL}/stsd/avc1/avcC").payload[1] == 100
