"""Deciding about the camera: from findings to the motion of each photo."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from engine.core.errors import OptionError
from engine.motion import MOVES, SPEEDS, Motion
from engine.timeline import Segment, SetMotion, SetSpeed, apply, default_motion
from engine.timeline.playback import MAX_SPEED, MIN_SPEED
from pipelines.director.amounts import PlannedMove, give_amount
from pipelines.director.events import Event
from pipelines.director.moves import NAMED_MOVES, REVERSED, VERBS
from pipelines.director.outcome import Outcome
from pipelines.director.shots import is_clip, main_shots, target_of
from pipelines.director.targets import Targets

_CAMERA = ("move", "speed", "amount", "ease", "focus", "engine", "scale")

_DEPTH = {"zoom_in": "dolly_in", "zoom_out": "dolly_out", "pan_left": "truck_left", "pan_right": "truck_right",
          "pan_up": "pedestal_up", "pan_down": "pedestal_down"}  # fmt: skip
"""What a verb that needs depth means where there is depth."""

_FASTER = Fraction(3, 2)
"""Factor of "faster" for a clip that is played."""


@dataclass(slots=True)
class Wishes:
    """What is wanted of the camera for some photos.

    Attributes:
        moves: the moves that were named, none contradicting another.
        avoided: moves that are ruled out.
        still: whether all movement is ruled out.
        animate: whether movement of any kind was asked for.
        speed, ease, focus: None where nothing was said.
        step: -1 for slower, +1 for faster.
        amounts: still to be given to moves of the draft.
        method: what shall make the picture move.
        strength: of generated motion, 0..1.
        scale: factor of how far the moves go.
    """

    moves: list[PlannedMove] = field(default_factory=list)
    avoided: set[str] = field(default_factory=set)
    still: bool = False
    animate: bool = False
    speed: str | None = None
    step: int = 0
    ease: str | None = None
    focus: tuple[float, float] | str | None = None
    amounts: list[Event] = field(default_factory=list)
    method: str | None = None
    strength: float | None = None
    scale: float = 1.0

    def any(self) -> bool:
        """Whether there is anything to change."""
        return bool(
            self.moves
            or self.avoided
            or self.still
            or self.speed
            or self.step
            or self.ease
            or self.focus
            or self.amounts
            or self.method
            or self.strength is not None
            or self.scale != 1
        )


def plan_camera_moves(outcome: Outcome, targets: Targets) -> None:
    """Turn the findings about the camera into operations."""
    events = [event for event in outcome.reading.events if event.kind in _CAMERA]
    groups: dict[tuple[str, ...] | None, list[Event]] = {}
    for event in events:
        groups.setdefault(targets.of(event), []).append(event)
    animate = any(event.kind == "animate" and not event.negated for event in outcome.reading.events)
    frozen = any(event.kind == "animate" and event.negated for event in outcome.reading.events)
    if frozen or animate:
        groups.setdefault(None, [])
    # What is said of all photos comes first, so that what is said of one prevails.
    for ids, found in sorted(groups.items(), key=lambda item: item[0] is not None):
        if ids == ():
            continue
        wishes = _collect(outcome, found)
        wishes.animate, wishes.still = wishes.animate or animate, wishes.still or (frozen and ids is None)
        if animate and len(groups) == 1 and not wishes.any():
            _choose(outcome)
            return
        shots = [shot for shot in main_shots(outcome.draft) if ids is None or shot.id in ids]
        if not wishes.any():
            continue
        photos = [shot for shot in shots if not is_clip(outcome, shot)]
        if not photos and shots:
            _set_speed(outcome, wishes, shots, found)
            continue
        if not photos:
            for event in found:
                if event.kind == "move" and not event.negated:
                    outcome.refuse(event, outcome.say("say.no_photo"))
            continue
        _set_motions(outcome, wishes, photos, ids, targets)


def _choose(outcome: Outcome) -> None:
    """Motion of any kind was asked for, and none named: each photo that stands still gets one of its own."""
    photos = [shot for shot in main_shots(outcome.draft) if not is_clip(outcome, shot)]
    chosen: list[str] = []
    for place, photo in enumerate(photos):
        motion = photo.motion if photo.motion is not None and photo.motion.moves != ("hold",) else default_motion(place)
        chosen += motion.moves
        if motion != photo.motion:
            operation = SetMotion(motion, (photo.id,))
            outcome.draft = apply(outcome.draft, operation)
            outcome.operations.append(operation)
    if chosen:
        event = next(event for event in outcome.reading.events if event.kind == "animate")
        moves = _list_moves(outcome, dict.fromkeys(chosen))
        outcome.note("move", moves)
        outcome.choices.append(outcome.say("say.choice_move", words=outcome.words(event), move=moves))


def _set_speed(outcome: Outcome, wishes: Wishes, clips: list[Segment], events: list[Event]) -> None:
    """A clip is not moved over: "slower" and "faster" are its own speed."""
    factor = {"slow": 1 / _FASTER, "fast": _FASTER}.get(wishes.speed or "", Fraction(1)) * _FASTER**wishes.step
    named = [event for event in events if event.kind == "amount" and event.value in ("times", "double", "half")]
    for event in named:
        given = {"double": Fraction(2), "half": Fraction(1, 2)}.get(event.value, event.number)
        factor = given if factor >= 1 or given < 1 else 1 / given
    if factor == 1:
        for event in events:
            outcome.refuse(event, outcome.say("say.is_clip"))
        return
    for clip in clips:
        speed = min(max(clip.playback.speed * factor, MIN_SPEED), MAX_SPEED)
        if outcome.attempt(lambda clip=clip, speed=speed: SetSpeed(speed, (clip.id,)), events[0]):  # type: ignore[misc]
            outcome.note("clip", outcome.say("say.speed", factor=f"{float(speed):g}"))


def _collect(outcome: Outcome, events: list[Event]) -> Wishes:
    wishes = Wishes()
    _collect_method(events, wishes)
    for event in events:
        if event.kind == "move" and event.negated:
            _rule_out(event, wishes)
        elif event.kind == "move" and wishes.method == "kenburns" and event.moves == NAMED_MOVES["ken_burns"]:
            pass  # "Ken Burns is fine, no AI": what moves the picture, not another move
        elif event.kind == "move":
            _add_move(outcome, event, wishes)
    _settle_hold(outcome, wishes)
    _collect_speed(outcome, [event for event in events if event.kind == "speed"], wishes)
    _collect_ease(outcome, [event for event in events if event.kind == "ease"], wishes)
    _collect_focus(outcome, events, wishes)
    for event in events:
        if event.kind == "amount" and not _is_part_of_refusal(event, events):
            if wishes.method == "diffusion" and not wishes.moves and event.value in ("percent", "little", "strong"):
                wishes.strength = {"little": 0.3, "strong": 0.8}.get(event.value, min(float(event.number) / 100, 1.0))
            elif wishes.moves and not give_amount(event, wishes.moves):
                outcome.refuse(event, "")
            elif not wishes.moves:
                wishes.amounts.append(event)
    return wishes


def _collect_method(events: list[Event], wishes: Wishes) -> None:
    for event in events:
        if event.kind == "engine" and not event.negated:
            wishes.method = event.value
        elif event.kind == "engine":
            wishes.method = wishes.method or "kenburns"  # "with depth, not ...": what is wanted says more
        elif event.kind == "scale":
            wishes.scale *= float(event.number) if not event.negated else 1 / float(event.number)
        elif event.kind == "move" and any(MOVES[name].unit == "depth" for name in event.moves) and not event.negated:
            wishes.method = wishes.method or "parallax"


def _is_part_of_refusal(event: Event, events: Iterable[Event]) -> bool:
    """Whether a manner only describes a move that is not wanted: "no slow zoom"."""
    return event.negated and any(
        other.kind == "move" and other.negated and other.part == event.part for other in events
    )


def _rule_out(event: Event, wishes: Wishes) -> None:
    verb = VERBS.get(event.value)
    if verb is None:
        wishes.avoided |= set(event.moves)
    elif event.directions:
        wishes.avoided |= {verb.moves[name] for name in event.directions if name in verb.moves}
    elif verb.default is None:
        wishes.still = True
    else:
        wishes.avoided |= {verb.default, *verb.moves.values()}


def _names(outcome: Outcome, event: Event, method: str | None = None) -> list[str]:
    """The camera moves that a finding names."""
    verb = VERBS.get(event.value)
    if verb is None:
        if event.chosen:
            move = _list_moves(outcome, event.moves)
            outcome.choices.append(outcome.say("say.choice_move", words=outcome.words(event), move=move))
        return list(event.moves)
    directions = [name for name in event.directions if name != "diagonal"]
    chosen = event.chosen or (not directions and verb.default is not None and not verb.clear)
    if len(directions) < 2 and "diagonal" in event.directions:
        chosen = True
        directions += ["down"] if not directions or directions[0] in ("left", "right") else ["right"]
        directions = directions if len(directions) == 2 else ["right", *directions]
    names = [verb.moves[name] for name in directions if name in verb.moves] or ([verb.default] if verb.default else [])
    words = outcome.words(event)
    if event.of_picture and any(name in REVERSED for name in names):
        names = [REVERSED.get(name, name) for name in names]
        outcome.choices.append(outcome.say("say.picture", words=words, move=_list_moves(outcome, names)))
    elif chosen:
        outcome.choices.append(outcome.say("say.choice_move", words=words, move=_list_moves(outcome, names)))
    if verb.needs_depth and method == "parallax":
        return [_DEPTH.get(name, name) for name in names]
    if verb.needs_depth:
        outcome.choices.append(outcome.say("say.approximate", words=words, move=_list_moves(outcome, names)))
    return names


def _add_move(outcome: Outcome, event: Event, wishes: Wishes) -> None:
    names = _names(outcome, event, wishes.method)
    wishes.animate = wishes.animate or not names
    for name in names:
        known = [move.name for move in wishes.moves]
        opposite = MOVES[name].opposite
        if name in known:
            continue
        if opposite in known and opposite is not None and _is_open(wishes, opposite):
            # "the camera pans so that the picture slides to the left": what was left open is told now.
            wishes.moves = [move for move in wishes.moves if move.name != opposite]
            outcome.choices.clear()
        elif opposite in known and opposite is not None:
            move = outcome.say(f"phrase.move.{opposite}")
            outcome.refuse(event, outcome.say("say.opposite", move=move))
            continue
        if event.after_then and known:
            outcome.refuse(event, outcome.say("say.and_then"))
        wishes.moves.append(PlannedMove(name, event))


def _is_open(wishes: Wishes, name: str) -> bool:
    """Whether the direction of a move was only chosen for want of one."""
    event = next((move.event for move in wishes.moves if move.name == name), None)
    verb = VERBS.get(event.value) if event is not None else None
    return event is not None and verb is not None and not event.directions and not verb.clear


def _settle_hold(outcome: Outcome, wishes: Wishes) -> None:
    if len(wishes.moves) < 2:
        return
    for move in [move for move in wishes.moves if move.name == "hold"]:
        wishes.moves.remove(move)
        if move.event is not None:
            outcome.refuse(move.event, outcome.say("say.hold_with"))


def _collect_speed(outcome: Outcome, events: list[Event], wishes: Wishes) -> None:
    first: Event | None = None
    for event in events:
        if event.value not in ("too_fast", "too_slow") and _is_part_of_refusal(event, outcome.reading.events):
            continue
        if event.value in ("too_fast", "too_slow"):
            # "it is too fast" asks for slower; "not too fast", for slow.
            if event.negated:
                wishes.speed = "slow" if event.value == "too_fast" else "fast"
            else:
                wishes.step = -1 if event.value == "too_fast" else 1
            continue
        if event.value in ("slower", "faster"):
            wishes.step = -1 if (event.value == "slower") != event.negated else 1
            continue
        speed = {"fast": "slow", "slow": "normal", "normal": None}[event.value] if event.negated else event.value
        if first is None:
            wishes.speed, first = speed, event
        elif speed != wishes.speed:
            outcome.refuse(event, outcome.say("say.second_value", kept=outcome.words(first)))


def _collect_ease(outcome: Outcome, events: list[Event], wishes: Wishes) -> None:
    for event in events:
        ease = "in_out" if event.value == "any" else event.value
        ease = ("in_out" if ease == "linear" else "linear") if event.negated else ease
        if wishes.ease is None or event.value == "linear":
            wishes.ease = ease
        elif {wishes.ease, ease} == {"in", "out"}:
            wishes.ease = "in_out"


def _collect_focus(outcome: Outcome, events: list[Event], wishes: Wishes) -> None:
    wanted = []
    for event in events:
        if event.kind != "focus":
            continue
        if not event.negated:
            wanted.append(event)
    for event in events:
        if event.kind == "focus" and event.negated and not wanted and not _is_part_of_refusal(event, events):
            outcome.refuse(event, outcome.say("say.avoid_focus"))
    if not wanted:
        return
    # "the boat on the left": where a thing stands says more than our guess about the thing.
    chosen = min(wanted, key=lambda event: (bool(event.guess), event.first))
    wishes.focus = chosen.point or chosen.value
    if chosen.guess:
        outcome.choices.append(outcome.say("say.subject_guess", words=chosen.guess))
    for event in wanted:
        if event is not chosen and (event.point or event.value) != wishes.focus and event.part != chosen.part:
            outcome.refuse(event, outcome.say("say.second_value", kept=outcome.words(chosen)))


def _set_motions(
    outcome: Outcome, wishes: Wishes, photos: list[Segment], ids: tuple[str, ...] | None, targets: Targets
) -> None:
    motions = {photo.id: _motion(outcome, wishes, photo.motion, index) for index, photo in enumerate(photos)}
    given = [event for event in wishes.amounts if any(_takes(event, photo.motion) for photo in photos)]
    for event in wishes.amounts:
        if event not in given:
            outcome.refuse(event, "")
    distinct = list(dict.fromkeys(motions.values()))
    for motion in distinct:
        of_motion = tuple(name for name, other in motions.items() if other == motion)
        target = target_of(outcome, [photo for photo in photos if photo.id in of_motion])
        operation = SetMotion(motion, target)
        outcome.draft = apply(outcome.draft, operation)
        outcome.operations.append(operation)
        phrase = motion_phrase(outcome, motion)
        if target is not None and len(main_shots(outcome.draft)) > 1:
            phrase = outcome.say("say.with_target", moves=phrase, target=targets.name(target))
        outcome.note("move", phrase)
    if wishes.avoided and not wishes.moves and distinct:
        avoided = _list_moves(outcome, sorted(wishes.avoided & {name for photo in photos for name in _moves(photo)}))
        if avoided:
            move = _list_moves(outcome, distinct[0].moves)
            outcome.choices.append(outcome.say("say.choice_instead", avoided=avoided, move=move))


def _moves(photo: Segment) -> tuple[str, ...]:
    return photo.motion.moves if photo.motion else ("hold",)


def _takes(amount: Event, motion: Motion | None) -> bool:
    return motion is not None and give_amount(amount, [PlannedMove(name) for name in motion.moves])


def _motion(outcome: Outcome, wishes: Wishes, current: Motion | None, index: int) -> Motion:
    base = current or Motion(("hold",))
    moves = [move for move in wishes.moves if move.name not in wishes.avoided]
    if moves:
        base = Motion((moves[0].name,))
    elif wishes.still:
        return Motion(("hold",))
    elif wishes.method == "parallax" and base.moves == ("hold",):
        base = Motion(("dolly_in",))
        moves = [PlannedMove("dolly_in")]
        choice = outcome.say(
            "say.choice_move", words=outcome.say("phrase.method.parallax"), move=_list_moves(outcome, base.moves)
        )
        if choice not in outcome.choices:
            outcome.choices.append(choice)
    else:
        kept = [name for name in base.moves if name not in wishes.avoided]
        if kept != list(base.moves):
            base = replace(base, moves=tuple(kept) or _instead(wishes, index), amount=None)
        moves = [PlannedMove(name) for name in base.moves]
        for event in wishes.amounts:
            give_amount(event, moves)
    _scale(wishes, base if current is None else current, moves)
    amount = _joint_amount(moves) if any(move.amount is not None for move in moves) else base.amount
    speed = wishes.speed or base.speed or (current.speed if current is not None else None)
    if wishes.step:
        place = SPEEDS.index(speed or "normal") + wishes.step
        speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]
    names = tuple(move.name for move in moves)
    focus, ease = wishes.focus or base.focus, wishes.ease or base.ease
    method, strength = wishes.method or (current.method if current else None), wishes.strength
    if strength is None and current is not None and current.strength is not None:
        strength = min(max(current.strength * wishes.scale, 0.0), 1.0)
    if method == "kenburns" and (current is None or current.method is None):
        method = None
    try:
        return Motion(names, amount, speed, focus, ease, method, strength)
    except OptionError as error:
        for event in outcome.reading.events:
            if event.kind == "amount":
                outcome.refuse(event, error.message.rstrip("."))
        return Motion(names, None, speed, focus, ease, method, strength)


_USUAL = {"zoom": 1.3, "pan": 0.6, "rotate": 5.0, "drift": 0.02, "handheld": 0.015, "depth": 0.6}
"""Amounts that stand for a move without one, for "more" and "less"."""

_MOST = {"zoom": 4.0, "pan": 1.0, "rotate": 45.0, "drift": 0.1, "handheld": 0.1, "depth": 1.0}


def _scale(wishes: Wishes, current: Motion, moves: list[PlannedMove]) -> None:
    """Let moves go further, or not so far."""
    if wishes.scale == 1:
        return
    for move in moves:
        if not move.unit or move.amount is not None:
            continue
        now = current.amount_of(move.name) if move.name in current.moves else None
        usual = _USUAL[move.unit] if now is None else now
        if move.unit == "zoom":
            usual = usual if usual >= 1 else 1 / usual
            move.amount = round(min(1 + (usual - 1) * wishes.scale, _MOST["zoom"]), 3)
        else:
            move.amount = round(min(usual * wishes.scale, _MOST[move.unit]), 4)


def _instead(wishes: Wishes, index: int) -> tuple[str, ...]:
    if "hold" in wishes.avoided:
        allowed = [name for name in default_motion(index).moves if name not in wishes.avoided]
        return tuple(allowed) or ("drift",)
    return ("drift",) if wishes.animate and "drift" not in wishes.avoided else ("hold",)


def _joint_amount(moves: list[PlannedMove]) -> float | tuple[float | None, ...] | None:
    amounts = [move.amount for move in moves]
    same_unit = len({move.unit for move in moves}) == 1
    return amounts[0] if same_unit and len(set(amounts)) == 1 else tuple(amounts)


def _list_moves(outcome: Outcome, names: Iterable[str]) -> str:
    return outcome.say("say.list_and").join(outcome.say(f"phrase.move.{name}") for name in names)


def motion_phrase(outcome: Outcome, motion: Motion) -> str:
    """A motion in the user's language: "slow zoom in (1.2x) and gentle drift on the subject"."""
    given = motion.amount if isinstance(motion.amount, tuple) else (motion.amount,) * len(motion.moves)
    parts = []
    for name, amount in zip(motion.moves, given, strict=True):
        phrase = outcome.say(f"phrase.move.{name}")
        if amount is not None and MOVES[name].unit:
            phrase = outcome.say("say.with_amount", move=phrase, amount=_amount_phrase(outcome, name, amount))
        parts.append(phrase)
    text = outcome.say("say.list_and").join(parts)
    if motion.speed in ("slow", "fast"):
        text = outcome.say("say.with_speed", speed=outcome.say(f"phrase.speed.{motion.speed}"), moves=text)
    if isinstance(motion.focus, str):
        text = outcome.say("say.with_focus", moves=text, focus=outcome.say(f"phrase.focus.{motion.focus}"))
    elif motion.focus is not None:
        x, y = (round(100 * value) for value in motion.focus)
        text = outcome.say("say.with_focus", moves=text, focus=outcome.say("say.point", x=x, y=y))
    if motion.ease != Motion().ease:
        text = outcome.say("say.with_ease", moves=text, ease=outcome.say(f"phrase.ease.{motion.ease}"))
    return text


def _amount_phrase(outcome: Outcome, name: str, amount: float) -> str:
    unit = MOVES[name].unit
    if unit == "pan":
        return outcome.say("say.pan", value=f"{100 * amount:.3g}")
    if unit in ("drift", "handheld"):
        return outcome.say("say.wander", value=f"{100 * amount:.2g}")
    return outcome.say("say.zoom" if unit == "zoom" else "say.rotate", value=f"{amount:.4g}")
