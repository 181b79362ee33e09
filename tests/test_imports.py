"""The import rule of ARCHITECTURE.md, no cycles, a light start, and a core that needs no torch."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.import_graph import HOUSES, cycles, find_modules, forbidden, read_imports

WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder

class NoTorch(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "torch" else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = NoTorch
"""
"""Makes torch as absent as if it had never been installed, for ``import`` and for ``find_spec``."""


def python(code: str, *arguments: str) -> str:
    """Run code in a new interpreter, in this checkout; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def problems(root: Path) -> list[str]:
    return forbidden(read_imports(find_modules(root)))


def test_every_module_keeps_the_import_rule() -> None:
    modules = find_modules(ROOT)
    assert {"engine.core.errors", "pipelines.render", "api.cli.command", "tests.test_imports"} <= modules.keys()
    assert forbidden(read_imports(modules)) == []


def test_no_two_modules_need_each_other_to_load() -> None:
    assert cycles(read_imports(find_modules(ROOT))) == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("engine/raster/a.py", "import pipelines.render"),
        ("engine/core/a.py", "from engine.media import probe_photo"),
        ("engine/a.py", "from models import depth"),
        ("models/a.py", "from engine.raster import sampler"),
        ("models/a.py", "import engine"),
        ("pipelines/a.py", "def late():\n    from api.cli import main\n"),
        ("pipelines/kenburns/a.py", "from ...api import cli"),
        ("api/a.py", "if True:\n    import tests.helpers\n"),
        ("benchmarks/a.py", "from tests import conftest"),
        ("engine/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from api import cli\n"),
    ],
)
def test_an_arrow_that_runs_upward_or_sideways_is_found(tmp_path: Path, file: str, code: str) -> None:
    (problem,) = problems(write_tree(tmp_path, {file: code}))
    assert problem.startswith(file.removesuffix(".py").replace("/", "."))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("engine/raster/a.py", "from engine.core.errors import InputError\nimport numpy\nfrom . import b"),
        ("models/a.py", "from engine.core import errors"),
        ("pipelines/a.py", "import models.depth, engine.media"),
        ("api/a.py", "from pipelines.render import render_draft"),
        ("tests/a.py", "import benchmarks.kenburns"),
        ("engine/a.py", "import apiary\nfrom enginery import steam"),
    ],
)
def test_an_arrow_that_runs_downward_is_allowed(tmp_path: Path, file: str, code: str) -> None:
    assert problems(write_tree(tmp_path, {file: code})) == []


def test_a_cycle_is_found_and_named(tmp_path: Path) -> None:
    tree = {
        "engine/__init__.py": "",
        "engine/a.py": "from engine import b",
        "engine/b.py": "from engine.c import thing",
        "engine/c.py": "import engine.a",
        "engine/d.py": "def late():\n    import engine.e",
        "engine/e.py": "import engine.d",
    }
    assert cycles(read_imports(find_modules(write_tree(tmp_path, tree)))) == [["engine.a", "engine.b", "engine.c"]]


def test_a_package_and_its_module_that_import_each_other_are_a_cycle(tmp_path: Path) -> None:
    tree = {"engine/__init__.py": "from engine.a import thing", "engine/a.py": "from engine import other"}
    assert cycles(read_imports(find_modules(write_tree(tmp_path, tree)))) == [["engine", "engine.a"]]


@pytest.mark.parametrize(
    "code",
    [
        "import engine",
        "import api",
        "import api.cli",
        "import api.cli; help_of(['--help'])",
        "import api.cli; help_of(['animate', '--help'])",
    ],
)
def test_a_light_start_loads_nothing_heavy(code: str) -> None:
    prelude = """
import contextlib, io, sys
def help_of(arguments):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as said:
        api.cli.main(arguments)
    assert "multiplane" in said.getvalue()
"""
    heavy = "{'torch', 'diffusers', 'transformers', 'onnxruntime', 'cv2', 'numba', 'llvmlite', 'av'}"
    assert python(f"{prelude}\n{code}\nprint(sorted({heavy} & sys.modules.keys()))").strip() == "[]"


def test_no_module_of_the_core_loads_torch() -> None:
    houses = {"engine", "models", "pipelines", "api"}
    # Some modules stand aside: importing __main__ runs the command, the torch samplers and the networks are what torch
    # is for, env is a script that Alembic runs.
    samplers = {"engine.raster.torch_sampler", "engine.raster.scene.torch_sampler"}
    networks = {"models.interpolation.rife_network", "models.super_resolution.span_network"}
    on_tensors = {
        f"models.recipes.{name}"
        for name in ("clip_store", "fake_models", "flops", "group_statistics", "peak_memory", "vae_decode")
    }
    aside = {"api.cli.__main__", "api.store.migrations.env", *samplers, *networks, *on_tensors}
    names = [name for name in find_modules(ROOT) if name.partition(".")[0] in houses and name not in aside]
    assert len(names) > 50
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    loaded = python(
        code + "print(sorted({'torch', 'diffusers', 'transformers', 'onnxruntime'} & sys.modules.keys()))", *names
    )
    assert loaded.strip() == "[]"


def test_a_video_is_made_where_torch_is_not_installed(tmp_path: Path) -> None:
    photo, video = tmp_path / "photo.png", tmp_path / "video.mp4"
    Image.effect_noise((128, 72), 40).convert("RGB").save(photo)
    code = f"""{WITHOUT_TORCH}
import importlib.util
assert importlib.util.find_spec("torch") is None
from api.cli import main
code = main(["animate", *sys.argv[1:3], "--size", "64x36", "--duration", "1", "-o", sys.argv[3], "--debug"])
assert "torch" not in sys.modules
sys.exit(code)
"""
    python(code, str(photo), "slow zoom in", str(video))
    assert video.read_bytes()[4:8] == b"ftyp"


def test_the_rule_names_every_folder_of_python_code() -> None:
    folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts}
    assert folders <= set(HOUSES)
