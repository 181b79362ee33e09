"""The torch sampler of scenes: the meshes, lookups and layers of the CPU sampler, on any torch device.

The results are those of :class:`engine.raster.scene.sampler.SceneSampler` within one code value. Where that one works
tile by tile and asks only for the layers that a tile meets, this one puts whole layers over each other, in few large
steps: about a hundred kernels make a frame of three layers, and the host waits for none of them.

All positions are *relative*: -1 and 1 are the two borders of the photo (or of a texture) along an axis, as
``grid_sample`` counts with ``align_corners=False``, where the centre of texel i of n is at (2 i + 1) / n - 1. A picture
and its half-size chroma then share them. Float32 holds such positions to 1e-4 texels at 4096 texels.
"""

import threading
from dataclasses import dataclass
from math import ceil, cos, sin

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import grid_sample

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.raster.kernels.scene_mesh import ROUNDS, STEEPEST
from engine.raster.kernels.scene_tiles import tile_side
from engine.raster.scene.scene import Scene
from engine.raster.scene.shelf import TextureShelf
from engine.raster.scene.texture import Texture

HALF = 0.5
"""Lies in the code values of every texture, so that cutting off fractions rounds."""

NUDGE = 2**-11
"""A camera at rest looks half-way between texels, where many a mean ends in exactly one half: with this, colours and
alpha are then rounded up as on the CPU, whatever the last bit of a position is."""


@dataclass(frozen=True, slots=True)
class DeviceTexture:
    """One size of a layer, on the device.

    Attributes:
        luma: (1, 1 or 2, H, W) float32, channels last in memory: Y' times alpha, plus HALF; where the layer is not
            solid, also what it lets through, 255 - alpha, plus HALF.
        chroma: (1, 2 or 3, H / 2, W / 2) float32, likewise: Cb, Cr, what it lets through.
        rate, start: (1, 1, 1, 2) float64, x and y: ``rate * p + start`` is the position in the texture of the position
            p in the photo, both relative.
    """

    luma: torch.Tensor
    chroma: torch.Tensor
    rate: torch.Tensor
    start: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in its tile each sample lies, across and down, as shares of the tile; for chroma see engine.core.frames."""

    luma: tuple[torch.Tensor, torch.Tensor]
    chroma: tuple[torch.Tensor, torch.Tensor]


class TorchSceneSampler:
    """See :class:`engine.raster.scene.renderer.SceneRenderer`.

    Textures are made on the host when a view first needs them, and kept on the device: 11 bytes a texel, 6 a
    texel of the solid layer, for each size that views have needed.

    Args:
        scene: what is seen.
        device: a torch device name.
    """

    def __init__(self, scene: Scene, device: str) -> None:
        self.scene = scene
        self.device = torch.device(device)
        self._shelf: TextureShelf[DeviceTexture] = TextureShelf(scene, self._upload)
        self._fields = [self._to_device(field) for field in _stacked(scene)]
        self._vertices: dict[tuple[int, int], tuple[torch.Tensor, torch.Tensor]] = {}
        self._places: dict[int, _Places] = {}
        # One frame at a time: the device is busy with one anyway, and its memory stays bounded.
        self._lock = threading.Lock()
        self._settle()

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into a frame's planes; the lens may be at any angle."""
        y, uv = self.render_nv12(camera, (frame.width, frame.height))
        frame.y[:] = y.cpu().numpy()
        chroma = uv.cpu().numpy()
        frame.u[:], frame.v[:] = chroma[..., 0], chroma[..., 1]

    def render_nv12(self, camera: Camera, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
        """What a camera sees, on the device. On CUDA the work is queued in the current stream and may not be done yet.

        Args:
            camera: the lens may be at any angle.
            size: width and height of the frame in pixels, both even.

        Returns:
            Y', (height, width) uint8, and Cb and Cr by turns, (height / 2, width / 2, 2) uint8; contiguous.
        """
        width, height = size
        if width % 2 or height % 2 or min(size) < 2:
            raise ValueError(f"a 4:2:0 frame needs even sizes, not {width}x{height}")
        textures = self._shelf.choose(camera)
        y = torch.empty((height, width), dtype=torch.uint8, device=self.device)
        uv = torch.empty((height // 2, width // 2, 2), dtype=torch.uint8, device=self.device)
        with self._lock, torch.inference_mode():
            meshes = self._meshes(camera, size, textures)
            places = self._places_in(tile_side(width))
            grid = _between_vertices(meshes, *places.luma)[:, :height, :width]
            y.copy_(_compose([texture.luma for texture in textures], grid)[0])
            grid = _between_vertices(meshes, *places.chroma)[:, : height // 2, : width // 2]
            uv.copy_(_compose([texture.chroma for texture in textures], grid).permute(1, 2, 0))
        return y, uv

    def _meshes(self, camera: Camera, size: tuple[int, int], textures: list[DeviceTexture]) -> torch.Tensor:
        """Positions in the textures, (layers, rows, columns, 2) float32; see
        :func:`engine.raster.kernels.scene_mesh.mesh_of_layer`."""
        view = camera.view
        width, height = self.scene.photo_size
        plain, turned = self._vertices_of(size)
        lens = plain * (view.scale * cos(view.angle))
        lens.add_(turned, alpha=view.scale * sin(view.angle))
        lens[..., 0].add_(2 * view.x / width - 1)
        lens[..., 1].add_(2 * view.y / height - 1)
        travel = lens * -camera.z
        travel[..., 0].add_(2 * camera.x)
        travel[..., 1].add_(2 * camera.y * width / height)
        disparity = torch.cat([_search(fields, lens, travel) for fields in self._fields])
        seen = torch.addcmul(lens, disparity[..., None], travel)
        rate, start = torch.cat([t.rate for t in textures]), torch.cat([t.start for t in textures])
        return torch.addcmul(start, rate, seen).float()

    def _vertices_of(self, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Offsets of a frame's vertices from its middle, and the same turned by 90 degrees: (1, rows, columns, 2)
        float64, frame pixels, divided by half the photo's sides."""
        found = self._vertices.get(size)
        if found is None:
            tile = tile_side(size[0])
            x, y = np.meshgrid(*(tile * np.arange(ceil(side / tile) + 1) - side / 2 for side in size))
            half = np.array(self.scene.photo_size) / 2
            plain, turned = np.stack([x, y], axis=-1) / half, np.stack([-y, x], axis=-1) / half
            found = self._vertices[size] = (self._to_device(plain[None]), self._to_device(turned[None]))
            self._settle()
        return found

    def _places_in(self, tile: int) -> "_Places":
        """Where in its tile each sample lies."""
        found = self._places.get(tile)
        if found is None:
            steps = torch.arange(tile, dtype=torch.float32, device=self.device)
            halves = steps[: tile // 2]
            found = self._places[tile] = _Places(
                ((steps + 0.5) / tile, (steps + 0.5) / tile), ((2 * halves + 0.5) / tile, (2 * halves + 1) / tile)
            )
            self._settle()
        return found

    def _upload(self, texture: Texture) -> DeviceTexture:
        across, down = texture.size
        half = (down // 2, across // 2)
        luma = [self._values(texture.planes[0], (down, across, 1)).add_(HALF + NUDGE)]
        chroma = [self._values(texture.planes[1], (*half, 2)).add_(HALF + NUDGE)]
        if len(texture.planes) > 2:
            through = 255 + HALF - NUDGE
            luma.append(through - self._values(texture.planes[2], (down, across, 1)))
            chroma.append(through - self._values(texture.planes[3], (*half, 1)))
        photo = np.array(self.scene.photo_size)
        # Photo pixel (p + 1) / 2 * photo is texel (that - corner) * ratio.
        rate = photo * texture.ratio / texture.size
        start = (photo - 2 * np.array(texture.corner)) * texture.ratio / texture.size - 1
        done = DeviceTexture(
            torch.cat(luma, dim=2).permute(2, 0, 1)[None],
            torch.cat(chroma, dim=2).permute(2, 0, 1)[None],
            self._to_device(rate.reshape(1, 1, 1, 2)),
            self._to_device(start.reshape(1, 1, 1, 2)),
        )
        self._settle()
        return done

    def _values(self, flat: NDArray[np.uint8], shape: tuple[int, int, int]) -> torch.Tensor:
        """A texture's plane without what lies behind it, float32."""
        return self._to_device(flat[: shape[0] * shape[1] * shape[2]].reshape(shape)).float()

    def _to_device(self, values: NDArray[np.float64] | NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(values).to(self.device)

    def _settle(self) -> None:
        """Let what is kept be finished, so that threads with other streams can use it."""
        if self.device.type == "cuda":
            torch.cuda.current_stream(self.device).synchronize()


def _stacked(scene: Scene) -> list[NDArray[np.float64]]:
    """The layers' disparities, (n, 1, h, w); neighbours of one size together."""
    groups: list[list[NDArray[np.float32]]] = []
    for layer in scene.layers:
        if not groups or groups[-1][0].shape != layer.disparity.shape:
            groups.append([])
        groups[-1].append(layer.disparity)
    return [np.stack(group)[:, None].astype(np.float64) for group in groups]


def _search(fields: torch.Tensor, lens: torch.Tensor, travel: torch.Tensor) -> torch.Tensor:
    """The disparity that each vertex sees: the secant steps of :mod:`engine.raster.kernels.scene_mesh`.

    Args:
        fields: (n, 1, h, w) float64 disparities.
        lens: (1, rows, columns, 2) relative positions on the lens plane.
        travel: like ``lens``: how far a point of disparity 1 is shifted on the photo.

    Returns:
        (n, rows, columns) float64.
    """
    count = fields.shape[0]

    def look_up(positions: torch.Tensor) -> torch.Tensor:
        grid = positions.expand(count, -1, -1, -1)
        return grid_sample(fields, grid, mode="bilinear", padding_mode="border", align_corners=False)[:, 0]

    found = look_up(lens)
    slope = torch.ones_like(found)
    step = before = slope
    for round_ in range(ROUNDS):
        error = found - look_up(torch.addcmul(lens, found[..., None], travel))
        if round_ > 0:
            secant = ((error - before) / step).clamp_(1 - STEEPEST, 1 + STEEPEST)
            slope = torch.where(step.abs() > 1e-9, secant, slope)
        before, step = error, -error / slope
        found = found + step
    return found


def _between_vertices(meshes: torch.Tensor, across: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    """Positions of samples: bilinear inside each tile.

    Args:
        meshes: (layers, rows + 1, columns + 1, 2).
        across, down: (n,) where in its tile each sample lies, 0..1.

    Returns:
        (layers, rows * n, columns * n, 2).
    """
    layers, rows, columns = meshes.shape[0], meshes.shape[1] - 1, meshes.shape[2] - 1
    lines = torch.lerp(meshes[:, :-1, None], meshes[:, 1:, None], down[:, None, None])
    lines = lines.reshape(layers, rows * len(down), columns + 1, 2)
    samples = torch.lerp(lines[:, :, :-1, None], lines[:, :, 1:, None], across[:, None])
    return samples.reshape(layers, rows * len(down), columns * len(across), 2)


def _compose(textures: list[torch.Tensor], grid: torch.Tensor) -> torch.Tensor:
    """Layers over each other; what is looked up and what is mixed is rounded, as on the CPU, to bytes.

    Args:
        textures: of each layer, the farthest first; see :class:`DeviceTexture`. The first one's last channel is a
            colour too.
        grid: (layers, h, w, 2).

    Returns:
        (colours, h, w) float32, whole numbers 0..255.
    """
    below = torch.empty(0)
    for index, texture in enumerate(textures):
        sampled = grid_sample(
            texture, grid[index : index + 1], mode="bilinear", padding_mode="border", align_corners=False
        )[0].floor_()
        if index == 0:
            below = sampled
        else:
            # A product of whole numbers over 255 never ends in one half: it does not matter which way that is rounded.
            below = torch.addcmul(sampled[:-1], below, sampled[-1:], value=1 / 255).round_().clamp_(max=255)
    return below
