"""Deciding about what is played of clips: trim, speed, reverse, loop, freeze, split."""

from dataclasses import replace
from fractions import Fraction

from engine.motion import Motion
from engine.timeline import (
    AddClip,
    RemoveSegments,
    ReorderSegments,
    Segment,
    SetDuration,
    SetMotion,
    SetPlayback,
    SetSpeed,
    SplitSegment,
    TrimSegment,
    default_motion,
    plain_number,
)
from engine.timeline.playback import MAX_SPEED, MIN_SPEED
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.selection import Selection
from pipelines.director.shots import chosen_shots, is_clip, main_shots, with_target
from pipelines.director.slots import factor_in, share_in, span_of
from pipelines.director.text_times import lead_end

KEEPING = ("use only", "keep only", "only", "trim to", "只", "截取", "solo")
"""How words begin that name what is to be left."""

SLOW, FAST = Fraction(1, 2), Fraction(2)
"""Speeds of "slow motion" and "fast motion"."""


def plan_clip(outcome: Outcome, clause: Clause) -> None:
    """Change how shots are played, as a clause asks."""
    acts = [outcome.view.value(index).partition(":")[0] for index in clause.find(outcome.view, "act")]
    if not any(name in _DO for name in acts):
        acts = ["trim"]
    act = next((name for name in acts if name in _DO), acts[0] if acts else "")
    shots = _targets(outcome, clause, act)
    span = span_of(outcome.view, clause)
    if act == "trim" and not shots and clause.selection is None and span.end is not None and span.start is None:
        _shorten(outcome, clause, span.end)  # "cut it to 10 seconds", of photos
        return
    if act == "trim" and not shots:
        shots = chosen_shots(outcome, clause)
    if not shots and act in ("slow_motion", "fast_motion") and clause.selection is None:
        _set_camera(outcome, clause, "slow" if act == "slow_motion" else "fast")
        return
    photos = main_shots(outcome.draft)
    if not shots and act == "reverse" and clause.selection is None and len(photos) > 1:
        order = ReorderSegments(tuple(shot.id for shot in photos[::-1]))  # photos in reverse
        if outcome.attempt(lambda: order, clause):
            names = ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in photos[::-1])
            outcome.note("order", outcome.say("say.order", order=names))
        return
    if not shots and act == "freeze" and clause.selection is None and main_shots(outcome.draft):
        if outcome.attempt(lambda: SetMotion(Motion(("hold",))), clause):
            outcome.note("move", outcome.say("phrase.move.hold"))
        return
    if not shots:
        outcome.refuse(clause, outcome.say("say.no_such_photo" if clause.selection is not None else "say.no_clip"))
        return
    _DO[act](outcome, clause, shots)


def _shorten(outcome: Outcome, clause: Clause, length: Fraction) -> None:
    """Make the whole so long."""
    lead_end(outcome, max(shot.end for shot in main_shots(outcome.draft)), length)
    if outcome.attempt(lambda: SetDuration(length), clause):
        outcome.done.add(("length",))
        outcome.note("duration", outcome.say("say.duration", seconds=plain_number(length)))


def _set_camera(outcome: Outcome, clause: Clause, speed: str) -> None:
    """Slow motion of photos is a slow camera."""
    for shot in main_shots(outcome.draft):
        motion = replace(shot.motion or default_motion(0), speed=speed)
        if not outcome.attempt(lambda shot=shot, motion=motion: SetMotion(motion, (shot.id,)), clause):  # type: ignore[misc]
            return
    outcome.note("move", outcome.say(f"phrase.speed.{speed}"))


def _targets(outcome: Outcome, clause: Clause, act: str) -> list[Segment]:
    shots = chosen_shots(outcome, clause)
    if act == "split" or (clause.selection is not None and clause.selection.noun != "photo"):
        return shots
    if clause.selection is not None and (act == "trim" or not any(is_clip(outcome, shot) for shot in shots)):
        # "the second clip" counts all shots, "the clip" is the one that plays.
        return shots
    return [shot for shot in shots if is_clip(outcome, shot)]


def _speed(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    view = outcome.view
    acts = [view.value(index) for index in clause.find(view, "act")]
    factor, share = factor_in(view, clause), share_in(view, clause)
    said = [act.partition(":")[2] for act in acts if act.startswith("speed:")]
    speed = Fraction(said[0]) if said else factor or share
    if speed is None:
        speed = SLOW if "slow_motion" in acts else FAST
    elif "slow_motion" in acts and speed > 1:
        speed = 1 / speed
    elif "fast_motion" in acts and speed < 1:
        speed = 1 + speed if share is not None else 1 / speed
    if clause.negated or clause.act == "remove":
        speed = Fraction(1)
    speed = min(max(speed, MIN_SPEED), MAX_SPEED)
    if not any(is_clip(outcome, shot) for shot in shots):
        outcome.refuse(clause, outcome.say("say.no_clip"))
        return
    for shot in shots:
        if not is_clip(outcome, shot):
            continue
        outcome.attempt(lambda shot=shot: SetSpeed(speed, (shot.id,)), clause)  # type: ignore[misc]
    outcome.note("clip", with_target(outcome, outcome.say("say.speed", factor=f"{float(speed):g}"), shots))


def _reverse(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    wanted = not (clause.negated or clause.act == "remove")
    for shot in shots:
        new = replace(shot.playback, reverse=wanted)
        outcome.attempt(lambda new=new, shot=shot: SetPlayback(new, (shot.id,)), clause)  # type: ignore[misc]
    outcome.note("clip", with_target(outcome, outcome.say("say.reverse" if wanted else "say.forward"), shots))


def _loop(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    view = outcome.view
    numbers = [
        view.terms[index].number
        for index in clause.find(view, "number")
        if view.category(index + 1) in ("unit", "classifier")
    ]
    plays = int(numbers[0]) if numbers and numbers[0] == int(numbers[0]) else (factor_in(view, clause) or 0)
    plays = 1 if clause.negated or clause.act == "remove" else int(plays)
    for shot in shots:
        new = replace(shot.playback, plays=plays)
        if outcome.attempt(lambda new=new, shot=shot: SetPlayback(new, (shot.id,)), clause) and plays > 1:  # type: ignore[misc]
            length = shot.duration * plays
            outcome.attempt(lambda shot=shot, length=length: TrimSegment(shot.id, end=shot.start + length), clause)  # type: ignore[misc]
    outcome.note("clip", with_target(outcome, outcome.say("say.loop"), shots))


def _freeze(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    span = span_of(outcome.view, clause)
    if span.length is not None and not clause.negated and len(shots) == 1:
        _hold_last(outcome, clause, shots[0], span.length)
        return
    for shot in shots:
        at = span.start or Fraction(0)
        last = clause.find(outcome.view, "ordinal", "-1") or clause.selection == Selection((-1,))
        if span.moment == "end" or last:
            at = shot.playback.start + shot.duration * shot.playback.speed
        new = replace(shot.playback, freeze=None if clause.negated or clause.act == "remove" else at)
        outcome.attempt(lambda new=new, shot=shot: SetPlayback(new, (shot.id,)), clause)  # type: ignore[misc]
    outcome.note("clip", with_target(outcome, outcome.say("say.freeze"), shots))


def _hold_last(outcome: Outcome, clause: Clause, shot: Segment, length: Fraction) -> None:
    """Let a clip stand still on its last frame for a while before what comes next."""
    if shot.src is None:
        return
    before = {each.id for each in main_shots(outcome.draft)}
    make = AddClip(shot.src, length, start=shot.end)
    if not outcome.attempt(lambda: make, clause):
        return
    new = next(each for each in main_shots(outcome.draft) if each.id not in before)
    frozen = replace(new.playback, freeze=shot.playback.start + shot.duration * shot.playback.speed)
    if outcome.attempt(lambda: SetPlayback(frozen, (new.id,)), clause):
        outcome.note("clip", with_target(outcome, outcome.say("say.freeze"), [new]))


def _cut_middle(outcome: Outcome, clause: Clause, shot: Segment, start: Fraction, end: Fraction) -> None:
    """Take a piece out of the middle of a shot."""
    for at in (shot.start + end, shot.start + start):
        if not outcome.attempt(lambda at=at: SplitSegment(shot.id, at), clause):  # type: ignore[misc]
            return
    middle = next(each for each in main_shots(outcome.draft) if each.start == shot.start + start)
    if outcome.attempt(lambda: RemoveSegments((middle.id,)), clause):
        outcome.note("clip", outcome.say("say.split", seconds=plain_number(shot.start + start)))


def _trim(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    """Cut seconds off an end, keep a part, or make a shot so long."""
    view = outcome.view
    span = span_of(view, clause)
    shot = (
        shots[0]
        if clause.selection is not None
        else _likely(outcome, shots, span.last is not None or span.moment == "end")
    )
    keeps = _keeps(outcome, clause)
    begin, end = shot.start, shot.end
    out = clause.act == "remove" or _is_off(outcome, clause)
    inner = span.start is not None and span.end is not None and 0 < span.start < span.end < shot.duration
    if inner and out and not keeps and span.start is not None and span.end is not None:
        _cut_middle(outcome, clause, shot, span.start, span.end)
        return
    if span.start is not None and span.end is not None and span.start > 0:
        start, stop = begin + span.start, begin + span.end
        make = TrimSegment(shot.id, start=start, end=min(stop, end))
    elif span.last is not None:
        make = TrimSegment(shot.id, start=end - span.last) if keeps else TrimSegment(shot.id, end=end - span.last)
    elif span.start == 0 and span.end is not None:
        make = TrimSegment(shot.id, end=begin + span.end) if keeps else TrimSegment(shot.id, start=begin + span.end)
    elif span.length is not None and span.moment in ("start", "end"):
        at_end = span.moment == "end"
        if keeps:
            make = (
                TrimSegment(shot.id, start=end - span.length)
                if at_end
                else TrimSegment(shot.id, end=begin + span.length)
            )
        elif at_end:
            make = TrimSegment(shot.id, end=end - span.length)
        else:
            make = TrimSegment(shot.id, start=begin + span.length)
    elif span.length is not None and _is_off(outcome, clause):
        make = TrimSegment(shot.id, end=end - span.length)
    elif span.length is not None or span.end is not None:
        make = TrimSegment(shot.id, end=begin + (span.length or span.end or Fraction(0)))
    elif span.start is not None:
        make = TrimSegment(shot.id, start=begin + span.start)
    else:
        outcome.refuse(clause, outcome.say("say.how_long"))
        return
    if outcome.attempt(lambda: make, clause):
        outcome.done.add(("length",))
        now = next(each for each in main_shots(outcome.draft) if each.id == shot.id)
        phrase = outcome.say(
            "say.some", seconds=plain_number(now.duration), target=(shot.src or shot.id).rsplit("/", 1)[-1]
        )
        outcome.note("clip", phrase)


def _keeps(outcome: Outcome, clause: Clause) -> bool:
    """ "only use the first five seconds" keeps what it names, "cut the first two seconds" takes it away."""
    view = outcome.view
    words = clause.find(view, "but", "only") + clause.find(view, "focus", "keep") + clause.find(view, "act", "keep")
    to_first = any(
        (view.category(before), view.value(before)) == ("prep", "to")
        for index in clause.find(view, "ordinal", "1", "-1")
        for before in [view.skip_back(index - 1, "det", "filler")]
    )
    return (
        bool(words)
        or to_first
        or any(view.words(index, index).casefold().startswith(KEEPING) for index in clause.find(view, "act", "trim"))
    )


def _is_off(outcome: Outcome, clause: Clause) -> bool:
    return bool(clause.find(outcome.view, "off"))


def _likely(outcome: Outcome, shots: list[Segment], at_end: bool) -> Segment:
    clips = [shot for shot in shots if is_clip(outcome, shot)]
    return (clips or shots)[-1 if at_end else 0]


def _split(outcome: Outcome, clause: Clause, shots: list[Segment]) -> None:
    span = span_of(outcome.view, clause)
    at = span.start if span.start is not None else span.length
    playing = [each for each in shots if is_clip(outcome, each)]
    one = shots[:1] if clause.selection is not None else playing
    if len(one) == 1 and (clause.selection is not None or clause.find(outcome.view, "filler", "video", "clip")):
        shot = one[0]  # "cut the clip at 3 s": of its own time
        point = shot.start + at if at is not None else shot.start + shot.duration / 2
    else:
        point = at if at is not None else outcome.draft.duration / 2
        inside = [each for each in shots if each.start < point < each.end]
        if not inside:
            outcome.refuse(clause, outcome.say("say.after_end", seconds=plain_number(outcome.draft.duration)))
            return
        shot = inside[0]
    if outcome.attempt(lambda: SplitSegment(shot.id, point), clause):
        outcome.note("clip", outcome.say("say.split", seconds=plain_number(point)))


_DO = {
    "slow_motion": _speed, "fast_motion": _speed, "speed": _speed, "reverse": _reverse, "loop": _loop,
    "freeze": _freeze, "trim": _trim, "split": _split,
}  # fmt: skip
