"""Meshes, tiles and textures: any frame, any lens, any place of the camera."""

from math import ceil, cos, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion.travel import DRIFT_HEIGHT_SHARE, FORWARD_SHARE, SIDEWAYS_SHARE
from engine.raster.kernels.scene_mesh import mesh_of_layer
from engine.raster.kernels.scene_tiles import BLOCK
from engine.raster.scene.layer import SceneLayer, make_layer
from engine.raster.scene.resize import resized, resized_wide
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from engine.raster.scene.smooth import gentle
from engine.raster.scene.texture import GROWTH, TEXELS, make_texture, texture_ratio
from tests.raster.pictures import padded
from tests.raster.scene.scenes import REACH, Field, fields, guess_like, seen, sentinel_frame
from tests.tolerances import SCENE_POINT

TILE = 16


def disparity_at(field: Field, x: float, y: float) -> float:
    """Bilinear, x and y in samples with centres at +0.5."""
    height, width = field.shape
    u, v = min(max(x - 0.5, 0), width - 1), min(max(y - 0.5, 0), height - 1)
    i, j = min(int(u), width - 2), min(int(v), height - 2)
    fu, fv = u - i, v - j
    square = field[j : j + 2, i : i + 2].astype(float)
    return float((square[0] * (1 - fv) + square[1] * fv) @ [1 - fu, fu])


@settings(deadline=None, max_examples=40)
@given(
    st.data(),
    fields(48, 40),
    st.sampled_from([(400, 300), (300, 400), (800, 200), (225, 400), (200, 800), (100, 1000)]),
    st.tuples(*[st.floats(-1, 1)] * 3),
)
def test_each_vertex_shows_the_point_that_the_camera_sees_there(
    data: st.DataObject, field: Field, size: tuple[int, int], stand: tuple[float, float, float]
) -> None:
    width, height = size
    # One sample of the field is as wide as high, as maps of a photo's shape are.
    samples = (max(2, round(48 * min(1, width / height))), max(2, round(48 * min(1, height / width))))
    field = np.ascontiguousarray(
        field[np.ix_(*(np.arange(n) * side // n for n, side in zip(samples[::-1], field.shape, strict=True)))]
    )
    smooth = gentle(field, REACH * max(field.shape))
    # Moves that travel along several axes share the reach.
    stand = tuple(way / max(1.0, float(np.linalg.norm(stand))) for way in stand)
    x = SIDEWAYS_SHARE * REACH * stand[0]
    y = SIDEWAYS_SHARE * DRIFT_HEIGHT_SHARE * REACH * stand[1] * min(1, 2 * height / width)
    lens = View(width / 2, height / 2, max(size) / 96, data.draw(st.floats(-0.7, 0.7)))
    camera = Camera(lens, x, y, FORWARD_SHARE * REACH * stand[2])
    mesh = np.empty((7, 7, 2), np.float32)
    view = camera.view
    along, across = view.scale * cos(view.angle), view.scale * sin(view.angle)
    numbers = np.array([view.x, view.y, along, across, camera.x, camera.y, camera.z, 48, 48])
    mesh_of_layer(smooth, numbers, np.array(size, float), np.array([0.0, 0.0, 1.0, 1.0]), TILE, mesh)
    for j in range(7):
        for i in range(7):
            qx, qy = TILE * i - 48, TILE * j - 48
            point = (view.x + along * qx - across * qy, view.y + across * qx + along * qy)
            if not (0 <= point[0] <= width and 0 <= point[1] <= height):
                continue
            shown = mesh[j, i].astype(float) + 0.5
            near = disparity_at(smooth, shown[0] * field.shape[1] / width, shown[1] * field.shape[0] / height)
            expected = camera.to_photo(point, near, size)
            assert np.hypot(*(shown - expected)) / view.scale < SCENE_POINT


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 40), st.integers(1, 40), st.floats(-3.2, 3.2), st.floats(0.01, 50),
    st.floats(-3, 4), st.floats(-3, 4), st.tuples(*[st.floats(-0.5, 0.5)] * 3),
)  # fmt: skip
def test_every_sample_is_written_for_any_frame_any_lens_and_far_outside_the_photo(
    half_width: int, half_height: int, angle: float, scale: float, x: float, y: float, stand: tuple[float, float, float]
) -> None:
    sampler = SceneSampler(SCENE)
    frame = seen(sampler, Camera(View(160 * x, 120 * y, scale, angle), *stand), (2 * half_width, 2 * half_height))
    # The photo holds 100 and 200, which are 102 and 188 in luma.
    assert frame.y.min() >= 102 - 72
    assert frame.y.max() <= 188 + 60
    assert np.abs(frame.u.astype(int) - 128).max() <= 3
    assert np.abs(frame.v.astype(int) - 128).max() <= 3


def checkers(width: int, height: int, side: int = 10) -> np.ndarray:
    y, x = np.mgrid[:height, :width] // side
    grey = np.where((x + y) % 2, 200, 100).astype(np.uint8)
    return np.ascontiguousarray(grey[..., None].repeat(3, 2))


SCENE = Scene.from_photo(checkers(160, 120), guess_like(80, 60), reach=REACH, threads=1)


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (18, 34), (160, 90), (158, 94)])
@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_padded_rows_are_filled_and_nothing_else_is_touched(size: tuple[int, int], angle: float) -> None:
    sampler = SceneSampler(SCENE)
    camera = Camera(View(80, 60, 0.8, angle), 0.03, 0.01, 0.05)
    plain = seen(sampler, camera, size)
    wide = padded(sentinel_frame(*size))
    sampler.render(camera, wide)
    for a, b in ((plain.y, wide.y), (plain.u, wide.u), (plain.v, wide.v)):
        assert (a == b).all()
        assert b.base is not None
        assert (b.base[:, b.shape[1] :] == 77).all()


def test_the_same_camera_gives_the_same_bytes_from_any_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor

    cameras = [Camera(View(80, 60, 0.5 + n / 20, n / 40), n / 300, -n / 500, n / 200 - 0.03) for n in range(12)]
    sampler = SceneSampler(SCENE)

    def render(camera: Camera) -> bytes:
        frame = YuvFrame.empty(128, 72)
        sampler.render(camera, frame)
        return frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(render, cameras))
    assert [render(camera) for camera in reversed(cameras)][::-1] == together


def test_a_texture_that_cannot_be_made_fails_for_all_who_wait_and_is_tried_by_none_forever() -> None:
    sampler = SceneSampler(SCENE)
    with pytest.raises((ValueError, OverflowError, ZeroDivisionError)):
        sampler.render(Camera(View(80, 60, 0.0)), YuvFrame.empty(16, 16))


@given(st.floats(0.01, 100), st.floats(0.05, 1))
def test_levels_are_fine_enough_and_no_finer_than_they_must(scale: float, native: float) -> None:
    ratio = texture_ratio(scale, native)
    assert ratio <= TEXELS * native * (1 + 1e-9)
    if ratio < TEXELS * native * (1 - 1e-9):
        assert ratio * scale >= TEXELS * (1 - 1e-6)
        assert ratio * scale <= TEXELS * GROWTH * (1 + 1e-6)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.1, 3), st.integers(0, 2**32), st.booleans())
def test_a_texture_covers_its_layer(half_w: int, half_h: int, ratio: float, seed: int, solid: bool) -> None:
    rng = np.random.default_rng(seed)
    width, height = 2 * half_w, 2 * half_h
    share = None if solid else rng.random((height, width), np.float32)
    colours = np.full((height, width, 3), 180, np.float32) * (1 if share is None else share[..., None])
    layer = make_layer(colours, share, np.zeros((2, 2), np.float32))
    assert layer is not None
    texture = make_texture(layer, (1.0, 1.0), ratio)
    assert texture.size[0] / texture.ratio[0] == pytest.approx(width)
    assert texture.size[1] / texture.ratio[1] == pytest.approx(height)
    assert texture.size[0] % 2 == texture.size[1] % 2 == 0
    luma = texture.planes[0][: texture.size[0] * texture.size[1]].astype(float)
    if share is None:
        assert np.abs(luma - (16 + 219 * 180 / 255)).max() <= 1
    else:
        alpha = texture.planes[2][: luma.size].astype(float)
        # One colour whatever the alpha: both went through the same filters.
        assert np.abs(luma - alpha / 255 * (16 + 219 * 180 / 255)).max() <= 2
        blocks = ceil(texture.size[0] / BLOCK) * ceil(texture.size[1] / BLOCK)
        least, largest = (texture.planes[k][:blocks] for k in (4, 5))
        assert least.min() <= alpha.min()
        assert largest.max() >= alpha.max()


def test_wide_resizing_is_resizing_where_nothing_overshoots_and_goes_on_where_it_does() -> None:
    smooth = (127 + 90 * np.sin(np.arange(60) / 9)[None] * np.cos(np.arange(40) / 7)[:, None]).astype(np.uint8)
    for size in ((60, 40), (120, 80), (34, 22)):
        assert np.abs(resized_wide(smooth, size) - resized(smooth, size)).max() <= 0.51
    step = np.zeros((20, 60), np.uint8)
    step[:, 30:] = 255
    wide = resized_wide(step, (120, 40))
    assert wide.max() > 262
    assert wide.min() < -7
    assert wide.mean() == pytest.approx(127.5, abs=0.1)


def test_layers_with_nothing_of_them_there_are_none() -> None:
    nothing = np.zeros((10, 12), np.float32)
    assert make_layer(np.zeros((10, 12, 3), np.float32), nothing, nothing) is None


def test_a_scene_of_one_layer_that_is_smaller_than_a_tile() -> None:
    flat = np.full((1, 1), 0.5, np.float32)
    layer = make_layer(np.full((2, 2, 3), 90, np.float32), None, flat)
    assert isinstance(layer, SceneLayer)
    frame = seen(SceneSampler(Scene((2, 2), (2, 2), (layer,), 0.1)), Camera(View(1, 1, 0.01), 0.1, 0.1, 0.1), (64, 36))
    assert np.abs(frame.y.astype(int) - round(16 + 219 * 90 / 255)).max() <= 1
