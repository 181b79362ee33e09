"""Stable Video Diffusion, ours beside stock diffusers over the same modules, in one run.

python -m benchmarks.svd --random-weights [--repeat 3] [--output RESULT.json]   full size, on a CUDA GPU
python -m benchmarks.svd --folder DIR                                           the same with real weights
python -m benchmarks.svd --tiny                                                 a tiny model, on any processor
python -m benchmarks.svd --flops                                                counts only, full size, anywhere

Stock is ``StableVideoDiffusionPipeline`` with the same steps, seed, number format and PyTorch's own attention. Each
contender runs once to warm up, then all in turn, ``--repeat`` times; the device is waited for before each clock stops.
Beside seconds stand the operations that were counted (:mod:`models.recipes.flops`), the rate that both make and, for
cards that are known, its share of the card's dense half-precision peak, so that the distance to the floor is seen.
``exact, low memory`` decodes one picture at a time inside each layer, and leaves only the part at work on the device.
PSNR is to stock's pictures. ``--mp4`` adds the way from a photo to a 1080p30 MP4 by each preset.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from importlib import metadata
from math import inf, log10
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.machine import machine
from benchmarks.svd_models import Model, model_in, random_model
from benchmarks.svd_mp4 import photo_to_mp4
from engine.media import load_photo
from engine.motion import WHOLE_PHOTO
from models.image_to_video.interface import Checkpoint, ClipRequest
from models.image_to_video.ladder import FULL, LADDER, Rung
from models.image_to_video.svd import StableVideo
from models.recipes.flops import Shape, decode_flops, total_flops, unet_flops
from models.recipes.presets import PRESETS, Preset, planned_calls
from models.runtime import CPU, ON_CPU, place
from pipelines.diffusion.framing import cut_out, frame_photo

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"
SEED = 7

PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12, "L4": 121e12}
"""Dense operations a second in half precision with sums in float32, by a part of the card's name; makers' data sheets
(the SXM form of H100)."""

LOW_MEMORY = next(rung for rung in LADDER if rung.offload == "model")

TINY_STEPS = 6

AIMS = {"exact": 8.0, "balanced": 4.5}
"""Seconds for 25 pictures and 25 steps with decoding, on an H100; of issue 7."""

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to make the clip.

    Attributes:
        name: for the table.
        make: makes it; returns its pictures, and seconds until denoising ended.
        flops: operations, counted at full size; None where nothing was counted.
    """

    name: str
    make: Callable[[], tuple[Pictures, float]]
    flops: int | None


def contenders(model: Model, request: ClipRequest, steps: int) -> list[Contender]:
    """Stock, and ours by each preset; each applies its recipes to the shared modules and takes them off again."""
    tiny = model.size != (1024, 576)
    found = [Contender("stock", lambda: _stock(model, request, steps), None if tiny else total_flops(steps))]
    for preset in PRESETS.values():
        counted = None if tiny else total_flops(steps, preset)
        found.append(Contender(preset.name, partial(_ours, model, request, preset, FULL), counted))
    counted = None if tiny else total_flops(steps, PRESETS["exact"])
    found.append(Contender("exact, low memory", lambda: _ours(model, request, PRESETS["exact"], LOW_MEMORY), counted))
    return found


def _stock(model: Model, request: ClipRequest, steps: int) -> tuple[Pictures, float]:
    from PIL import Image

    for module in (model.parts.image_encoder, model.parts.unet, model.parts.vae):
        module.to(model.placement.device)
    began, ended = time.perf_counter(), [0.0]

    def on_step(pipeline: Any, step: int, timestep: Any, values: Any) -> Any:  # noqa: ANN401  diffusers' signature
        if step == steps - 1:
            _settle(model)
            ended[0] = time.perf_counter() - began
        return values

    height, width = request.picture.shape[:2]
    made = model.stock()(
        Image.fromarray(request.picture),
        height=height,
        width=width,
        num_frames=request.frames,
        num_inference_steps=steps,
        min_guidance_scale=request.guidance[0],
        max_guidance_scale=request.guidance[1],
        fps=request.fps,
        motion_bucket_id=request.motion_bucket,
        noise_aug_strength=request.noise,
        decode_chunk_size=request.frames,  # anything less changes the pictures
        generator=torch.Generator("cpu").manual_seed(request.seed),
        output_type="np",
        callback_on_step_end=on_step,
    ).frames[0]
    return np.rint(made * 255).astype(np.uint8), ended[0]


def _ours(model: Model, request: ClipRequest, preset: Preset, rung: Rung) -> tuple[Pictures, float]:
    video = StableVideo(model.parts, model.traits, model.placement, preset, rung)
    began, ended = time.perf_counter(), [0.0]

    def watch(done: int, total: int, state: Callable[[], Checkpoint | None]) -> None:
        if done == total:
            _settle(model)
            ended[0] = time.perf_counter() - began

    try:
        return video.generate([request], watch)[0], ended[0]
    finally:
        video.close()


def _settle(model: Model) -> None:
    if model.placement.on_gpu:
        torch.cuda.synchronize(model.placement.device)


def measure(model: Model, found: list[Contender], repeat: int) -> dict[str, dict[str, Any]]:
    """Run all in turn; seconds, peak memory and PSNR of each."""
    results: dict[str, dict[str, Any]] = {each.name: {"s": [], "denoising_s": []} for each in found}
    reference: Pictures | None = None
    for number in range(repeat + 1):
        for each in found:
            if model.placement.on_gpu:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats(model.placement.device)
            began = time.perf_counter()
            pictures, denoising = each.make()
            _settle(model)
            seconds = time.perf_counter() - began
            row = results[each.name]
            if number == 0:  # the warm-up
                reference = pictures if reference is None else reference
                row["psnr_db"] = _psnr(pictures, reference)
                if each.flops is not None:
                    row["tflop"] = each.flops / 1e12
                continue
            row["s"].append(seconds)
            row["denoising_s"].append(denoising)
            if model.placement.on_gpu:
                row["peak_gb"] = torch.cuda.max_memory_allocated(model.placement.device) / 1e9
    return results


def _psnr(ours: Pictures, theirs: Pictures) -> float:
    error = float(np.mean((ours.astype(np.float64) - theirs) ** 2))
    return inf if error == 0 else 10 * log10(255**2 / error)


def counts(steps: int) -> dict[str, Any]:
    """Operations at full size, in TFLOP."""
    shape = Shape()
    step = {"guided": unet_flops(shape=shape) / 1e12, "guided, folded": unet_flops(shape=shape, folded=True) / 1e12}
    for preset in PRESETS.values():
        if preset.deep_cache is not None:
            shallow = unet_flops(shape=shape, folded=preset.fold, shallow=preset.deep_cache) / 1e12
            step[f"guided, shallow ({preset.name})"] = shallow
    clip = {"stock": total_flops(steps) / 1e12}
    clip |= {preset.name: total_flops(steps, preset) / 1e12 for preset in PRESETS.values()}
    calls = {preset.name: len(planned_calls(preset, steps)) for preset in PRESETS.values()}
    return {"steps": steps, "step": step, "decode": decode_flops(shape) / 1e12, "clip": clip, "calls": calls}


def say_counts(counted: dict[str, Any]) -> None:
    """Print them."""
    print(
        f"SVD-XT, 25 pictures of 1024x576, {counted['steps']} steps; TFLOP, a multiplication and its addition are two"
    )
    for name, value in counted["step"].items():
        print(f"  step, {name:32}{value:9.1f}")
    print(f"  {'decoding':38}{counted['decode']:9.1f}")
    for name, value in counted["clip"].items():
        print(f"  clip, {name:32}{value:9.0f}  {value / counted['clip']['stock']:6.1%} of stock")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--random-weights", action="store_true", help="full size; what is computed does not depend on them"
    )
    what.add_argument("--folder", type=Path, help="a model in the layout of diffusers")
    what.add_argument("--tiny", action="store_true")
    what.add_argument("--flops", action="store_true")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--steps", type=int, help="25; 6 for --tiny")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--mp4", type=int, metavar="SECONDS", help="from the photo to an MP4 of this length, too")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    steps = options.steps or (TINY_STEPS if options.tiny else 25)
    result: dict[str, Any] = {
        "schema": "multiplane-benchmark-svd-1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in ("torch", "diffusers", "transformers", "accelerate")},
        "command": " ".join(["python -m benchmarks.svd", *(arguments if arguments is not None else sys.argv[1:])]),
    }
    if not options.tiny:
        result["tflop"] = counts(steps)
        say_counts(result["tflop"])
    name = "flops"
    if not options.flops:
        placement = ON_CPU if options.tiny and options.device == "auto" else place(options.device)
        if not placement.on_gpu and not options.tiny:
            print(
                "There is no CUDA GPU here, and at full size a processor takes hours: nothing was timed.",
                file=sys.stderr,
            )
            return 1
        folder = options.folder
        model = random_model(placement, tiny=options.tiny) if folder is None else model_in(folder, placement)
        measured(result, model, steps, options.repeat)
        if options.mp4:
            with tempfile.TemporaryDirectory() as folder:
                spent = photo_to_mp4(model, PHOTO, Path(folder), Fraction(options.mp4))
            result["mp4"] = {"seconds": options.mp4, "s": spent}
            for preset, times in spent.items():
                told = ", ".join(f"{state} {seconds:.1f} s" for state, seconds in times.items())
                print(f"photo to {options.mp4} s of 1080p30 MP4, {preset}: {told}")
        name = "tiny" if options.tiny else result["device"]["name"].replace(" ", "-").lower()
    output = options.output or HERE / "results" / f"svd-{name}-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written: {output}")
    return 0


def measured(result: dict[str, Any], model: Model, steps: int, repeat: int) -> None:
    """Measure all contenders into the result, and print them."""
    width, height = model.size
    photo = load_photo(PHOTO)
    whole = (photo.info.width, photo.info.height)
    framing = frame_photo(whole, width / height, (model.size,), WHOLE_PHOTO)
    picture = cut_out(photo.pixels, whole, framing.made, model.size)
    request = ClipRequest(picture, model.traits.frames, steps, SEED, model.traits.fps, guidance=model.traits.guidance)
    model = replace(model, traits=replace(model.traits, steps=steps))
    rows = measure(model, contenders(model, request, steps), repeat)
    result["model"], result["steps"], result["size"] = model.about, steps, [width, height]
    result["device"] = _device(model)
    result["dtype"], result["repeat"], result["aims_s"] = model.placement.dtype, repeat, AIMS
    result["rows"] = rows
    peak = result["device"].get("peak_tflops")
    print(
        f"{result['device']['name']}: {model.about}, {model.traits.frames} pictures of {width}x{height}, {steps} steps"
    )
    heads = {"s: min": 9, "median": 9, "max": 9, "decoding": 10, "TFLOP": 9, "TFLOP/s": 9, "% of peak": 11, "GB": 7}
    print(f"{'':20}{''.join(f'{head:>{width}}' for head, width in heads.items())}{'PSNR':>8}")
    for name, row in rows.items():
        middle = statistics.median(row["s"])
        rate = row["tflop"] / middle if "tflop" in row else None
        share = 100 * rate / peak if rate and peak else None
        times = (min(row["s"]), middle, max(row["s"]), middle - statistics.median(row["denoising_s"]))
        cells = (_cell(row.get("tflop"), 0), _cell(rate, 1), _cell(share, 1, 11), _cell(row.get("peak_gb"), 1, 7))
        print(
            f"{name:20}{times[0]:9.3f}{times[1]:9.3f}{times[2]:9.3f}{times[3]:10.3f}{''.join(cells)}{row['psnr_db']:8.1f}"
        )


def _cell(value: float | None, digits: int, width: int = 9) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.{digits}f}"


def _device(model: Model) -> dict[str, Any]:
    if model.placement.device == CPU:
        return {"name": f"{machine()['cpu']} (no GPU)"}
    facts = torch.cuda.get_device_properties(model.placement.device)
    peak = next((value for part, value in PEAKS.items() if part in facts.name), None)
    return {
        "name": facts.name,
        "memory_gb": round(facts.total_memory / 1e9, 1),
        "cuda": torch.version.cuda,
        **({} if peak is None else {"peak_tflops": peak / 1e12}),
    }


if __name__ == "__main__":
    raise SystemExit(main())
