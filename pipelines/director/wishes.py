"""What is wanted of the camera: findings weighed against each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.motion import MOVES
from engine.motion.travel import COMPANIONS
from pipelines.director.amounts import PlannedMove, give_amount
from pipelines.director.events import Event
from pipelines.director.generated_wishes import (
    GENTLE,
    collect_generated,
    is_manner,
    of_engine,
    speed_as_strength,
    strength_of,
)
from pipelines.director.motion_words import list_moves
from pipelines.director.moves import NAMED_MOVES, REVERSED, VERBS
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots


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
        prompt: what shall move in the picture, in the user's words.
        extend: how a shot longer than a generated clip is filled.
        quality: of generated motion.
        scale: factor of how far the moves go, or how strong generated motion is.
        has_depth: whether the shots are moved through their depth already.
        has_generated: whether they have generated motion already, and a camera that stands still.
        instead: whether depth stands for generated motion, which is not possible.
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
    prompt: str | None = None
    extend: str | None = None
    quality: str | None = None
    scale: float = 1.0
    has_depth: bool = False
    has_generated: bool = False
    instead: bool = False

    @property
    def in_space(self) -> bool:
        """Whether the camera shall go through the depth of the photo."""
        return self.method == "parallax" or (self.method is None and self.has_depth)

    @property
    def in_pictures(self) -> bool:
        """Whether what is said of the motion is said of generated motion: no camera moves."""
        return not self.moves and (self.method == "diffusion" or (self.method is None and self.has_generated))

    @property
    def of_generated(self) -> bool:
        """Whether all that is wanted is about generated motion that is there already: "loop it"."""
        told = self.strength is not None or self.extend or self.quality
        return bool(told) and not self.method and not self._of_camera()

    def any(self) -> bool:
        """Whether there is anything to change."""
        told = self.method or self.strength is not None or self.prompt or self.extend or self.quality
        return bool(told) or self._of_camera()

    def _of_camera(self) -> bool:
        return bool(
            self.moves
            or self.avoided
            or self.still
            or self.speed
            or self.step
            or self.ease
            or self.focus
            or self.amounts
            or self.scale != 1
        )


def collect(outcome: Outcome, events: list[Event], *, has_depth: bool = False, has_generated: bool = False) -> Wishes:
    """Weigh the findings about some shots against each other.

    Args:
        outcome: takes what is refused and what was chosen.
        events: the findings.
        has_depth, has_generated: see :class:`Wishes`.
    """
    wishes = Wishes(has_depth=has_depth, has_generated=has_generated)
    _collect_method(events, wishes)
    collect_generated(outcome, events, wishes)
    for event in events:
        if event.kind == "move" and event.negated:
            _rule_out(event, wishes)
        elif event.kind == "move" and wishes.method == "kenburns" and event.moves == NAMED_MOVES["ken_burns"]:
            pass  # "Ken Burns is fine, no AI": what moves the picture, not another move
        elif event.kind == "move" and is_manner(event) and wishes.method == "diffusion":
            wishes.strength = GENTLE  # "bring it to life, only subtle motion"
        elif event.kind == "move":
            _add_move(outcome, event, wishes)
    unwanted = [event for event in events if event.kind == "move" and event.negated and _travels(event)]
    if unwanted:
        # "don't push in" is as good for the way through space, unless that was named.
        named = {move.name for move in wishes.moves}
        wishes.avoided |= {COMPANIONS.get(name, name) for name in wishes.avoided} - named
    _settle_hold(outcome, wishes)
    _collect_speed(outcome, [event for event in events if event.kind == "speed"], wishes)
    _collect_ease(outcome, [event for event in events if event.kind == "ease"], wishes)
    _collect_focus(outcome, events, wishes)
    for event in events:
        if event.kind == "amount" and not _is_part_of_refusal(event, events):
            same = [each for each in events if (each.kind, each.value) == ("amount", event.value) and each is not event]
            if event.value in ("little", "strong") and any(each.first < event.first for each in same):
                continue  # "a subtle drift, barely noticeable"
            if event.value in ("percent", "little", "strong") and (wishes.in_pictures or of_engine(event, events)):
                wishes.strength = strength_of(event)
            elif wishes.moves and not give_amount(event, wishes.moves):
                outcome.refuse(event, "")
            elif not wishes.moves:
                wishes.amounts.append(event)
    speed_as_strength(wishes)
    return wishes


def _collect_method(events: list[Event], wishes: Wishes) -> None:
    for event in events:
        if event.kind == "engine" and not event.negated:
            wishes.method = event.value
        elif event.kind == "engine":
            wishes.method = wishes.method or "kenburns"  # "with depth, not ...": what is wanted says more
        elif event.kind == "scale":
            wishes.scale *= float(event.number) if not event.negated else 1 / float(event.number)
    if any(event.kind == "living" and event.value and not event.negated for event in events):
        wishes.method = wishes.method or "diffusion"
    if any(event.kind == "move" and not event.negated and _needs_depth(event) for event in events):
        wishes.method = wishes.method or "parallax"


def _needs_depth(event: Event) -> bool:
    verb = VERBS.get(event.value)
    names = event.moves if verb is None else (*verb.moves.values(), verb.default)
    return any(name is not None and MOVES[name].unit == "depth" for name in names)


def _travels(event: Event) -> bool:
    return event.travels or (event.value in VERBS and VERBS[event.value].travels)


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


def _names(outcome: Outcome, event: Event, wishes: Wishes) -> list[str]:
    """The camera moves that a finding names, through space or over the flat photo as is wished."""
    names = _named(outcome, event, wishes)
    flat = [MOVES[name].flat or name for name in names]
    if wishes.method == "kenburns" and flat != names:
        move = list_moves(outcome, flat)
        outcome.choices.append(outcome.say("say.approximate", words=outcome.words(event), move=move))
        return flat
    return names


def _named(outcome: Outcome, event: Event, wishes: Wishes) -> list[str]:
    verb = VERBS.get(event.value)
    if verb is None:
        if event.chosen:
            move = list_moves(outcome, event.moves)
            outcome.choices.append(outcome.say("say.choice_move", words=outcome.words(event), move=move))
        return _through_space(event.moves) if _travels(event) and wishes.in_space else list(event.moves)
    directions = [name for name in event.directions if name != "diagonal"]
    chosen = event.chosen or (not directions and verb.default is not None and not verb.clear)
    if len(directions) < 2 and "diagonal" in event.directions:
        chosen = True
        directions += ["down"] if not directions or directions[0] in ("left", "right") else ["right"]
        directions = directions if len(directions) == 2 else ["right", *directions]
    names = [verb.moves[name] for name in directions if name in verb.moves] or ([verb.default] if verb.default else [])
    words = outcome.words(event)
    is_reversed = event.of_picture and any(name in REVERSED for name in names)
    names = [REVERSED.get(name, name) for name in names] if is_reversed else names
    names = _through_space(names) if _travels(event) and wishes.in_space else names
    if is_reversed:
        outcome.choices.append(outcome.say("say.picture", words=words, move=list_moves(outcome, names)))
    elif chosen:
        outcome.choices.append(outcome.say("say.choice_move", words=words, move=list_moves(outcome, names)))
    return names


def _through_space(names: Iterable[str]) -> list[str]:
    return [COMPANIONS.get(name, name) for name in names]


def _add_move(outcome: Outcome, event: Event, wishes: Wishes) -> None:
    if _is_there(outcome, event):
        return
    names = _names(outcome, event, wishes)
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
        elif opposite in known and _of_ken_burns(wishes, opposite):
            # "Ken Burns, start tight and end wide": what is told says more than the name.
            wishes.moves = [move for move in wishes.moves if not _of_ken_burns(wishes, move.name)]
        elif opposite in known and opposite is not None:
            move = outcome.say(f"phrase.move.{opposite}")
            outcome.refuse(event, outcome.say("say.opposite", move=move))
            continue
        if event.after_then and known:
            outcome.refuse(event, outcome.say("say.and_then"))
        wishes.moves.append(PlannedMove(name, event))


def _of_ken_burns(wishes: Wishes, name: str | None) -> bool:
    event = next((move.event for move in wishes.moves if move.name == name), None)
    return event is not None and event.moves == NAMED_MOVES["ken_burns"]


def _is_there(outcome: Outcome, event: Event) -> bool:
    """Whether a finding speaks of a move that a shot has: "the pan on photo two feels sluggish"."""
    verb = VERBS.get(event.value)
    if verb is None or event.directions or event.negated or verb.default is None:
        return False
    definite = outcome.reading.category(event.first - 1) == "det" and outcome.reading.value(event.first - 1) != "a"
    moves = {name for shot in main_shots(outcome.draft) if shot.motion is not None for name in shot.motion.moves}
    return definite and bool(moves & set(verb.moves.values()))


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
