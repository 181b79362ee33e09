"""Where the weights of Stable Video Diffusion lie, in what numbers, and what is said of folders that are not whole.

A GPU is played by copies: what is away from the "device" holds no numbers, so that a part that works without having
come there spoils the pictures.
"""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import DeviceMemoryError, WeightsError
from models.image_to_video import offload, svd
from models.image_to_video.interface import ClipRequest
from models.image_to_video.ladder import Rung
from models.image_to_video.offload import Visitor
from models.image_to_video.out_of_memory import is_out_of_memory
from models.recipes.presets import PRESETS
from models.residency.parking import Parkable
from models.runtime import ON_CPU, Placement

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

EXACT = PRESETS["exact"]
ALL_THERE = Rung(8, "none", None)
REQUEST = ClipRequest(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8), 2, 2, seed=1, fps=7)


@pytest.fixture(scope="module")
def reference(tiny_svd: Path) -> np.ndarray:
    return svd.open_model(tiny_svd, ON_CPU, EXACT, ALL_THERE).generate([REQUEST])[0]


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Bytes that were moved, and how many are on the device now and at most; away from it a weight holds no numbers."""
    seen: Counter[str] = Counter()

    def go(self: Visitor) -> None:
        arrived(self)
        size = sum(home.nbytes for _, home in self._home)
        seen["moves"] += 1
        seen["moved"] += size
        seen["there"] += size
        seen["most"] = max(seen["most"], seen["there"])

    def leave(self: Visitor) -> None:
        left(self)
        seen["there"] -= sum(home.nbytes for _, home in self._home)
        blank(self)

    def made(self: Visitor, *arguments: Any, **keys: Any) -> None:
        make(self, *arguments, **keys)
        blank(self)

    def blank(self: Visitor) -> None:
        for tensor, home in self._home:
            if home.is_floating_point():
                tensor.data = torch.full_like(home, torch.nan)

    make, arrived, left = Visitor.__init__, Visitor.go, Visitor.leave
    monkeypatch.setattr(Visitor, "__init__", made)
    monkeypatch.setattr(Visitor, "go", go)
    monkeypatch.setattr(Visitor, "leave", leave)
    monkeypatch.setattr(offload, "on_device", lambda home, device: home.clone())
    return seen


def size_of(module: Any) -> int:
    return sum(item.nbytes for item in (*module.parameters(), *module.buffers()))


def as_if_together(pictures: np.ndarray, reference: np.ndarray) -> bool:
    """Halves of guidance that run one after the other round otherwise: 1 level in 0.15 % of the values was seen."""
    apart = np.abs(pictures.astype(int) - reference)
    return bool(apart.max() <= 3 and apart.mean() < 0.02)


def test_only_the_part_that_works_is_on_the_device(tiny_svd: Path, reference: np.ndarray, moves: Counter[str]) -> None:
    model = svd.open_model(tiny_svd, ON_CPU, EXACT, Rung(8, "model", None))
    assert as_if_together(model.generate([REQUEST])[0], reference)
    parts = model._parts
    sizes = [size_of(part) for part in (parts.image_encoder, parts.vae, parts.unet, parts.vae)]
    assert moves["moves"] == 4
    assert moves["moved"] == sum(sizes)
    assert moves["most"] == max(sizes)
    assert moves["there"] == 0
    assert as_if_together(model.generate([REQUEST])[0], reference)


def test_only_the_layer_that_works_is_on_the_device(tiny_svd: Path, reference: np.ndarray, moves: Counter[str]) -> None:
    model = svd.open_model(tiny_svd, ON_CPU, EXACT, Rung(8, "sequential", None))
    assert as_if_together(model.generate([REQUEST])[0], reference)
    assert moves["most"] == size_of(model._parts.vae), "which is more here than the largest layer of the UNet"
    assert moves["moved"] > size_of(model._parts.unet)
    assert moves["there"] == 0


@pytest.mark.parametrize("kind", ["model", "sequential"])
def test_after_an_error_nothing_is_left_on_the_device(
    tiny_svd: Path, reference: np.ndarray, moves: Counter[str], kind: Any
) -> None:
    model = svd.open_model(tiny_svd, ON_CPU, EXACT, Rung(8, kind, None))

    def fail(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    hook = model._parts.unet.up_blocks[1].resnets[0].spatial_res_block.conv1.register_forward_hook(fail)
    with pytest.raises(DeviceMemoryError, match="while denoising"):
        model.generate([REQUEST])
    hook.remove()
    assert moves["there"] == 0
    assert as_if_together(model.generate([REQUEST])[0], reference)


def test_where_memory_is_short_guidance_asks_for_one_half_at_a_time(tiny_svd: Path) -> None:
    batches: dict[str, set[int]] = {}
    for kind in ("none", "model"):
        model = svd.open_model(tiny_svd, ON_CPU, EXACT, Rung(8, kind, None))  # type: ignore[arg-type]
        seen = batches.setdefault(kind, set())
        hook = model._parts.unet.register_forward_pre_hook(lambda _, args, seen=seen: seen.add(args[0].shape[0]))
        model.generate([REQUEST])
        hook.remove()
    assert batches == {"none": {2}, "model": {1}}


def test_a_model_can_be_parked_and_comes_back(tiny_svd: Path, reference: np.ndarray) -> None:
    model = svd.open_model(tiny_svd, ON_CPU, EXACT, ALL_THERE)
    parkable: Parkable = model
    parkable.to_host(pinned=False)
    parkable.to_device()
    assert np.array_equal(model.generate([REQUEST])[0], reference)


def test_the_size_of_the_weights_is_known_before_they_are_loaded(tiny_svd: Path) -> None:
    whole = svd.open_model(tiny_svd, ON_CPU, EXACT, ALL_THERE).weights_size
    # The files have headers: 1 % of these small tensors, 2 % of half of them.
    assert svd.weights_size(tiny_svd, ON_CPU) == pytest.approx(whole, rel=0.05)
    assert svd.weights_size(tiny_svd, Placement("cuda:0", "float16")) == pytest.approx(whole / 2, rel=0.05)


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), True),
        (RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be reported later"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"), True),
        (MemoryError(), True),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_a_lack_of_memory_is_told_from_other_errors(error: Exception, is_one: bool) -> None:
    assert is_out_of_memory(error) is is_one


@pytest.fixture
def copy(tiny_svd: Path, tmp_path: Path) -> Path:
    """A folder that may be changed."""
    return shutil.copytree(tiny_svd, tmp_path / "svd")


def test_traits_are_read_from_json_only(copy: Path) -> None:
    for weights in copy.rglob("*.safetensors"):
        weights.write_bytes(b"")
    config = copy / "unet" / "config.json"
    config.write_text(json.dumps({"num_frames": 25, "sample_size": 96}))
    traits = svd.traits_of(copy)
    assert (traits.family, traits.follows_text, traits.frames, traits.fps, traits.steps) == ("svd", False, 25, 7, 25)
    assert traits.sizes == ((1024, 576), (576, 1024), (768, 768), (896, 640), (640, 896))
    config.write_text("{}")
    assert svd.traits_of(copy) == traits


def test_sizes_have_the_trained_area_and_fit_the_model() -> None:
    for width, height in svd.sizes_of(96):
        assert width % svd.MULTIPLE == height % svd.MULTIPLE == 0
        assert width * height == pytest.approx(1024 * 576, rel=0.03)
    assert svd.sizes_of(12)[0] == (128, 64)


@pytest.mark.parametrize(
    "missing", ["model_index.json", "unet/config.json", "feature_extractor/preprocessor_config.json"]
)
def test_a_missing_file_is_told_in_one_sentence(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(WeightsError, match=rf"^Stable Video Diffusion: its file {missing} is missing.*import its pack"):
        svd.open_model(copy)


def test_another_pipeline_is_told(copy: Path) -> None:
    (copy / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    with pytest.raises(WeightsError, match=r"its model_index\.json is of another model"):
        svd.open_model(copy)


def test_pickles_are_refused(copy: Path) -> None:
    weights = copy / "vae" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(WeightsError, match=r"the weights of its vae are a pickle"):
        svd.open_model(copy)


@pytest.mark.parametrize("part", svd.MODULES)
def test_weights_that_are_not_complete_are_refused_and_not_made_up(copy: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    (file,) = (copy / part).glob("*.safetensors")
    tensors = load_file(file)
    del tensors[next(name for name in tensors if name.endswith("weight"))]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=rf"the weights of its {part} are not complete: import its pack again\.$"):
        svd.open_model(copy)


def test_damaged_weights_are_told(copy: Path) -> None:
    file = copy / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(WeightsError, match=r"its files cannot be loaded: import its pack again\.$") as raised:
        svd.open_model(copy)
    assert str(copy) not in raised.value.message


def test_files_of_half_floats_are_read_where_there_are_no_others(copy: Path, tiny_svd: Path) -> None:
    from safetensors.torch import load_file, save_file

    for part in svd.MODULES:
        (file,) = (copy / part).glob("*.safetensors")
        halves = {name: item.half() for name, item in load_file(file).items()}
        save_file(halves, file.with_name(f"{file.stem}.fp16.safetensors"), metadata={"format": "pt"})
    both = svd.open_model(copy, Placement("cpu", "float16"), EXACT, ALL_THERE)
    assert next(both._parts.unet.parameters()).dtype == torch.float16
    assert svd.weights_size(copy, Placement("cpu", "float16")) == pytest.approx(both.weights_size, rel=0.05)
    plain = svd.open_model(copy, ON_CPU, EXACT, ALL_THERE)
    for part in svd.MODULES:
        (copy / part / ("model" if part == "image_encoder" else "diffusion_pytorch_model")).with_suffix(
            ".safetensors"
        ).unlink()
    halves_only = svd.open_model(copy, ON_CPU, EXACT, ALL_THERE)
    name = "conv_in.weight"
    whole, rounded = (model._parts.unet.get_parameter(name) for model in (plain, halves_only))
    assert rounded.dtype == torch.float32
    assert not torch.equal(whole, rounded)
    assert torch.equal(whole.half(), rounded.half())


@pytest.fixture
def half(tiny_svd: Path) -> svd.StableVideo:
    """In float16, which a processor computes slowly: one part of the work at a time is asked for."""
    return svd.open_model(tiny_svd, Placement("cpu", "float16"), EXACT, ALL_THERE)


def test_in_half_floats_the_photo_is_encoded_as_the_pipeline_does_it(half: svd.StableVideo) -> None:
    from models.image_to_video.svd_denoise import draw_noise, encode

    parts = half._parts
    noise = draw_noise([REQUEST], 4, 8, torch.float16)
    with torch.no_grad():
        ours = encode(parts, [REQUEST], noise, "cpu")
        photo = torch.from_numpy(REQUEST.picture.transpose(2, 0, 1)[None].astype(np.float32) / 255) * 2 - 1
        stock = parts.vae.to(torch.float32).encode(photo + REQUEST.noise * noise.photos).latent_dist.mode().half()
        parts.vae.to(torch.float16)
    assert ours.dtype == torch.float16
    assert torch.equal(ours, stock)


def test_half_floats_are_half_floats_again_where_the_encoder_fails(half: svd.StableVideo) -> None:
    def fail(*_: Any) -> None:
        assert next(half._parts.vae.decoder.parameters()).dtype == torch.float16, "only the encoder turns"
        raise torch.OutOfMemoryError("CUDA out of memory.")

    half._parts.vae.encoder.register_forward_pre_hook(fail)
    with pytest.raises(DeviceMemoryError, match="encoding the photo"):
        half.generate([REQUEST])
    assert {item.dtype for item in half._parts.vae.parameters()} == {torch.float16}


def test_a_clip_that_overflows_half_floats_is_decoded_in_whole_ones(half: svd.StableVideo) -> None:
    from models.image_to_video.svd_denoise import decode

    decoder = half._parts.vae.decoder
    with torch.no_grad():
        decoder.conv_in.weight *= 50  # the group norms take it away again, but 65504 is passed before
        decoder.conv_in.bias *= 50
        latents = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(0)).half() * 400
        assert not half._parts.vae.decode(latents / 0.18215, num_frames=1).sample.isfinite().all()
        assert decode(half._parts, latents).isfinite().all()
    assert {item.dtype for item in half._parts.vae.parameters()} == {torch.float16}
