"""What a shot asks of a model, as data: everything that its clip depends on, and nothing else."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.core.content import digest, file_digest
from engine.media import PhotoInfo
from engine.motion import Motion, Subject
from engine.timeline import Fit
from models.image_to_video.interface import Traits
from models.recipes.presets import Preset
from pipelines.diffusion.backends import Backend
from pipelines.diffusion.extend_choice import choose_extend, follows_words
from pipelines.diffusion.framing import frame_photo
from pipelines.diffusion.length import Course, plan_course
from pipelines.diffusion.quality import preset_of
from pipelines.diffusion.strength import svd_motion

VERSION = 1
"""Counted up when the same order would give another clip: clips are kept under the hash of their order, not under
that of our source files as frames are, because one takes minutes of a GPU."""

AUTO = "auto"

STANDS = 0.2
"""Seconds that a picture may stand at a clip's end without being told."""


@dataclass(frozen=True, slots=True)
class Order:
    """A clip to be generated.

    Attributes:
        shot: id of the segment.
        photo: the file.
        background: colour behind a transparent photo, R, G, B.
        ratio: width over height of what the clip shows; 0 is the photo's own.
        focus: what a crop is held around, 0..1 of the photo; None is its subject.
        size: width and height of the finished clip.
        rate: pictures a second of the finished clip.
        duration: seconds of the finished clip.
        backend: who generates.
        traits: what that model was trained for.
        preset: what may be left out.
        seed: of all that is random.
        motion_bucket, noise: see :class:`models.image_to_video.interface.ClipRequest`.
        prompt: what moves; empty where the model takes no text.
        course: which picture is on screen when.
        notes: sentences for the user about what was chosen.
    """

    shot: str
    photo: Path
    background: tuple[int, int, int]
    ratio: float
    focus: tuple[float, float] | None
    size: tuple[int, int]
    rate: Fraction
    duration: Fraction
    backend: Backend
    traits: Traits
    preset: Preset
    seed: int
    motion_bucket: int
    noise: float
    prompt: str
    course: Course
    notes: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Of denoising."""
        return self.preset.steps(self.traits.steps)

    def generation_key(self, number: int) -> str:
        """The hash of all that the pictures of clip ``number`` of the chain depend on."""
        return digest(
            VERSION,
            file_digest(self.photo),
            (self.background, self.ratio, self.focus),
            self.backend.identity,
            (self.preset, self.steps, self.traits.frames, self.traits.sizes),
            (self.seed, self.motion_bucket, self.noise, self.prompt),
            number,
        )

    def clip_key(self, finishing: str) -> str:
        """The hash of all that the finished clip depends on.

        Args:
            finishing: from :func:`pipelines.diffusion.finishers.finishing_key`.
        """
        keys = [self.generation_key(number) for number in range(self.course.clips)]
        return digest(VERSION, keys, self.course, self.size, self.rate, self.duration, finishing)


def order_for(
    shot: str,
    photo: PhotoInfo,
    motion: Motion,
    fit: Fit,
    size: tuple[int, int],
    ratio: float,
    rate: Fraction,
    duration: Fraction,
    backend: Backend,
    seed: int,
    *,
    whole: bool = False,
) -> Order:
    """Work out what a shot asks for.

    Args:
        shot: id of the segment.
        photo: its header.
        motion: of the segment, with ``method`` ``diffusion``.
        fit: the colour behind the photo.
        size: width and height of the finished clip.
        ratio: width over height of the canvas.
        rate: its pictures a second.
        duration: of the shot, seconds.
        backend: who generates.
        seed: of the shot.
        whole: the clip shows the whole photo, not a crop of the canvas's shape.
    """
    traits = backend.traits()
    preset = preset_of(motion.quality)
    clip = Fraction(traits.frames - 1, traits.fps)
    way = motion.extend or AUTO
    if way == AUTO:
        way = choose_extend(duration, clip, follows_text=follows_words(motion.prompt, traits.follows_text)) or "plain"
    course = plan_course(duration, traits.frames, traits.fps, way)
    bucket, noise = svd_motion(motion.strength)
    shown = 0.0 if whole else ratio
    focus = motion.focus if isinstance(motion.focus, tuple) else None
    red, green, blue = bytes.fromhex(fit.color.removeprefix("#"))
    return Order(
        shot=shot,
        photo=photo.path,
        # What changes no picture is not asked for: it would only be generated again.
        background=(red, green, blue) if photo.has_alpha else (0, 0, 0),
        ratio=shown,
        focus=focus if _has_room((photo.width, photo.height), shown, traits.sizes) else None,
        size=size,
        rate=rate,
        duration=duration,
        backend=backend,
        traits=traits,
        preset=preset,
        seed=seed,
        motion_bucket=0 if traits.follows_text else bucket,
        noise=0.0 if traits.follows_text else noise,
        prompt=(motion.prompt or "") if traits.follows_text else "",
        course=course,
        notes=_notes(motion, traits, course, duration, clip),
    )


def _has_room(photo_size: tuple[int, int], ratio: float, sizes: tuple[tuple[int, int], ...]) -> bool:
    """Whether it matters what a crop is held around."""
    ratio = ratio or photo_size[0] / photo_size[1]
    ends = [frame_photo(photo_size, ratio, sizes, Subject(end, end, (end,) * 4)) for end in (0.0, 1.0)]
    return ends[0] != ends[1]


_WAYS = {
    "slow": "it plays slower",
    "ping_pong": "it goes forth and back",
    "loop": "it loops without a seam",
    "chain": "each part goes on from the last picture of the one before",
}


def _notes(motion: Motion, traits: Traits, course: Course, duration: Fraction, clip: Fraction) -> tuple[str, ...]:
    notes = []
    if motion.prompt and not traits.follows_text:
        notes.append(
            "The model that is installed takes no text, so what moves cannot be chosen: "
            "that needs the pack wan2.2-ti2v-5b or ltx-video."
        )
    if course.way in _WAYS and (duration > clip or motion.extend not in (None, AUTO)):
        parts = f"{course.clips} generated clips" if course.clips > 1 else "a generated clip"
        again = ", then back" if course.way == "chain" and course.turns else ""
        stands = float(duration) - course.seconds if course.way == "slow" else 0.0
        still = f", and its last picture stands for {stands:.1f} s" if stands > STANDS else ""
        notes.append(f"{_seconds(duration)} from {parts} of {_seconds(clip)}: {_WAYS[course.way]}{again}{still}.")
    elif duration > clip + Fraction(1, traits.fps) and course.way == "plain":
        notes.append(f"The generated clip lasts {_seconds(clip)}; its last picture stands.")
    return tuple(notes)


def _seconds(time: Fraction) -> str:
    return f"{round(float(time), 1):g} s"
