"""Reading the transitions of an OpenTimelineIO timeline."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.core.time import milliseconds
from engine.timeline.draft import CROSS_DISSOLVE, TRANSITIONS
from engine.timeline.otio.clock import seconds_of
from engine.timeline.otio.library import library
from engine.timeline.otio.metadata import attached


@dataclass(frozen=True, slots=True)
class ReadTransition:
    """The ``tr`` object of a transition, and what to say about it."""

    written: dict[str, Any]
    note: str = ""


def read_transition(item: Any, rate: Fraction | None) -> ReadTransition:  # noqa: ANN401 - of the library
    """The ``tr`` object of a transition: our own where its length stands as we wrote it, else with its new length."""
    own = attached(item)
    length = seconds_of(item.in_offset) + seconds_of(item.out_offset)
    written, offsets = own.get("transition"), own.get("offsets")
    if isinstance(written, dict):
        same = (
            rate is not None
            and isinstance(offsets, list)
            and len(offsets) == 2
            and all(isinstance(frames, int) for frames in offsets)
            and [seconds_of(item.in_offset), seconds_of(item.out_offset)]
            == [Fraction(frames) / rate for frames in offsets]
        )
        return ReadTransition(written if same else written | {"d": milliseconds(length)})
    name = str(item.name).strip().lower().replace(" ", "_").replace("-", "_")
    made = {"ty": name if name in TRANSITIONS else CROSS_DISSOLVE, "d": milliseconds(length)}
    dissolve = item.transition_type == library().schema.TransitionTypes.SMPTE_Dissolve
    if dissolve or name in TRANSITIONS:
        return ReadTransition(made)
    return ReadTransition(made, f"The transition {item.name or item.transition_type!r} became a cross-dissolve.")
