"""Depth Anything by way of transformers, on a tiny random model of the real class; nothing is looked for elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import WeightsError
from models.depth import DepthAnything, DepthModel
from models.depth.depth_anything import LONGEST_SIDE, PATCH, SHORT_SIDE, input_size, memory

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the hub has it: the real class with one layer of 16 channels, and random weights."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    torch.manual_seed(7)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=56,
        patch_size=PATCH,
        out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        patch_size=PATCH,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[4, 4, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
    )
    folder = tmp_path_factory.mktemp("depth")
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(weights: Path) -> DepthAnything:
    return DepthAnything.open(weights)


def photo(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_depth_has_the_photo_s_shape_at_the_model_s_size(model: DepthModel) -> None:
    depth = model.estimate(photo(300, 400))
    assert depth.shape == (518, 686)
    assert depth.dtype == np.float32
    assert (depth.min(), depth.max()) == (0, 1)


def test_a_photo_has_the_same_depth_each_time_and_another_photo_another(model: DepthModel) -> None:
    first = model.estimate(photo(100, 100))
    assert np.array_equal(first, model.estimate(photo(100, 100)))
    assert not np.array_equal(first, model.estimate(255 - photo(100, 100)))


@pytest.mark.parametrize(
    "size", [(1920, 1080), (1080, 1920), (518, 518), (30, 20), (8000, 500), (1, 9000), (5312, 2988)]
)
def test_a_photo_is_looked_at_in_whole_patches_and_no_larger_than_trained(size: tuple[int, int]) -> None:
    wide, high = input_size(*size)
    assert wide % PATCH == high % PATCH == 0
    assert 0 < min(wide, high) <= SHORT_SIDE
    assert max(wide, high) <= LONGEST_SIDE
    if max(size) < 2 * min(size):
        assert min(wide, high) == SHORT_SIDE
        assert wide / high == pytest.approx(size[0] / size[1], rel=0.02)


def test_opening_leaves_the_environment_as_it_was(model: DepthAnything) -> None:
    assert "HF_HUB_OFFLINE" not in os.environ


def test_memory_is_declared_before_loading(weights: Path, model: DepthAnything) -> None:
    assert memory(weights) > model.weights_size > 0


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_missing_file_is_told_in_one_sentence(weights: Path, tmp_path: Path, missing: str) -> None:
    for path in weights.iterdir():
        if path.name != missing:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(WeightsError, match=r"^Depth Anything: its .* missing: import its pack again\.$"):
        DepthAnything.open(tmp_path)


def copied(weights: Path, target: Path, **config: object) -> Path:
    (target / "model.safetensors").write_bytes((weights / "model.safetensors").read_bytes())
    known = json.loads((weights / "config.json").read_text())
    (target / "config.json").write_text(json.dumps({**known, **config}))
    return target


def test_another_model_is_told(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"its config\.json is of another model"):
        DepthAnything.open(copied(weights, tmp_path, model_type="dpt"))


def test_damaged_weights_are_told(weights: Path, tmp_path: Path) -> None:
    whole = copied(weights, tmp_path) / "model.safetensors"
    whole.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(WeightsError, match=r"its files cannot be loaded: import its pack again\.$") as raised:
        DepthAnything.open(tmp_path)
    assert str(tmp_path) not in raised.value.message


def test_weights_that_lack_a_layer_are_refused_and_not_made_up(weights: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = copied(weights, tmp_path) / "model.safetensors"
    tensors = load_file(path)
    del tensors["head.conv1.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="its weights are not complete") as raised:
        DepthAnything.open(tmp_path)
    assert "head.conv1.weight" in raised.value.detail


def test_it_runs_where_no_connection_can_be_opened_and_no_program_started(weights: Path) -> None:
    """The service's workers are such processes."""
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from api.intake.confine import forbid_calls; from models.depth import DepthAnything\n"
        "print(forbid_calls())\n"
        "model = DepthAnything.open(Path(sys.argv[1]))\n"
        "print(model.estimate(np.arange(80 * 60 * 3, dtype=np.uint8).reshape(60, 80, 3)).max())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(weights)], capture_output=True, text=True, check=False)
    assert done.stdout.split()[-1:] == ["1.0"], done.stderr
