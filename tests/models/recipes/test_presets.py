"""The presets say what they do, with figures that are counted."""

from typing import Any

import pytest

from models.recipes.deep_cache import DeepCacheConfig
from models.recipes.guidance_interval import GuidanceIntervalConfig
from models.recipes.presets import PRESETS, STEPS, Preset, describe, planned_calls, relative_flops
from tests.models.recipes.conftest import Inputs


def test_exact_approximates_nothing() -> None:
    exact = PRESETS["exact"]
    assert exact.deep_cache is exact.guidance_interval is None
    assert (exact.steps(STEPS), exact.weights) == (STEPS, "full")
    assert "up to rounding" in describe(exact)[0]
    assert all("not the same" in describe(preset)[0] for preset in PRESETS.values() if preset is not exact)


def test_each_preset_costs_less_than_the_one_before() -> None:
    assert list(PRESETS) == ["exact", "balanced", "draft"]
    costs = [1.0, *(relative_flops(preset) for preset in PRESETS.values())]
    assert costs == sorted(costs, reverse=True)
    assert costs[1] == pytest.approx(0.964, abs=0.001)


def test_sentences_say_what_is_on() -> None:
    said = " ".join(describe(PRESETS["draft"]))
    for words in ("15 steps", "once a clip", "every fourth step", "Guidance is computed in", "sdpa", "exactly"):
        assert words in said
    assert f"{relative_flops(PRESETS['draft']):.0%}" in said
    plain = Preset("plain", fold=False, channels_last=False, weights="int8", compile=True, attention="flash")
    said = " ".join(describe(plain))
    assert "once a clip" not in said
    assert "DeepCache" not in said
    assert "int8" in said
    assert "compiled" in said
    assert "100%" in said


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_default_of_each_preset_compiles_nothing(preset: Preset) -> None:
    assert not preset.compile


def test_planned_calls_are_those_that_deep_cache_makes(unet: Any, inputs: Inputs) -> None:
    """Two starts of guidance on a shallow step, which has to be full then."""
    import torch

    from models.recipes.deep_cache import apply_deep_cache

    preset = Preset("test", deep_cache=DeepCacheConfig(4), guidance_interval=GuidanceIntervalConfig(0.2, 0.7))
    steps = 10
    ran: list[int] = []
    hook = unet.mid_block.resnets[0].register_forward_hook(lambda *_: ran.append(1))
    cache = apply_deep_cache(unet, preset.deep_cache or DeepCacheConfig())
    seen = []
    for step, call in enumerate(planned_calls(preset, steps)):
        rows = 2 if call.guided else 1
        ran.clear()
        cache.at(step)
        with torch.no_grad():
            sample = torch.zeros(rows, *inputs.latents.shape[1:2], 8, 8, 8)
            unet(sample, 1.0, inputs.token.expand(rows, -1, -1), inputs.ids.expand(rows, -1))
        seen.append(bool(ran))
    cache.remove()
    hook.remove()
    assert seen == [call.full for call in planned_calls(preset, steps)]
    assert seen[2]
    assert not seen[3]
