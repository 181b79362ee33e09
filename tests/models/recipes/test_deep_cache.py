"""DeepCache runs what it says it runs: full steps are the untouched UNet's, shallow ones follow from an earlier one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from models.recipes.deep_cache import DeepCache, DeepCacheConfig, apply_deep_cache  # noqa: E402
from models.recipes.guidance_interval import GuidanceIntervalConfig, is_guided  # noqa: E402
from tests.models.recipes.conftest import Inputs  # noqa: E402
from tests.models.recipes.denoise import denoise, doubled_token, psnr, relative_error  # noqa: E402

ROUNDING = 1e-6
"""Of a call; the same operations in the same order came out equal in every case."""

BRANCHES = (0, 1, 2)


@contextmanager
def deep_cache(unet: Any, interval: int, branch: int) -> Iterator[DeepCache]:
    cache = apply_deep_cache(unet, DeepCacheConfig(interval, branch))
    try:
        yield cache
    finally:
        cache.remove()


def call(unet: Any, inputs: Inputs, step: int, guided: bool = True, cache: DeepCache | None = None) -> Any:
    """One step's call, with another picture and another time for each step."""
    rows = 2 if guided else 1
    picture = inputs.latents * (1 + 0.1 * step) + 0.2 * step
    sample = torch.cat([picture, inputs.photo], dim=2).repeat(rows, 1, 1, 1, 1)
    if cache is not None:
        cache.at(step)
    with torch.no_grad():
        return unet(sample, 1.5 - 0.3 * step, doubled_token(inputs)[-rows:], inputs.ids.expand(rows, -1)).sample


def reference(unet: Any, inputs: Inputs, kept: int, step: int, branch: int, guided: bool = True) -> Any:
    """A shallow step, by the untouched UNet: it runs whole, and the branch's layer gets an earlier step's feature."""
    layers = unet.up_blocks[-1].resnets
    layer = layers[len(layers) - 1 - branch]
    seen: list[Any] = []
    hook = layer.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    call(unet, inputs, kept, guided)
    hook.remove()
    (early,) = seen
    skip = unet.config.block_out_channels[0]

    def swap(_: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (torch.cat([early[:, :-skip], args[0][:, -skip:]], dim=1), *args[1:])

    hook = layer.register_forward_pre_hook(swap)
    result = call(unet, inputs, step, guided)
    hook.remove()
    return result


@pytest.mark.parametrize("branch", BRANCHES)
def test_full_steps_are_exact_and_shallow_ones_take_the_earlier_feature(unet: Any, inputs: Inputs, branch: int) -> None:
    with deep_cache(unet, 2, branch) as cache:
        results = [call(unet, inputs, step, cache=cache) for step in range(4)]
    assert torch.equal(results[0], call(unet, inputs, 0))
    assert torch.equal(results[2], call(unet, inputs, 2))
    assert relative_error(results[1], reference(unet, inputs, 0, 1, branch)) < ROUNDING
    assert relative_error(results[3], reference(unet, inputs, 2, 3, branch)) < ROUNDING
    assert relative_error(results[1], call(unet, inputs, 1)) > 1e-3  # it is an approximation


def test_a_shallow_step_runs_the_outermost_layers_alone(unet: Any, inputs: Inputs) -> None:
    ran: list[str] = []
    hooks = [
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
        for name, module in unet.named_modules()
        if type(module).__name__ == "SpatioTemporalResBlock"
    ]
    shallow = {}
    for branch in BRANCHES:
        with deep_cache(unet, 2, branch) as cache:
            call(unet, inputs, 0, cache=cache)
            ran.clear()
            call(unet, inputs, 1, cache=cache)
            shallow[branch] = list(ran)
    for hook in hooks:
        hook.remove()
    assert shallow[0] == ["up_blocks.3.resnets.2"]
    assert shallow[1] == ["down_blocks.0.resnets.0", "up_blocks.3.resnets.1", "up_blocks.3.resnets.2"]
    assert len(shallow[2]) == 5


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_step_without_guidance_takes_the_conditional_half(unet: Any, inputs: Inputs, branch: int) -> None:
    with deep_cache(unet, 3, branch) as cache:
        call(unet, inputs, 0, cache=cache)
        half = [call(unet, inputs, step, guided=False, cache=cache) for step in (1, 2)]
    for step, result in zip((1, 2), half, strict=True):
        assert relative_error(result, reference(unet, inputs, 0, step, branch)[1:]) < 1e-5  # 2e-6 measured


def test_a_step_that_is_guided_again_is_full(unet: Any, inputs: Inputs) -> None:
    with deep_cache(unet, 3, 0) as cache:
        call(unet, inputs, 0, guided=False, cache=cache)
        full = call(unet, inputs, 1, cache=cache)
        shallow = call(unet, inputs, 2, cache=cache)
    assert torch.equal(full, call(unet, inputs, 1))
    assert relative_error(shallow, reference(unet, inputs, 1, 2, 0)) < ROUNDING


def test_another_size_is_a_full_step(unet: Any, inputs: Inputs) -> None:
    wide = Inputs(inputs.latents.repeat(1, 1, 1, 1, 2), inputs.photo.repeat(1, 1, 1, 1, 2), inputs.token, inputs.ids)
    with deep_cache(unet, 3, 0) as cache:
        call(unet, inputs, 0, cache=cache)
        result = call(unet, wide, 1, cache=cache)
    assert torch.equal(result, call(unet, wide, 1))


def test_what_was_kept_is_forgotten_at_the_beginning(unet: Any, inputs: Inputs) -> None:
    with deep_cache(unet, 3, 0) as cache:
        call(unet, inputs, 0, cache=cache)
        cache.begin()
        result = call(unet, inputs, 1, cache=cache)
    assert torch.equal(result, call(unet, inputs, 1))


def test_an_interval_of_one_changes_nothing(unet: Any, inputs: Inputs) -> None:
    exact = denoise(unet, inputs, steps=2)
    with deep_cache(unet, 1, 0) as cache:
        assert torch.equal(denoise(unet, inputs, steps=2, before=cache.at), exact)
        assert all(cache.is_full(step) for step in range(5))


def test_a_denoising_stays_near_the_exact_one_and_goes_on_after_a_full_step(unet: Any, inputs: Inputs) -> None:
    steps, interval = 6, GuidanceIntervalConfig(0.3, 0.8)
    assert [is_guided(interval, step, steps) for step in range(steps)] == [False, False, True, True, True, False]
    exact = denoise(unet, inputs, steps, interval=interval)
    with deep_cache(unet, 2, 0) as cache:
        assert [cache.is_full(step) for step in range(4)] == [True, False, True, False]
        near = denoise(unet, inputs, steps, cache.at, interval)
        cache.begin()
        again = denoise(unet, inputs, steps, cache.at, interval)
    assert torch.equal(near, again)
    assert 18 < psnr(near, exact) < 60  # a random UNet changes more from step to step than a trained one


@pytest.mark.parametrize(("interval", "branch"), [(0, 0), (2, -1)])
def test_settings_that_mean_nothing_are_refused(interval: int, branch: int) -> None:
    with pytest.raises(ValueError, match="an interval from 1 and a branch from 0"):
        DeepCacheConfig(interval, branch)


def test_a_branch_that_the_unet_has_not_is_refused(unet: Any) -> None:
    with pytest.raises(ValueError, match="the branches 0 to 2 for DeepCache, not 3"):
        apply_deep_cache(unet, DeepCacheConfig(2, 3))
