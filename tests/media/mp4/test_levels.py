"""The level is the lowest that holds the stream: just before and just after each limit of table A-1."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.time import FRAME_RATES
from engine.media import PRESETS, Mp4Options
from engine.media.encoders import level_for
from engine.media.h264_levels import LEVELS, lowest_level
from engine.media.rate_bound import group_bound, whole_bound


@pytest.mark.parametrize(
    ("width", "height", "rate", "level"),
    [
        (16, 16, 60, "3.0"),
        (720, 480, 30, "3.0"),  # 1350 macroblocks, 40500 a second: exactly the limit
        (720, 480, 50, "3.1"),
        (1280, 720, 30, "3.1"),  # 3600 macroblocks, 108000 a second: exactly both limits
        (1280, 736, 24, "3.2"),
        (1280, 720, 60, "3.2"),
        (1080, 1080, 30, "3.2"),
        (1920, 1080, 24, "4.0"),
        (1920, 1080, 30, "4.0"),
        (1080, 1920, 30, "4.0"),
        (1440, 1080, 30, "4.0"),
        (1920, 1080, 50, "4.2"),
        (1920, 1080, 60, "4.2"),
        (2560, 1080, 30, "5.0"),
        (2560, 1440, 30, "5.0"),
        (3840, 2160, 30, "5.1"),
        (3840, 2160, 60, "5.2"),
        (4096, 2160, 60, "5.2"),
        (4096, 2304, 25, "5.1"),  # 36864 macroblocks: exactly the limit
        (4096, 2304, 30, "5.2"),
        (4096, 2320, 24, "6.0"),
        (4096, 4096, 24, "6.0"),
        (4096, 4096, 60, "6.0"),
        (4096, 16, 30, "4.0"),  # few macroblocks, but a side of 256, exactly sqrt(8 * MaxFS) of 4.0
    ],
)
def test_known_sizes_have_their_known_levels(width, height, rate, level):
    assert level_for(Mp4Options(width, height, Fraction(rate))).name == level


@given(
    width=st.integers(8, 2048).map(lambda half: 2 * half),
    height=st.integers(8, 2048).map(lambda half: 2 * half),
    rate=st.sampled_from(list(FRAME_RATES.values())),
)
def test_everything_that_can_be_ordered_has_a_level_and_room_for_its_references(width, height, rate):
    level = level_for(Mp4Options(width, height, rate))
    assert level.dpb_frames(width, height) >= max(preset.references for preset in PRESETS.values())
    assert level.holds(width, height, rate, 1)
    turned = level_for(Mp4Options(height, width, rate))
    assert turned == level


def test_the_limits_never_fall_from_one_level_to_the_next():
    for lower, higher in pairwise(LEVELS):
        assert lower.idc < higher.idc
        for limit in ("macroblock_rate", "frame_size", "dpb_size", "bit_rate", "buffer_size"):
            assert getattr(lower, limit) <= getattr(higher, limit)


def test_beyond_every_level_is_an_error():
    with pytest.raises(ValueError, match=r"no H\.264 level"):
        lowest_level(16384, 16384, Fraction(60), 4)


@given(
    level=st.sampled_from(LEVELS),
    seconds=st.fractions(Fraction(47, 24), Fraction(2)),
    wishes=st.lists(st.lists(st.floats(0, 2), min_size=8, max_size=8), min_size=1, max_size=5),
)
def test_groups_that_keep_their_own_bound_keep_the_level_together(level, seconds, wishes):
    bound, whole = group_bound(level, seconds), whole_bound(level)
    step = seconds / 8
    total = Fraction(whole.buffer)
    for group in wishes:
        fullness = bound.start * bound.buffer
        for wish in group:
            size = min(Fraction(wish) * bound.buffer, fullness)  # as much as the group's own encoder may spend
            total -= size
            assert total >= 0
            fullness = min(Fraction(bound.buffer), fullness - size + bound.rate * step)
            total = min(Fraction(whole.buffer), total + whole.rate * step)


@given(level=st.sampled_from(LEVELS))
def test_a_groups_bound_is_inside_its_level(level):
    bound = group_bound(level, Fraction(47, 24))
    assert 0 < bound.start < 1
    assert 0.7 * level.max_bit_rate < bound.rate < level.max_bit_rate
    assert 0.5 * level.max_buffer_size < bound.buffer < level.max_buffer_size
