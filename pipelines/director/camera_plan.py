"""Deciding about the camera: from findings to the motion of each photo."""

from dataclasses import replace
from fractions import Fraction

from engine.core.errors import OptionError
from engine.motion import SPEEDS, Motion, flattened, generated
from engine.timeline import Segment, SetMotion, SetSpeed, apply, default_motion
from engine.timeline.playback import MAX_SPEED, MIN_SPEED
from pipelines.diffusion.strength import DEFAULT_STRENGTH
from pipelines.director.amounts import PlannedMove, give_amount
from pipelines.director.events import Event
from pipelines.director.motion_words import list_moves, motion_phrase
from pipelines.director.outcome import Outcome, shorten
from pipelines.director.shots import is_clip, main_shots, target_of
from pipelines.director.targets import Targets
from pipelines.director.wishes import Wishes, collect

_CAMERA = ("move", "speed", "amount", "ease", "focus", "engine", "scale", "living", "extend", "quality")


_IN_DEPTH = ("dolly_in", "truck_right", "sway")
"""What shows depth where nothing moves yet: the first that is not unwanted."""

_FASTER = Fraction(3, 2)
"""Factor of "faster" for a clip that is played."""


def plan_camera_moves(outcome: Outcome, targets: Targets) -> None:
    """Turn the findings about the camera into operations."""
    events = [event for event in outcome.reading.events if event.kind in _CAMERA]
    groups: dict[tuple[str, ...] | None, list[Event]] = {}
    for event in events:
        groups.setdefault(targets.of(event), []).append(event)
    animate = any(_is_open(event) and not event.negated for event in outcome.reading.events)
    frozen = any(event.kind == "animate" and event.negated for event in outcome.reading.events)
    if frozen or animate:
        groups.setdefault(None, [])
    # What is said of all photos comes first, so that what is said of one prevails.
    for ids, found in sorted(groups.items(), key=lambda item: item[0] is not None):
        if ids == ():
            continue
        shots = [shot for shot in main_shots(outcome.draft) if ids is None or shot.id in ids]
        moved = [shot.motion for shot in shots if not is_clip(outcome, shot)]
        has_depth = bool(moved) and all(motion is not None and motion.method == "parallax" for motion in moved)
        has_generated = bool(moved) and all(motion is not None and _is_generated(motion) for motion in moved)
        wishes = collect(outcome, found, has_depth=has_depth, has_generated=has_generated)
        wishes.animate, wishes.still = wishes.animate or animate, wishes.still or (frozen and ids is None)
        if animate and len(groups) == 1 and not wishes.any():
            event = next(event for event in outcome.reading.events if _is_open(event))
            choose_motions(outcome, outcome.words(event))
            return
        if not wishes.any():
            continue
        photos = [shot for shot in shots if not is_clip(outcome, shot)]
        if wishes.of_generated:
            photos = [shot for shot in photos if shot.motion is not None and generated(shot.motion)]
            if not photos:
                outcome.refuse(found[0], outcome.say("say.no_clip"))
                continue
        if not photos and shots:
            _set_speed(outcome, wishes, shots, found)
            continue
        if not photos:
            for event in found:
                if event.kind in ("move", "living") and not event.negated:
                    outcome.refuse(event, outcome.say("say.no_photo"))
            continue
        _set_motions(outcome, wishes, photos, ids, targets)


def _is_generated(motion: Motion) -> bool:
    """Whether a shot has generated motion, and a camera that stands still."""
    return generated(motion) and motion.moves == ("hold",)


def _is_open(event: Event) -> bool:
    """Whether a finding asks for motion of any kind: "animate it", "add some movement"."""
    return event.kind == "animate" or (event.kind, event.value, event.directions) == ("move", "motion", [])


def choose_motions(outcome: Outcome, words: str) -> None:
    """Motion of any kind was asked for, and none named: each photo that stands still gets one of its own."""
    photos = [shot for shot in main_shots(outcome.draft) if not is_clip(outcome, shot)]
    different = any((event.kind, event.value) == ("animate", "different") for event in outcome.reading.events)
    chosen: list[str] = []
    for place, photo in enumerate(photos):
        moving = photo.motion is not None and (photo.motion.moves != ("hold",) or generated(photo.motion))
        motion = photo.motion if moving and photo.motion is not None and not different else default_motion(place)
        motion = motion if photo.motion is None else replace(motion, depth=photo.motion.depth)
        chosen += motion.moves
        if motion != photo.motion:
            operation = SetMotion(motion, (photo.id,))
            outcome.draft = apply(outcome.draft, operation)
            outcome.operations.append(operation)
    if chosen:
        moves = list_moves(outcome, dict.fromkeys(chosen))
        outcome.note("move", moves)
        outcome.choices.append(outcome.say("say.choice_move", words=shorten(words), move=moves))


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


def _set_motions(
    outcome: Outcome, wishes: Wishes, photos: list[Segment], ids: tuple[str, ...] | None, targets: Targets
) -> None:
    motions = {photo.id: _motion(outcome, wishes, photo.motion, index) for index, photo in enumerate(photos)}
    given = [
        event
        for event in wishes.amounts
        if any(_takes(event, photo.motion) or _takes(event, motions[photo.id]) for photo in photos)
    ]
    for event in wishes.amounts:
        if event not in given:
            outcome.refuse(event, "")
    distinct = list(dict.fromkeys(motions.values()))
    told = [(event.value, event.negated) for event in outcome.reading.events if event.kind == "engine"]
    names_depth = ("parallax", False) in told
    for motion in distinct:
        of_motion = tuple(name for name, other in motions.items() if other == motion)
        target = target_of(outcome, [photo for photo in photos if photo.id in of_motion])
        operation = SetMotion(motion, target)
        outcome.draft = apply(outcome.draft, operation)
        outcome.operations.append(operation)
        phrase = motion_phrase(outcome, motion)
        phrase = outcome.say("say.in_depth", moves=phrase) if motion.method == "parallax" and names_depth else phrase
        if target is not None and len(main_shots(outcome.draft)) > 1:
            phrase = outcome.say("say.with_target", moves=phrase, target=targets.name(target))
        outcome.note("move", phrase)
    if wishes.avoided and not wishes.moves and distinct:
        avoided = list_moves(outcome, sorted(wishes.avoided & {name for photo in photos for name in _moves(photo)}))
        if avoided:
            move = list_moves(outcome, distinct[0].moves)
            outcome.choices.append(outcome.say("say.choice_instead", avoided=avoided, move=move))


def _moves(photo: Segment) -> tuple[str, ...]:
    return photo.motion.moves if photo.motion else ("hold",)


def _takes(amount: Event, motion: Motion | None) -> bool:
    return motion is not None and give_amount(amount, [PlannedMove(name) for name in motion.moves])


def _motion(outcome: Outcome, wishes: Wishes, current: Motion | None, index: int) -> Motion:
    base = current or Motion(("hold",))
    if wishes.method == "kenburns":
        base = flattened(base)
    if (wishes.method == "diffusion" or wishes.instead) and not generated(base) and _is_unasked(outcome, base):
        base = replace(base, moves=("hold",), amount=None, speed=None)
    moves = [move for move in wishes.moves if move.name not in wishes.avoided]
    if moves:
        base = Motion((moves[0].name,))
    elif wishes.still:
        still = replace(Motion(("hold",)), depth=base.depth)
        of_camera = any(term.category == "camera" for term in outcome.view.terms)
        keeps = wishes.method == "diffusion" or (wishes.method is None and generated(base) and of_camera)
        return _with_generated(still, wishes, base, "diffusion") if keeps else still
    elif wishes.method == "parallax" and base.moves == ("hold",):
        name = next((each for each in _IN_DEPTH if each not in wishes.avoided), "sway")
        base = Motion((name,))
        moves = [PlannedMove(name)]
        for event in wishes.amounts:
            give_amount(event, moves)
        if not wishes.instead:
            _say_which_way(outcome, base)
    else:
        kept = [name for name in base.moves if name not in wishes.avoided]
        if kept != list(base.moves):
            base = replace(base, moves=tuple(kept) or _instead(wishes, index), amount=None)
        moves = [PlannedMove(name) for name in base.moves]
        for event in wishes.amounts:
            give_amount(event, moves)
    method = wishes.method or (current.method if current else None)
    if method != "diffusion" or wishes.moves:
        _scale(wishes, base if current is None else current, moves)
    amount = _joint_amount(moves) if any(move.amount is not None for move in moves) else base.amount
    speed = wishes.speed or base.speed or (current.speed if current is not None else None)
    if wishes.step:
        place = SPEEDS.index(speed or "normal") + wishes.step
        speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]
    names = tuple(move.name for move in moves)
    focus, ease = wishes.focus or base.focus, wishes.ease or base.ease
    if method == "kenburns" and (current is None or current.method is None):
        method = None
    depth = current.depth if current is not None else None
    try:
        motion = Motion(names, amount, speed, focus, ease, method, depth=depth)
    except OptionError as error:
        for event in outcome.reading.events:
            if event.kind == "amount":
                outcome.refuse(event, error.message.rstrip("."))
        motion = Motion(names, None, speed, focus, ease, method, depth=depth)
    return _with_generated(motion, wishes, current, method)


def _say_which_way(outcome: Outcome, motion: Motion) -> None:
    """Say which camera was chosen to show the depth that was asked for, in whatever words."""
    wanted = [event for event in outcome.reading.events if event.kind == "engine" and event.value == "parallax"]
    for event in [event for event in wanted if not event.negated][:1]:
        choice = outcome.say("say.choice_move", words=outcome.words(event), move=list_moves(outcome, motion.moves))
        if choice not in outcome.choices:
            outcome.choices.append(choice)


def _is_unasked(outcome: Outcome, motion: Motion) -> bool:
    """Whether a camera is the one that every photo begins with: under a clip that moves by itself it stands still."""
    steps = outcome.history.done if outcome.history is not None else ()
    asked = any(isinstance(operation, SetMotion) for step in steps for operation in step.operations)
    return not asked and replace(motion, depth=None) in (default_motion(0), default_motion(1))


def _with_generated(motion: Motion, wishes: Wishes, current: Motion | None, method: str | None) -> Motion:
    """The motion with what is wanted of generated motion and what the shot had; without any, where it is none."""
    if method != "diffusion":
        return motion
    had = current if current is not None and generated(current) else Motion()
    strength = had.strength if wishes.strength is None else wishes.strength
    if wishes.scale != 1 and wishes.strength is None and not wishes.moves:
        now = DEFAULT_STRENGTH if strength is None else strength
        strength = round(min(max(now * wishes.scale, 0.0), 1.0), 3)
    extend = None if wishes.extend == "auto" else wishes.extend or had.extend
    return replace(
        # A camera over a generated clip goes over a flat picture.
        flattened(motion),
        method=method,
        strength=strength,
        prompt=wishes.prompt or had.prompt,
        extend=extend,
        quality=wishes.quality or had.quality,
        model=had.model,
    )


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
