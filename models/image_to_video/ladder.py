"""What is tried after a device ran out of memory: the same clip, with less at a time.

::

    def attempt(rung: Rung) -> list[Pictures]:
        with opened(placement, preset_on(rung, asked), rung) as model:
            return model.generate(requests, watch, resume)

    pictures, rung = descend(attempt, on_step_down=lambda rung, error: notes.append(step_down_sentence(rung)))

The first rungs give the same pictures at less speed; only the last ones ask for a lower preset, because that changes
the pictures. For SVD a lower preset spares time and no memory, by the count of :mod:`models.image_to_video.memory`: its
kept features take some, and steps that are guided are as large. Nobody begins there; it is what is left to try.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_args

from engine.core.errors import DeviceMemoryError
from models.runtime import CPU, release_memory

T = TypeVar("T")

Offload = Literal["none", "model", "sequential"]

OFFLOADS: tuple[Offload, ...] = get_args(Offload)
"""What stays on the device: the whole model; the part of it that is at work; the layer that is at work."""

PRESETS = ("exact", "balanced", "draft")
"""From the highest quality to the lowest."""


@dataclass(frozen=True, slots=True)
class Rung:
    """How much of a model is at work on its device at a time.

    Attributes:
        micro_batch: pictures that the VAE takes through a layer at once; at least 1.
        offload: what leaves the device while it is not at work: nothing; each part of the model (text or image encoder,
            denoiser, VAE); each layer. Each is slower than the one before.
        preset: a preset that is lower than most ask for; None: the one that was asked for. See :func:`preset_on`.
    """

    micro_batch: int
    offload: Offload
    preset: str | None

    def __post_init__(self) -> None:
        if self.micro_batch < 1 or self.offload not in OFFLOADS or self.preset not in (None, *PRESETS):
            raise ValueError(f"{self} is no rung")


WHOLE = 1024
"""A micro-batch that no clip is longer than: all pictures go through the VAE at once, which is quickest."""

LADDER: tuple[Rung, ...] = (
    Rung(WHOLE, "none", None),
    Rung(8, "none", None),
    Rung(1, "none", None),
    Rung(1, "model", None),
    Rung(1, "sequential", None),
    Rung(1, "sequential", "balanced"),
    Rung(1, "sequential", "draft"),
)
"""From the most memory to the least."""

FULL = LADDER[0]
"""Where everybody begins who knows of no lack of memory."""


def next_rung(rung: Rung, asked: str | None = None) -> Rung | None:
    """The rung below one.

    Args:
        rung: one of :data:`LADDER`.
        asked: the preset that was asked for: rungs that only set one which is as high or higher are passed over.

    Returns:
        None at the ladder's end.
    """
    for below in LADDER[LADDER.index(rung) + 1 :]:
        if asked is None or _in_effect(below, asked) != _in_effect(rung, asked):
            return below
    return None


def preset_on(rung: Rung, asked: str) -> str:
    """The preset that holds on a rung: the lower of what was asked for and what the rung allows."""
    return max(asked, rung.preset or asked, key=PRESETS.index)


def descend(
    attempt: Callable[[Rung], T],
    start: Rung = FULL,
    on_step_down: Callable[[Rung, DeviceMemoryError], None] | None = None,
    *,
    asked: str | None = None,
    device: str = CPU,
    release: Callable[[str], None] = release_memory,
) -> tuple[T, Rung]:
    """Try on one rung after the other until one has memory enough.

    Args:
        attempt: does the work on a rung; it must hold nothing on the device once it has raised.
        start: the first rung to try.
        on_step_down: told the rung that is tried next and why, before it is tried. What it raises ends the descent.
        asked: as for :func:`next_rung`.
        device: whose memory is released between two attempts.
        release: does that.

    Returns:
        What ``attempt`` gave, and the rung that it gave it on.

    Raises:
        DeviceMemoryError: the last one, where the last rung failed too; its detail tells every step, its ``notes`` are
            the sentences and its ``rung`` is the last one, as :func:`to_json` writes it.
        Exception: whatever else ``attempt`` raises.
    """
    rung, notes, details = start, list[str](), list[str]()
    while True:
        try:
            return attempt(rung), rung
        except DeviceMemoryError as error:
            failed = error
        forget_locals(failed)
        release(device)
        details.append(f"{told(rung)}: {failed.detail or failed.message}")
        below = next_rung(rung, asked)
        if below is None:
            failed.detail = "; ".join(details)
            failed.notes, failed.rung = tuple(notes), to_json(rung)
            raise failed
        notes.append(step_down_sentence(below))
        if on_step_down is not None:
            on_step_down(below, failed)
        rung = below


def forget_locals(error: BaseException) -> None:
    """Let go of what the frames hold that an error and its causes came through: tensors on the device among it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            traceback.clear_frames(each.__traceback__)
            waiting += [each.__cause__, each.__context__]


def told(rung: Rung) -> str:
    """A rung in words, as part of a sentence."""
    where = {
        "none": "all of the model on the device",
        "model": "one part of the model on the device at a time",
        "sequential": "one layer on the device at a time",
    }[rung.offload]
    pictures = {1: "1 picture", WHOLE: "all pictures"}.get(rung.micro_batch, f"{rung.micro_batch} pictures")
    return f"{pictures} decoded at once, {where}" + (f", preset {rung.preset}" if rung.preset else "")


def step_down_sentence(rung: Rung) -> str:
    """What to tell people when a rung is tried after the one above it failed."""
    return f"The device ran out of memory; the clip went on with {told(rung)}."


def to_json(rung: Rung) -> dict[str, Any]:
    """A rung as a JSON object."""
    return {"micro_batch": rung.micro_batch, "offload": rung.offload, "preset": rung.preset}


def from_json(value: Mapping[str, Any]) -> Rung:
    """What :func:`to_json` wrote. A rung that this version's ladder has not becomes the first that takes no more.

    Raises:
        ValueError: it is no rung.
    """
    try:
        rung = Rung(int(value["micro_batch"]), cast(Offload, value["offload"]), value["preset"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{value!r} is no rung") from error
    return next((known for known in LADDER if _depth(known) >= _depth(rung)), LADDER[-1])


def _in_effect(rung: Rung, asked: str) -> tuple[int, Offload, str]:
    return rung.micro_batch, rung.offload, preset_on(rung, asked)


def _depth(rung: Rung) -> tuple[int, int, int]:
    return OFFLOADS.index(rung.offload), 0 if rung.preset is None else PRESETS.index(rung.preset), -rung.micro_batch
