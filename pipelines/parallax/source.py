"""A photo with depth under a camera that travels, as a source of frames."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from engine.core.frames import Plane, YuvFrame
from engine.core.stages import Stages
from engine.core.view import View
from engine.media import probe_photo
from engine.motion import Motion, SaliencyFinder, SubjectFinder, required_scale
from engine.motion.space_path import Depths, SpacePath, lens_motion, plan_space
from engine.motion.travel import Balance
from engine.raster.scene.exposure import exposure
from engine.raster.scene.relief import ReliefSampler
from engine.raster.scene.renderer import SceneRenderer, make_scene_sampler
from engine.raster.scene.warm import load_scene_kernels
from engine.timeline import Fit
from pipelines.kenburns.decoded import decoded_photo
from pipelines.kenburns.source import DECODE_MARGIN, HOLD, contained
from pipelines.parallax.depth import GUESS, FoundDepth, depth_key, find_depth
from pipelines.parallax.prepared import find_scene, shrunk, working_size

CLOSER = 1.35
"""How much closer than a flat camera's a scene's closest view may be: the crop for its travel, and the travel
itself."""

GUESSED = "In a guessed depth near and far come apart only a little: give a map with --depth, or install a depth model."
"""Said wherever a scene rests on a guess."""


@dataclass(frozen=True, slots=True)
class ParallaxSource:
    """Frames of one shot, in a layer of the canvas's size. Any frame can be made on its own, from any thread.

    Attributes:
        path: the camera's way, over a frame of the extent's size.
        renderer: the prepared scene.
        extent: where in the layer the photo is: left, top, right, bottom in layer pixels.
        notes: sentences for the user.
    """

    path: SpacePath
    renderer: SceneRenderer
    extent: tuple[float, float, float, float]
    notes: tuple[str, ...]
    has_alpha: bool = False

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with what a lens sees of the layer ``time`` seconds after the shot began.

        Args:
            time: seconds.
            lens: the part of the layer, in layer pixels, at any angle.
            frame: of any even size.
            alpha: not used: scenes are opaque.
        """
        left, top, right, bottom = self.extent
        inner = View(lens.x - left, lens.y - top, lens.scale, lens.angle)
        camera = self.path.at(time)
        self.renderer.render(replace(camera, view=camera.view.through(inner, right - left, bottom - top)), frame)


def open_parallax(
    photo: Path,
    motion: Motion | None,
    fit: Fit,
    frame_size: tuple[int, int],
    duration: Fraction,
    *,
    seed: int = 0,
    device: str = "auto",
    threads: int = 2,
    finder: SubjectFinder | None = None,
    lens_scales: tuple[float, float] = (1.0, 1.0),
    depth_file: Path | None = None,
    draft: bool = False,
    stages: Stages | None = None,
) -> ParallaxSource:
    """Find a photo's depth, take it apart and plan the camera.

    Args:
        photo: the file.
        motion: what the camera does; flat moves take their companions in space along.
        fit: ``auto``, ``crop`` or ``contain``, and the colour behind a transparent photo.
        frame_size: (width, height) in pixels.
        duration: of the shot, seconds.
        seed: of the wandering moves.
        device: see :data:`engine.raster.sampler.DEVICES`.
        threads: threads for the preparation.
        finder: finds the subject for the crop; by default that is the mask's, or the built-in saliency estimate's.
        lens_scales: the smallest and the largest scale of the lenses that will look at the layer.
        depth_file: the studio's own depth map.
        draft: a height field instead of layers: prepared at once, stretched at edges.
        stages: where depth and layers are kept for later; None keeps nothing.

    Raises:
        MediaError: the photo or the depth map cannot be read.
        OptionError, DeviceUnavailable: the motion or the device is not possible.
    """
    asked = motion or HOLD
    info = probe_photo(photo)
    size = (info.width, info.height)
    whole = (0.0, 0.0, float(frame_size[0]), float(frame_size[1]))
    extent = contained(size, frame_size) if fit.mode == "contain" else whole
    frame_size = (round(extent[2] - extent[0]), round(extent[3] - extent[1]))
    need = CLOSER * required_scale(lens_motion(asked), size, frame_size, duration, DECODE_MARGIN)
    red, green, blue = bytes.fromhex(fit.color.removeprefix("#"))
    background = (red, green, blue)
    key = depth_key(photo, background, depth_file)
    # Compiled code takes 0.4 s to load, which need not wait for the photo and its mask.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(load_scene_kernels)
        loaded = decoded_photo(photo, min(1.0, need / lens_scales[0]), background, stages)
        depth = find_depth(photo, loaded.pixels, size, depth_file, key, stages)
    subject = (finder or SaliencyFinder()).find(loaded.pixels) if depth.where is None or finder else depth.where
    camera_fit = "crop" if fit.mode != "auto" else "auto"
    path = plan_space(asked, size, frame_size, duration, subject, depths_of(depth), seed, camera_fit)
    closest = path.scale_range()[0] * lens_scales[0]
    working = working_size(size, (loaded.pixels.shape[1], loaded.pixels.shape[0]), closest)
    renderer: SceneRenderer
    if draft:
        renderer = ReliefSampler(shrunk(loaded.pixels, working), depth.disparity, size)
    else:
        renderer = make_scene_sampler(find_scene(loaded.pixels, size, working, depth, key, stages, threads), device)
    guessed = (GUESSED,) if depth.method == GUESS else ()
    notes = tuple(f"{photo.name}: {note}" for note in (*loaded.info.notes, *guessed, *depth.notes, *path.notes))
    return ParallaxSource(path, renderer, extent, notes)


def depths_of(depth: FoundDepth) -> Depths:
    """What the planner of the path must know about a depth."""
    return Depths(
        float(depth.disparity.max()),
        float(depth.disparity.min()),
        depth.subject,
        depth.reach,
        Balance(*exposure(depth.disparity).shares()),
    )
