"""``multiplane packs`` and what the doctor says of packs and settings."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from engine.packs import Pack, installed
from tests.packs.archives import ArchiveMaker, sha256, source
from tests.packs.conftest import archives as archives
from tests.packs.conftest import know as know
from tests.packs.conftest import packs as packs


@pytest.fixture
def font(know: Callable[..., Pack], archives: ArchiveMaker) -> Path:
    """The archive of a pack ``font``; a pack ``sound`` and one with a licence that is not accepted are known too."""
    archive = archives.npm({"package/a.ttf": b"letters"})
    members = [{"take": "package/*.ttf", "to": ""}]
    know("font", members=members, source=source(archive), contents={"a.ttf": sha256(b"letters")}, size=7)
    know("limited", files=["*.ttf"], source={"tool": "dir"}, licence="CC-BY-NC-4.0")
    return archive


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_life_of_a_pack(font: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "list", "font"]) == 0
    assert capsys.readouterr().out.startswith("font  missing       0.0 kB  MIT  ")
    assert main(["packs", "import", "font", str(font)]) == 0
    said = capsys.readouterr()
    assert said.out == "font is installed\n"
    assert said.err == "font: checking\n"
    assert main(["packs", "list", "font", "--files"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].split()[:2] == ["font", "installed"]
    assert said.out.splitlines()[1:] == ["  pack:font/a.ttf", "MIT: MIT License"]
    assert main(["packs", "verify"]) == 0
    assert capsys.readouterr().out == "font is in order\n"
    folder = installed("font")
    assert folder is not None
    (folder / "a.ttf").write_bytes(b"noise")
    assert main(["packs", "verify", "font"]) == 1
    said = capsys.readouterr()
    assert said.out == ("font: a.ttf is not what was installed\nfont is damaged: multiplane packs pull --again font\n")
    (folder.parent / "pack.json").write_text("{")
    assert main(["packs", "verify"]) == 1
    assert capsys.readouterr().out.startswith("font: pack.json is not what was installed\n")
    assert main(["packs", "remove", "font"]) == 0
    assert capsys.readouterr().out == "font is removed\n"
    assert main(["packs", "verify"]) == 0
    assert capsys.readouterr().out == "No pack is installed.\n"


def test_json_for_programs(font: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "import", "font", str(font), "--json"]) == 0
    first, last = objects(capsys.readouterr().out)
    assert first == {"event": "progress", "pack": "font", "phase": "checking", "bytes": 0, "total": 7}
    assert last == {"event": "installed", "pack": "font", "licence": "MIT", "limits": ""}
    assert main(["packs", "list", "font", "limited", "--json", "--files"]) == 0
    ((listed),) = objects(capsys.readouterr().out)
    there, refused = listed["packs"]
    assert (there["state"], there["bytes"], there["files"], there["version"]) == ("installed", 7, ["a.ttf"], "1.0.0")
    assert (refused["state"], refused["limits"]) == ("refused", "non-commercial only")
    assert main(["packs", "verify", "--json"]) == 0
    assert objects(capsys.readouterr().out) == [{"verified": {"font": []}}]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "COMMAND"),
        (["pull"], "No pack was named"),
        (["pull", "klingon"], "klingon is not a pack"),
        (["list", "klingon"], "klingon is not a pack"),
        (["verify", "font"], "Pack font is not installed"),
        (["remove", "font"], "Pack font is not installed"),
        (["import", "font", "nowhere.tgz"], "nowhere.tgz: there is no such file or folder"),
        (["import", "limited", "."], "its licence is CC BY-NC 4.0 (non-commercial only)"),
        (["pull", "limited"], "its licence is CC BY-NC 4.0 (non-commercial only)"),
    ],
    ids=" ".join,
)
def test_wrong_use_gets_one_sentence(
    font: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["packs", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [line for line in said.err.splitlines() if line.startswith("multiplane: ") and sentence in line]


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packs that a pull asks for, in order; nothing is fetched, and ``font`` is found offline."""
    asked: list[str] = []

    def pull(pack: Pack, *, again: bool, on_progress: object) -> bool:
        from engine.packs.fetch import Unreachable

        asked.append(pack.id)
        if pack.id == "font":
            raise Unreachable("font", "npm", "no network: none", offline=True)
        return True

    monkeypatch.setattr("engine.packs.fetch.pull", pull)
    return asked


def test_packs_come_after_those_that_they_need(know: Callable[..., Pack], fetched: list[str]) -> None:
    for pack_id, needs in (("small", []), ("middle", ["small"]), ("big", ["middle", "small"])):
        know(pack_id, files=["*"], source={"tool": "dir"}, needs=needs)
    assert main(["packs", "pull", "big", "small"]) == 0
    assert fetched == ["small", "middle", "big"]


def test_one_failure_without_network_speaks_for_its_source(
    font: Path, fetched: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["packs", "pull", "font", "fonts-hebrew", "music-moods"]
    assert main(arguments) == 1
    assert fetched == ["font", "music-moods"]
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in said] == ["multiplane", "multiplane"]
    assert "Pack font could not be fetched: no network: none" in said[0]
    assert "Pack fonts-hebrew could not be fetched: no network: none" in said[1]
    assert main([*arguments, "--if-possible"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "multiplane: not fetched: font fonts-hebrew (no network: none). "
        "Try later: multiplane packs pull font fonts-hebrew"
    ]


def test_all_default_leaves_out_what_the_site_does_not_accept(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MULTIPLANE_LICENCES", "MIT")
    assert main(["packs", "pull", "--all-default"]) == 0
    assert fetched == ["music-moods", "rife"]
    assert "fonts-korean is left out: its licence is SIL Open Font License 1.1" in capsys.readouterr().out


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    main(["doctor", "--json"])
    (report,) = objects(capsys.readouterr().out)
    return {finding["name"]: finding for finding in report["findings"]}


def test_the_doctor_tells_packs_and_settings(
    font: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    main(["packs", "import", "font", str(font)])
    capsys.readouterr()
    monkeypatch.setenv("MULTIPLANE_PHOTO_FILE_MB", "-3")
    monkeypatch.setenv("MULTIPLANE_CACHE_MB", "much")
    monkeypatch.setenv("MULTIPLANE_SYSTEM_FONTS", "0")
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "one.opus").touch()
    monkeypatch.setenv("MULTIPLANE_MUSIC", str(tmp_path))
    found = findings(capsys)
    assert found["text Korean"]["status"] == found["text emoji"]["status"] == "missing"
    about = "multiplane packs pull fonts-korean, or Debian package fonts-noto-cjk"
    assert found["text Korean"]["about"] == about
    assert "calm (1)" in found["music"]["about"]
    assert found["pack font"]["status"] == "ok"
    assert found["pack fonts-korean"]["about"] == "for text in Korean: multiplane packs pull fonts-korean"
    assert found["pack lama"]["about"].endswith(": multiplane packs import lama FOLDER")
    assert found["models onnxruntime"]["status"] == "ok"
    assert found["depth of photos"]["about"].startswith("guessed without a subject mask; pack depth-anything-v2-small")
    assert found["pack limited"]["status"] == "missing"
    assert "does not accept CC-BY-NC-4.0" in found["pack limited"]["about"]
    # A setting out of range is a finding, and the others are still told.
    assert found["MULTIPLANE_PHOTO_FILE_MB"]["status"] == "problem"
    assert "MULTIPLANE_PHOTO_FILE_MB='-3' is not usable" in found["MULTIPLANE_PHOTO_FILE_MB"]["about"]
    assert found["MULTIPLANE_CACHE_MB"]["status"] == "problem"
    assert found["MULTIPLANE_DATA"]["about"].startswith(str(tmp_path / "data"))
    assert found["MULTIPLANE_PACKS_REGISTRY"]["status"] == "ok"


@pytest.mark.parametrize(
    ("there", "libraries", "device", "status", "about"),
    [
        ((), (), "cpu", "missing", "guessed without a subject mask; pack depth-anything-v2-small measures it"),
        (("u2netp",), (), "cpu", "ok", "guessed from the subject mask; pack depth-anything-v2-small measures it"),
        (("depth",), (), "cpu", "ok", "measured by pack depth-anything-v2-small on cpu"),
        (("depth", "u2netp"), (), "cuda", "problem", "Models cannot run on cuda: "),
        (("damaged",), (), "cpu", "problem", "Depth Anything: its weights (*.safetensors) are missing"),
        (
            ("depth", "u2netp"), ("no_such_library",), "cpu", "problem",
            "pack depth-anything-v2-small needs no_such_library (extra 'gpu'); guessed until then",
        ),
    ],
)  # fmt: skip
def test_the_doctor_tells_which_depth_a_photo_gets(
    there: tuple[str, ...], libraries: tuple[str, ...], device: str, status: str, about: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "config.json").write_text('{"model_type": "depth_anything"}')
    if "damaged" not in there:
        (tmp_path / "model.safetensors").touch()
    packs = {"depth-anything-v2-small": {"depth", "damaged"}, "u2netp": {"u2netp"}}
    monkeypatch.setattr("engine.packs.installed", lambda pack: tmp_path if packs[pack] & set(there) else None)
    monkeypatch.setattr("pipelines.parallax.packs.DEPTH_LIBRARIES", libraries)
    monkeypatch.setattr("models.runtime._gpu_count", lambda: 0)
    monkeypatch.setenv("MULTIPLANE_MODEL_DEVICE", device)
    monkeypatch.setattr("api.cli.doctor._texts", list)  # looking at every font takes longest
    found = findings(capsys)["depth of photos"]
    assert found["status"] == status
    assert found["about"].startswith(about)


def test_a_stopped_pull_stops_its_client_and_leaves_nothing(font: Path, packs: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "npm").write_text(
        f'#!/bin/sh\necho "$$" > "{tmp_path}/pid.new"\nmv "{tmp_path}/pid.new" "{tmp_path}/pid"\nsleep 60\n'
    )
    (tools / "npm").chmod(0o755)
    settings = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "api.cli", "packs", "pull", "font"]
    with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) as child:
        while not (tmp_path / "pid").exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert said.splitlines()[-1] == ("multiplane: Stopped: complete packs are installed, and no half pack is left.")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert installed("font") is None
    assert not (packs / "font").exists()
    assert not any((packs / ".downloads").iterdir())


def test_a_broken_registry_is_a_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MULTIPLANE_PACKS_REGISTRY", str(tmp_path / "gone.toml"))
    monkeypatch.setenv("MULTIPLANE_FONTS", str(tmp_path / "gone"))
    found = findings(capsys)
    assert found["texts"]["status"] == "problem"
    assert found["MULTIPLANE_FONTS"]["status"] == "problem"
    assert found["packs"]["status"] == "problem"
    assert "gone.toml, which cannot be read" in found["packs"]["about"]
    assert found["sampler cpu"]["status"] == "ok"
