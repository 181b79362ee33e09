"""New drafts: one photo in motion, or several in a slideshow."""

from collections.abc import Sequence
from fractions import Fraction

from engine.core.time import DEFAULT_FRAME_RATE
from engine.timeline.apply import apply
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas
from engine.timeline.draft import Draft
from engine.timeline.operations import AddPhotos, SetDuration


def slideshow(
    photos: Sequence[str],
    duration: Fraction | None = None,
    canvas: Canvas = DEFAULT_CANVAS,
    frame_rate: Fraction = DEFAULT_FRAME_RATE,
    title: str | None = None,
) -> Draft:
    """A draft that shows photos one after the other, each with a gentle camera move and a cross-dissolve to the next.

    Args:
        photos: files or addresses in order, at least one.
        duration: seconds of the whole; None gives 10 s to one photo, 4 s to each of several.
        canvas: the size of the video; see ``engine.timeline.canvas_for_photos`` for one that suits the photos.
        frame_rate: frames per second.
        title: the video's title in the metadata.

    Raises:
        DraftError: no photo, or a duration that is not possible.
    """
    empty = Draft(canvas, frame_rate, meta={} if title is None else {"title": title})
    draft = apply(empty, AddPhotos(tuple(photos)))
    return draft if duration is None else apply(draft, SetDuration(duration))
