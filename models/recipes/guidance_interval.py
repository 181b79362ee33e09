"""Guide only the steps in the middle of a denoising (Kynkäänniemi et al., NeurIPS 2024, "Applying guidance in a limited
interval improves sample and distribution quality in diffusion models"): a step that is not guided costs half."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuidanceIntervalConfig:
    """Which steps are guided, in shares of all steps: those that lie in [first, last).

    Attributes:
        first: 0 to 1; 0 guides from the first step.
        last: 0 to 1, not below ``first``; 1 guides to the last step.

    Raises:
        ValueError: the shares are not in that order.
    """

    first: float = 0.0
    last: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last <= 1:
            raise ValueError(f"A guidance interval needs 0 <= first <= last <= 1, not {self.first} and {self.last}.")


def is_guided(config: GuidanceIntervalConfig | None, step: int, total: int) -> bool:
    """Whether a step runs both halves of classifier-free guidance.

    Args:
        config: None guides every step.
        step: 0 to total - 1.
        total: steps in all.

    Raises:
        ValueError: there is no such step.
    """
    if not 0 <= step < total:
        raise ValueError(f"There is no step {step} among {total}.")
    return config is None or config.first * total <= step < config.last * total


def guided_steps(config: GuidanceIntervalConfig | None, total: int) -> int:
    """How many of all steps are guided."""
    return sum(is_guided(config, step, total) for step in range(total))
