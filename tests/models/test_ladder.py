"""What follows an out-of-memory: less at a time, one rung after the other, and what happened is told."""

import gc
import itertools
import json
import weakref

import pytest

from engine.core.errors import Cancelled, DeviceMemoryError
from models.image_to_video.ladder import (
    FULL,
    LADDER,
    OFFLOADS,
    PRESETS,
    Rung,
    descend,
    from_json,
    next_rung,
    preset_on,
    step_down_sentence,
    to_json,
)


class Tensor:
    """Stands for memory on a device."""


@pytest.fixture(autouse=True)
def no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two rungs Python's heap is swept, which takes a second where torch is loaded; nothing here needs it."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)


def failing_above(enough: Rung, tried: list[Rung]):
    def attempt(rung: Rung) -> str:
        tried.append(rung)
        if LADDER.index(rung) < LADDER.index(enough):
            raise DeviceMemoryError("svd: the GPU ran out of memory.", detail=f"at {len(tried)}")
        return f"made by attempt {len(tried)}"

    return attempt


def test_each_rung_takes_less_than_the_one_above_and_the_preset_goes_last() -> None:
    for above, below in itertools.pairwise(LADDER):
        assert below.micro_batch <= above.micro_batch
        assert OFFLOADS.index(below.offload) >= OFFLOADS.index(above.offload)
        assert above.preset is None or PRESETS.index(below.preset) > PRESETS.index(above.preset)
        assert next_rung(above) == below
    assert next_rung(LADDER[-1]) is None
    assert FULL.preset is None
    assert FULL.offload == "none"


def test_a_lack_of_memory_is_followed_by_the_rung_below_until_one_has_enough() -> None:
    tried: list[Rung] = []
    told: list[tuple[Rung, str]] = []
    made, rung = descend(
        failing_above(LADDER[3], tried), on_step_down=lambda below, error: told.append((below, error.detail))
    )
    assert (made, rung) == ("made by attempt 4", LADDER[3])
    assert tried == list(LADDER[:4])
    assert told == [(LADDER[1], "at 1"), (LADDER[2], "at 2"), (LADDER[3], "at 3")]


def test_it_begins_where_it_is_told_to() -> None:
    tried: list[Rung] = []
    assert descend(failing_above(FULL, tried), LADDER[2])[1] == LADDER[2]
    assert tried == [LADDER[2]]


def test_at_the_end_the_last_error_tells_all_that_was_tried() -> None:
    tried: list[Rung] = []

    def attempt(rung: Rung) -> None:
        tried.append(rung)
        raise DeviceMemoryError("svd: the GPU ran out of memory.", detail=f"attempt {len(tried)}")

    with pytest.raises(DeviceMemoryError, match=r"^svd: the GPU ran out of memory.$") as failed:
        descend(attempt, LADDER[1])
    assert tried == list(LADDER[1:])
    assert all(f"attempt {number}" in failed.value.detail for number in range(1, len(tried) + 1))
    assert failed.value.notes == tuple(step_down_sentence(rung) for rung in LADDER[2:])
    assert failed.value.rung == to_json(LADDER[-1])


def test_other_errors_end_it_at_once() -> None:
    def attempt(rung: Rung) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        descend(attempt)


@pytest.mark.parametrize("asked", PRESETS)
def test_no_rung_is_tried_that_differs_only_by_a_preset_which_is_not_lower(asked: str) -> None:
    tried: list[Rung] = []
    with pytest.raises(DeviceMemoryError):
        descend(
            lambda rung: failing_above(Rung(1, "none", None), [])(FULL) if not tried.append(rung) else "", asked=asked
        )
    effects = [(rung.micro_batch, rung.offload, preset_on(rung, asked)) for rung in tried]
    assert len(set(effects)) == len(effects)
    assert effects[-1] == (1, "sequential", "draft")


def test_the_lower_of_two_presets_holds() -> None:
    assert preset_on(FULL, "draft") == "draft"
    assert preset_on(Rung(1, "none", "balanced"), "exact") == "balanced"
    assert preset_on(Rung(1, "none", "balanced"), "draft") == "draft"


def test_what_an_attempt_held_is_let_go_before_the_next_one() -> None:
    held: list[weakref.ref[Tensor]] = []
    at_release: list[bool] = []

    def deep(rung: Rung) -> None:
        tensor = Tensor()
        held.append(weakref.ref(tensor))
        raise RuntimeError("CUDA out of memory")

    def attempt(rung: Rung) -> str:
        if rung != FULL:
            return "made"
        scratch = Tensor()
        held.append(weakref.ref(scratch))
        try:
            deep(rung)
        except RuntimeError as error:
            raise DeviceMemoryError("svd: the GPU ran out of memory.") from error
        return "never"

    gc.disable()  # what only the collector would find is held still
    try:
        descend(attempt, device="cuda:0", release=lambda device: at_release.append(any(each() for each in held)))
    finally:
        gc.enable()
    assert len(held) == 2
    assert at_release == [False]


def test_rungs_survive_json_and_those_of_another_version_become_one_that_takes_no_more() -> None:
    for rung in LADDER:
        assert from_json(json.loads(json.dumps(to_json(rung)))) == rung
    assert from_json({"micro_batch": 4, "offload": "none", "preset": None}) == Rung(1, "none", None)
    assert from_json({"micro_batch": 4, "offload": "model", "preset": None}) == Rung(1, "model", None)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"micro_batch": 0, "offload": "none", "preset": None},
        {"micro_batch": 1, "offload": "some", "preset": None},
        {"micro_batch": None, "offload": "none", "preset": None},
        {"micro_batch": 1, "offload": "none", "preset": "best"},
    ],
)
def test_what_is_no_rung_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is no rung"):
        from_json(value)
