"""The repository as a whole: versions agree, set-ups repeat, wheels are complete, nothing points at a private place."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from PIL import Image

from engine.version import VERSION
from tests.checkout import copy_tracked, tracked_files
from tests.conftest import ROOT

BINARY_SUFFIXES = frozenset({".ttf", ".otf", ".jpg", ".png", ".webp", ".avif", ".heic", ".gif", ".mp4"})

REGISTRY_HOSTS = tuple(
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("download", "pytorch", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("anaconda", "org"),
        ("deb", "debian", "org"),
    )
)
"""In parts, so that this file does not name them either."""

# A slash, a folder where people's or machines' own files lie, and something in it.
PRIVATE_FOLDER = re.compile(r"(?<![\w.~>)}])/(?:home|Users|root|work|tmp|opt|mnt|media/\w+)/[\w.-]+|\b[A-Z]:\\Users\\")

RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (unreleased|\d{4}-\d{2}-\d{2})$")
CHANGE_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)$")


def text_files() -> Iterator[tuple[Path, str]]:
    for name in tracked_files():
        if name.suffix not in BINARY_SUFFIXES:
            yield name, (ROOT / name).read_text(encoding="utf-8")


def private_places(text: str) -> list[str]:
    """Registry hosts and folders of somebody's machine that a text names."""
    return [host for host in REGISTRY_HOSTS if host in text] + PRIVATE_FOLDER.findall(text)


def requirements() -> list[Requirement]:
    """Everything that pyproject.toml asks for: the build, the core and every extra."""
    project = PYPROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in (*PYPROJECT["build-system"]["requires"], *project["dependencies"], *extras)]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    matches = [PIN.match(line) for line in lines if line and not line.startswith("#")]
    assert None not in matches, "every line of constraints.txt is a comment or name==version"
    return {match[1]: match[2] for match in matches if match is not None}


def test_the_changelog_opens_with_the_version_of_the_code() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    releases = [RELEASE.match(line) for line in lines if line.startswith("## ")]
    assert None not in releases, "a release is written as: ## [1.2.3] - 2026-01-31"
    versions = [match[1] for match in releases if match is not None]
    assert versions[0] == VERSION
    assert versions == sorted(versions, key=Version, reverse=True)
    assert {line.removeprefix("### ") for line in lines if line.startswith("### ")} <= CHANGE_KINDS


def test_the_installed_project_has_the_version_of_the_code() -> None:
    assert metadata.version("multiplane") == VERSION


def test_every_requirement_is_pinned_inside_its_range() -> None:
    pinned = pins()
    for requirement in requirements():
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} against the pin {version}"


def test_the_core_does_not_ask_for_torch() -> None:
    core = {canonicalize_name(Requirement(line).name) for line in PYPROJECT["project"]["dependencies"]}
    assert core.isdisjoint({"torch", "torchvision", "diffusers", "transformers", "xformers", "accelerate"})


def test_everything_that_an_installed_core_or_dev_brings_is_pinned() -> None:
    """Walk the requirements of what is installed, as pip does; a package without a pin would change by itself."""
    pinned = pins()
    waiting = [Requirement("multiplane[dev]")]
    seen: set[tuple[str, frozenset[str]]] = set()
    loose = set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        # A CUDA build of torch brings NVIDIA's libraries, each of which it pins itself.
        if key[0] != "multiplane" and key[0] not in pinned and not key[0].startswith(("nvidia-", "cuda-", "triton")):
            loose.add(key[0])
        extras = [{"extra": extra} for extra in (*wanted.extras, "")]
        for line in metadata.requires(wanted.name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate(extra) for extra in extras):
                waiting.append(needed)
    assert len(seen) > 20
    assert loose == set()


def test_this_environment_is_the_pinned_one() -> None:
    differing = {}
    for name, version in pins().items():
        try:
            installed = Version(metadata.version(name)).public
        except metadata.PackageNotFoundError:
            continue
        if installed != version:
            differing[name] = (installed, version)
    assert differing == {}


def test_no_file_names_a_registry_or_a_private_folder() -> None:
    found = {str(name): places for name, text in text_files() if (places := private_places(text))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install --index-url https://" + ".".join(("download", "pytorch", "org")) + "/whl/cpu",
        "see https://" + ".".join(("pypi", "org")) + "/project/av",
        "/".join(("open('", "home", "anna", "photo.jpg')")),
        "/".join(("cd ", "work", "main")),
        "\\".join(("C:", "Users", "Anna")),
    ],
)
def test_a_private_place_is_found(text: str) -> None:
    assert private_places(text) != []


@pytest.mark.parametrize("text", ["engine/media/load.py", "../shared/photos", "tests/work/x.py", "/usr/bin/env bash"])
def test_a_public_place_is_left_alone(text: str) -> None:
    assert private_places(text) == []


def test_text_files_follow_the_editorconfig() -> None:
    wrong = [
        str(name)
        for name, text in text_files()
        if "\r" in text or not (text == "" or text.endswith("\n")) or re.search(r"[ \t]$", text, re.MULTILINE)
    ]
    assert wrong == []


def test_a_wheel_holds_every_file_of_the_houses(tmp_path: Path) -> None:
    root = copy_tracked(tmp_path / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", tmp_path, root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("multiplane-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    houses = ("engine", "models", "pipelines", "api")
    wanted = {name.as_posix() for name in tracked_files() if name.parts[0] in houses}
    assert "pipelines/director/lexicon/en.toml" in wanted
    assert wanted - packed == set()
    strangers = {name for name in packed if name.split("/")[0] not in houses and ".dist-info/" not in name}
    assert strangers == set()


def test_every_photo_has_its_credit_and_size() -> None:
    credited = (ROOT / "examples" / "LICENSES.md").read_text(encoding="utf-8")
    photos = [name for name in tracked_files() if name.suffix in BINARY_SUFFIXES and name.parts[0] == "examples"]
    assert photos != []
    for photo in photos:
        with Image.open(ROOT / photo) as image:
            assert f"| {photo.name} | {image.width}x{image.height} |" in credited


def test_the_licence_is_the_one_that_the_project_declares() -> None:
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    text = " ".join((ROOT / "LICENSE").read_text(encoding="utf-8").split())
    assert text.startswith("Apache License Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_filmstrip_shows_the_first_and_the_last_frame_of_every_clip(tmp_path: Path) -> None:
    import av
    import numpy as np

    clips = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for clip in clips:
        with av.open(str(clip), "w") as container:
            stream = container.add_stream("libx264", rate=30, options={"crf": "1"})
            stream.width, stream.height, stream.pix_fmt = 384, 216, "yuv420p"
            for level in range(20, 220, 20):
                picture = np.full((216, 384, 3), level, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
    target = tmp_path / "strip.png"
    subprocess.run([sys.executable, ROOT / "examples" / "filmstrip.py", target, *clips], check=True)
    with Image.open(target) as strip:
        assert strip.size == (5 * 384 + 4 * 6, 2 * 216 + 6)
        for row in (100, 322):
            first, last = (strip.getpixel((x, row)) for x in (100, strip.width - 100))
            np.testing.assert_allclose(np.array([first, last])[:, 0], [20, 200], atol=3)
