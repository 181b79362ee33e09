"""Deciding about the video as a whole: canvas, frame rate, fit, transitions, durations, title."""

from fractions import Fraction

from engine.core.errors import InputError
from engine.core.time import frame_rate_name, parse_frame_rate
from engine.timeline import (
    Canvas,
    Fit,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
    Transition,
    aspect_name,
    canvas_of_aspect,
    plain_number,
)
from engine.timeline.canvas import MAX_SIDE, scaled
from pipelines.director.events import Event, EventKind
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots
from pipelines.director.targets import Targets
from pipelines.director.text_times import follow_end, lead_end


def plan_show(outcome: Outcome, targets: Targets) -> None:
    """Turn the findings about the whole into operations."""
    _plan_canvas(outcome)
    _plan_frame_rate(outcome)
    _plan_fit(outcome, targets)
    _plan_transition(outcome)
    _forget_pauses(outcome)
    _plan_durations(outcome, targets)
    for event in _events(outcome, "title"):
        _plan_title(outcome, event)


def _forget_pauses(outcome: Outcome) -> None:
    """ "hold for 2 seconds, then zoom": how long one of several moves lasts is no length of the video."""
    moves = _events(outcome, "move")
    if not any(event.after_then for event in moves):
        return
    holds = {event.part for event in moves if event.moves == ("hold",) and not event.negated}
    for event in _events(outcome, "duration"):
        if event.part in holds:
            event.kind = "timed"


def _plan_title(outcome: Outcome, event: Event) -> None:
    if outcome.attempt(lambda: SetTitle(event.title), event):
        outcome.note("title", outcome.say("say.title", title=event.title))


def _events(outcome: Outcome, *kinds: EventKind) -> list[Event]:
    return [event for event in outcome.reading.events if event.kind in kinds]


def _first(outcome: Outcome, events: list[Event], kept: str = "") -> Event | None:
    """The first of several findings about one thing; others that say something else are refused."""
    if not events:
        return None
    chosen = events[0]
    for other in events[1:]:
        if (other.value, other.number, other.size) != (chosen.value, chosen.number, chosen.size):
            outcome.refuse(other, outcome.say("say.second_value", kept=kept or outcome.words(chosen)))
    return chosen


def _plan_canvas(outcome: Outcome) -> None:
    aspects = [event for event in _events(outcome, "aspect") if not event.negated]
    # "a square for Instagram": a shape says more than a platform, which most often takes several.
    aspect = min(aspects, key=lambda event: (event.chosen, event.first)) if aspects else None
    if aspect is not None and any(event.value != aspect.value for event in aspects):
        # "square, for Instagram": one says the shape, the other only what it is for.
        outcome.choices.append(outcome.say("say.first_shape", kept=outcome.words(aspect)))
    size = _first(outcome, [event for event in _events(outcome, "size") if not event.negated])
    pixels = _first(outcome, [event for event in _events(outcome, "pixels") if not event.negated])
    for event in _events(outcome, "aspect", "size", "pixels"):
        unwanted_now = event.kind != "aspect" or event.value == aspect_name(outcome.draft.canvas)
        if event.negated and unwanted_now and not aspects:
            outcome.refuse(event, "")
    main = pixels or aspect or size
    if main is None:
        return
    try:
        canvas = _canvas(outcome, aspect, size, pixels)
    except InputError as error:
        outcome.refuse(main, error.message.rstrip("."))
        return
    if outcome.attempt(lambda: SetCanvas(canvas), main):
        name = aspect_name(canvas)
        outcome.note("canvas", outcome.say("say.canvas", width=canvas.width, height=canvas.height, aspect=name))


def _canvas(outcome: Outcome, aspect: Event | None, size: Event | None, pixels: Event | None) -> Canvas:
    if pixels is not None:
        width, height = (2 * round(Fraction(side, 2)) for side in pixels.size)
        if (width, height) != pixels.size:
            outcome.choices.append(outcome.say("say.rounded", width=width, height=height))
        return Canvas(width, height)
    if size is None:
        return canvas_of_aspect(aspect.value) if aspect else outcome.draft.canvas
    short = int(size.number)
    canvas = canvas_of_aspect(aspect.value, short) if aspect else scaled(outcome.draft.canvas.ratio, short)
    if canvas.short_side < short - 1:
        outcome.choices.append(outcome.say("say.limited", limit=MAX_SIDE, width=canvas.width, height=canvas.height))
    return canvas


def _plan_frame_rate(outcome: Outcome) -> None:
    event = _first(outcome, _events(outcome, "fps"))
    if event is None:
        return
    try:
        rate = parse_frame_rate(f"{float(event.number):.6g}")
    except InputError as error:
        outcome.refuse(event, error.message.rstrip("."))
        return
    if outcome.attempt(lambda: SetFrameRate(rate), event):
        outcome.note("fps", outcome.say("say.fps", rate=frame_rate_name(rate)))


def _plan_fit(outcome: Outcome, targets: Targets) -> None:
    events = _events(outcome, "fit")
    if not events:
        return
    # Bars that are named say more than the wish to see the whole photo.
    # "the black bars are ugly, blur the background": what stands in their place.
    told = [event for event in events if event.value != "whole" and not event.negated]
    event = next((event for event in told if event.value in ("blur", "crop")), (told or events)[0])
    fit = _fit(event)
    ids = targets.of(event)
    if ids != () and outcome.attempt(lambda: SetFit(fit, ids), event):
        phrase = outcome.say(f"phrase.fit.{fit.mode}", color=fit.color)
        if ids is not None:
            phrase = outcome.say("say.with_target", moves=phrase, target=targets.name(ids))
        outcome.note("fit", phrase)


def _fit(event: Event) -> Fit:
    if event.negated:
        return {"blur": Fit("auto"), "crop": Fit("blur")}.get(event.value, Fit("crop"))
    if event.value == "whole":
        return Fit("blur")
    if event.value == "bars":
        return Fit("color")
    return Fit(event.value) if event.value in ("blur", "crop") else Fit("color", event.value)


def _plan_transition(outcome: Outcome) -> None:
    events = _events(outcome, "transition")
    lengths = [event for event in _events(outcome, "duration") if event.value == "transition"]
    if not events:
        return
    # What is wanted says more than what is not, and a name more than "a transition".
    event = min(events, key=lambda event: (event.negated, event.value == "any", event.first))
    kind = "cross_dissolve" if event.value == "any" else event.value
    if event.negated:
        kind = "cross_dissolve" if event.value == "cut" else "cut"
    for other in events:
        if other is not event and other.value not in ("any", event.value) and not other.negated:
            outcome.refuse(other, outcome.say("say.second_value", kept=outcome.words(event)))
    if len(outcome.draft.photos) < 2:
        if not event.negated:
            outcome.refuse(event, outcome.say("say.no_next" if outcome.draft.photos else "say.no_photo"))
        return
    length = lengths[0].number if lengths and kind != "cut" else None
    if not outcome.attempt(lambda: SetTransition(None if kind == "cut" else Transition(kind, length)), event):
        return
    name = outcome.say(f"phrase.transition.{kind}")
    if length is not None:
        name = outcome.say("say.transition_length", kind=name, seconds=plain_number(length))
    outcome.note("transition", name)


def _plan_durations(outcome: Outcome, targets: Targets) -> None:
    durations = [event for event in _events(outcome, "duration") if event.value != "transition"]
    for event in durations:
        if event.negated:
            outcome.refuse(event, "")
    durations = [event for event in durations if not event.negated]
    some = [event for event in durations if targets.of(event) is not None]
    each = [event for event in durations if event not in some and _is_each(outcome, event)]
    whole = [event for event in durations if event not in some and event not in each]
    said = [event for event in whole if outcome.reading.category(event.first - 1) == "says"]
    chosen_each, chosen_whole = _first(outcome, each), _first(outcome, said or whole)
    for event in some:
        _plan_some(outcome, targets, event)
    if chosen_each is not None and outcome.draft.photos:
        shots = main_shots(outcome.draft)
        lead_end(outcome, shots[-1].end, chosen_each.number * len(shots))
        if outcome.attempt(lambda: SetSegmentDuration(chosen_each.number), chosen_each):
            follow_end(outcome, shots[-1].end)
            outcome.note("duration", outcome.say("say.each", seconds=plain_number(chosen_each.number)))
    elif chosen_each is not None:
        outcome.refuse(chosen_each, outcome.say("say.no_photo"))
    was = max((shot.end for shot in main_shots(outcome.draft)), default=Fraction(0))
    if chosen_whole is not None and chosen_whole.value == "most" and 0 < was <= chosen_whole.number:
        outcome.note("duration", outcome.say("say.duration", seconds=plain_number(was)))  # "under 20 seconds"
        return
    if chosen_whole is not None:
        lead_end(outcome, was, chosen_whole.number)
    if chosen_whole is not None and outcome.attempt(lambda: SetDuration(chosen_whole.number), chosen_whole):
        follow_end(outcome, was)
        outcome.note("duration", outcome.say("say.duration", seconds=plain_number(chosen_whole.number)))


def _plan_some(outcome: Outcome, targets: Targets, event: Event) -> None:
    """A duration of some photos; an empty selection has been refused already."""
    ids = targets.of(event)
    shots = main_shots(outcome.draft)
    length = sum(((event.number if shot.id in (ids or ()) else shot.duration) for shot in shots), Fraction(0))
    if ids:
        lead_end(outcome, shots[-1].end, length)
    if ids and outcome.attempt(lambda: SetSegmentDuration(event.number, ids), event):
        follow_end(outcome, shots[-1].end)
        phrase = outcome.say("say.some", seconds=plain_number(event.number), target=targets.name(ids))
        outcome.note("duration", phrase)


def _is_each(outcome: Outcome, duration: Event) -> bool:
    """Whether "each" belongs to a duration: in its part of the sentence, or with only small words between."""
    reading = outcome.reading
    for event in reading.events:
        if event.kind != "each":
            continue
        if event.part == duration.part:
            return True
        between = range(min(event.last, duration.last) + 1, max(event.first, duration.first))
        if all(reading.category(index) in ("mark", "photo", "det", "filler", "prep") for index in between):
            return True
    return False
