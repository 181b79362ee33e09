"""Nothing is fetched while planning or rendering: who could reach for a network, and what works without one."""

import ast
import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from engine.packs import Pack, import_pack
from tests.conftest import ROOT
from tests.import_graph import find_modules, read_imports

NETWORK = frozenset(
    {
        "aiohttp",
        "ftplib",
        "http",
        "httpx",
        "huggingface_hub",
        "imaplib",
        "poplib",
        "requests",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "webbrowser",
        "xmlrpc",
    }
)
"""Modules that open connections."""

STARTERS = {
    "engine.packs.fetch.process": "pip, npm and the hub's library: they fetch",
    "pipelines.render.process_crew": "our own workers, at the other end of a socket pair",
    "api.intake.confined_child": "ourselves, for a look at an upload without network and rights",
    "api.work.executor": "workers",
    "api.work.supervisor": "the web process and housekeeping, at our own socket",
}
"""The modules that start programs, and which; a new one must be thought about here."""

OPENERS = {
    "pipelines.planner.endpoint": "the studio's own language model, off by default, on private addresses only",
    "api.intake.connection": "a file that a user names, on public servers only",
    "api.intake.lookup": "the addresses of these servers",
    "api.work.serve": "listens",
    "api.web.__main__": "takes connections",
}
"""The modules that open connections, and to what; a new one must be thought about here."""

CUT_OFF = """
import socket

def refuse(*arguments, **keywords):
    raise SystemExit("a network was asked for")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""
"""A sitecustomize for machines where no namespace without network can be made."""


def imported(path: Path) -> set[str]:
    """Every module that a file imports, by its whole name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return found


def test_only_named_modules_can_reach_for_a_network() -> None:
    houses = ("engine.", "models.", "pipelines.", "api.")
    found = {
        name: {known for item in imported(path) for known in (*NETWORK, "subprocess") if _inside(item, known)}
        for name, path in find_modules(ROOT).items()
        if name.startswith(houses)
    }
    starters = {name for name, modules in found.items() if "subprocess" in modules}
    assert "engine.packs.fetch.process" in starters
    assert starters <= STARTERS.keys()
    assert {name: modules for name, modules in found.items() if modules and name not in {*STARTERS, *OPENERS}} == {}
    assert found["engine.packs.fetch.process"] == {"subprocess"}, "it starts programs, and opens nothing itself"


def _inside(item: str, module: str) -> bool:
    return item == module or item.startswith(module + ".")


def test_planning_without_a_planner_loads_nothing_that_opens_connections() -> None:
    code = """
import sys
import api.cli.plan, pipelines.director
print(sorted({"pipelines.planner.endpoint", "http.client", "ssl"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_command_that_pulls_imports_what_fetches() -> None:
    importers = {
        item.importer
        for item in read_imports(find_modules(ROOT))
        if item.imported.startswith("engine.packs.fetch") and not item.importer.startswith("engine.packs.fetch")
    }
    assert {name for name in importers if not name.startswith("tests.")} == {"api.cli.packs"}


def test_looking_for_packs_loads_nothing_that_fetches() -> None:
    code = """
import sys
from engine.packs import font_folders, installed_packs, music_folders, registry
font_folders(), music_folders(), registry(), installed_packs()
print(sorted({"subprocess", "socket", "numpy", "av", "numba", "engine.packs.fetch"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def without_network(tmp_path: Path) -> list[str]:
    """What to write before a command, so that it has no network."""
    namespace = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") and not subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL).returncode:
        return namespace
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "sitecustomize.py").write_text(CUT_OFF)
    return ["env", f"PYTHONPATH={tmp_path / 'cut'}"]


def test_a_video_is_planned_and_made_without_a_network(without_network: list[str], tmp_path: Path) -> None:
    photo, video = tmp_path / "photo.png", tmp_path / "video.mp4"
    Image.effect_noise((128, 72), 40).convert("RGB").save(photo)
    multiplane = [*without_network, sys.executable, "-m", "api.cli"]
    for command in (
        ["plan", photo, "slow zoom in, calm music"],
        ["animate", photo, "slow zoom in", "--size", "64x36", "--duration", "0.5", "-o", video],
        ["packs", "list"],
    ):
        done = subprocess.run([*multiplane, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert video.read_bytes()[4:8] == b"ftyp"


def test_a_draft_with_files_of_packs_is_rendered_without_a_network(
    without_network: list[str], know: Callable[..., Pack], tmp_path: Path
) -> None:
    sound = tmp_path / "origin" / "hum.wav"
    sound.parent.mkdir()
    with wave.open(str(sound), "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
        stream.writeframes(bytes(range(256)) * 32)
    import_pack(know("hum", kind="music", files=["*.wav"], source={"tool": "dir"}), sound.parent)
    texts = {"id": "x", "tt": 7, "sg": [{"id": "t", "s": 0, "d": 400, "tx": "Harbour"}]}
    music = {"id": "m", "tt": 1, "sg": [{"id": "h", "s": 0, "d": 400, "src": "pack:hum/hum.wav"}]}
    picture = {"id": "p", "tt": 0, "sg": [{"id": "c", "s": 0, "d": 400, "src": "color:#336699"}]}
    draft = {"v": 2, "d": 400, "w": 1920, "h": 1080, "fps": 30, "t": [picture, music, texts]}
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    command = [*without_network, sys.executable, "-m", "api.cli", "render", str(tmp_path / "draft.json")]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "film.mp4")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "film.mp4").read_bytes()
    assert b"avc1" in data
    assert b"mp4a" in data


def test_the_environment_without_network_has_none(without_network: list[str]) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    command = [*without_network, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr or "a network was asked for" in done.stderr
