"""A generated clip under a flat camera, as a source of frames."""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.motion import WHOLE_PHOTO, CameraPath, Motion, flattened, plan_camera
from engine.timeline import Fit
from engine.timeline.playback import Playback
from pipelines.clip import ClipSource, open_clip
from pipelines.diffusion.clip import GeneratedClip
from pipelines.kenburns.source import HOLD, contained


@dataclass(frozen=True, slots=True)
class DiffusionSource:
    """Frames of one shot, in a layer of the canvas's size. Any frame can be made on its own, from any thread.

    Attributes:
        path: the camera's way, over a frame of the extent's size.
        clip: the finished clip.
        extent: where in the layer it is: left, top, right, bottom in layer pixels.
        notes: sentences for the user.
    """

    path: CameraPath
    clip: ClipSource
    extent: tuple[float, float, float, float]
    notes: tuple[str, ...]
    has_alpha: bool = False

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with what a lens sees of the layer ``time`` seconds after the shot began.

        Args:
            time: seconds.
            lens: the part of the layer, in layer pixels, at any angle.
            frame: of any even size.
            alpha: not used: generated clips are opaque.
        """
        left, top, right, bottom = self.extent
        inner = View(lens.x - left, lens.y - top, lens.scale, lens.angle)
        self.clip.render(time, self.path.at(time).through(inner, right - left, bottom - top), frame)

    def close(self) -> None:
        """Close the file; nobody may be rendering."""
        self.clip.close()


def clip_size(photo_size: tuple[int, int], fit: Fit, frame_size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the clip that a shot needs, both even: the layer's, or the photo's shape inside of it."""
    if fit.mode in ("auto", "crop"):
        return frame_size
    left, top, right, bottom = contained(photo_size, frame_size)
    return 2 * round((right - left) / 2), 2 * round((bottom - top) / 2)


def open_generated(
    made: GeneratedClip,
    motion: Motion | None,
    photo_size: tuple[int, int],
    fit: Fit,
    frame_size: tuple[int, int],
    duration: Fraction,
    *,
    seed: int = 0,
    threads: int = 1,
) -> DiffusionSource:
    """Open a finished clip under the camera of its shot.

    Args:
        made: the clip.
        motion: what the camera does; moves through space take their flat companions.
        photo_size: width and height of the photo.
        fit: ``auto`` and ``crop`` fill the layer; else the clip is as large as the photo is between its bars.
        frame_size: width and height of the layer.
        duration: of the shot, seconds.
        seed: of the wandering moves.
        threads: decoder threads.

    Raises:
        MediaError: the clip cannot be read.
        OptionError: the motion is not possible.
    """
    whole = (0.0, 0.0, float(frame_size[0]), float(frame_size[1]))
    extent = whole if fit.mode in ("auto", "crop") else contained(photo_size, frame_size)
    size = (made.width, made.height)
    asked = motion or HOLD
    flat = flattened(asked)
    seen = (round(extent[2] - extent[0]), round(extent[3] - extent[1]))
    path = plan_camera(flat, size, seen, duration, WHOLE_PHOTO, seed, "crop")
    clip = open_clip(made.path, Playback(), Fit("crop"), size, duration, threads=threads)
    notes = list(path.notes)
    if asked.moves != flat.moves:
        notes.insert(0, f"Over a generated clip the camera is flat: {', '.join(flat.moves)} is done instead.")
    return DiffusionSource(path, clip, extent, (*made.notes, *notes))
