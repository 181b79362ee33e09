"""From a motion, a photo and its subject to a camera path."""

from dataclasses import replace
from fractions import Fraction
from math import exp, isfinite

from engine.core.errors import OptionError
from engine.core.view import View
from engine.motion.extent import PANS, Extent, measure
from engine.motion.framing import SUBJECT_MARGIN, Interest, Key, about, centred, composed, panned, room
from engine.motion.path import CameraPath
from engine.motion.rates import ZOOM_RATES, zoom_factor
from engine.motion.subject import Subject
from engine.motion.vocabulary import Motion

FITS: tuple[str, ...] = ("auto", "crop")
"""``auto`` pans across a photo of which a crop would keep less than ``CROP_KEEPS_LEAST``; ``crop`` never does."""

SOFT_BELOW = 0.5
"""Photo pixels per frame pixel at the closest view below which the user is told that the picture will be soft."""

BETTER_WAY_PAST = 0.1
"""How far from the middle, as a share of the photo, a subject must be to choose the direction of a pan across."""


def plan_camera(
    motion: Motion,
    photo_size: tuple[int, int],
    frame_size: tuple[int, int],
    duration: Fraction | float,
    subject: Subject,
    seed: int = 0,
    fit: str = "auto",
) -> CameraPath:
    """Plan the camera's path over one clip. Every view at every time lies inside the photo.

    Args:
        motion: the moves.
        photo_size: width and height of the upright, full-size photo in pixels.
        frame_size: width and height of the frame in pixels.
        duration: of the clip in seconds, > 0.
        subject: where the photo's interest lies, for placing the crop and for a focus on it.
        seed: chooses the wander of ``drift`` and ``handheld``.
        fit: one of :data:`FITS`.

    Raises:
        OptionError: the duration or the fit is not usable.
    """
    seconds = _seconds(duration)
    if fit not in FITS:
        raise OptionError(f"{fit!r} is not a fit of the camera: use one of {', '.join(FITS)}.")
    extent = measure(motion, photo_size, frame_size, seconds, seed, fit)
    notes = list(extent.notes)
    if motion.focus == "face":
        notes.append("Faces cannot be found yet, so the camera looks at the subject of the photo.")
    composes = isinstance(motion.focus, str)
    interest = _interests(motion, photo_size, subject)
    close, whole = extent.close, _whole(interest, frame_size)
    if composes and motion.factor() is None:
        # Drawn back as far as the subject needs to be whole, but not so far that nothing moves. What is larger than
        # the crop cannot be whole: a gentle zoom is the answer to that.
        gentle = exp(ZOOM_RATES.least) if whole <= extent.wide else zoom_factor("slow", seconds)
        close = min(max(close, whole), max(close, extent.wide / gentle))
    elif composes and subject.confidence > 0 and close < min(whole, extent.wide):
        notes.append(
            f"The subject is cut at the closest view: a zoom of {extent.wide / whole:.2f} would show it whole."
        )
    scales = (close, extent.wide) if motion.has("zoom_out") else (extent.wide, close)
    (x0, x1), (y0, y1) = (
        _centres(motion, extent, axis, scales, frame_size[axis], float(photo_size[axis]), interest[axis])
        for axis in (0, 1)
    )
    path = CameraPath(
        start=View(x0, y0, scales[0], 0.0),
        end=View(x1, y1, scales[1], extent.turn),
        frame_size=frame_size,
        duration=seconds,
        travel=extent.travel,
        ease=motion.ease,
        wanders=extent.wanders,
        notes=tuple(notes),
    )
    return replace(path, notes=(*path.notes, *soft_notes(photo_size, path.scale_range()[0])))


def soft_notes(photo_size: tuple[int, int], closest: float) -> tuple[str, ...]:
    """A sentence for the user where a closest view, in photo pixels per frame pixel, shows the photo's own pixels."""
    if closest >= SOFT_BELOW:
        return ()
    return (
        f"The photo has {photo_size[0]} x {photo_size[1]} pixels: "
        f"the closest view enlarges it {1 / closest:.1f} times and will look soft.",
    )


def required_scale(
    motion: Motion,
    photo_size: tuple[int, int],
    frame_size: tuple[int, int],
    duration: Fraction | float,
    oversample: float,
) -> float:
    """Decoded pixels per full-size photo pixel, 0 < r <= 1, that any path of this motion can need.

    Whatever the subject, the seed and the fit: a photo decoded at this scale (or the next larger that its codec
    offers) has ``oversample`` decoded pixels for each frame pixel at the closest view: what the sampler asks for.

    Raises:
        OptionError: the duration is not usable.
    """
    # The seed moves the wander's phases, not its bounds; a pan across only uses room that is there.
    extent = measure(motion, photo_size, frame_size, _seconds(duration), 0, "auto")
    breath = sum(wander.bound().log_scale for wander in extent.wanders)
    return min(1.0, oversample * exp(breath) / extent.close)


def _seconds(duration: Fraction | float) -> float:
    seconds = float(duration)
    if not (isfinite(seconds) and seconds > 0):
        raise OptionError(f"A clip of {seconds:g} seconds cannot be made: give a duration above 0.")
    return seconds


def _interests(motion: Motion, photo_size: tuple[int, int], subject: Subject) -> tuple[Interest, Interest]:
    """What the frames are placed for, in photo pixels along x and y."""
    if motion.focus is None or isinstance(motion.focus, str):
        point, box = (subject.x, subject.y), subject.box
    else:
        point, box = motion.focus, (*motion.focus, *motion.focus)
    x, y = (Interest(*(size * v for v in (point[i], box[i], box[i + 2]))) for i, size in enumerate(photo_size))
    return x, y


def _whole(interest: tuple[Interest, Interest], frame_size: tuple[int, int]) -> float:
    """The smallest scale at which the frame shows the interest whole, with a margin."""
    return max(
        (each.high - each.low) / ((1 - 2 * SUBJECT_MARGIN) * length)
        for each, length in zip(interest, frame_size, strict=True)
    )


def _centres(
    motion: Motion,
    extent: Extent,
    axis: int,
    scales: tuple[float, float],
    frame_length: int,
    length: float,
    interest: Interest,
) -> tuple[float, float]:
    """Where the start and the end of the path are centred along one axis, in photo pixels."""
    half = extent.box.half_height if axis else extent.box.half_width
    start, end = (Key(scale * half, 0.5 * scale * frame_length) for scale in scales)
    way = extent.ways[axis]
    if way is not None:
        signed = _sign(motion, axis, interest, length) * min(way, room(start, end, length))
        return panned(start, end, length, signed, interest, motion.focus is not None or axis == extent.across)
    inward = scales[0] >= scales[1]
    wide, near = (start, end) if inward else (end, start)
    wide_centre = centred(wide, length, interest)
    if scales[0] == scales[1]:
        near_centre = wide_centre
    elif isinstance(motion.focus, str):
        near_centre = composed(near, wide, wide_centre, length, interest)
    else:
        near_centre = about(near, wide, wide_centre, length, interest)
    return (wide_centre, near_centre) if inward else (near_centre, wide_centre)


def _sign(motion: Motion, axis: int, interest: Interest, length: float) -> int:
    """The direction of the pan along an axis: as asked, or (for a pan across) towards the interest.

    Where the interest is near the middle, the way people read and look up: to the right, and upwards.
    """
    for move in motion.moves:
        if move in PANS and PANS[move][0] == axis:
            return PANS[move][1]
    off = interest.point / length - 0.5
    if abs(off) > BETTER_WAY_PAST:
        return 1 if off > 0 else -1
    return 1 if axis == 0 else -1
