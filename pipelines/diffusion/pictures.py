"""Generating the pictures of an order: from where they are kept, from where they were interrupted, or anew."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from engine.core.errors import DeviceMemoryError
from engine.core.frames import RgbImage
from engine.motion import QUALITIES
from models.image_to_video.interface import Checkpoint, ClipRequest
from models.image_to_video.ladder import Rung, descend, from_json, preset_on, step_down_sentence, to_json
from pipelines.diffusion.admission import first_rung, leased_model, shape_of
from pipelines.diffusion.colour import statistics
from pipelines.diffusion.held import HeldPictures
from pipelines.diffusion.kept import (
    KeptPictures,
    Paused,
    Pictures,
    Store,
    find_paused,
    find_pictures,
    forget_paused,
    keep_paused,
    keep_pictures,
)
from pipelines.diffusion.order import Order
from pipelines.diffusion.quality import preset_of
from pipelines.diffusion.telling import Tell, part_of

LOG = logging.getLogger("multiplane.diffusion")

CHECKPOINT_STEPS = 5
"""Steps of denoising between two checkpoints: on a large GPU a second or two are lost by a crash, and a checkpoint is
the copy of a few megabytes."""

LARGEST_SEED = 2**63
"""Seeds of torch's generators are below."""


@dataclass(frozen=True, slots=True)
class Made:
    """Generated pictures.

    Attributes:
        pictures: of all clips of the chain, (H, W, 3) uint8, in the photo's colours; all that the model made, with
            its padding.
        preset: the lowest that any of them was made with: lower than asked for, where memory ended.
        notes: sentences for the user.
        reused: whether all of them were made before.
    """

    pictures: HeldPictures
    preset: str
    notes: tuple[str, ...]
    reused: bool


def make_pictures(order: Order, picture: RgbImage, store: Store | None, tell: Tell, begin: Rung | None = None) -> Made:
    """Generate what an order asks for.

    Args:
        order: see there.
        picture: (H, W, 3) uint8: what the model gets, at its size.
        store: where pictures and checkpoints are kept; None keeps none.
        tell: see there.
        begin: the rung of the ladder to begin on; None: the first that fits.

    Raises:
        DeviceMemoryError: the device has not enough memory, whatever was tried.
        MotionUnavailable, WeightsError: the model cannot be loaded.
        EngineError: it gave no picture.
    """
    colours = statistics(picture)
    clips: list[Pictures] = []
    notes: dict[str, None] = {}
    lowest, reused = order.preset.name, True
    rung = begin
    for number in range(order.course.clips):
        first = HeldPictures(clips, colours)[-1] if clips else picture
        found = find_pictures(store, order.generation_key(number))
        if found is None:
            reused = False
            found, rung = _generate(order, number, first, store, part_of(tell, number, order.course.clips), rung)
        clips.append(found.pictures)
        notes.update(dict.fromkeys(found.notes))
        lowest = max(lowest, found.preset, key=QUALITIES.index)
        tell((number + 1) / order.course.clips)
    return Made(HeldPictures(clips, colours), lowest, tuple(notes), reused)


def request_for(order: Order, number: int, picture: RgbImage) -> ClipRequest:
    """The request of one clip of an order's chain."""
    traits = order.traits
    return ClipRequest(
        picture=picture,
        frames=traits.frames,
        steps=traits.steps,  # of which a preset takes its share
        seed=(order.seed + number) % LARGEST_SEED,
        fps=traits.fps,
        motion_bucket=order.motion_bucket,
        noise=order.noise,
        guidance=traits.guidance,
        prompt=order.prompt,
    )


def _generate(
    order: Order, number: int, picture: RgbImage, store: Store | None, tell: Tell, begin: Rung | None
) -> tuple[KeptPictures, Rung]:
    """Make a clip; the rung that it was made on, where the next clip of the chain begins."""
    key = order.generation_key(number)
    paused = find_paused(store, key)
    shape = shape_of(order, picture)
    facts: dict[str, Any] = dict(paused.facts) if paused is not None else {}
    start = from_json(facts["rung"]) if "rung" in facts else begin or first_rung(order, shape)

    def attempt(rung: Rung) -> Pictures:
        name = preset_on(rung, order.preset.name)
        now = replace(order, preset=preset_of(name))
        request = request_for(now, number, picture)
        resume = _usable(find_paused(store, key), now.steps, name)

        last = resume.step if resume else 0

        def watch(done: int, total: int, state: Callable[[], Checkpoint | None]) -> None:
            nonlocal last
            if done - last >= CHECKPOINT_STEPS and done < total and store is not None:
                checkpoint = state()
                if checkpoint is not None:  # else there is one after the next step that caches nothing
                    keep_paused(store, key, Paused(checkpoint, {**facts, "preset": name}))
                    last = done
            tell(done / total)

        with leased_model(now, shape, rung) as model:
            return model.generate([request], watch, resume)[0]

    def step_down(rung: Rung, error: DeviceMemoryError) -> None:
        sentence = step_down_sentence(rung)
        LOG.warning("out of memory", extra={"detail": error.detail, "next": to_json(rung)})
        facts.update(rung=to_json(rung), notes=[*facts.get("notes", []), sentence])
        before = find_paused(store, key)
        keep_paused(
            store, key, Paused(before.checkpoint if before else None, {**(before.facts if before else {}), **facts})
        )

    device = order.backend.where().device
    pictures, rung = descend(attempt, start, step_down, asked=order.preset.name, device=device)
    # Kept as what was asked for, with what is to be said: a lower preset must not be generated again each time.
    made = KeptPictures(pictures, preset_on(rung, order.preset.name), tuple(facts.get("notes", ())))
    keep_pictures(store, key, made)
    forget_paused(store, key)
    return find_pictures(store, key) or made, rung


def _usable(paused: Paused | None, steps: int, preset: str) -> Checkpoint | None:
    """A checkpoint that this generation can go on from: one of another preset led elsewhere."""
    if paused is None or paused.checkpoint is None:
        return None
    fits = paused.checkpoint.total == steps and paused.facts.get("preset") == preset
    return paused.checkpoint if fits else None
