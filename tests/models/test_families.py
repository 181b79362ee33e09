"""Families of models: whose a folder is, and the way of a folder from a studio's disk to a clip."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from api.cli import main
from engine.core.errors import WeightsError
from engine.packs import installed
from models.image_to_video import families, ltx, svd, wan
from models.image_to_video.families import FAMILIES, family_named, family_of
from tests.conftest import ROOT
from tests.models.tiny_family import asked
from tests.models.tiny_ltx import write_tiny_ltx
from tests.models.tiny_wan import write_tiny_wan
from tests.packs.conftest import packs as packs

WRITERS = {"wan2.2-ti2v-5b": write_tiny_wan, "ltx-video": write_tiny_ltx}


@pytest.mark.parametrize("module", [svd, wan, ltx])
def test_the_table_says_what_the_adapters_say(module: object) -> None:
    family = family_named(module.FAMILY)  # type: ignore[attr-defined]
    assert (family.packs, family.pipelines) == (module.PACKS, module.PIPELINES)  # type: ignore[attr-defined]
    assert family.module == module.__name__  # type: ignore[attr-defined]
    assert family.follows_text == (module is not svd)


def test_no_pack_and_no_pipeline_is_of_two_families() -> None:
    for names in (
        [name for family in FAMILIES for name in family.packs],
        [name for family in FAMILIES for name in family.pipelines],
    ):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("kind", "name"), [("StableVideoDiffusionPipeline", "svd"), ("WanPipeline", "wan"), ("LTXConditionPipeline", "ltx")]
)
def test_a_folder_s_index_says_whose_it_is(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    assert family_of(tmp_path) == family_named(name)


@pytest.mark.parametrize("text", [None, "{", "[]", "{}", '{"_class_name": "FluxPipeline"}'])
def test_a_folder_of_no_family_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "model_index.json").write_text(text)
    with pytest.raises(WeightsError, match=r"names no model that brings photos to life"):
        family_of(tmp_path)


def test_an_unknown_family_is_told() -> None:
    with pytest.raises(ValueError, match="'flux' is no family of models: svd, wan, ltx"):
        family_named("flux")


@pytest.mark.parametrize("pack", sorted(WRITERS))
def test_a_studio_s_folder_becomes_a_pack_and_makes_a_clip(
    pack: str, tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("diffusers")
    folder = WRITERS[pack](tmp_path / "theirs")
    (folder / "text_encoder" / "pytorch_model.bin").write_bytes(b"a pickle")
    if pack == "ltx-video":
        assert main(["packs", "import", pack, str(folder)]) != 0
        assert "10 million US dollars" in capsys.readouterr().err
        monkeypatch.setenv("MULTIPLANE_LICENCES", "LicenseRef-LTXV-Open-Weights-0.X")
    else:
        monkeypatch.setenv("MULTIPLANE_LICENCES", "Apache-2.0")
    assert main(["packs", "import", pack, str(folder)]) == 0
    there = installed(pack)
    assert there is not None
    assert there.is_relative_to(packs)
    assert not list(there.rglob("*.bin"))
    assert families.traits_of(there).follows_text
    request = asked(steps=2)
    (clip,) = families.open_model(there).generate([request])
    (same,) = families.open_model(folder).generate([request])
    assert np.array_equal(clip, same)


def test_nothing_heavy_is_loaded_before_a_model_is(tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    folder = write_tiny_wan(tmp_path)
    program = (
        "import sys; from pathlib import Path; from models.image_to_video import families\n"
        "assert 'models.image_to_video.wan' not in sys.modules\n"
        "families.check_files(Path(sys.argv[1])); print(families.traits_of(Path(sys.argv[1])).family)\n"
        "print({'torch', 'diffusers', 'transformers'} & sys.modules.keys())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["wan", "set()"], done.stderr


def test_a_clip_is_made_where_no_connection_can_be_opened_and_no_program_started(tmp_path: Path) -> None:
    """The service's workers are such processes."""
    pytest.importorskip("diffusers")
    folder = write_tiny_ltx(tmp_path)
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from api.intake.confine import forbid_calls; from models.image_to_video import families\n"
        "from models.image_to_video.interface import ClipRequest\n"
        "print(forbid_calls())\n"
        "picture = np.zeros((64, 64, 3), np.uint8)\n"
        "request = ClipRequest(picture, 9, 2, 1, 25, guidance=(3.0, 3.0), prompt='snow')\n"
        "print(families.open_model(Path(sys.argv[1])).generate([request])[0].shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["(9, 64, 64, 3)"], done.stderr
