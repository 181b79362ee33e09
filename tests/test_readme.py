"""README.md keeps its word: every command block is executed, every link leads somewhere, every flag exists.

The blocks run one after another in one fresh copy of the tracked files, by bash, with ``.venv`` a link to the
environment that runs these tests. Three commands are not run as they stand:

* ``make demo`` is told that the environment is installed already (make's ``--old-file``), so that no test needs a
  network or changes the environment that it runs in. The demo itself is really rendered and looked at. The whole of
  it, from nothing, is the first thing that ``.ci/run`` does.
* ``make serve`` gets a port and a data folder of its own, and Ctrl-C when the commands that speak to it have run.
* ``make test`` would run this test again, so it is asked what it would do (``make -n``), and that is checked.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.checkout import copy_tracked
from tests.conftest import ROOT

SHELL_BLOCK = re.compile(r"^```(?:sh|bash|shell|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
INSTALLED = ("--old-file=.venv/.multiplane-core", "--old-file=.venv/.multiplane-kernels")

READER_PHOTOS = {"harbour.jpg": (640, 426), "market.png": (500, 500), "portrait.jpg": (400, 600)}
"""Photos that the README's reader has and the repository has not: name to size."""

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in SHELL_BLOCK.findall(README) for line in block.splitlines()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, dandelion: Path) -> Path:
    root = copy_tracked(tmp_path_factory.mktemp("readme") / "multiplane")
    (root / ".venv").symlink_to(sys.prefix)
    with Image.open(dandelion) as photo:
        photo.draft("RGB", (800, 800))
        for name, size in READER_PHOTOS.items():
            photo.resize(size).save(root / name)
    return root


def reader_environment(folder: Path) -> dict[str, str]:
    """The environment of the README's reader, who has activated that of the folder."""
    environment = {**os.environ, "PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    # Flags of a make that runs this test must not reach the make that this test runs.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"):
        environment.pop(name, None)
    return environment


def run(command: str, folder: Path) -> str:
    """Run one line with the environment activated, as the README's reader has it by then; returns what it prints."""
    environment = reader_environment(folder)
    script = f"set -euo pipefail\n{command}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def video_facts(path: Path) -> tuple[int, int, int, Fraction]:
    """(width, height, decoded frames, seconds)."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        assert stream.duration is not None
        assert stream.time_base is not None
        return stream.width, stream.height, frames, stream.duration * stream.time_base


def test_the_readme_shows_the_two_commands_and_the_main_job() -> None:
    assert COMMANDS.index("make demo") < COMMANDS.index("make test")
    assert sum(command.startswith("multiplane animate") for command in COMMANDS) >= 5


def test_make_demo_makes_the_promised_video(copy: Path) -> None:
    said = run(f"make {' '.join(INSTALLED)} demo", copy)
    assert '"slow zoom in"' in said
    assert str(copy / "out" / "dandelion.mp4") in said
    assert video_facts(copy / "out" / "dandelion.mp4") == (1920, 1080, 300, Fraction(10))


def test_make_test_runs_the_whole_suite_after_installing_the_tools(copy: Path) -> None:
    steps = run("make -n VENV=another test", copy).splitlines()
    install = next(n for n, step in enumerate(steps) if "pip install" in step and "'.[dev]'" in step)
    tests = next(n for n, step in enumerate(steps) if "python -m pytest -n 2" in step)
    assert "--constraint constraints.txt" in steps[install]
    assert install < tests
    assert re.search(r'^testpaths = \["tests"\]$', (copy / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def served(copy: Path) -> Iterator[str]:
    """What ``make serve`` serves, on a data folder and a port of its own."""
    environment = reader_environment(copy) | {"MULTIPLANE_DATA": str(copy / "served"), "MULTIPLANE_PORT": "0"}
    with (copy / "serve.log").open("w") as log:
        process = subprocess.Popen(
            ["make", *INSTALLED, "serve"], cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
            start_new_session=True,
        )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None, (copy / "serve.log").read_text()
    yield found[0]
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
    process.wait(60)
    process.stdout.close()


@pytest.mark.parametrize("command", [command for command in COMMANDS if "http://" in command])
def test_a_command_of_the_readme_is_served(copy: Path, served: str, command: str) -> None:
    said = run(re.sub(r"http://\S+", served, command), copy)
    assert "1080x1080, 2 s" in said
    assert video_facts(copy / "served.mp4") == (1080, 1080, 60, 2)


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if not command.startswith("make ") and "http://" not in command]
)
def test_a_command_of_the_readme_does_what_it_says(copy: Path, command: str) -> None:
    run(command, copy)
    output = re.search(r" -o (\S+)", command)
    if output and output[1].endswith((".png", ".jpg")):
        with Image.open(copy / output[1]) as picture:
            assert min(picture.size) >= 300
    elif output and "examples/timeline.json" in command:
        width, height, frames, seconds = video_facts(copy / output[1])
        assert (frames, seconds) == (240, 8)
        assert (width, height) == ((640, 360) if "--video" in command else (1920, 1080))
    elif output:
        width, height, frames, seconds = video_facts(copy / output[1])
        asked = re.search(r"--duration (\d+)|(\d+) seconds", command)
        assert asked is not None
        assert seconds == int(asked[1] or asked[2])
        rate = re.search(r"--fps (\d+)", command)
        assert frames == seconds * int(rate[1] if rate else 30)
        assert min(width, height) == (720 if "--size 1280x720" in command else 1080)


def test_only_the_known_make_commands_stand_in_blocks() -> None:
    assert {command for command in COMMANDS if command.startswith("make ")} == {"make demo", "make test", "make serve"}


def test_the_table_of_flags_is_that_of_the_command(copy: Path) -> None:
    table = [line for line in README.splitlines() if line.startswith("| `-")]
    documented = {flag for line in table for flag in re.findall(r"`(--[a-z-]+)`", line.split("|")[1])}
    offered = set(re.findall(r"(--[a-z-]+)\b", run("multiplane animate --help", copy)))
    assert documented | {"--help", "--output"} == offered


@pytest.mark.parametrize("document", sorted(path.name for path in ROOT.glob("*.md")))
def test_every_link_within_the_repository_leads_to_a_file(copy: Path, document: str) -> None:
    links = LINK.findall((ROOT / document).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (copy / link).exists()] == []
