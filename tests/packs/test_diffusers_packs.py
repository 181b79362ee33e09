"""Packs in the layout of diffusers: a folder that a studio has, and a repository that a site names."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from api.cli import main
from engine.core.errors import MediaError
from engine.packs import Pack, find_pack, import_pack, installed, installed_packs, verify
from engine.packs.fetch import pull
from models.image_to_video import svd
from models.image_to_video.interface import ClipRequest
from models.image_to_video.ladder import Rung
from models.recipes.presets import PRESETS
from models.runtime import ON_CPU
from tests.models.conftest import tiny_svd as tiny_svd

LICENCE = "LicenseRef-Stability-AI-Community"

WANTED = {
    "model_index.json",
    "feature_extractor/preprocessor_config.json",
    "image_encoder/config.json",
    "image_encoder/model.safetensors",
    "scheduler/scheduler_config.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
}


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has decided to accept the licence."""
    monkeypatch.setenv("MULTIPLANE_LICENCES", LICENCE)


@pytest.fixture
def theirs(tiny_svd: Path, tmp_path: Path) -> Path:
    """A folder as a hub has it: with a checkpoint of all parts, a pickle and words beside what is wanted."""
    folder = tmp_path / "svd-xt"
    shutil.copytree(tiny_svd, folder, copy_function=lambda origin, copy: Path(copy).symlink_to(origin))
    for name in ("svd_xt.safetensors", "README.md", "unet/diffusion_pytorch_model.bin", ".cache/unet/x.safetensors"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"not wanted")
    return folder


def files_of(folder: Path | None) -> set[str]:
    assert folder is not None
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("pack_id", svd.PACKS)
def test_the_adapter_s_packs_are_known_with_their_licence(pack_id: str) -> None:
    pack = find_pack(pack_id)
    assert pack.licence.spdx == LICENCE
    assert "revenue" in pack.licence.limits


def test_a_site_that_has_not_accepted_the_licence_is_told_it(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "import", "svd-xt-1.1", str(theirs)]) == 2
    said = capsys.readouterr().err
    assert "its licence is Stability AI Community License (from 1 million US dollars" in said
    assert f"this site does not accept {LICENCE}" in said
    assert installed("svd-xt-1.1") is None


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize("link", [[], ["--link"]], ids=["copied", "linked"])
def test_a_studio_s_folder_becomes_a_pack_that_is_verified_and_makes_a_clip(
    theirs: Path, packs: Path, link: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["packs", "import", "svd-xt-1.1", str(theirs), *link]) == 0
    said = capsys.readouterr().out
    assert said.startswith("svd-xt-1.1 is installed under the Stability AI Community License (from 1 million")
    folder = installed("svd-xt-1.1")
    assert files_of(folder) == WANTED
    assert folder is not None
    assert folder.is_relative_to(packs)
    assert (folder / "unet/config.json").is_symlink() == bool(link)
    record = json.loads((folder.parent / "pack.json").read_text())
    assert LICENCE in json.dumps(record)
    assert installed_packs()["svd-xt-1.1"].licence.limits
    assert main(["packs", "verify", "svd-xt-1.1"]) == 0
    svd.check_files(folder)
    traits = svd.traits_of(folder)
    request = ClipRequest(_photo(), traits.frames, 1, seed=1, fps=traits.fps)
    (clip,) = svd.open_model(folder, ON_CPU, PRESETS["exact"], Rung(8, "none", None)).generate([request])
    assert clip.shape == (traits.frames, 64, 64, 3)


@pytest.mark.usefixtures("accepted")
def test_damage_below_a_folder_is_found(theirs: Path) -> None:
    folder = import_pack(find_pack("svd"), theirs)
    weights = folder / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    (folder / "vae/config.json").unlink()
    assert [(problem.path, problem.problem) for problem in verify("svd")] == [
        ("unet/diffusion_pytorch_model.safetensors", "differs"),
        ("vae/config.json", "missing"),
    ]


@pytest.mark.usefixtures("accepted")
def test_a_folder_of_pickles_is_refused_in_one_sentence(theirs: Path) -> None:
    (theirs / "unet/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(MediaError) as raised:
        import_pack(find_pack("svd-xt"), theirs)
    assert raised.value.message == (
        "svd-xt: unet/*.safetensors of pack svd-xt is not in this folder: unet/diffusion_pytorch_model.bin is a "
        "pickle, and loading it runs what is in it: have safetensors."
    )
    assert installed("svd-xt") is None


@pytest.mark.usefixtures("accepted")
def test_half_floats_alone_are_a_pack_too(theirs: Path) -> None:
    for part in svd.MODULES:
        (weights,) = (theirs / part).glob("*.safetensors")
        weights.rename(weights.with_name(f"{weights.stem}.fp16.safetensors"))
    folder = import_pack(find_pack("svd-xt"), theirs)
    svd.check_files(folder)
    assert (folder / "unet/diffusion_pytorch_model.fp16.safetensors").is_file()


HUB = """
import pathlib, shutil
from fnmatch import fnmatch
def snapshot_download(repo_id, revision, allow_patterns, ignore_patterns, local_dir):
    repository = pathlib.Path(__file__).parent / "repository"
    for path in sorted(repository.rglob("*")):
        name = path.relative_to(repository).as_posix()
        wanted = any(fnmatch(name, pattern) for pattern in allow_patterns)
        if path.is_file() and wanted and not any(fnmatch(name, pattern) for pattern in ignore_patterns):
            (pathlib.Path(local_dir) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, pathlib.Path(local_dir) / name)
"""


@pytest.mark.usefixtures("accepted")
def test_a_site_s_own_entry_pulls_one_revision_with_its_folders(
    theirs: Path, tmp_path: Path, know: Callable[..., Pack], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "huggingface_hub.py").write_text(HUB)
    (library / "repository").symlink_to(theirs)
    monkeypatch.syspath_prepend(library)
    monkeypatch.setenv("PYTHONPATH", str(library))
    ours = find_pack("svd-xt").source
    pack = know(
        "svd-xt",
        kind="weights",
        licence="MIT",
        files=list(ours.files),
        source={"tool": "hub", "repository": "some/svd-xt", "revision": "b" * 40},
    )
    monkeypatch.setenv("MULTIPLANE_LICENCES", "MIT")
    assert pull(pack)
    folder = installed("svd-xt")
    assert files_of(folder) == WANTED
    assert verify("svd-xt") == ()
    assert folder is not None
    svd.check_files(folder)


def _photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
