"""Which shots a finding is about: "zoom in on the first photo and pan left on the second"."""

from engine.motion import MOVES
from pipelines.director.events import Event
from pipelines.director.moves import VERBS
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots, named, shots_of

_TARGETED = ("move", "speed", "amount", "ease", "focus", "duration", "engine", "scale", "animate",
             "living", "extend", "quality", "fit")  # fmt: skip


class Targets:
    """The shots that each finding is about.

    Where a selection opens the sentence, it holds for what follows until the next selection; otherwise it holds for
    what stands before it.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._ids: dict[int, tuple[str, ...]] = {}
        events = outcome.reading.events
        self._alternate(events)
        selections = [event for event in events if event.kind == "select"]
        targeted = [event for event in events if event.kind in _TARGETED]
        resolved: dict[int, tuple[str, ...]] = {}
        for selection in selections:
            resolved[id(selection)] = found = self._resolve(selection)
            if found and selection.selection is not None and not selection.selection.rest:
                outcome.memory.shots = found
        for selection in selections:
            if not resolved[id(selection)]:
                outcome.refuse(selection, outcome.say("say.no_such_photo"))
        if not selections or (len(main_shots(outcome.draft)) < 2 and all(resolved.values())):
            return
        leads = _leads(selections, targeted)
        everywhere = {(event.sentence, event.part) for event in events if event.kind == "each"}
        for event in targeted:
            if id(event) in self._ids:
                continue
            chosen = _beside(selections, event)
            if chosen is None and event.kind == "duration" and (event.sentence, event.part) in everywhere:
                continue  # "two seconds each"
            if chosen is None:
                chosen = _announced(selections, targeted, event)
            if chosen is None and (event.sentence, event.part) in everywhere:
                continue  # "zoom into each photo, but keep the last one still"
            if chosen is None:
                chosen = _leading(selections, event) if leads else _trailing(selections, event)
            alone = [
                each
                for each in selections
                if each.sentence == event.sentence and each.selection is not None and not each.selection.rest
            ]
            if chosen is None and event.kind != "duration" and len(alone) == len(selections) == 1:
                # "3D on the second picture, circling to the left": the only one that is spoken of.
                chosen = alone[0]
            if chosen is None and event.kind == "duration":
                # "hold the first photo for 6 seconds"
                near = [each for each in selections if each.part == event.part and each.first < event.first]
                chosen = near[-1] if near else None
            if chosen is not None:
                self._ids[id(event)] = resolved[id(chosen)]

    def _alternate(self, events: list[Event]) -> None:
        """ "alternate zoom in and zoom out": the moves go round the shots."""
        moves = [event for event in events if event.kind == "move" and not event.negated]
        different: dict[object, list[Event]] = {}
        for event in moves:
            different.setdefault((event.value, tuple(event.directions), event.moves), []).append(event)
        shots = [shot.id for shot in main_shots(self._outcome.draft)]
        told = any(event.kind == "alternate" for event in events)
        # "zoom in, zoom out, pan left" of three photos is one for each: together they would contradict.
        listed = (
            len(different) == len(shots)
            and _contradict(moves)
            and not any(event.kind == "select" or event.after_then for event in events)
        )
        if len(different) < 2 or not (told or listed):
            return
        for place, same in enumerate(different.values()):
            for event in same:
                self._ids[id(event)] = tuple(shots[place :: len(different)])

    def of(self, event: Event) -> tuple[str, ...] | None:
        """Ids of the shots that a finding is about; None for all, empty where the selection finds none."""
        return self._ids.get(id(event))

    def name(self, ids: tuple[str, ...]) -> str:
        """The selected shots in words: their file names."""
        shots = [shot for shot in main_shots(self._outcome.draft) if shot.id in ids]
        return named(self._outcome, shots) or ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in shots)

    def _resolve(self, selection: Event) -> tuple[str, ...]:
        if selection.selection is None:
            return ()
        return tuple(shot.id for shot in shots_of(self._outcome, selection.selection))


def _contradict(moves: list[Event]) -> bool:
    """Whether two of some findings are opposite moves."""
    names: set[str] = set()
    for event in moves:
        verb = VERBS.get(event.value)
        found = [verb.moves[name] for name in event.directions if name in verb.moves] if verb else list(event.moves)
        names |= set(found or ([verb.default] if verb and verb.default else []))
    return any(MOVES[name].opposite in names for name in names)


def _leads(selections: list[Event], targeted: list[Event]) -> bool:
    """Whether a selection stands before what is wanted of it: "the first: zoom in"; else it stands behind."""
    wishes = [event for event in targeted if event.kind != "duration"] or targeted
    return bool(wishes) and selections[0].first < wishes[0].first


def _beside(selections: list[Event], event: Event) -> Event | None:
    """The only selection in the event's own part of the sentence."""
    beside = [each for each in selections if (each.sentence, each.part) == (event.sentence, event.part)]
    return beside[0] if len(beside) == 1 else None


def _announced(selections: list[Event], targeted: list[Event], event: Event) -> Event | None:
    """A selection alone in the part before: "last photo: zoom out"."""
    before = [each for each in selections if each.first < event.first]
    if not before or before[-1].part != event.part - 1:
        return None
    last = before[-1]
    return last if not any(each.part == last.part for each in targeted) else None


def _leading(selections: list[Event], event: Event) -> Event | None:
    before = [selection for selection in selections if selection.first < event.first]
    return before[-1] if before else None


def _trailing(selections: list[Event], event: Event) -> Event | None:
    after = [
        selection for selection in selections if selection.first > event.first and selection.sentence == event.sentence
    ]
    return after[0] if after else None
