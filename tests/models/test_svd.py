"""Our denoising of Stable Video Diffusion against diffusers' pipeline, on a tiny random model of the real classes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.core.errors import Cancelled, DeviceMemoryError, EngineError
from models.image_to_video import svd
from models.image_to_video.interface import Checkpoint, ClipRequest, ImageToVideo
from models.image_to_video.ladder import Rung
from models.recipes.deep_cache import DeepCacheConfig
from models.recipes.guidance_interval import GuidanceIntervalConfig
from models.recipes.presets import PRESETS, Preset
from models.runtime import ON_CPU, Placement

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

FRAMES, STEPS = 3, 2
WHOLE = Rung(8, "none", None)
"""All pictures of these clips are decoded at once, as the pipeline does it."""

PLAIN = Preset("plain", fold=False)
"""No recipe at all."""

CACHED = replace(PLAIN, deep_cache=DeepCacheConfig(2))
GUIDED_INSIDE = replace(PLAIN, guidance_interval=GuidanceIntervalConfig(0.3, 0.7))


def photo(number: int = 0, width: int = 64) -> np.ndarray:
    """64 pixels high: soft spots of colour."""
    noise = np.random.default_rng(number).integers(0, 256, (4, width // 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((width, 64), Image.Resampling.BICUBIC))


def request(number: int = 0, **changes: Any) -> ClipRequest:
    return replace(ClipRequest(photo(number), FRAMES, STEPS, seed=number, fps=7), **changes)


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference between two clips, in levels of 255."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.fixture(scope="module", autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def plain(tiny_svd: Path) -> svd.StableVideo:
    return svd.open_model(tiny_svd, ON_CPU, PLAIN, WHOLE)


@pytest.fixture(scope="module")
def reference(plain: svd.StableVideo) -> np.ndarray:
    """What the plain model makes of the first request."""
    (clip,) = plain.generate([request()])
    return clip


@pytest.fixture(scope="module")
def pipeline(tiny_svd: Path) -> Callable[..., list[np.ndarray]]:
    """diffusers' pipeline, asked as we are."""
    from diffusers import StableVideoDiffusionPipeline

    stock = StableVideoDiffusionPipeline.from_pretrained(tiny_svd, local_files_only=True)
    stock.set_progress_bar_config(disable=True)

    def call(*requests: ClipRequest) -> list[np.ndarray]:
        first = requests[0]
        clips = stock(
            [Image.fromarray(each.picture) for each in requests],
            height=first.picture.shape[0],
            width=first.picture.shape[1],
            num_frames=first.frames,
            num_inference_steps=first.steps,
            min_guidance_scale=first.guidance[0],
            max_guidance_scale=first.guidance[1],
            fps=first.fps,
            motion_bucket_id=first.motion_bucket,
            noise_aug_strength=first.noise,
            generator=[torch.Generator().manual_seed(each.seed) for each in requests],
        ).frames
        return [np.stack([np.asarray(picture) for picture in clip]) for clip in clips]

    return call


def test_it_is_a_model_as_all_others_are(plain: svd.StableVideo) -> None:
    model: ImageToVideo = plain
    assert model.traits.family == "svd"
    assert plain.weights_size > 10_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"picture": photo(2, width=128), "steps": 3, "frames": 4},
        {"seed": 5, "fps": 12, "motion_bucket": 20, "noise": 0.3, "guidance": (2.0, 4.0)},
        {"guidance": (1.0, 1.0)},
    ],
    ids=["as the model cards", "all else", "no guidance"],
)
def test_without_recipes_the_pictures_are_the_pipeline_s(
    plain: svd.StableVideo, pipeline: Callable[..., list[np.ndarray]], changes: dict[str, Any]
) -> None:
    asked = request(**changes)
    (ours,) = plain.generate([asked])
    assert ours.dtype == np.uint8
    assert ours.shape == (asked.frames, *asked.picture.shape)
    assert np.array_equal(ours, pipeline(asked)[0])


def test_a_batch_is_the_pipeline_s_too(plain: svd.StableVideo, pipeline: Callable[..., list[np.ndarray]]) -> None:
    asked = [request(0), request(1)]
    for ours, theirs in zip(plain.generate(asked), pipeline(*asked), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    "changes",
    [
        {"picture": photo(1)},
        {"seed": 1},
        {"motion_bucket": 255},
        {"noise": 0.1},
        {"fps": 25},
        {"steps": 3},
        {"guidance": (1.0, 5.0)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_each_part_of_a_request_changes_the_pictures(
    plain: svd.StableVideo, reference: np.ndarray, changes: dict[str, Any]
) -> None:
    (other,) = plain.generate([request(**changes)])
    assert np.abs(other.astype(int) - reference).mean() > 1


MANY = 4
"""Steps that are enough for each recipe to do something."""


@pytest.fixture(scope="module", params=[CACHED, *PRESETS.values()], ids=["cached", *PRESETS])
def tried(tiny_svd: Path, request: pytest.FixtureRequest) -> svd.StableVideo:
    """A model with each preset."""
    return svd.open_model(tiny_svd, ON_CPU, replace(request.param, compile=False), Rung(2, "none", None))


class Double(Placement):
    """Numbers in which rounding cannot be seen. In float32 it can: the order of sums depends on the batch, and a random
    network makes 6 of 255 of what the first step, at a noise of 700, rounds differently."""

    def torch_dtype(self) -> torch.dtype:
        return torch.float64


@pytest.mark.parametrize("preset", [CACHED, PRESETS["balanced"]], ids=lambda preset: preset.name)
def test_two_photos_at_once_are_each_as_if_alone(tiny_svd: Path, preset: Preset) -> None:
    model = svd.open_model(tiny_svd, Double("cpu", "float32"), preset, WHOLE)
    asked = [request(0, steps=MANY), request(1, steps=MANY, motion_bucket=30, noise=0.1, fps=10)]
    both = model.generate(asked)
    for one, clip in zip(asked, both, strict=True):
        # 0 was measured, and 2e-14 between the latents.
        assert apart(clip, model.generate([one])[0]) <= 1
    assert apart(*both) > 50


def test_a_generation_goes_on_where_it_stopped(tried: svd.StableVideo) -> None:
    asked = [request(steps=MANY)]
    kept: dict[int, Checkpoint | None] = {}
    whole = tried.generate(asked, lambda done, total, state: kept.update({done: state()}))
    total = tried.steps_of(asked[0])
    assert list(kept) == list(range(1, total + 1))
    exact = {done: state for done, state in kept.items() if state is not None}
    assert total in exact
    assert len(exact) > 1 or total < MANY
    for done, state in exact.items():
        assert (state.step, state.total) == (done, total)
        assert state.arrays["latents"].dtype == np.float32
        seen: list[int] = []
        again = tried.generate(asked, lambda done, total, state, seen=seen: seen.append(done), resume=state)
        assert seen == list(range(done + 1, total + 1))
        assert np.array_equal(whole, again)


def test_a_cached_feature_is_not_in_a_checkpoint_so_there_is_none(tiny_svd: Path) -> None:
    model = svd.open_model(tiny_svd, ON_CPU, CACHED, WHOLE)
    kept: list[bool] = []
    model.generate([request(steps=MANY)], lambda done, total, state: kept.append(state() is not None))
    assert kept == [False, True, False, True]


def test_a_generation_stops_within_a_step_and_leaves_nothing(tried: svd.StableVideo) -> None:
    asked = [request(steps=MANY)]
    before = tried.generate(asked)
    seen: list[int] = []

    def stop(done: int, total: int, state: Callable[[], Checkpoint | None]) -> None:
        seen.append(done)
        if done == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        tried.generate([request(1, steps=MANY)], stop)
    assert seen == [1, 2]
    assert np.array_equal(before, tried.generate(asked))


def test_the_presets_differ_from_the_exact_one_as_they_should(tiny_svd: Path) -> None:
    def made(preset: Preset) -> np.ndarray:
        return svd.open_model(tiny_svd, ON_CPU, preset, WHOLE).generate([request(steps=MANY)])[0]

    exact = made(PLAIN)
    assert apart(made(replace(PLAIN, fold=True)), exact) <= 1  # 0 was measured
    assert apart(made(CACHED), exact) > 1
    assert apart(made(GUIDED_INSIDE), exact) > 1


@pytest.mark.parametrize(
    ("part", "module", "phase", "error"),
    [
        ("image_encoder", "", "looking at the photo", RuntimeError("CUDA error: out of memory")),
        ("vae", "encoder", "encoding the photo", RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")),
        ("unet", "", "denoising", torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")),
        ("vae", "decoder", "decoding", MemoryError()),
    ],
    ids=["image encoder", "encoder", "unet", "decoder"],
)
def test_a_lack_of_memory_is_said_with_its_phase_and_the_model_stays_usable(
    failing: svd.StableVideo, good: np.ndarray, part: str, module: str, phase: str, error: Exception
) -> None:
    calls: list[int] = []

    def fail(*_: Any) -> None:
        calls.append(1)
        if part != "unet" or len(calls) == 2:  # in the middle of a denoising
            raise error

    hook = getattr(failing._parts, part).get_submodule(module).register_forward_pre_hook(fail)
    with pytest.raises(DeviceMemoryError, match=f"ran out of memory on cpu while {phase}: ask for") as raised:
        failing.generate([request()])
    hook.remove()
    assert raised.value.__context__ is None, "the error must not keep what fills the device"
    assert np.array_equal(failing.generate([request()])[0], good)


@pytest.fixture(scope="module")
def failing(tiny_svd: Path) -> svd.StableVideo:
    """With a cache and a fold, which must be gone after an error."""
    return svd.open_model(tiny_svd, ON_CPU, replace(CACHED, fold=True), WHOLE)


@pytest.fixture(scope="module")
def good(failing: svd.StableVideo) -> np.ndarray:
    """What it gives before anything failed."""
    return failing.generate([request()])[0]


def test_another_error_passes_as_it_is(plain: svd.StableVideo) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a kernel of ours is wrong")

    hook = plain._parts.unet.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="a kernel of ours is wrong"):
        plain.generate([request()])
    hook.remove()


def test_pictures_of_no_numbers_are_an_error(plain: svd.StableVideo) -> None:
    def spoil(module: Any, arguments: Any, result: torch.Tensor) -> torch.Tensor:
        return result * torch.nan

    hook = plain._parts.vae.decoder.register_forward_hook(spoil)
    with pytest.raises(EngineError, match=r"gave no picture for this photo: try another seed\.$"):
        plain.generate([request()])
    hook.remove()


def test_the_latents_of_one_seed_are_the_same_in_half_floats_but_for_rounding() -> None:
    from models.image_to_video.svd_denoise import draw_noise

    whole = draw_noise([request()], 4, 8, torch.float32)
    half = draw_noise([request()], 4, 8, torch.float16)
    assert torch.equal(whole.photos, half.photos)
    assert torch.equal(whole.latents.half(), half.latents)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"picture": photo()[:50]}, r"sides that are multiples of 64 pixels, not 64 x 50"),
        ({"picture": photo().astype(np.float32)}, r"a picture is \(H, W, 3\) uint8"),
        ({"frames": 0}, r"from 1, not 0, 2 and 7"),
        ({"motion_bucket": 256}, r"1 to 255, not 256"),
        ({"noise": -0.1}, r"noise is a standard deviation from 0"),
    ],
)
def test_a_request_that_is_not_possible_is_refused(
    plain: svd.StableVideo, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        plain.generate([request(**changes)])


def test_requests_that_differ_in_shape_are_not_one_batch(plain: svd.StableVideo) -> None:
    with pytest.raises(ValueError, match="requests of one batch have one size"):
        plain.generate([request(), request(steps=5)])


def test_a_checkpoint_of_other_requests_is_refused(plain: svd.StableVideo) -> None:
    other = Checkpoint(1, STEPS, {"latents": np.zeros((1, FRAMES, 4, 8, 16), np.float32)})
    with pytest.raises(ValueError, match="this checkpoint is of other requests"):
        plain.generate([request()], resume=other)
