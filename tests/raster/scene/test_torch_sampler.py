"""The torch sampler of scenes shows what the CPU sampler shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.scene.layer import make_layer
from engine.raster.scene.renderer import SceneRenderer, make_scene_sampler
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from engine.raster.scene.shelf import TextureShelf
from engine.raster.scene.smooth import gentle
from engine.raster.scene.texture import Texture
from engine.raster.scene.torch_sampler import TorchSceneSampler
from tests.raster.pictures import difference, planes
from tests.tolerances import SAMPLERS_DIFFER, SCENE_SAMPLERS_DIFFER, SCENE_SAMPLERS_FAR

WIDTH, HEIGHT = 320, 200
SIZE = (288, 160)
REACH = 0.06

CAMERAS = [
    Camera(View(160.3, 99.2, 0.97)),
    Camera(View(160, 100, 0.9), x=0.05),
    Camera(View(158.7, 101.1, 0.93), x=-0.03, y=0.04),
    Camera(View(160, 100, 1.0), z=0.12),
    Camera(View(161, 100, 0.85), x=0.02, y=-0.02, z=-0.1),
    Camera(View(160.5, 100.5, 0.8, 0.06), x=0.03, z=0.05),
    Camera(View(160, 100, 0.9, -1.3), y=-0.03),
    Camera(View(20, 190, 1.6, 0.3), x=0.06, y=0.06),  # sees beyond the photo's borders
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def colours(seed: int) -> NDArray[np.float32]:
    """Steps and grain, R'G'B' 0..255."""
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.integers(20, 236, (HEIGHT // 10, WIDTH // 10, 3)), np.ones((10, 10, 1)))
    return np.asarray(np.clip(coarse + rng.normal(0, 10, coarse.shape), 0, 255), np.float32)


def disc(x: float, y: float, radius: float, soft: float) -> NDArray[np.float32]:
    """1 inside, 0 outside, a ramp of ``soft`` pixels between."""
    j, i = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    return np.asarray(np.clip((radius - np.hypot(i - x, j - y)) / soft + 0.5, 0, 1), np.float32)


def relief(middle: float, seed: int, size: tuple[int, int] = (80, 50)) -> NDArray[np.float32]:
    """Disparity around a value, as smooth as layers must be."""
    rng = np.random.default_rng(seed)
    j, i = np.mgrid[0 : size[1], 0 : size[0]] / 9
    waves = middle + 0.12 * np.sin(i + rng.uniform(0, 6)) * np.cos(j + rng.uniform(0, 6))
    return gentle(np.asarray(np.clip(waves, 0, 1), np.float32), REACH * size[0])


def layered(photo_size: tuple[int, int] = (WIDTH, HEIGHT)) -> Scene:
    """Three layers: a solid one, one that is cut off by the photo's border, one with a wide soft rim."""
    middle, front = disc(290, 120, 70, 3), disc(130, 90, 50, 14)
    layers = (
        make_layer(colours(1), None, relief(0.2, 4)),
        make_layer(colours(2) * middle[..., None], middle, relief(0.5, 5, (96, 60))),
        make_layer(colours(3) * front[..., None], front, relief(0.8, 6, (96, 60))),
    )
    return Scene(photo_size, (WIDTH, HEIGHT), tuple(layer for layer in layers if layer is not None), REACH)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return layered()


@pytest.fixture(scope="module")
def on_cpu(scene: Scene) -> SceneSampler:
    return SceneSampler(scene)


@pytest.fixture(scope="module")
def on_torch(scene: Scene) -> TorchSceneSampler:
    return TorchSceneSampler(scene, "cpu")


def disagree(camera: Camera, size: tuple[int, int], one: SceneRenderer, other: SceneRenderer) -> float:
    """Renders with both, tests that samples differ by as much as they may, and returns the share that differs."""
    ours, theirs = YuvFrame.empty(*size), YuvFrame.empty(*size)
    one.render(camera, ours)
    other.render(camera, theirs)
    assert difference(ours, theirs) <= SCENE_SAMPLERS_DIFFER
    apart = [np.abs(a.astype(int) - b) for a, b in zip(planes(ours), planes(theirs), strict=True)]
    assert max((far > SAMPLERS_DIFFER).mean() for far in apart) <= SCENE_SAMPLERS_FAR
    return max(float((some > 0).mean()) for some in apart)


@pytest.mark.parametrize("size", [SIZE, (270, 130), (18, 6)])
@pytest.mark.parametrize("camera", CAMERAS)
def test_both_samplers_agree(
    on_cpu: SceneSampler, on_torch: TorchSceneSampler, camera: Camera, size: tuple[int, int]
) -> None:
    assert disagree(camera, size, on_cpu, on_torch) < 0.01


def test_at_rest_between_texels_exact_halves_fall_the_same_way(
    on_cpu: SceneSampler, on_torch: TorchSceneSampler
) -> None:
    assert disagree(Camera(View(160, 100, 1.0)), SIZE, on_cpu, on_torch) < 0.01


def test_a_photo_taken_apart_looks_the_same_on_both() -> None:
    near = disc(150, 110, 60, 1)
    photo = np.where(near[..., None] > 0, colours(7), 255 - colours(8)).astype(np.uint8)
    taken = Scene.from_photo(photo, 0.2 + 0.6 * near, photo_size=(2 * WIDTH, 2 * HEIGHT), inpaint=lambda rgb, _: rgb)
    assert len(taken.layers) > 1
    one, other = SceneSampler(taken), make_scene_sampler(taken, "torch-cpu")
    for camera in (Camera(View(321, 201, 1.7), x=0.04), Camera(View(320, 200, 1.6, 0.02), y=-0.02, z=0.08)):
        assert disagree(camera, (240, 134), one, other) < 0.01


def test_a_path_through_several_sizes_of_texture_looks_the_same_on_both(scene: Scene) -> None:
    one, other = SceneSampler(scene), TorchSceneSampler(scene, "cpu")
    for scale in (0.7, 1.19, 1.21, 1.6, 1.19):
        assert disagree(Camera(View(160.2, 100.3, scale), x=0.01, z=0.03), (128, 64), one, other) < 0.01


def test_nv12_has_both_chroma_planes_by_turns(on_torch: TorchSceneSampler) -> None:
    frame = YuvFrame.empty(270, 130)
    on_torch.render(CAMERAS[3], frame)
    y, uv = on_torch.render_nv12(CAMERAS[3], (270, 130))
    assert (y.dtype, uv.dtype) == (torch.uint8, torch.uint8)
    assert (tuple(y.shape), tuple(uv.shape)) == ((130, 270), (65, 135, 2))
    assert y.is_contiguous()
    assert uv.is_contiguous()
    y.add_(0)  # whoever asked for it may go on with it
    assert (y.numpy() == frame.y).all()
    assert (uv.numpy()[..., 0] == frame.u).all()
    assert (uv.numpy()[..., 1] == frame.v).all()


def test_rows_with_room_behind_them_are_filled_and_the_room_is_not(on_torch: TorchSceneSampler) -> None:
    memory = np.full((64, 96), 7, np.uint8), np.full((32, 64), 7, np.uint8), np.full((32, 64), 7, np.uint8)
    frame = YuvFrame(memory[0][:, :72], memory[1][:, :36], memory[2][:, :36])
    plain = YuvFrame.empty(72, 64)
    on_torch.render(CAMERAS[2], frame)
    on_torch.render(CAMERAS[2], plain)
    assert difference(frame, plain) == 0
    assert (memory[0][:, 72:] == 7).all()
    assert (memory[1][:, 36:] == 7).all()


def test_odd_frames_are_refused(on_torch: TorchSceneSampler) -> None:
    with pytest.raises(ValueError, match="even sizes, not 63x32"):
        on_torch.render_nv12(CAMERAS[0], (63, 32))


def test_the_same_camera_gives_the_same_bytes_from_any_thread(scene: Scene) -> None:
    def render(sampler: TorchSceneSampler, camera: Camera) -> bytes:
        frame = YuvFrame.empty(128, 64)
        sampler.render(camera, frame)
        return frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes()

    alone, shared = TorchSceneSampler(scene, "cpu"), TorchSceneSampler(scene, "cpu")
    expected = [render(alone, camera) for camera in CAMERAS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda camera: render(shared, camera), CAMERAS)) == expected


def test_a_texture_is_made_once_however_many_ask_and_again_only_after_a_failure(scene: Scene) -> None:
    made: list[tuple[int, int]] = []

    def keep(texture: Texture) -> Texture:
        made.append(texture.size)
        if len(made) == 1:
            raise MemoryError("full")
        return texture

    shelf = TextureShelf(scene, keep)
    camera = Camera(View(160, 100, 2.0))
    with pytest.raises(MemoryError):
        shelf.choose(camera)
    with ThreadPoolExecutor(4) as pool:
        chosen = list(pool.map(shelf.choose, [camera] * 4))
    assert len(made) == 1 + len(scene.layers)
    assert all(mine is first for some in chosen for mine, first in zip(some, chosen[0], strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_gpu_agrees_and_keeps_its_frames(scene: Scene, on_cpu: SceneSampler, camera: Camera) -> None:
    on_gpu = TorchSceneSampler(scene, "cuda")
    assert all(part.is_cuda for part in on_gpu.render_nv12(camera, SIZE))
    assert disagree(camera, (270, 130), on_cpu, on_gpu) < 0.01
