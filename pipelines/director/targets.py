"""Which photos a finding is about: "zoom in on the first photo and pan left on the second"."""

from engine.timeline import Draft
from pipelines.director.events import Event
from pipelines.director.outcome import Outcome

_TARGETED = ("move", "speed", "amount", "ease", "focus", "duration")


class Targets:
    """The photos that each finding is about.

    Where a selection opens the sentence, it holds for what follows until the next selection; otherwise it holds for
    what stands before it.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._draft: Draft = outcome.draft
        self._ids: dict[int, tuple[str, ...]] = {}
        events = outcome.reading.events
        selections = [event for event in events if event.kind == "select"]
        targeted = [event for event in events if event.kind in _TARGETED]
        if not selections or len(self._draft.photos) < 2:
            selections = [event for event in selections if not self._resolve(event)]
            for selection in selections:
                outcome.refuse(selection, outcome.say("say.no_such_photo"))
            return
        leads = bool(targeted) and selections[0].first < targeted[0].first
        for selection in selections:
            if not self._resolve(selection):
                outcome.refuse(selection, outcome.say("say.no_such_photo"))
        for event in targeted:
            chosen = _leading(selections, event) if leads else _trailing(selections, event)
            if chosen is not None:
                self._ids[id(event)] = self._resolve(chosen)

    def of(self, event: Event) -> tuple[str, ...] | None:
        """Ids of the photos that a finding is about; None for all, empty where the selection finds none."""
        return self._ids.get(id(event))

    def name(self, ids: tuple[str, ...]) -> str:
        """The selected photos in words: their file names."""
        return ", ".join(segment.src or segment.id for segment in self._draft.photos if segment.id in ids)

    def _resolve(self, selection: Event) -> tuple[str, ...]:
        photos = self._draft.photos
        if not all(-len(photos) <= place < len(photos) for place in selection.ordinals):
            return ()
        return tuple(photos[place].id for place in selection.ordinals)


def _leading(selections: list[Event], event: Event) -> Event | None:
    before = [selection for selection in selections if selection.first < event.first]
    return before[-1] if before else None


def _trailing(selections: list[Event], event: Event) -> Event | None:
    after = [
        selection for selection in selections if selection.first > event.first and selection.sentence == event.sentence
    ]
    return after[0] if after else None
