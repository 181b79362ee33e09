"""A camera's path in front of a scene: time in, camera out, the whole frame covered at all times."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from engine.core.camera import Camera
from engine.core.view import View
from engine.motion.easing import ease
from engine.motion.path import CameraPath
from engine.motion.plan import plan_camera, soft_notes
from engine.motion.subject import Subject
from engine.motion.travel import EVEN, Balance, Travel, in_space, plan_travel, stand_at, stands
from engine.motion.vocabulary import MOVES, Motion

SAMPLES = 128
"""Places at which a path is looked at for the room that it needs."""

ROOM_SLACK = 0.002
"""Share of the photo's sides kept beyond what those samples need, for what lies between them."""


FLAT = 0.06
"""Spread of disparities below which a scene is as good as flat: its camera pans and zooms."""

AIM_MARGIN = 0.25
"""Share of the photo's sides that the aim of a travel keeps from its borders: from further away a border would move by
more than the layers are made for."""


@dataclass(frozen=True, slots=True)
class Depths:
    """What a path must know about a scene.

    Attributes:
        nearest, farthest: the largest and the least disparity.
        subject: the disparity of the subject, between them.
        reach: travel for which the scene is made, in photo widths.
        balance: where it exposes least.
    """

    nearest: float
    farthest: float
    subject: float
    reach: float
    balance: Balance = EVEN


@dataclass(frozen=True, slots=True)
class SpacePath:
    """The cameras of one clip. Frame n shows ``at(n / rate)``; nothing is carried from frame to frame.

    A flat camera's path (:class:`CameraPath`) moves over the lens plane, inside a crop that is small enough for all
    that the travel needs; the travel goes between two stands in the same eased time, and sways around them.

    Attributes:
        flat: over the crop.
        corner: left and top of the crop in photo pixels.
        aim: the photo point, in pixels, that travel into the scene goes towards and lets stand still.
        photo_size: width and height.
        travel: the way through space.
        depths: of the scene.
        notes: sentences for the user.
    """

    flat: CameraPath
    corner: tuple[float, float]
    aim: tuple[float, float]
    photo_size: tuple[int, int]
    travel: Travel
    depths: Depths
    notes: tuple[str, ...] = ()

    def at(self, seconds: float | Fraction) -> Camera:
        """The camera at a time in seconds from the clip's start, clamped to the clip."""
        time = min(max(float(seconds), 0.0), self.flat.duration)
        x, y, z = stand_at(self.travel, ease(time / self.flat.travel, self.flat.ease), time)
        view = self.flat.at(time)
        shifted = replace(view, x=view.x + self.corner[0], y=view.y + self.corner[1])
        width, height = self.photo_size
        # Towards a point beside the middle a camera goes aslant: then that point, at any distance, is where it was.
        aslant = (z * (self.aim[0] / width - 0.5), z * (self.aim[1] - height / 2) / width)
        return Camera(self._lens(shifted, (x, y, z)), x + aslant[0], y + aslant[1], z)

    def _lens(self, view: View, stand: tuple[float, float, float]) -> View:
        """The view of the lens plane that follows the travel, so that the pivot stays where it is."""
        x, y, z = stand
        depths = self.depths
        lens = lens_of(self.travel, depths, z)
        pivot = pivot_of(self.travel, depths)
        follow = pivot * self.photo_size[0] / (1 - pivot * z)
        return View(
            self.aim[0] + (view.x - self.aim[0]) / lens - follow * x,
            self.aim[1] + (view.y - self.aim[1]) / lens - follow * y,
            view.scale / lens,
            view.angle,
        )

    def scale_range(self) -> tuple[float, float]:
        """The smallest and the largest photo pixels per frame pixel, over all disparities and times."""
        low, high = self.flat.scale_range()
        zs = {z for _, _, z in stands(self.travel, SAMPLES)}
        factors = [
            (1 - disparity * z) / lens_of(self.travel, self.depths, z)
            for z in zs
            for disparity in (self.depths.nearest, self.depths.farthest)
        ]
        return low * min(factors), high * max(factors)


def plan_space(
    motion: Motion,
    photo_size: tuple[int, int],
    frame_size: tuple[int, int],
    duration: Fraction | float,
    subject: Subject,
    depths: Depths,
    seed: int = 0,
    fit: str = "auto",
) -> SpacePath:
    """Plan a camera's path in front of a scene. No camera of it sees beyond the photo, whatever lies how near.

    Args:
        motion, photo_size, frame_size, duration, subject, seed, fit: see :func:`engine.motion.plan.plan_camera`. Flat
            moves crop and zoom the lens, and take their companions in space along (:data:`COMPANIONS`).
        depths: of the scene.

    Raises:
        OptionError: see :func:`engine.motion.plan.plan_camera`.
    """
    travel = plan_travel(
        in_space(motion), depths.reach, float(duration), seed, depths.balance, photo_size[1] / photo_size[0]
    )
    aim = _aim(motion, subject, photo_size)
    shares = crop_shares(travel, depths, photo_size, aim)
    if any(side * share < 1 for side, share in zip(photo_size, shares, strict=True)):
        # A photo of a line of pixels has no depth.
        travel, shares = plan_travel(lens_motion(motion), 0.0, float(duration), seed, depths.balance), (1.0, 1.0)
    inner = (floor(photo_size[0] * shares[0]), floor(photo_size[1] * shares[1]))
    corner = ((photo_size[0] - inner[0]) / 2, (photo_size[1] - inner[1]) / 2)
    flat = plan_camera(lens_motion(motion), inner, frame_size, duration, _within(subject, shares), seed, fit)
    closest = flat.scale_range()[0]
    notes = [note for note in flat.notes if note not in soft_notes(inner, closest)]
    return SpacePath(flat, corner, aim, photo_size, travel, depths, (*notes, *soft_notes(photo_size, closest)))


def lens_motion(motion: Motion) -> Motion:
    """What the lens does of a motion: its flat moves but drift, which sways instead; ``hold`` if there are none."""
    kept = [name for name in motion.moves if MOVES[name].flat is None and name not in ("drift", "hold")]
    if not kept:
        return replace(motion, moves=("hold",), amount=None)
    amounts = tuple(motion.amount_of(name) for name in kept)
    given = amounts if any(amount is not None for amount in amounts) else None
    return replace(motion, moves=tuple(kept), amount=given)


def crop_shares(
    travel: Travel, depths: Depths, photo_size: tuple[int, int], aim: tuple[float, float]
) -> tuple[float, float]:
    """The shares of the photo's width and height, in its middle, that the lens may look at.

    A frame corner at V from the middle c shows the photo, at disparity q, at (1 - r) (aim - c) + r V + W x (q - p s)
    from it, with r = (1 - q z) / lens, s = (1 - q z) / (1 - p z) and the pivot p: linear in V, and monotone in q on
    either side of the pivot, so that the nearest, the farthest and the pivot decide.
    """
    width = photo_size[0]
    least = [1.0, 1.0]
    pivot = pivot_of(travel, depths)
    for x, y, z in stands(travel, SAMPLES):
        lens = lens_of(travel, depths, z)
        for disparity in (depths.nearest, depths.farthest, pivot):
            grown = 1 - disparity * z
            rate, shift = grown / lens, disparity - pivot * grown / (1 - pivot * z)
            for axis, (way, side) in enumerate(zip((x, y), photo_size, strict=True)):
                beside = abs(aim[axis] / side - 0.5) * abs(1 - rate)
                room = (1 - 2 * beside - 2 * width / side * abs(way * shift)) / rate
                least[axis] = min(least[axis], room)
    across, down = (share - ROOM_SLACK if share < 1 else 1.0 for share in least)
    return across, down


def pivot_of(travel: Travel, depths: Depths) -> float:
    """The disparity that stays where it is while the camera goes sideways; 0 is none: on a flat picture nothing else
    would move then."""
    if depths.nearest - depths.farthest < FLAT:
        return 0.0
    return depths.subject if travel.holds_subject else depths.farthest


def lens_of(travel: Travel, depths: Depths, z: float) -> float:
    """How far the lens is zoomed back at z: a dolly zoom keeps the subject's size, but of a flat picture it zooms."""
    return 1 - depths.subject * z if travel.zooms_back and depths.nearest - depths.farthest >= FLAT else 1.0


def _aim(motion: Motion, subject: Subject, photo_size: tuple[int, int]) -> tuple[float, float]:
    point = motion.focus if isinstance(motion.focus, tuple) else (subject.x, subject.y)
    x, y = (min(max(share, AIM_MARGIN), 1 - AIM_MARGIN) * side for share, side in zip(point, photo_size, strict=True))
    return x, y


def _within(subject: Subject, shares: tuple[float, float]) -> Subject:
    """The subject in shares of the crop instead of the photo."""

    def into(value: float, share: float) -> float:
        return min(max(0.5 + (value - 0.5) / share, 0.0), 1.0)

    x0, y0, x1, y1 = subject.box
    return Subject(
        into(subject.x, shares[0]),
        into(subject.y, shares[1]),
        (into(x0, shares[0]), into(y0, shares[1]), into(x1, shares[0]), into(y1, shares[1])),
        subject.confidence,
    )
