"""HDR and wide gamut: against the formulas of the standards, written out here a second time."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.media.video import VideoReader, probe_video
from engine.media.video.color import ColorCoding, to_rgb_matrix
from engine.media.video.hdr import (
    WHITE,
    hlg_to_light,
    into_gamut,
    light_to_pq,
    pq_to_light,
    to_bt709,
    tone_curves,
    tone_map,
)
from engine.media.video.kernels.tone import tone_row
from tests.tolerances import HDR_FORMULA

PQ = ColorCoding("BT.2020", False, "PQ", "BT.2020")
HLG = ColorCoding("BT.2020", False, "HLG", "BT.2020")
WIDE = ColorCoding("BT.2020", False, "SDR", "BT.2020")
P3 = ColorCoding("BT.709", False, "SDR", "Display P3")


@pytest.mark.parametrize(
    ("code", "light"), [(0.0, 0.0), (0.508078, 100.0), (0.580689, 203.0), (0.751827, 1000.0), (1.0, 10000.0)]
)
def test_pq_has_the_levels_of_the_standard(code, light):
    """ITU-R BT.2100 and BT.2408: 58 % PQ is reference white, 75 % is 1000 cd/m2."""
    assert float(pq_to_light(np.array(code))) == pytest.approx(light, rel=1e-4, abs=1e-6)
    assert float(light_to_pq(np.array(light))) == pytest.approx(code, abs=1e-5)


def test_hlg_has_the_levels_of_the_standard():
    """BT.2408: 75 % HLG is 203 cd/m2 on a display of 1000, 100 % is 1000."""
    grey = np.array([0.75, 1.0, 0.0])[:, None].repeat(3, 1)
    assert hlg_to_light(grey)[:, 0] == pytest.approx([203, 1000, 0], rel=0.005, abs=0.01)


@given(st.floats(WHITE, 10_000), st.lists(st.floats(0, 10_000), min_size=2, max_size=20))
def test_tone_mapping_keeps_the_order_and_ends_at_white(peak, levels):
    light = np.sort(np.array(levels))[:, None].repeat(3, 1)
    mapped = tone_map(light, peak)[:, 0]
    assert (np.diff(mapped) >= -1e-6).all()
    assert mapped.max() <= WHITE * (1 + 1e-6)
    assert float(tone_map(np.full((1, 3), peak), peak)[0, 0]) == pytest.approx(WHITE, rel=1e-6)
    # Shadows and mid-tones are not touched: below the knee nothing changes.
    assert float(tone_map(np.full((1, 3), 5.0), 1000)[0, 0]) == pytest.approx(5.0, rel=1e-6)


@given(st.lists(st.floats(-2, 4), min_size=3, max_size=3))
def test_colours_out_of_gamut_come_in_and_keep_their_luminance(rgb):
    light = np.array(rgb)
    weights = np.array([0.2126, 0.7152, 0.0722])
    mapped = into_gamut(light)
    assert ((mapped >= -1e-9) & (mapped <= 1 + 1e-9)).all()
    assert mapped @ weights == pytest.approx(np.clip(light @ weights, 0, 1), abs=1e-9)
    if ((light >= 0) & (light <= 1)).all():
        assert mapped == pytest.approx(light)


@pytest.mark.parametrize("coding", [PQ, HLG, WIDE, P3])
@pytest.mark.parametrize("peak", [400.0, 1000.0, 4000.0])
def test_the_kernel_computes_the_formula(coding, peak):
    random = np.random.default_rng(2)
    rgb = random.random((4000, 3))
    rgb[1000:] = 0.3 * rgb[1000:] + 0.7 * rgb[1000:].mean(1, keepdims=True)  # most colours are not vivid
    rgb[:8] = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    into = to_rgb_matrix(coding, 10)
    codes = np.linalg.solve(into[:, :3], (rgb - into[:, 3]).T).T
    tone = tone_curves(coding, 10, peak)
    found = np.empty((5, 4000), np.float32)
    tone_row(*codes.T.astype(np.float32).copy(), found, *tone[:-1])
    assert np.abs(found[:3].T - to_bt709(rgb, coding, peak)).max() * 255 <= HDR_FORMULA


def flat(code):
    def paint(_number, width, height):
        planes = [
            np.full(height * width, code[0]),
            np.full(height * width // 4, code[1]),
            np.full(height * width // 4, code[2]),
        ]
        return np.concatenate(planes).astype(np.uint16).reshape(-1, width)

    return paint


def write_hdr(path, transfer, paint, extra=""):
    options = {"preset": "ultrafast", "x265-params": f"lossless=1:log-level=none:pools=none:{extra}"}
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_range, context.color_trc, context.color_primaries = 9, 1, transfer, 9
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(paint(number, 96, 64), "yuv420p10le")
            frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = 9, 1, transfer, 9
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("transfer", "white"), [(16, 64 + 876 * 0.580689), (18, 64 + 876 * 0.75)], ids=["PQ", "HLG"])
def test_a_video_in_hdr_has_its_white_near_white(tmp_path, transfer, white):
    path = write_hdr(tmp_path / "a.mp4", transfer, flat((round(white), 512, 512)))
    info = probe_video(path)
    assert "HDR" in info.color
    assert any("tone-mapped" in note for note in info.notes)
    with VideoReader(path) as reader:
        frame = reader.picture(1).frame
    # Reference white is rolled off a little, to leave room for what is brighter.
    assert 195 <= frame.y.min() <= frame.y.max() <= 232
    assert (np.abs(frame.u.astype(int) - 128) <= 1).all()
    assert (np.abs(frame.v.astype(int) - 128) <= 1).all()


def test_the_peak_is_that_of_the_metadata(tmp_path):
    code = round(64 + 876 * float(light_to_pq(np.array(600.0))))
    shown = {}
    for name, extra in (("dim", "max-cll=600,200"), ("bright", "max-cll=4000,400"), ("none", "")):
        path = write_hdr(tmp_path / f"{name}.mp4", 16, flat((code, 512, 512)), extra)
        with VideoReader(path) as reader:
            shown[name] = int(np.median(reader.picture(0).frame.y))
    assert shown["dim"] >= 234  # the brightest there is, is white
    assert shown["dim"] > shown["none"] > shown["bright"]


def test_edges_of_colour_stand_where_they_stood(tmp_path):
    def halves(_number, width, height):
        y = np.full((height, width), 500)
        u, v = np.full((height // 2, width // 2), 512), np.full((height // 2, width // 2), 512)
        y[:, width // 2 :] = 300
        u[:, width // 4 :] = 600
        return np.concatenate([y.ravel(), u.ravel(), v.ravel()]).astype(np.uint16).reshape(-1, width)

    with VideoReader(write_hdr(tmp_path / "a.mp4", 18, halves)) as reader:
        frame = reader.picture(0).frame
    assert np.argmax(np.abs(np.diff(frame.y[20].astype(int)))) == 47
    assert np.argmax(np.abs(np.diff(frame.u[10].astype(int)))) == 23
