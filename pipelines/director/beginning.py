"""What a session begins with: its photos and videos one after the other."""

from collections.abc import Sequence
from fractions import Fraction

from engine.timeline import AddClip, AddPhotos, Draft, Operation, apply, canvas_for_photos
from engine.timeline.apply_clips import PHOTO_DURATION
from engine.timeline.canvas import DEFAULT_CANVAS
from pipelines.director.plan import Asset

VISUAL = ("photo", "video")
"""Kinds of assets that become shots."""

LENGTH_GRID = 1000
"""A clip's length on a timeline is a whole number of milliseconds."""


def first_draft(assets: Sequence[Asset], title: str | None = None) -> Draft:
    """The draft that a session begins with: its photos and videos one after the other, each photo with a gentle move.

    Args:
        assets: in order; sounds and captions wait for words.
        title: in the file's metadata.
    """
    shots = [asset for asset in assets if asset.kind in VISUAL]
    sizes = [(asset.width, asset.height) for asset in shots if asset.width and asset.height]
    canvas = canvas_for_photos(sizes) if sizes else DEFAULT_CANVAS
    draft = Draft(canvas, meta={} if title is None else {"title": title})
    if not shots:
        return draft
    for operation in adding(shots):
        draft = apply(draft, operation)
    return draft


def adding(assets: Sequence[Asset]) -> list[Operation]:
    """The operations that put photos and videos behind what is there, in their order."""
    shots = [asset for asset in assets if asset.kind in VISUAL]
    if all(asset.kind == "photo" for asset in shots):
        return [AddPhotos(tuple(asset.src or asset.name for asset in shots))] if shots else []
    operations: list[Operation] = []
    for asset in shots:
        source = asset.src or asset.name
        if asset.kind == "photo":
            operations.append(AddPhotos((source,), PHOTO_DURATION))
        else:
            operations.append(AddClip(source, Fraction(round(asset.duration * LENGTH_GRID), LENGTH_GRID)))
    return operations
