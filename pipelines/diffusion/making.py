"""A finished clip for an order: found, or generated and finished."""

from dataclasses import replace
from pathlib import Path

from engine.core.stages import Stages
from engine.media import probe_photo
from engine.motion import SaliencyFinder, Subject
from models.image_to_video.ladder import Rung
from pipelines.diffusion.clip import GeneratedClip
from pipelines.diffusion.finishers import finishing_key, open_finishers
from pipelines.diffusion.finishing import Finish, write_clip
from pipelines.diffusion.framing import cut_out, frame_photo, place_for, shown_in_made
from pipelines.diffusion.kept import Store, find_clip, keep_clip
from pipelines.diffusion.order import Order
from pipelines.diffusion.pictures import make_pictures
from pipelines.diffusion.telling import Tell
from pipelines.kenburns.decoded import decoded_photo

GENERATING = 0.8
"""Share of a clip's making that generation counts for; the rest is interpolation, enlarging and encoding."""

MARGIN = 2.0
"""How many pixels of the photo are decoded for each pixel of what the model gets."""


def make_clip(
    order: Order,
    target: Path,
    store: Store | None,
    stages: Stages | None,
    tell: Tell,
    begin: Rung | None = None,
) -> GeneratedClip:
    """Put the clip of an order at ``target``.

    Args:
        order: see there.
        target: an MP4 to write.
        store: where generated things are kept; None keeps none.
        stages: where decoded photos are kept.
        tell: told how much is done; what it raises ends the work soon, and leaves what can be gone on from.
        begin: the rung of the ladder to begin on; None: the first that fits.

    Raises:
        MediaError: the photo cannot be read.
        EngineError: the clip cannot be made.
    """
    asked = order.clip_key(finishing_key())
    facts = find_clip(store, asked, target)
    if facts is not None:
        order = replace(order, preset=replace(order.preset, name=facts["preset"]))
        return _told(order, target, asked, (*order.notes, *facts["notes"]), reused=True)
    order.backend.where()  # before anything is decoded
    info = probe_photo(order.photo)
    size = (info.width, info.height)
    need = MARGIN * max(max(each) for each in (order.size, *order.traits.sizes)) / max(size)
    photo = decoded_photo(order.photo, min(1.0, need), order.background, stages)
    subject = (
        Subject(*order.focus, (*order.focus, *order.focus)) if order.focus else SaliencyFinder().find(photo.pixels)
    )
    framing = frame_photo(size, order.ratio or size[0] / size[1], order.traits.sizes, subject)
    picture = cut_out(photo.pixels, size, framing.made, framing.size)
    made = make_pictures(order, picture, store, lambda done: tell(GENERATING * done), begin)
    place = place_for(framing, photo.pixels, size, order.size) if framing.put_back else None
    interpolator, upscaler = open_finishers(order.backend.where())
    finish = Finish(order.size, order.rate, order.duration, interpolator, upscaler, place)
    shown = made.pictures.shown(shown_in_made(framing))
    for number in write_clip(shown, order.course, finish, target):
        tell(GENERATING + (1 - GENERATING) * number / finish.frames)
    notes = (*photo.info.notes, *made.notes)
    done = replace(order, preset=replace(order.preset, name=made.preset))
    keep_clip(store, asked, target, {**_told(done, target, asked, ()).to_json(), "notes": list(notes)})
    return _told(done, target, asked, (*order.notes, *notes), reused=made.reused)


def _told(order: Order, path: Path, key: str, notes: tuple[str, ...], *, reused: bool = False) -> GeneratedClip:
    return GeneratedClip(
        shot=order.shot,
        path=path,
        key=key,
        prompt=order.prompt,
        seed=order.seed,
        quality=order.preset.name,
        model=order.backend.pack,
        licence=order.backend.licence,
        width=order.size[0],
        height=order.size[1],
        duration=order.duration,
        rate=order.rate,
        way=order.course.way,
        strength=(order.motion_bucket, order.noise),
        reused=reused,
        notes=tuple(f"{order.photo.name}: {note}" for note in notes),
    )
