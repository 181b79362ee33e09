"""Wan and LTX-Video on tiny random models of diffusers' own classes, against diffusers' own pipelines."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.core.errors import DeviceMemoryError, EngineError
from models.image_to_video import ltx
from models.image_to_video.interface import Checkpoint, ClipRequest, ImageToVideo
from models.image_to_video.ladder import FULL, Offload, Rung
from models.recipes.guidance_interval import GuidanceIntervalConfig
from models.recipes.presets import PRESETS, Preset
from models.residency.parking import Parkable
from models.runtime import Placement
from tests.models.tiny_family import HEIGHT, STEPS, WIDTH, Family, apart, asked, family_in, photo

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

LEVEL = 1
"""Levels of 255 that rounding may move a value by: sums in another order. 0 was measured in all comparisons here."""


@pytest.fixture(scope="module", params=["wan", "ltx"])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    return family_in(tmp_path_factory.mktemp(request.param), request.param)


def checkpoints(model: ImageToVideo, requests: list[ClipRequest]) -> tuple[list[np.ndarray], list[Checkpoint]]:
    kept: list[Checkpoint] = []

    def watch(done: int, total: int, state: Callable[[], Checkpoint | None]) -> None:
        checkpoint = state()
        assert checkpoint is not None
        kept.append(checkpoint)

    return model.generate(requests, watch), kept


@pytest.mark.parametrize("changes", [{}, {"guidance": (1.0, 1.0)}, {"frames": 1}, {"steps": 2}, {"prompt": ""}])
def test_a_clip_is_that_of_the_untouched_pipeline(family: Family, changes: dict[str, Any]) -> None:
    request = asked(**changes)
    (clip,) = family.model.generate([request])
    assert (clip.shape, clip.dtype) == ((request.frames, HEIGHT, WIDTH, 3), np.uint8)
    assert apart(clip, family.stock_clip(request)) <= LEVEL
    assert clip.std() > 10


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "a cat sits"}, {"negative": "sharp"}, {"seed": 6}, {"picture": photo(4)}, {"guidance": (2.0, 2.0)}],
)
def test_everything_that_is_asked_for_counts(family: Family, changes: dict[str, Any]) -> None:
    (first,), (other,), (again,) = (family.model.generate([asked(**change)]) for change in ({}, changes, {}))
    assert np.array_equal(first, again)
    assert apart(first, other) > LEVEL


def test_the_photo_is_the_first_latent_picture_and_never_changes(family: Family) -> None:
    _, kept = checkpoints(family.model, [asked()])
    if family.module is ltx:
        firsts = [checkpoint.arrays["latents"][:, :, 0] for checkpoint in kept]
        assert all(np.array_equal(first, firsts[0]) for first in firsts)
        return
    # Wan's decoder looks back only: the first picture knows nothing of the rest.
    (clip,), (other,) = (family.model.generate([asked(seed=seed)]) for seed in (1, 2))
    assert np.array_equal(clip[0], other[0])
    assert not np.array_equal(clip[1:], other[1:])


def test_each_of_a_batch_is_as_if_it_were_alone(family: Family) -> None:
    requests = [asked(), asked(picture=photo(9), prompt="rain", negative="", seed=8)]
    together = family.model.generate(requests)
    for clip, request in zip(together, requests, strict=True):
        assert apart(clip, family.model.generate([request])[0]) <= LEVEL


def test_every_step_is_told_and_an_exception_ends_it_at_once(family: Family) -> None:
    told: list[tuple[int, int]] = []

    class Enough(Exception):
        pass

    def stop_at_two(done: int, total: int, state: object) -> None:
        told.append((done, total))
        if done == 2:
            raise Enough

    (whole,) = family.model.generate([asked()], lambda done, total, state: told.append((done, total)))
    assert told == [(step, STEPS) for step in range(1, STEPS + 1)]
    told.clear()
    with pytest.raises(Enough):
        family.model.generate([asked()], stop_at_two)
    assert told == [(1, STEPS), (2, STEPS)]
    assert np.array_equal(family.model.generate([asked()])[0], whole)


def test_it_goes_on_exactly_in_a_model_that_was_loaded_anew(family: Family) -> None:
    requests = [asked(steps=6), asked(steps=6, seed=7, prompt="snow")]
    whole, kept = checkpoints(family.model, requests)
    other = family.open()
    for checkpoint in (kept[0], kept[3], kept[-1]):  # before UniPC's history is whole, in the middle, at the end
        assert next(iter(checkpoint.arrays)) == "latents"
        assert all(array.dtype == np.float32 for array in checkpoint.arrays.values())
        told: list[int] = []
        clips = other.generate(requests, lambda done, total, state, told=told: told.append(done), checkpoint)
        assert told == list(range(checkpoint.step + 1, 7))
        assert all(map(np.array_equal, clips, whole))


def test_a_checkpoint_is_a_copy(family: Family) -> None:
    _, kept = checkpoints(family.model, [asked()])
    before = kept[0].arrays["latents"].copy()
    family.model.generate([asked()], resume=kept[0])
    assert np.array_equal(kept[0].arrays["latents"], before)
    assert not np.array_equal(kept[0].arrays["latents"], kept[1].arrays["latents"])


@pytest.mark.parametrize("change", [{"steps": 5}, {"frames": 17}, {"picture": np.zeros((64, 64, 3), np.uint8)}])
def test_a_checkpoint_of_other_requests_is_refused(family: Family, change: dict[str, Any]) -> None:
    _, kept = checkpoints(family.model, [asked()])
    with pytest.raises(ValueError, match="the checkpoint is of other requests"):
        family.model.generate([asked(**change)], resume=kept[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frames": 6}, "makes 1 \\+ [48] k pictures, not 6"),
        ({"frames": 0}, "pictures, not 0"),
        ({"steps": 0}, "at least 1"),
        ({"picture": np.zeros((64, 80, 3), np.uint8)}, "multiples of 32, not 80 x 64"),
        ({"picture": np.zeros((64, 64), np.uint8)}, r"\(H, W, 3\)"),
        ({"guidance": (1.0, 3.0)}, "one scale of guidance"),
    ],
)
def test_what_a_model_cannot_make_is_refused(family: Family, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        family.model.generate([asked(**change)])


def test_a_batch_of_different_shapes_or_of_none_is_refused(family: Family) -> None:
    with pytest.raises(ValueError, match="must agree"):
        family.model.generate([asked(), asked(steps=3)])
    with pytest.raises(ValueError, match="no request"):
        family.model.generate([])


@pytest.mark.parametrize(
    ("part", "call", "doing"),
    [
        ("text_encoder", "forward", "reading the prompt"),
        ("vae", "encode", "encoding the photo"),
        ("transformer", "forward", "denoising"),
        ("vae", "decode", "decoding"),
    ],
)
def test_a_lack_of_memory_names_what_lacked_it(
    family: Family, monkeypatch: pytest.MonkeyPatch, part: str, call: str, doing: str
) -> None:
    def lacks(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 7 GiB")

    with monkeypatch.context() as patched:
        patched.setattr(getattr(family.model._pipeline, part), call, lacks)  # type: ignore[attr-defined]
        with pytest.raises(DeviceMemoryError, match=f"^{family.name} ran out of memory on cpu while {doing}") as raised:
            family.model.generate([asked()])
        assert "7 GiB" in raised.value.detail
    assert apart(family.model.generate([asked()])[0], family.stock_clip(asked())) <= LEVEL


def test_values_that_are_no_numbers_are_no_pictures(family: Family) -> None:
    model = family.open()
    with torch.no_grad():
        model._pipeline.transformer.proj_out.weight.fill_(float("nan"))
    with pytest.raises(EngineError, match=f"^{family.name} gave no pictures for this photo"):
        model.generate([asked()])


def test_brain_floats_give_nearly_the_same_clip(family: Family) -> None:
    """On a GPU it runs in bfloat16: a tiny one shows that nothing in it asks for another format."""
    model = family.open(placement=Placement("cpu", "float16"))
    assert model._pipeline.transformer.proj_out.weight.dtype == torch.bfloat16
    (clip,) = model.generate([asked(guidance=(1.0, 1.0), steps=2)])
    (exact,) = family.model.generate([asked(guidance=(1.0, 1.0), steps=2)])
    # Mean distance in levels: 0.3 and less was measured.
    assert np.abs(clip.astype(int) - exact).mean() < 2


def test_short_of_memory_the_vae_works_in_tiles_as_diffusers_has_them(family: Family) -> None:
    model = family.open(rung=Rung(2, "none", None))
    family.stock.vae.enable_tiling()
    for vae in (model._pipeline.vae, family.stock.vae):
        vae.tile_sample_min_height = vae.tile_sample_min_width = 64
        vae.tile_sample_stride_height = vae.tile_sample_stride_width = 32
    try:
        (tiled,), wanted = model.generate([asked()]), family.stock_clip(asked())
    finally:
        family.stock.vae.use_tiling = False
    assert apart(tiled, wanted) <= LEVEL
    assert apart(tiled, family.model.generate([asked()])[0]) > LEVEL


@pytest.mark.parametrize("offload", ["model", "sequential"])
def test_parts_that_leave_the_device_change_nothing(family: Family, offload: Offload) -> None:
    """The processor stands for the device here."""
    model = family.open(rung=Rung(FULL.micro_batch, offload, None))
    assert np.array_equal(model.generate([asked()])[0], family.model.generate([asked()])[0])


def test_a_model_that_waited_in_host_memory_is_the_same(family: Family) -> None:
    model = family.open()
    assert isinstance(model, Parkable)
    (before,) = model.generate([asked()])
    model.to_host(pinned=False)
    model.to_device()
    assert np.array_equal(model.generate([asked()])[0], before)


def test_the_exact_preset_changes_nothing(family: Family) -> None:
    model = family.open(preset=PRESETS["exact"])
    assert np.array_equal(model.generate([asked()])[0], family.model.generate([asked()])[0])


def test_a_preset_takes_fewer_steps(family: Family) -> None:
    model = family.open(preset=Preset("half", steps_share=0.5))
    assert model.steps_of(asked()) == 2
    clip, kept = checkpoints(model, [asked()])
    assert [checkpoint.total for checkpoint in kept] == [2, 2]
    assert np.array_equal(clip[0], family.model.generate([asked(steps=2)])[0])
    assert model.steps_of(asked(steps=1)) == 1


@pytest.mark.parametrize(("first", "last", "calls"), [(0.0, 1.0, 8), (0.25, 0.75, 6), (0.0, 0.0, 4)])
def test_steps_outside_a_preset_s_interval_are_not_guided(
    family: Family, first: float, last: float, calls: int
) -> None:
    model = family.open(preset=Preset("some", guidance_interval=GuidanceIntervalConfig(first, last)))
    counted: list[object] = []
    model._pipeline.transformer.register_forward_hook(lambda *_: counted.append(None))
    (clip,) = model.generate([asked()])
    assert len(counted) == calls
    same_as = {8: asked(), 4: asked(guidance=(1.0, 1.0))}
    if calls in same_as:
        assert np.array_equal(clip, family.model.generate([same_as[calls]])[0])
