"""Folders of Wan and LTX-Video: what is told without loading, and what is refused."""

import inspect
import json
import shutil
from pathlib import Path

import pytest

from engine.core.errors import WeightsError
from models.image_to_video import ltx, wan
from models.runtime import ON_CPU, Placement
from tests.models.tiny_family import Family, family_in
from tests.models.tiny_wan import write_tiny_wan

pytest.importorskip("torch")
pytest.importorskip("diffusers")


@pytest.fixture(scope="module", params=["wan", "ltx"])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    return family_in(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def copy(family: Family, tmp_path: Path) -> Path:
    """A folder of its own, to be damaged."""
    return Path(shutil.copytree(family.folder, tmp_path / "copy"))


def test_traits_are_told_without_loading(family: Family) -> None:
    traits = family.module.traits_of(family.folder)
    assert traits == family.model.traits
    assert traits.follows_text
    assert (traits.frames - 1) % traits.frame_multiple == 0
    assert all(side % 64 == 0 for size in traits.sizes for side in size)
    assert traits.guidance[0] == traits.guidance[1]


def test_weights_have_a_size(family: Family) -> None:
    files = sum(path.stat().st_size for path in family.folder.rglob("*.safetensors"))
    # Beside tensors a file holds their names, and a model tables that it computes.
    assert files * 0.8 < family.model.weights_size < files * 1.2  # type: ignore[attr-defined]


def test_room_is_asked_for_as_if_files_held_bfloat16_as_published(family: Family) -> None:
    sizes = {
        part: sum(path.stat().st_size for path in (family.folder / part).glob("*.safetensors"))
        for part in family.module.PARTS
    }
    places = Placement("cuda:0", "float16"), ON_CPU
    on_gpu, on_cpu = (family.module.weights_size(family.folder, place) for place in places)
    assert on_cpu == 2 * sum(sizes.values())
    assert on_gpu == sum(sizes.values()) + (sizes["vae"] if family.module is wan else 0)  # its VAE stays in float32


@pytest.mark.parametrize("missing", ["model_index.json", "vae/config.json", "scheduler/scheduler_config.json"])
def test_a_missing_file_is_told_in_one_sentence(family: Family, copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(WeightsError, match=f"^{family.name}: its file {missing} is missing.*import its pack again"):
        family.module.open_model(copy)


def test_another_model_is_told(family: Family, copy: Path) -> None:
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps({**index, "_class_name": "CogVideoXPipeline"}))
    with pytest.raises(WeightsError, match=r"its model_index\.json is of another model"):
        family.module.check_files(copy)


def test_an_older_wan_is_told(tmp_path: Path) -> None:
    write_tiny_wan(tmp_path)
    index = json.loads((tmp_path / "model_index.json").read_text())
    (tmp_path / "model_index.json").write_text(json.dumps({**index, "expand_timesteps": False}))
    with pytest.raises(WeightsError, match=r"of another Wan than 2\.2 TI2V"):
        wan.check_files(tmp_path)


def test_pickles_are_refused(family: Family, copy: Path) -> None:
    (copy / "text_encoder/model.safetensors").rename(copy / "text_encoder/pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"pickle.*safetensors"):
        family.module.check_files(copy)


def test_a_part_without_weights_is_told(family: Family, copy: Path) -> None:
    (copy / "vae/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"vae.*missing: import its pack again"):
        family.module.check_files(copy)


def test_a_shard_that_is_missing_is_told(family: Family, copy: Path) -> None:
    index = {"weight_map": {"a": "diffusion_pytorch_model.safetensors", "b": "other-00002.safetensors"}}
    (copy / "transformer/diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError, match=r"transformer.*import its pack again"):
        family.module.check_files(copy)


@pytest.mark.parametrize("part", ["text_encoder", "transformer", "vae"])
def test_weights_that_lack_a_tensor_are_refused_and_not_made_up(family: Family, copy: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    (path,) = (copy / part).glob("*.safetensors")
    tensors = load_file(path)
    lacking = max(name for name in tensors if "weight" in name)
    del tensors[lacking]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=f"weights of its {part} are not complete") as raised:
        family.module.open_model(copy)
    assert lacking in raised.value.detail


def test_damaged_weights_are_told(family: Family, copy: Path) -> None:
    (path,) = (copy / "transformer").glob("*.safetensors")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(WeightsError, match=r"its files cannot be loaded: import its pack again\.$") as raised:
        family.module.open_model(copy)
    assert str(copy) not in raised.value.message


def test_a_tokenizer_in_sentencepiece_s_form_says_what_to_install(
    family: Family, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "tokenizer/tokenizer.json").unlink()
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        family.module.check_files(copy)
    (copy / "tokenizer/spiece.model").write_bytes(b"")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="install sentencepiece"):
        family.module.check_files(copy)


def test_every_public_name_of_both_adapters_is_the_same() -> None:
    for name in ("check_files", "traits_of", "open_model"):
        assert (
            inspect.signature(getattr(wan, name)).parameters.keys()
            == inspect.signature(getattr(ltx, name)).parameters.keys()
        )
