"""One number for the progress of a mix."""

from collections.abc import Callable

MixProgress = Callable[[float], None]
"""Called often with the share that is done, 0..1, never less than before. An exception from it ends the mix."""


class Stages:
    """Maps the progress of each stage onto the whole.

    Args:
        report: gets the share of the whole; None for nobody.
        weights: the stages in order, and how long each takes relative to the others.
    """

    def __init__(self, report: MixProgress | None, weights: dict[str, float]) -> None:
        self._report = report
        total = sum(weights.values())
        self._spans: dict[str, tuple[float, float]] = {}
        begun = 0.0
        for name, weight in weights.items():
            self._spans[name] = (begun / total, weight / total)
            begun += weight
        self._done = 0.0

    def at(self, stage: str, share: float) -> None:
        """``share`` of a stage is done; a stage that is repeated does not go back."""
        first, span = self._spans[stage]
        self._done = max(self._done, min(1.0, first + span * min(share, 1.0)))
        if self._report is not None:
            self._report(self._done)
