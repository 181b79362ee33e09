"""Which shots a clause is about."""

from engine.timeline import VIDEO, Draft, Segment
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.selection import Selection


def main_shots(draft: Draft) -> tuple[Segment, ...]:
    """The shots of the main track: the first video track; photos and clips in order of time."""
    return next((track.segments for track in draft.tracks if track.kind == VIDEO), ())


def shots_of(outcome: Outcome, selection: Selection) -> list[Segment]:
    """The shots that a selection names, in the order in which it does; empty where there are none such."""
    shots = main_shots(outcome.draft)
    if selection.noun == "asset":
        sources = [
            outcome.source(outcome.assets[place].name) for place in selection.places if place < len(outcome.assets)
        ]
        if selection.excluded:
            return [shot for shot in shots if shot.src not in sources]
        return [shot for source in sources for shot in shots if shot.src == source]
    if selection.rest:
        return [shot for shot in shots if shot.id not in outcome.memory.shots]
    if selection.again:
        return [shot for shot in shots if shot.id in outcome.memory.shots] or list(shots)
    places = selection.of(len(shots))
    return [shots[place] for place in places] if places is not None else []


def chosen_shots(outcome: Outcome, clause: Clause) -> list[Segment]:
    """The shots that a clause is about: those that it selects, else all."""
    if clause.selection is None or clause.selection.noun == "object":
        return list(main_shots(outcome.draft))
    found = shots_of(outcome, clause.selection)
    if found and not (clause.selection.rest or clause.selection.again):
        outcome.memory.shots = tuple(shot.id for shot in found)
    return found


def target_of(outcome: Outcome, shots: list[Segment]) -> tuple[str, ...] | None:
    """The target of an operation on shots: None for all on the video tracks."""
    ids = tuple(shot.id for shot in shots)
    return None if set(ids) == {shot.id for shot in outcome.draft.photos} else ids


def named(outcome: Outcome, shots: list[Segment]) -> str:
    """Shots in words: empty for all, else their files."""
    if len(shots) == len(main_shots(outcome.draft)):
        return ""
    return ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in shots)


def with_target(outcome: Outcome, phrase: str, shots: list[Segment]) -> str:
    """A phrase with the shots that it is about, where these are not all."""
    target = named(outcome, shots)
    return outcome.say("say.with_target", moves=phrase, target=target) if target else phrase


def is_clip(outcome: Outcome, shot: Segment) -> bool:
    """Whether a shot plays a medium that has a time of its own, as far as is known."""
    asset = next((each for each in outcome.assets if outcome.source(each.name) == shot.src), None)
    return asset is not None and asset.kind == "video"
