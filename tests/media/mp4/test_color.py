"""Colours survive: an sRGB chart goes through BT.709 limited range 4:2:0, H.264 and MP4, and comes back.

What 8-bit Y'CbCr costs by itself: rounding Y', Cb and Cr moves R and G by at most 1 code value and B by at most 2 (all
sRGB colours on a grid of step 3; 0.8 % of them reach 2). So 2 is the floor, and the coding must add nothing to it.
"""

import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.media import PRESETS, Mp4Options
from tests.helpers_mp4 import read_rgb
from tests.media.mp4.pictures import write_mp4

PATCH = 64  # pixels
COLUMNS, ROWS = 16, 9
# x264 leaves single samples of +-1 in the macroblocks along a patch's edge, where it predicts from the neighbour.
EDGE = 16
TOLERANCE = 2  # code values of 8-bit RGB

KR, KG, KB = 0.2126, 0.7152, 0.0722  # ITU-R BT.709-6, section 3

SKIN = [(255, 219, 172), (241, 194, 125), (224, 172, 105), (198, 134, 66), (141, 85, 36), (60, 32, 18)]
CHECKER = [  # the usual 24 patches, sRGB
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
]  # fmt: skip


def chart_colors(seed):
    """(ROWS, COLUMNS, 3): a grey ramp, primaries and secondaries at two levels, skin, a checker, saturated randoms."""
    colors = [(grey, grey, grey) for grey in range(0, 256, 17)]
    colors += [(r, g, b) for level in (255, 128) for r in (0, level) for g in (0, level) for b in (0, level)]
    colors += SKIN + CHECKER
    random = np.random.default_rng(seed)
    while len(colors) < ROWS * COLUMNS:
        color = random.integers(0, 256, 3)
        color[random.integers(3)] = random.choice([0, 255])
        colors.append(tuple(color))
    return np.array(colors).reshape(ROWS, COLUMNS, 3)


def to_frame(rgb):
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = KR * red + KG * green + KB * blue
    cb, cr = (blue - luma) / (2 * (1 - KB)), (red - luma) / (2 * (1 - KR))
    # Every 2x2 block is of one colour, so any chroma siting gives the same planes.
    y, u, v = 16 + 219 * luma, (128 + 224 * cb)[::2, ::2], (128 + 224 * cr)[::2, ::2]
    return YuvFrame(*(np.rint(plane).astype(np.uint8) for plane in (y, u, v)))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
@pytest.mark.parametrize("seed", [1, 2])
def test_every_patch_comes_back_within_two_code_values(tmp_path, preset, seed):
    colors = chart_colors(seed)
    chart = colors.repeat(PATCH, axis=0).repeat(PATCH, axis=1)
    frame = to_frame(chart)
    options = Mp4Options(COLUMNS * PATCH, ROWS * PATCH, preset=preset)
    path = write_mp4(tmp_path / "chart.mp4", options, (frame for _ in range(5)))
    for decoded in read_rgb(path):
        error = (decoded.astype(int) - chart).reshape(ROWS, PATCH, COLUMNS, PATCH, 3)
        assert np.abs(error[:, EDGE:-EDGE, :, EDGE:-EDGE]).max() <= TOLERANCE
        assert np.abs(np.median(error[:, 2:-2, :, 2:-2], axis=(1, 3))).max() <= TOLERANCE


def test_the_tags_are_what_a_player_needs_to_get_the_colors_right(tmp_path):
    # The same file read as BT.601, which players assume for small untagged videos, is visibly wrong: the tags matter.
    import av
    from av.video.reformatter import Colorspace

    colors = chart_colors(1)
    chart = colors.repeat(32, axis=0).repeat(32, axis=1)
    path = write_mp4(tmp_path / "chart.mp4", Mp4Options(COLUMNS * 32, ROWS * 32), iter([to_frame(chart)]))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_range) == (Colorspace.ITU709, 1)
        assert (frame.color_primaries, frame.color_trc) == (1, 1)
        as_tagged = frame.to_ndarray(format="rgb24").astype(int)
        as_601 = frame.reformat(format="rgb24", src_colorspace=Colorspace.ITU601).to_ndarray().astype(int)
    inside = (slice(None), slice(8, -8), slice(None), slice(8, -8))
    shape = (ROWS, 32, COLUMNS, 32, 3)
    assert np.abs((as_tagged - chart).reshape(shape)[inside]).max() <= 2 * TOLERANCE  # swscale's quick rounding
    assert np.abs((as_601 - chart).reshape(shape)[inside]).max() > 20
