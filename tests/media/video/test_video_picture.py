"""What a picture looks like: colours, orientation, odd sizes, pixels that are not square, fields, alpha."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.media.video import VideoReader, probe_video
from engine.media.video.color import LUMA_WEIGHTS
from engine.raster.color import ycbcr_matrix
from tests.media.video.video_samples import CLOSED, with_matrix, write_video
from tests.tolerances import VIDEO_COLOR

LOSSLESS = {"preset": "ultrafast", "qp": "0"}


def to_float_rgb(frame: YuvFrame) -> np.ndarray:
    """(H, W, 3) of 0..255, chroma repeated: for pictures without fine colour."""
    chroma = [np.repeat(np.repeat(plane.astype(float), 2, 0), 2, 1) for plane in (frame.u, frame.v)]
    codes = np.stack([frame.y.astype(float), *chroma], -1)
    matrix = ycbcr_matrix()
    return (codes - matrix[:, 3]) @ np.linalg.inv(matrix[:, :3]).T


def code_values(rgb: np.ndarray, weights: tuple[float, float], *, full: bool, bits: int = 8) -> np.ndarray:
    """Y, Cb, Cr by the formulas of H.273, as floats; rgb (..., 3) 0..1."""
    kr, kb = weights
    y = kr * rgb[..., 0] + (1 - kr - kb) * rgb[..., 1] + kb * rgb[..., 2]
    cb, cr = (rgb[..., 2] - y) / (2 * (1 - kb)), (rgb[..., 0] - y) / (2 * (1 - kr))
    unit, top = 1 << (bits - 8), (1 << bits) - 1
    if full:
        return np.stack([y * top, cb * top + 128 * unit, cr * top + 128 * unit], -1)
    return np.stack([(16 + 219 * y) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit], -1)


def subsampled(rgb: np.ndarray) -> np.ndarray:
    """RGB 0..255 as yuv420p of PyAV's array shape (3 H / 2, W), chroma taken at (2i + 0.5, 2j + 1)."""
    codes = code_values(rgb / 255, LUMA_WEIGHTS["BT.709"], full=False)
    chroma = 0.5 * (codes[::2, ::2, 1:] + codes[1::2, ::2, 1:])
    planes = [codes[..., 0].ravel(), chroma[..., 0].ravel(), chroma[..., 1].ravel()]
    return np.rint(np.concatenate(planes)).astype(np.uint8).reshape(-1, rgb.shape[1])


PATCH = 16
_RANDOM = np.random.default_rng(4)
CHART = np.concatenate([_RANDOM.random((20, 3)), [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1]]]).reshape(4, 6, 3)
"""Patches of R'G'B' 0..1."""

FORMATS = {
    "BT.601": ("a.mp4", "libx264", "yuv420p", (6, 1, 6, 6), LOSSLESS),
    "BT.601, full range": ("a.mp4", "libx264", "yuv420p", (5, 2, 6, 5), LOSSLESS),
    "BT.709, full range": ("a.mp4", "libx264", "yuv420p", (1, 2, 1, 1), LOSSLESS),
    "untagged and small": ("a.mp4", "libx264", "yuv420p", (2, 0, 2, 2), LOSSLESS),
    "4:2:2": ("a.mp4", "libx264", "yuv422p", (6, 1, 6, 6), LOSSLESS),
    "4:4:4": ("a.mp4", "libx264", "yuv444p", (1, 1, 1, 1), LOSSLESS),
    "4:2:2, 10 bits, ProRes": ("a.mov", "prores_ks", "yuv422p10le", (1, 1, 1, 1), {"profile": "3"}),
    "4:2:0, 10 bits": ("a.mp4", "libx264", "yuv420p10le", (1, 1, 1, 1), LOSSLESS),
    "4:2:0, 10 bits, full range, BT.601": ("a.mp4", "libx264", "yuv420p10le", (6, 2, 6, 6), LOSSLESS),
    "SMPTE 240M": ("a.mp4", "libx264", "yuv444p", (7, 1, 7, 7), LOSSLESS),
    "Motion JPEG": ("a.avi", "mjpeg", "yuvj420p", (5, 2, 2, 2), {"qscale": "1", "flags": "+qscale", "qmin": "1"}),
    "4:4:4 with 12 bits": ("a.mkv", "ffv1", "yuv444p12le", (6, 1, 6, 6), {}),
    "4:1:1": ("a.mkv", "ffv1", "yuv411p", (6, 1, 6, 6), {}),
    "grey": ("a.mkv", "ffv1", "gray", (6, 1, 6, 6), {}),
}


def chart_planes(pixels: str, weights: tuple[float, float], full: bool) -> av.VideoFrame:
    bits = av.VideoFormat(pixels).components[0].bits
    chart = CHART if pixels != "gray" else np.repeat(CHART[..., :1], 3, -1)
    codes = np.clip(np.rint(code_values(chart, weights, full=full, bits=bits)), 0, (1 << bits) - 1)
    frame = av.VideoFrame(6 * PATCH, 4 * PATCH, pixels)
    for number, plane in enumerate(frame.planes):
        kind = np.uint8 if bits == 8 else np.dtype("<u2")
        large = cv2.resize(codes[..., number], (plane.width, plane.height), interpolation=cv2.INTER_NEAREST)
        rows = np.zeros((plane.height, plane.line_size // np.dtype(kind).itemsize), kind)
        rows[:, : plane.width] = large
        plane.update(rows.tobytes())
    return frame


@pytest.mark.parametrize("kind", FORMATS)
def test_colours_of_every_coding_come_out_as_bt709(tmp_path, kind):
    name, codec, pixels, tags, options = FORMATS[kind]
    matrix = {1: "BT.709", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 2: "BT.601"}[tags[0]]
    full = tags[1] == 2
    with av.open(str(tmp_path / name), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 6 * PATCH, 4 * PATCH, pixels
        context = stream.codec_context
        context.colorspace, context.color_range, context.color_trc, context.color_primaries = tags
        for number in range(3):
            frame = chart_planes(pixels, LUMA_WEIGHTS[matrix], full)
            frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = tags
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with VideoReader(tmp_path / name) as reader:
        frame = reader.picture(1).frame
    chart = CHART if pixels != "gray" else np.repeat(CHART[..., :1], 3, -1)
    expected = code_values(chart, LUMA_WEIGHTS["BT.709"], full=False)
    y = frame.y.reshape(4, PATCH, 6, PATCH)[:, 4:-4, :, 4:-4].mean((1, 3))
    u, v = (p.reshape(4, PATCH // 2, 6, PATCH // 2)[:, 2:-2, :, 2:-2].mean((1, 3)) for p in (frame.u, frame.v))
    error = np.abs(np.stack([y, u, v], -1) - expected).max()
    assert error <= VIDEO_COLOR


def test_what_is_ours_already_is_not_copied(tmp_path):
    with VideoReader(write_video(tmp_path / "a.mp4", options=CLOSED)) as reader:
        raw = reader.decoded(3)
        frame = reader.convert(raw).frame
        assert frame.y.__array_interface__["data"][0] == raw.planes[0].buffer_ptr
        assert frame.owner is raw


@pytest.mark.parametrize(
    "matrix", [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0), (-1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0)]
)
@pytest.mark.parametrize("size", [(96, 64), (97, 63)])
def test_pictures_stand_upright(tmp_path, matrix, size):
    pixels = "yuv420p" if size[0] % 2 == 0 else "yuv444p"

    def ramp(_number, width, height):
        x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
        rgb = np.empty((height, width, 3), np.uint8)
        rgb[..., 0], rgb[..., 1] = 40 + 150 * x / width, 40 + 150 * y / height
        rgb[..., 2] = 128 + 60 * np.sin(x / 9) * np.sin(y / 7)
        return rgb

    paint = ramp if pixels == "yuv444p" else lambda *of: subsampled(ramp(*of).astype(float))
    path = write_video(tmp_path / "a.mp4", pixels=pixels, size=size, count=2, options=LOSSLESS, paint=paint)
    stored = ramp(0, *size).astype(float)
    with_matrix(path, *matrix)
    a, b, c, d = matrix
    # Where each stored pixel goes, by the standard's own formula: (p, q) -> (a p + c q, b p + d q).
    expected = stored
    if a == 0:
        expected = expected.transpose(1, 0, 2)
        a, d = c, b
    expected = expected[:, ::-1] if a < 0 else expected
    expected = expected[::-1] if d < 0 else expected
    height, width = expected.shape[:2]
    info = probe_video(path)
    assert (info.width, info.height) == (width, height)
    with VideoReader(path) as reader:
        frame = reader.picture(0).frame
    assert (frame.width, frame.height) == (width + width % 2, height + height % 2)
    # Chroma is compared where it lies: at (2i + 0.5, 2j + 1).
    codes = code_values(expected / 255, LUMA_WEIGHTS["BT.709"], full=False)
    assert np.abs(frame.y[:height, :width] - codes[..., 0]).max() <= 2
    at_x = np.arange(2, width // 2 - 2)
    at_y = np.arange(2, height // 2 - 2)
    for plane, channel in ((frame.u, 1), (frame.v, 2)):
        mean = 0.5 * (codes[2 * at_y][:, 2 * at_x, channel] + codes[2 * at_y + 1][:, 2 * at_x, channel])
        assert np.abs(plane[np.ix_(at_y, at_x)] - mean).max() <= 3
        assert (
            np.abs((plane[np.ix_(at_y, at_x)] - mean).mean()) <= 0.4
        )  # rounding twice makes 0.35; chroma one pixel off, 0.7 and more


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p"])
def test_odd_sizes_have_no_strange_last_line(tmp_path, pixels):
    codec, name = ("libvpx-vp9", "a.webm") if pixels == "yuv420p" else ("libx264", "a.mp4")
    path = write_video(
        tmp_path / name, codec, pixels, size=(95, 63), count=3, tags=(1, 1, 1, 1),
        paint=lambda n, w, h: np.full((h, w, 3), (200, 60, 120), np.uint8),
    )  # fmt: skip
    info = probe_video(path)
    assert (info.width, info.height) == (95, 63)
    with VideoReader(path) as reader:
        frame = reader.picture(1).frame
    assert (frame.width, frame.height) == (96, 64)
    for plane in (frame.y, frame.u, frame.v):
        assert int(plane.max()) - int(plane.min()) <= 3


@pytest.mark.parametrize(("aspect", "size"), [(Fraction(4, 3), (128, 64)), (Fraction(8, 9), (96, 72))])
def test_pixels_become_square_and_nothing_moves(tmp_path, aspect, size):
    def disc(_number, width, height):
        shown = np.array([width, height]) * (aspect if aspect > 1 else 1, 1 / aspect if aspect < 1 else 1)
        x = (np.arange(width) + 0.5) * float(shown[0] / width) - 50
        y = ((np.arange(height) + 0.5) * float(shown[1] / height) - 30)[:, None]
        inside = np.clip(20.5 - np.hypot(x, y), 0, 1)[..., None]
        return subsampled(40 + inside * (170, 20, 90))

    path = write_video(tmp_path / "a.mkv", "libx264", "yuv420p", count=3, aspect=aspect, options=LOSSLESS, paint=disc)
    info = probe_video(path)
    assert (info.width, info.height) == size
    with VideoReader(path) as reader:
        frame = reader.picture(0).frame
    assert (frame.width, frame.height) == size
    for plane, base, factor, first in (
        (frame.y, None, 1, (0.5, 0.5)),
        (frame.u, 128, 2, (0.5, 1.0)),
        (frame.v, 128, 2, (0.5, 1.0)),
    ):
        weight = np.abs(plane.astype(float) - (np.median(plane) if base is None else base))
        x = factor * np.arange(plane.shape[1]) + first[0]
        y = factor * np.arange(plane.shape[0]) + first[1]
        assert (weight.sum(0) * x).sum() / weight.sum() == pytest.approx(50, abs=0.3)
        assert (weight.sum(1) * y).sum() / weight.sum() == pytest.approx(30, abs=0.3)


def test_fields_are_put_together_without_a_comb(tmp_path):
    def fields(number, width, height):
        rgb = np.full((height, width, 3), 60, np.uint8)
        for field in (0, 1):
            left = 10 + 8 * number + 4 * field
            rgb[field::2, left : left + 20] = 200
        return rgb

    path = write_video(
        tmp_path / "a.mp4",
        count=10,
        paint=fields,
        options={"preset": "veryfast", "crf": "8", "flags": "+ildct+ilme", "x264-params": "tff=1"},
    )
    info = probe_video(path)
    assert info.interlaced
    assert any("deinterlaced" in note for note in info.notes)
    with VideoReader(path) as reader:
        there = [reader.picture(n).frame.y.copy() for n in range(10)]
    comb = np.abs(np.diff(there[5].astype(float), axis=0))[8:-8].mean()
    woven = fields(5, 96, 64)[..., 1].astype(float)
    assert comb < 0.2 * np.abs(np.diff(woven, axis=0))[8:-8].mean()
    with VideoReader(path) as reader:
        assert all((reader.picture(n).frame.y == there[n]).all() for n in (7, 2, 9, 0, 5))


def transparent(number, width, height):
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3] = (210, 90, 30)
    rgba[..., 3] = np.clip(4 * (np.arange(width) - 20 - number), 0, 255)
    return rgba


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("a.webm", "libvpx-vp9", "yuva420p", {"auto-alt-ref": "0", "crf": "10", "b": "0", "g": "8"}),
        ("a.mov", "prores_ks", "yuva444p10le", {"profile": "4"}),
        ("a.mov", "qtrle", "argb", {}),
        ("a.mkv", "ffv1", "yuva420p", {}),
    ],
)
def test_alpha_is_given(tmp_path, name, codec, pixels, options):
    path = write_video(tmp_path / name, codec, pixels, options=options, count=12, paint=transparent)
    assert probe_video(path).has_alpha
    with VideoReader(path) as reader:
        for number in (9, 2):
            picture = reader.picture(number)
            assert picture.alpha is not None
            assert np.abs(picture.alpha.astype(int) - transparent(number, 96, 64)[..., 3]).max() <= 6
            solid = picture.alpha[::2, ::2] > 100
            expected = code_values(np.array([210, 90, 30]) / 255, LUMA_WEIGHTS["BT.709"], full=False)
            for plane, value in zip(
                (picture.frame.y[::2, ::2], picture.frame.u, picture.frame.v), expected, strict=True
            ):
                assert np.abs(plane[solid] - value).max() <= 4


def test_rgb_without_alpha_has_none(tmp_path):
    path = write_video(tmp_path / "a.mkv", "ffv1", "bgr0", count=3)
    assert not probe_video(path).has_alpha
    with VideoReader(path) as reader:
        assert reader.picture(0).alpha is None
