"""How much memory a model needs for a clip, on each rung of the ladder, and where on the ladder to begin.

::

    needs = {rung: need_of(folder, shape, placement, preset_on(rung, asked), rung) for rung in LADDER}
    rung = start_rung({rung: need.on_device for rung, need in needs.items()}, model_budget(placement.device))
    with pool.lease(key, load, need.weights, workspace=need.workspace, host=need.host) as model: ...

Weights are counted from the headers of the files. What the work makes beside them is counted too, at full size
(:mod:`models.image_to_video.memory_figures`), and corrected by what runs on this machine really took
(:mod:`models.image_to_video.memory_taken`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from engine.core.errors import WeightsError
from models.image_to_video.ladder import LADDER, Rung
from models.image_to_video.memory_figures import FAMILIES, Figures
from models.residency import MODEL_GPU_MEMORY, MODEL_MEMORY, megabytes
from models.runtime import Placement

ALLOCATOR = 1.15
"""Times what tensors take that a GPU's allocator takes for them: blocks are rounded up, and gaps between them are lost.
An estimate: no GPU was at hand."""

LIBRARIES = 256 * 2**20
"""Bytes that cuDNN and cuBLAS may take for themselves while they compute. An estimate too."""

LARGEST_HEADER = 100 * 2**20
"""Bytes that a header of a safetensors file may have: the format's own limit."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is made at once.

    Attributes:
        family: ``svd``, ``wan`` or ``ltx``.
        frames: pictures of one clip.
        width, height: of a picture, in pixels.
        guided: whether a step looks at it with and without the condition.
        clips: in one batch.
    """

    family: str
    frames: int
    width: int
    height: int
    guided: bool
    clips: int = 1

    @property
    def latent_frames(self) -> int:
        """Latent pictures of one clip."""
        group = FAMILIES[self.family].group
        return self.frames if group == 1 else 1 + -(-(self.frames - 1) // group)

    @property
    def latent_pixels(self) -> float:
        """Latent pixels of one picture."""
        return self.width * self.height / FAMILIES[self.family].scale ** 2


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes for one clip on one rung.

    Attributes:
        weights: on the device between generations.
        workspace: on the device beside, while a generation runs; where weights visit, those that are there at a time.
        host: of weights that wait in memory of the processor.
    """

    weights: int
    workspace: int
    host: int

    @property
    def on_device(self) -> int:
        """On the device in all."""
        return self.weights + self.workspace


@dataclass(frozen=True, slots=True)
class PartSize:
    """Numbers in the weights of one part of a model.

    Attributes:
        all: of the part.
        layer: of its largest layer.
    """

    all: int
    layer: int


def need_of(folder: Path, shape: Shape, placement: Placement, preset: str, rung: Rung, *, taken: int = 0) -> Need:
    """What a model in a folder needs for a clip.

    Args:
        folder: in the layout of diffusers.
        shape: of the clip.
        placement: where it runs; on a processor nothing is offloaded.
        preset: that holds on the rung.
        rung: how much is at work at a time.
        taken: bytes of workspace that such a run really took; the larger counts.

    Raises:
        WeightsError: a file of weights has no header that can be read.
    """
    figures = FAMILIES[shape.family]
    phases = _phases(figures, shape, placement.dtype == "float32", preset, rung)
    sizes = {part: part_size(folder / part) for part in phases}
    numbers = {part: 4 if placement.dtype == "float32" or part in figures.float32_parts else 2 for part in phases}
    weights = {part: size.all * numbers[part] for part, size in sizes.items()}
    extra, factor = (LIBRARIES, ALLOCATOR) if placement.on_gpu else (0, 1.0)

    def visiting(part: str) -> int:
        if not placement.on_gpu or rung.offload == "none":
            return 0
        if rung.offload == "model" or part in figures.whole:
            return weights[part]
        return sizes[part].layer * numbers[part]

    most = max(visiting(part) + int(work * factor) for part, work in phases.items()) + extra
    everything = sum(weights.values())
    stays = not placement.on_gpu or rung.offload == "none"
    return Need(everything if stays else 0, max(most, taken), 0 if stays else everything)


def start_rung(needs: Mapping[Rung, int], budget: int) -> Rung:
    """Where to begin: the first rung whose need fits, or the one that needs least where none does.

    Args:
        needs: bytes on the device for each rung.
        budget: bytes that there are.
    """
    fitting = [rung for rung in LADDER if rung in needs and needs[rung] <= budget]
    return fitting[0] if fitting else min((rung for rung in LADDER if rung in needs), key=needs.__getitem__)


def lacking_sentence(name: str, shape: Shape, least: int, budget: int, placement: Placement) -> str:
    """What to tell people where a clip does not fit on any rung.

    Args:
        name: of the model.
        shape: of the clip.
        least: bytes on the device that it needs on the lowest rung.
        budget: bytes that there are.
        placement: where it should run.
    """
    setting = MODEL_GPU_MEMORY if placement.on_gpu else MODEL_MEMORY
    return (
        f"{name} needs {megabytes(least)} on {placement.device} for {shape.frames} pictures of {shape.width}x"
        f"{shape.height} with as little at a time as it can, and models may take {megabytes(budget)}: raise "
        f"{setting.variable}, end what else uses the device, or ask for fewer pictures."
    )


def part_size(part: Path) -> PartSize:
    """Count the numbers of a part's weights from the headers of its files; the weights are not read.

    Args:
        part: a folder with ``*.safetensors``. Where it has files of half floats besides the plain ones, the plain ones
            are counted: both hold the same numbers.

    Raises:
        WeightsError: a file has no header that can be read.
    """
    files = list(part.glob("*.safetensors"))
    plain = [file for file in files if ".fp16." not in file.name]
    layers: dict[str, int] = {}
    for file in plain or files:
        for name, shape in _header(file).items():
            layer = name.rpartition(".")[0]
            layers[layer] = layers.get(layer, 0) + prod(shape)
    return PartSize(sum(layers.values()), max(layers.values(), default=0))


def _phases(figures: Figures, shape: Shape, float32: bool, preset: str, rung: Rung) -> dict[str, int]:
    """Bytes that each part makes at its largest, beside its weights."""
    frames, pixels, clips = shape.latent_frames, shape.latent_pixels, shape.clips
    step = figures.caching if figures.caching is not None and preset != "exact" else figures.denoising
    # Where memory is short the halves of guidance run one after the other; a cache holds both.
    apart = rung.offload != "none" and step is figures.denoising
    copies = clips * (figures.halves if shape.guided and not apart else 1)
    if rung.micro_batch >= shape.frames or (not figures.cut_by_frames and rung.micro_batch >= LADDER[0].micro_batch):
        decoding = figures.decoding.bytes(frames, pixels, float32)
    else:
        cut = figures.least if figures.least is not None and rung.micro_batch == 1 else figures.cut
        decoding = cut.bytes(rung.micro_batch if figures.cut_by_frames else frames, pixels, float32)
    photos = clips if figures.cut_by_frames else 1  # SVD looks at all photos of a batch at once, others at one
    photo = figures.photo.bytes(photos, pixels * photos, float32)
    prompts = clips * (2 if shape.guided else 1)
    return {
        figures.encoder: figures.encoding.bytes(1, pixels, float32) * prompts,
        figures.denoiser: step.bytes(frames * copies, pixels, float32),
        "vae": max(photo, decoding),
    }


def _header(file: Path) -> dict[str, list[int]]:
    """Shapes of the tensors in a safetensors file, by name."""
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > LARGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(opened.read(length))
        return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(
            file.parent.name, f"{file.name} is no file of safetensors: import its pack again.", detail=str(error)
        ) from error
