"""Deciding about pictures over the picture: a logo in a corner, an inset."""

from dataclasses import replace
from fractions import Fraction

from engine.timeline import VIDEO, AddClip, AddTrack, Placement, RemoveSegments, Segment, SetFit, SetPlacement
from engine.timeline.draft import Fit
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots
from pipelines.director.slots import Span, factor_in, opacity_in, share_in, sides_in, span_of

LOGO_SCALE, INSET_SCALE = 0.15, 0.35
"""Size of a logo and of an inset, as a factor of the canvas."""

MARGIN = 0.04
"""Share of the canvas between a layer and the edge."""

STEPS = 1.3


def plan_layer(outcome: Outcome, clause: Clause) -> None:
    """Put a file of the session over the picture, move or size what lies there, or take it away."""
    view = outcome.view
    over = overlays_of(outcome)
    if clause.negated or clause.act == "remove":
        if not over:
            outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.logo")))
        elif outcome.attempt(lambda: RemoveSegments(tuple(each.id for each in over)), clause):
            outcome.note("layer", outcome.say("say.layer_gone"))
        return
    is_logo = bool(clause.find(view, "object", "logo"))
    name = _file(outcome, clause, is_logo)
    is_logo = is_logo or (name is not None and _is_logo(name))
    lying = [each for each in over if name is not None and each.src == outcome.source(name)]
    if (name is None and over) or lying:
        _change(outcome, clause, lying[0] if lying else over[-1])
        return
    if name is None:
        outcome.refuse(clause, outcome.say("reason.logo"))
        return
    _add(outcome, clause, name, LOGO_SCALE if is_logo else INSET_SCALE)


def overlays_of(outcome: Outcome) -> list[Segment]:
    """What lies over the main track."""
    tracks = [track for track in outcome.draft.tracks if track.kind == VIDEO]
    return [segment for track in tracks[1:] for segment in track.segments]


def _file(outcome: Outcome, clause: Clause, is_logo: bool) -> str | None:
    view = outcome.view
    used = {shot.src for shot in main_shots(outcome.draft)}
    for index in clause.find(view, "select"):
        selection = view.terms[index].selection
        if selection is not None and selection.noun == "asset":
            return outcome.assets[selection.places[0]].name
    pictures = [asset for asset in outcome.assets if asset.kind in ("photo", "video")]
    if is_logo:
        named = [asset.name for asset in pictures if _is_logo(asset.name)]
        if named:
            return named[0]
    free = [asset.name for asset in pictures if outcome.source(asset.name) not in used]
    return free[0] if free and not overlays_of(outcome) else None


def _is_logo(name: str) -> bool:
    return any(word in name.casefold() for word in ("logo", "watermark"))


def _place(outcome: Outcome, clause: Clause, scale: float, old: Placement | None) -> Placement:
    sides = sides_in(outcome.view, clause)
    x, y = (old.x, old.y) if old is not None else (1 - MARGIN - scale / 2, MARGIN + scale / 2)
    low, high = MARGIN + scale / 2, 1 - MARGIN - scale / 2
    if old is not None and not sides:
        # What lies in a corner stays there when its size changes.
        was_low, was_high = MARGIN + old.scale / 2, 1 - MARGIN - old.scale / 2
        x, y = ({round(was_low, 4): low, round(was_high, 4): high}.get(at, at) for at in (old.x, old.y))
    if sides:
        x = low if "left" in sides else high if "right" in sides else 0.5
        y = low if "top" in sides else high if "bottom" in sides else 0.5
    return replace(old or Placement(), x=round(x, 4), y=round(y, 4), scale=round(scale, 4))


def _add(outcome: Outcome, clause: Clause, name: str, scale: float) -> None:
    share = share_in(outcome.view, clause)
    opacity = opacity_in(outcome.view, clause, 1.0)
    if opacity is None and share is not None and share > 0:
        scale = float(share)
    span: Span = span_of(outcome.view, clause)
    total = outcome.draft.duration
    start, length = span.on(total)
    begin = start or Fraction(0)
    track = f"layer{len(outcome.draft.tracks) + 1}"
    before = {segment.id for segment in overlays_of(outcome)}
    if not outcome.attempt(lambda: AddTrack(VIDEO, "Overlay", len(_video_tracks(outcome)), track), clause):
        return
    if not outcome.attempt(lambda: AddClip(outcome.source(name), length or total - begin, track, begin), clause):
        return
    new = next(segment.id for segment in overlays_of(outcome) if segment.id not in before)
    outcome.attempt(lambda: SetFit(Fit("contain"), (new,)), clause)
    place = _place(outcome, clause, scale, None)
    place = place if opacity is None else replace(place, opacity=opacity)
    outcome.attempt(lambda: SetPlacement(place, (new,)), clause)
    outcome.note("layer", outcome.say("say.layer", name=name))


def _video_tracks(outcome: Outcome) -> list[str]:
    return [track.id for track in outcome.draft.tracks if track.kind == VIDEO]


def _change(outcome: Outcome, clause: Clause, layer: Segment) -> None:
    view = outcome.view
    scale = layer.placement.scale
    share, factor = share_in(view, clause), factor_in(view, clause)
    if clause.find(view, "compare", "bigger"):
        scale *= float(max(factor, 1 / factor)) if factor else STEPS
    elif clause.find(view, "compare", "smaller"):
        scale /= float(max(factor, 1 / factor)) if factor else STEPS
    elif share is not None:
        scale = float(share)
    if share is not None and clause.find(view, "opacity"):
        scale = layer.placement.scale
    new = _place(outcome, clause, min(scale, 1.0), layer.placement)
    opacity = opacity_in(view, clause, layer.placement.opacity)
    if opacity is not None:
        new = replace(new, opacity=opacity)
    if new == layer.placement:
        if not clause.find(view, "select"):
            outcome.refuse(clause, "")
    elif outcome.attempt(lambda: SetPlacement(new, (layer.id,)), clause):
        outcome.note("layer", outcome.say("say.layer", name=(layer.src or layer.id).rsplit("/", 1)[-1]))
