"""Which steps of a denoising are guided."""

import pytest

from models.recipes.guidance_interval import GuidanceIntervalConfig, guided_steps, is_guided


@pytest.mark.parametrize(
    ("config", "total", "expected"),
    [
        (None, 3, [0, 1, 2]),
        (GuidanceIntervalConfig(), 3, [0, 1, 2]),
        (GuidanceIntervalConfig(0.2, 0.8), 10, [2, 3, 4, 5, 6, 7]),
        (GuidanceIntervalConfig(0.5, 0.5), 10, []),
        (GuidanceIntervalConfig(0.0, 0.1), 25, [0, 1, 2]),
        (GuidanceIntervalConfig(0.9, 1.0), 1, []),
    ],
)
def test_steps_within_the_interval_are_guided(
    config: GuidanceIntervalConfig | None, total: int, expected: list[int]
) -> None:
    assert [step for step in range(total) if is_guided(config, step, total)] == expected
    assert guided_steps(config, total) == len(expected)


@pytest.mark.parametrize(("first", "last"), [(-0.1, 1), (0.6, 0.5), (0, 1.1), (float("nan"), 1)])
def test_shares_out_of_order_are_refused(first: float, last: float) -> None:
    with pytest.raises(ValueError, match="0 <= first <= last <= 1"):
        GuidanceIntervalConfig(first, last)


@pytest.mark.parametrize("step", [-1, 3])
def test_a_step_that_is_not_there_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match=f"no step {step} among 3"):
        is_guided(None, step, 3)
