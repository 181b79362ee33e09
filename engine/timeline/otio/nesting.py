"""Timelines in timelines: a draft has one level, so what is nested is laid out on the track that holds it."""

from collections.abc import Callable, Iterator
from typing import Any

from engine.timeline.otio.library import library


def flattened(track: Any, note: Callable[[str], None]) -> Iterator[Any]:  # noqa: ANN401 - of the library
    """The clips, gaps and transitions of a track, with nested tracks and stacks in their places.

    Of a stack only what lies on top is kept, as ``opentimelineio.algorithms.flatten_stack`` finds it.
    """
    schema = library().schema
    for child in track:
        if not isinstance(child, schema.Track | schema.Stack):
            yield child
            continue
        inner = _inner(child, note)
        if inner is None:
            yield schema.Gap(source_range=_whole(child))
            continue
        yield from flattened(inner, note)
        missing = child.duration() - inner.duration()
        if missing.value > 0:
            yield schema.Gap(duration=missing)


def _inner(child: Any, note: Callable[[str], None]) -> Any:  # noqa: ANN401 - of the library
    otio = library()
    inner = child.deepcopy()
    if isinstance(child, otio.schema.Stack):
        note(f"The nested timeline {child.name!r} was flattened: only what lies on top of it was kept.")
        for layer in list(inner):
            if isinstance(layer, otio.schema.Track) and layer.kind != otio.schema.TrackKind.Video:
                inner.remove(layer)
                note(f"The sound of the nested timeline {child.name!r} was left out.")
        inner.source_range = None
        inner = _attempt(lambda: otio.algorithms.flatten_stack(inner))
    else:
        inner.source_range = None
    if inner is not None and child.source_range is not None:
        whole = inner
        inner = _attempt(lambda: otio.algorithms.track_trimmed_to_range(whole, child.source_range))
    if inner is None:
        note(f"The nested timeline {child.name!r} could not be laid out and was left out.")
    return inner


def _attempt(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - of the library
    # The library refuses some arrangements, such as a transition that is cut in the middle.
    try:
        return work()
    except (library().exceptions.OTIOError, NotImplementedError, ValueError):
        return None


def _whole(child: Any) -> Any:  # noqa: ANN401 - of the library
    return library().opentime.TimeRange(duration=child.duration())
