"""Labelled instructions: reading the data file, and comparing a plan with its label.

A line of ``instructions*.jsonl`` holds ``text``, ``kind``, and optionally ``photos`` (a number, 1) and ``portrait``.
``expect`` names what must come out; what it does not name must stay as it was:

* ``moves`` (in any order), ``speed``, ``amount`` (one number, or a list in the order of ``moves``), ``focus`` and
  ``ease``; ``per_photo`` instead gives a list of such objects, null where the photo's motion stays;
* ``duration`` and ``each`` in seconds, ``canvas`` [w, h], ``fps``, ``fit`` [mode, colour],
  ``transition`` [kind, seconds or null], ``title``;
* ``not_understood``: each must stand in an item of the answer, and there must be as many items; none by default.
"""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.core.time import parse_frame_rate
from engine.motion import Motion
from engine.timeline import ASPECTS, Canvas, Draft, Fit, apply_all, slideshow
from pipelines.director import Plan, direct

MOTION_KEYS = {"moves", "speed", "amount", "focus", "ease"}


@dataclass(frozen=True)
class Labelled:
    text: str
    kind: str
    photos: int
    portrait: bool
    expect: dict[str, Any]

    def draft(self) -> Draft:
        names = [f"photo{number}.jpg" for number in range(1, self.photos + 1)]
        return slideshow(names, canvas=ASPECTS["9:16" if self.portrait else "16:9"])


def load(name: str) -> list[Labelled]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines if line.strip()]
    return [
        Labelled(item["text"], item["kind"], item.get("photos", 1), item.get("portrait", False), item["expect"])
        for item in items
    ]


def differences(item: Labelled) -> list[str]:
    """In what a plan differs from its label, in words; empty when it is fully right."""
    before = item.draft()
    plan = direct(item.text, before)
    after = apply_all(before, plan.operations)
    return [*_motion(item, before, after), *_whole(item, before, after), *_refusals(item, plan)]


def _expected_motion(label: dict[str, Any], current: Motion | None) -> tuple[Any, ...]:
    moves = label.get("moves", current.moves if current else ("hold",))
    amount, focus = label.get("amount"), label.get("focus")
    amounts = tuple(amount) if isinstance(amount, list) else (amount,) * len(moves)
    place = tuple(focus) if isinstance(focus, list) else focus
    return sorted(zip(moves, amounts, strict=True)), label.get("speed"), place, label.get("ease", "in_out")


def _actual_motion(motion: Motion | None, scalar: bool) -> tuple[Any, ...]:
    if motion is None:
        return ("no motion",)
    amount = motion.amount
    if isinstance(amount, tuple):
        amounts = amount
    else:
        amounts = (amount if scalar or len(motion.moves) == 1 or amount is None else None,) * len(motion.moves)
    return sorted(zip(motion.moves, amounts, strict=True)), motion.speed, motion.focus, motion.ease


def _motion(item: Labelled, before: Draft, after: Draft) -> list[str]:
    label = {key: value for key, value in item.expect.items() if key in MOTION_KEYS}
    labels = item.expect.get("per_photo") or [label or None] * len(before.photos)
    out = []
    for wanted, old, new in zip(labels, before.photos, after.photos, strict=True):
        if wanted is None:
            if new.motion != old.motion:
                out.append(f"motion changed to {new.motion}")
            continue
        expected, actual = _expected_motion(wanted, old.motion), _actual_motion(new.motion, scalar=True)
        if expected != actual:
            out.append(f"motion {actual}, expected {expected}")
    return out


def _whole(item: Labelled, before: Draft, after: Draft) -> list[str]:
    expect = item.expect
    expected = {
        "canvas": Canvas(*expect["canvas"]) if "canvas" in expect else before.canvas,
        "fps": parse_frame_rate(str(expect["fps"])) if "fps" in expect else before.frame_rate,
        "duration": Fraction(str(expect["duration"])) if "duration" in expect else before.duration,
        "title": expect.get("title"),
        "fit": Fit(*expect["fit"]) if "fit" in expect else before.photos[0].fit,
    }
    actual: dict[str, Any] = {
        "canvas": after.canvas,
        "fps": after.frame_rate,
        "duration": after.duration,
        "title": after.meta.get("title"),
        "fit": after.photos[0].fit,
    }
    if "each" in expect:
        expected["each"], actual["each"] = {Fraction(str(expect["each"]))}, {photo.duration for photo in after.photos}
    old = before.photos[0].transition
    kind, length = expect.get("transition", (old.kind if old else "cut", old.duration if old else None))
    new = after.photos[0].transition
    expected["transition"] = (kind, None if length is None else Fraction(str(length)))
    actual["transition"] = (new.kind, new.duration) if new else ("cut", None)
    return [f"{key} {actual[key]}, expected {value}" for key, value in expected.items() if actual[key] != value]


def _refusals(item: Labelled, plan: Plan) -> list[str]:
    wanted = item.expect.get("not_understood", [])
    missing = [text for text in wanted if not any(text in said for said in plan.not_understood)]
    if missing or len(wanted) != len(plan.not_understood):
        return [f"not understood: {plan.not_understood}, expected {wanted}"]
    return []
