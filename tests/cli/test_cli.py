"""The command line as a user meets it: real files, real output, exit codes and sentences."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.cli import main
from api.cli.arguments import add_draft_options
from api.cli.drafting import Drafted, make_draft, split_inputs
from engine.core.errors import OptionError, UnreadableMedia
from pipelines.director import Abilities
from tests.helpers_mp4 import read_frames

FAST = ["--size", "128x72", "--quality", "draft"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "my harbour.jpg"
    rng = np.random.default_rng(3)
    Image.fromarray(rng.integers(0, 256, (240, 400, 3), dtype=np.uint8)).resize((800, 480)).save(path)
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "api.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_animate_makes_the_file_and_says_so(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    done = run("animate", photo, "slow zoom in, 2 seconds", "-o", out, *FAST)
    assert done.returncode == 0, done.stderr
    assert len(read_frames(out)) == 60
    assert "clip.mp4: 60 frames, 2 s" in done.stdout
    assert "Timeline (1 track): 1. Video: my harbour.jpg (0-2s)" in done.stderr


def test_json_prints_plan_progress_and_result(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    done = run("animate", photo, "zoom in and add a jetpack", "--duration", "1", "-o", out, "--json", *FAST)
    assert done.returncode == 0
    assert done.stderr == ""
    first, *middle, last = lines(done.stdout)
    assert first["event"] == "plan"
    assert any("jetpack" in item for item in first["not_understood"])
    assert middle
    assert {event["event"] for event in middle} == {"progress"}
    assert middle[-1]["frame"] == middle[-1]["frames"] == 30
    assert all({"fps", "speed", "eta"} <= event.keys() for event in middle)
    assert last["event"] == "done"
    assert (last["width"], last["height"], last["frames"], last["duration"]) == (128, 72, 30, 1.0)
    assert last["bytes"] == out.stat().st_size


def test_json_errors_are_json_too(tmp_path: Path) -> None:
    done = run("animate", "nothing.jpg", "zoom in", "--json")
    assert done.returncode == 2
    (error,) = lines(done.stdout)
    assert error == {
        "event": "error",
        "code": "unreadable_media",
        "message": "nothing.jpg: there is no such file. Check the name and the folder.",
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["zoom in"], "No photo was given"),
        (["missing.png", "zoom in"], "missing.png: there is no such file"),
        (["PHOTO", "--duration", "soon"], "--duration soon is not a length of time"),
        (["PHOTO", "--duration", "0"], "--duration 0 is not a length of time"),
        (["PHOTO", "--size", "1921x1080"], "both sides must be even"),
        (["PHOTO", "--size", "big"], "--size big is not a size"),
        (["PHOTO", "--size", "1920x1080", "--aspect", "9:16"], "does not have the shape of --aspect 9:16"),
        (["PHOTO", "--aspect", "wide"], "wide"),
        (["PHOTO", "--fps", "31"], "'31' frames per second is not supported"),
        (["PHOTO", "--fit", "stretch"], "stretch"),
        (["PHOTO", "--fit", "blur:#000000"], "--fit blur:#000000 is not known"),
        (["PHOTO", "--background", "white"], "--background white is not a colour"),
        (["PHOTO", "--background", "#ffffff", "--fit", "color:#000000"], "both name a colour"),
        (["PHOTO", "--focus", "2,0"], "--focus 2,0 is not a place in the photo"),
        (["PHOTO", "--move", "somersault"], "somersault"),
        (["PHOTO", "--move", "zoom_in,zoom_out"], "zoom_out"),
        (["PHOTO", "--amount", "0", "--move", "zoom_in"], "zoom"),
        (["PHOTO", "-o", "clip.gif"], "clip.gif: the output is an MP4"),
        (["PHOTO", "-o", "no/such/folder/clip.mp4"], "folder"),
        (["PHOTO", "--depth", "PHOTO", "--depth", "PHOTO"], "There are 2 depth maps for 1 photo"),
        (["PHOTO", "--depth", "no map.png"], "no map.png: there is no such file"),
        (["PHOTO", "--device", "cuda"], "--device cuda"),
        (["PHOTO", "--encoder", "nvenc"], "NVENC does not open"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_gets_one_sentence_and_leaves_nothing(
    photo: Path,
    tmp_path: Path,
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [str(photo) if argument == "PHOTO" else argument for argument in arguments]
    if "cuda" in arguments or "nvenc" in arguments:
        _skip_where_there_is_a_gpu()
    code = main(["animate", *given, *([] if "--size" in given else FAST[:2])])
    printed = capsys.readouterr()
    said = [line for line in printed.err.splitlines() if line.startswith("multiplane: ")]
    assert len(said) == 1, printed.err
    assert sentence in said[0]
    assert "Traceback" not in printed.err
    assert code == (1 if {"cuda", "nvenc"} & set(arguments) else 2)
    assert [path.name for path in tmp_path.iterdir()] == [photo.name]


def _skip_where_there_is_a_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA GPU")


def test_a_file_that_is_there_is_only_replaced_when_asked(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    out.write_bytes(b"old")
    arguments = ["animate", str(photo), "hold", "--duration", "0.2s", "-o", str(out), *FAST]
    assert main(arguments) == 2
    assert out.read_bytes() == b"old"
    assert main([*arguments, "--overwrite"]) == 0
    assert len(read_frames(out)) == 6


def test_the_output_has_the_photo_s_name_by_default(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["animate", str(photo), "--duration", "0.2", *FAST]) == 0
    assert (tmp_path / "my harbour.mp4").exists()


def test_flags_win_over_words(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "zoom in for 4 seconds, 9:16, 60 fps"
    flags = ["--duration", "1m30s", "--aspect", "1:1", "--fps", "29.97", "--move", "pan_left,pan_up"]
    more = ["--focus", "0.25,0.75", "--ease", "linear", "--amount", "0.5", "--fit", "color:#ff8800"]
    assert main(["plan", str(photo), words, *flags, *more, "--json"]) == 0
    draft = json.loads(capsys.readouterr().out)["draft"]
    segment = draft["t"][0]["sg"][0]
    assert (draft["d"], draft["w"], draft["h"]) == (90_000, 1080, 1080)
    assert draft["fps"] in (29.97, "30000/1001")
    assert segment["mo"]["move"] == ["pan_left", "pan_up"]
    assert segment["mo"]["focus"] == [0.25, 0.75]
    assert segment["mo"]["amount"] == 0.5
    assert segment["mo"]["ease"] == "linear"


def motions_of(answer: str) -> list[dict[str, Any]]:
    return [segment.get("mo") for segment in json.loads(answer)["draft"]["t"][0]["sg"]]


def test_depth_maps_go_to_the_photos_in_order(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second, a, b = tmp_path / "b.jpg", tmp_path / "depth a.png", tmp_path / "b.tiff"
    for path in (second, a, b):
        Image.new("L", (64, 36), 80).save(path)
    arguments = ["plan", str(photo), str(second), "zoom in on the first photo, hold the second still", "--json"]
    assert main([*arguments, "--depth", str(a), "--depth", str(b)]) == 0
    first, other = motions_of(capsys.readouterr().out)
    assert (first["move"], first["with"], first["depth"]) == ("zoom_in", "parallax", str(a))
    assert (other["move"], other["with"], other["depth"]) == ("dolly_in", "parallax", str(b))
    assert main([*arguments, "--depth", str(a)]) == 0
    first, other = motions_of(capsys.readouterr().out)
    assert first["depth"] == str(a)
    assert other is None or not {"depth", "with"} & set(other)
    assert main([*arguments, "--depth", str(a), "--with", "parallax", "--move", "hold"]) == 0
    first, _ = motions_of(capsys.readouterr().out)
    assert (first["move"], first["with"], first["depth"]) == ("hold", "parallax", str(a))
    assert main([*arguments, "--depth", str(a), "--with", "kenburns"]) == 2
    assert "--with kenburns" in capsys.readouterr().err


def test_a_flag_leaves_what_moves_the_picture(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(photo), "3D parallax, push in", "--speed", "fast", "--json"]) == 0
    (motion,) = motions_of(capsys.readouterr().out)
    assert (motion["with"], motion["speed"]) == ("parallax", "fast")
    assert main(["plan", str(photo), "zoom in", "--with", "parallax", "--json"]) == 0
    (motion,) = motions_of(capsys.readouterr().out)
    assert (motion["move"], motion["with"]) == ("zoom_in", "parallax")


def test_plan_prints_the_timeline_and_renders_nothing(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan", str(photo), str(photo), "pan right, 8 seconds in all, play the banjo"]) == 0
    out = capsys.readouterr().out
    assert "Timeline (1 track): 1. Video:" in out
    assert "banjo" in out
    assert main(["plan", str(photo), "play the banjo", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"draft", "timeline", "said", "not_understood", "operations"}
    assert any("banjo" in item for item in answer["not_understood"])
    assert [path.name for path in tmp_path.iterdir()] == [photo.name]


def test_words_need_no_quotes_and_files_may_stand_anywhere(photo: Path) -> None:
    assert split_inputs(["slow", str(photo), "zoom", "in"]) == ([photo], "slow zoom in")
    assert split_inputs([str(photo), "zoom to 1.5 and stop"]) == ([photo], "zoom to 1.5 and stop")
    assert split_inputs([str(photo), "zoom", "1.5x"]) == ([photo], "zoom 1.5x")
    with pytest.raises(OptionError, match="No photo"):
        split_inputs(["zoom in" * 500])


def test_flags_may_stand_anywhere(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        [str(photo), "--duration", "7", "zoom out"],
        ["--duration", "7", str(photo), "zoom out"],
        [str(photo), "zoom", "--duration", "7", "out"],
    ):
        assert main(["plan", *arguments, "--json"]) == 0
        draft = json.loads(capsys.readouterr().out)["draft"]
        assert draft["d"] == 7000
        assert draft["t"][0]["sg"][0]["mo"]["move"] in ("zoom_out", ["zoom_out"])


def test_words_are_words_however_long_and_whatever_folders_there_are(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    assert split_inputs([str(photo), "zoom", "out"]) == ([photo], "zoom out")
    assert split_inputs([str(photo), "", "  "]) == ([photo], "")
    for length in (255, 256, 300, 999, 5000):
        assert split_inputs([str(photo), "z" * length]) == ([photo], "z" * length)
    with pytest.raises(UnreadableMedia, match=r"my missing\.jpg: there is no such file"):
        split_inputs([str(photo), "my missing.jpg", "zoom in"])


def test_what_is_said_is_what_is_done(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--move", "pan_left", "--aspect", "1:1", "--duration", "7", "--title", "Flag"]
    assert main(["plan", str(photo), 'zoom in, 9:16, call it "Words"', *flags]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1080x1080, 7 s, 30 fps, camera: pan_left\n")
    assert "Flags win over words: --duration 7, --aspect 1:1, --title Flag, --move pan_left." in out
    assert main(["plan", str(photo), 'call it "Words"', *flags, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["draft"]["m"]["title"] == "Flag"
    assert main(["plan", str(photo)]) == 0
    assert "camera: zoom_in" in capsys.readouterr().out


def test_usage_errors_are_one_sentence_and_json_too(photo: Path) -> None:
    for arguments in ([], ["animate"], ["animate", photo, "--speed", "quick"], ["animate", photo, "--bogus"]):
        done = run(*arguments, "--json") if arguments else run()
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("multiplane: ")
        if arguments:
            assert lines(done.stdout)[0]["code"] == "bad_option"


def test_a_video_never_replaces_a_photo_of_it(photo: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "photo.mp4"
    disguised.write_bytes(photo.read_bytes())
    before = disguised.read_bytes()
    assert main(["animate", str(disguised), "hold", "-o", str(disguised), "--overwrite", *FAST]) == 2
    assert disguised.read_bytes() == before


def test_a_file_name_that_is_no_text_works(photo: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    strange.write_bytes(photo.read_bytes())
    out = tmp_path / "strange.mp4"
    done = run("animate", strange, "hold", "--duration", "0.2", "-o", out, *FAST)
    assert done.returncode == 0, done.stderr
    assert len(read_frames(out)) == 6


def test_portrait_photos_make_a_portrait_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tall = tmp_path / "tall.png"
    Image.new("RGB", (300, 500), "teal").save(tall)
    assert main(["plan", str(tall), "zoom in", "--json"]) == 0
    draft = json.loads(capsys.readouterr().out)["draft"]
    assert (draft["w"], draft["h"]) == (1080, 1920)


def test_transparent_photos_stand_before_the_chosen_background(tmp_path: Path) -> None:
    logo = Image.new("RGBA", (320, 180), (0, 0, 0, 0))
    logo.paste((0, 0, 255, 255), (100, 60, 220, 120))
    logo.save(tmp_path / "logo.png")
    out = tmp_path / "logo.mp4"
    arguments = ["animate", str(tmp_path / "logo.png"), "hold", "--duration", "0.2", "-o", str(out), *FAST]
    assert main([*arguments, "--background", "#FFFFFF"]) == 0
    frame = read_frames(out)[0]
    assert frame.y[:20].min() > 230
    assert frame.y[34:38, 60:68].max() < 45


def test_doctor_finds_what_the_main_job_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "encoder x264" in out
    assert "MULTIPLANE_CACHE_MB" in out
    assert main(["doctor", "--json"]) == 0
    findings = {item["name"]: item for item in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["encoder x264"]["status"] == "ok"
    assert findings["photos HEIC"]["status"] == "ok"
    assert findings["sampler cpu"]["status"] == "ok"


def test_a_setting_out_of_range_is_named(photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("MULTIPLANE_CACHE_MB", "many")
    assert main(["animate", str(photo), "-o", str(photo.with_suffix(".mp4")), *FAST]) == 2
    assert "MULTIPLANE_CACHE_MB='many' is not usable" in capsys.readouterr().err


def test_debug_shows_the_traceback() -> None:
    done = run("animate", "nothing.jpg", "zoom in", "--debug")
    assert done.returncode != 0
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_file_and_says_so(photo: Path, tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "long.mp4"
    command = [sys.executable, "-m", "api.cli", "animate", photo, "zoom in", "-o", out, "--duration", "10m", "--json"]
    process = subprocess.Popen(
        [*map(str, command), *FAST], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    while '"progress"' not in process.stdout.readline():
        assert process.poll() is None
    os.kill(process.pid, number)
    began = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "multiplane: Stopped; nothing was written."
    assert time.monotonic() - began < 30  # it does not wait for the video to end
    assert [path.name for path in tmp_path.iterdir()] == [photo.name]


def test_stopping_while_a_photo_is_taken_apart_leaves_nothing(photo: Path, tmp_path: Path) -> None:
    program = (
        "import sys, threading; from concurrent.futures import ThreadPoolExecutor\n"
        "from api.cli import program; from engine.raster.scene.scene import Scene\n"
        "from engine.raster.scene.warm import load_scene_kernels as load; load()\n"  # takes a photo apart itself
        "def slowly(*_, **__):\n"
        "    print('taken apart', flush=True)\n"
        "    with ThreadPoolExecutor(2) as pool: pool.submit(threading.Event().wait, 4)\n"  # as a long fill
        "    raise RuntimeError('it was not stopped')\n"
        "Scene.from_photo = slowly; program()\n"
    )
    command = [sys.executable, "-c", program, "animate", photo, "3D parallax", "-o", tmp_path / "out.mp4", "--no-cache",
               "--quality", "standard"]  # fmt: skip
    process = subprocess.Popen(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    while "taken apart" not in process.stdout.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors.strip().endswith("multiplane: Stopped; nothing was written.")
    assert [path.name for path in tmp_path.iterdir()] == [photo.name]


def test_a_terminal_gets_a_bar(photo: Path, tmp_path: Path) -> None:
    import pty

    main_end, terminal = pty.openpty()
    command = [sys.executable, "-m", "api.cli", "animate", str(photo), "hold", "--duration", "2"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "bar.mp4"), *FAST], stdout=subprocess.PIPE, stderr=terminal, check=False
    )
    os.close(terminal)
    shown = os.read(main_end, 100_000).decode()
    os.close(main_end)
    assert done.returncode == 0
    assert "60/60 frames" in shown
    assert "ETA" in shown


def test_ai_is_a_move_that_asks_for_generated_motion(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = ["plan", str(photo), "--json"]
    for flags in (["--move", "ai"], ["--with", "diffusion"], ["bring it to life", "--move", "ai"]):
        assert main([*plan, *flags]) == 0
        (made,) = motions_of(capsys.readouterr().out)
        assert (made["move"], made["with"]) == ("hold", "diffusion"), flags
    assert main([*plan, "--move", "ai, zoom_in"]) == 0
    (made,) = motions_of(capsys.readouterr().out)
    assert (made["move"], made["with"]) == ("zoom_in", "diffusion")
    # A camera that the words ask for rides on the generated clip.
    assert main([*plan, "slow pan left", "--move", "ai"]) == 0
    (made,) = motions_of(capsys.readouterr().out)
    assert (made["move"], made["speed"], made["with"]) == ("pan_left", "slow", "diffusion")


@pytest.mark.parametrize(
    ("flags", "members"),
    [
        (["--prompt", " the sea  moves "], {"prompt": "the sea moves"}),
        (["--strength", "0.25"], {"strength": 0.25}),
        (["--extend", "ping_pong"], {"extend": "ping_pong"}),
        (["--ai-quality", "draft", "--ai-model", "ltx"], {"quality": "draft", "model": "ltx"}),
    ],
)
def test_flags_about_generated_motion_mean_it(
    photo: Path, capsys: pytest.CaptureFixture[str], flags: list[str], members: dict[str, Any]
) -> None:
    assert main(["plan", str(photo), *flags, "--json"]) == 0
    (made,) = motions_of(capsys.readouterr().out)
    assert made == {"move": "hold", "ease": "in_out", "with": "diffusion", **members}
    # What the words say is kept where no flag says otherwise.
    words = ["make the waves roll, strongly", *flags]
    assert main(["plan", str(photo), *words, "--json"]) == 0
    (made,) = motions_of(capsys.readouterr().out)
    assert made == {"move": "hold", "ease": "in_out", "with": "diffusion"} | {
        "prompt": "the waves roll", "strength": 0.8, **members,
    }  # fmt: skip


def test_another_method_leaves_nothing_of_generated_motion(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(photo), "make the waves roll", "--with", "kenburns", "--json"]) == 0
    (made,) = motions_of(capsys.readouterr().out)
    assert set(made) == {"move", "ease", "with"}


def test_the_headline_names_generated_motion(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(photo), "--move", "ai,zoom_in", "--prompt", "waves"]) == 0
    printed = capsys.readouterr().out
    assert "camera: ai + zoom_in" in printed
    assert "--prompt waves" in printed


SHORT = Abilities(follows_text=False, clip=Fraction(13, 7))
NOTHING = Abilities(generated=False, follows_text=False, missing="weights")
FILLED = "A generated clip lasts"


def drafted(monkeypatch: pytest.MonkeyPatch, site: Abilities, *arguments: str | Path, here: bool = True) -> Drafted:
    """What comes of a command line where the machine can do what ``site`` says."""
    monkeypatch.setattr("api.cli.drafting.abilities_of_site", lambda: site)
    parser = argparse.ArgumentParser()
    add_draft_options(parser)
    return make_draft(parser.parse_args(list(map(str, arguments))), rendered_here=here)


@pytest.mark.parametrize("flags", [[], ["--move", "ai"], ["--with", "diffusion"], ["--ai-quality", "draft"]])
def test_who_animates_is_told_of_the_model_that_is_there(
    photo: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    unread = "takes no text"
    words = [photo, "make the waves roll, 10 seconds", *flags]
    (shot,) = drafted(monkeypatch, SHORT, *words).draft.photos
    assert shot.motion is not None
    assert (shot.motion.method, shot.motion.prompt) == ("diffusion", "the waves roll")
    assert unread in drafted(monkeypatch, SHORT, *words).plan.said
    assert unread not in drafted(monkeypatch, Abilities(), *words).plan.said
    assert unread not in drafted(monkeypatch, SHORT, *words, here=False).plan.said
    # What fills the shot is said by the renderer, which knows the model of each shot.
    assert FILLED not in drafted(monkeypatch, SHORT, *words).plan.said


def test_generated_motion_becomes_depth_only_where_no_flag_asks_for_it(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for flags, method in (([], "parallax"), (["--move", "ai"], "diffusion"), (["--extend", "loop"], "diffusion")):
        made = drafted(monkeypatch, NOTHING, photo, "make the waves roll", *flags)
        (shot,) = made.draft.photos
        assert shot.motion is not None
        assert shot.motion.method == method
        assert ("not possible here" in made.plan.said) == (method == "parallax")
        assert "takes no text" not in made.plan.said
    made = drafted(monkeypatch, NOTHING, photo, "make the waves roll", here=False)
    assert "not possible here" not in made.plan.said


def test_another_method_by_a_flag_does_not_look_for_models(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafted(monkeypatch, NOTHING, photo, "make the waves roll", "--with", "kenburns")
    assert "not possible here" not in made.plan.said


@pytest.mark.parametrize(
    ("flags", "is_said"),
    [
        ([], True),
        (["--move", "ai"], True),
        (["--aspect", "9:16"], True),
        (["--duration", "2"], False),
        (["--extend", "chain"], False),
        (["--prompt", "waves"], False),
        (["--ai-model", "wan"], False),
        (["--with", "kenburns"], False),
    ],
)
def test_a_plan_says_what_fills_a_shot_where_no_flag_changes_it(
    photo: Path, capsys: pytest.CaptureFixture[str], flags: list[str], is_said: bool
) -> None:
    assert main(["plan", str(photo), "bring it to life, 10 seconds", *flags]) == 0
    assert (FILLED in capsys.readouterr().out) == is_said


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--move", "ai,dolly_in"], "over generated motion the camera sees a flat picture, so use zoom_in"),
        (["--move", "ai,fly"], "'fly' is not a camera move"),
        (["--prompt", "x", "--with", "parallax"], "--prompt is for generated motion, not for --with parallax"),
        (["--move", "ai", "--with", "kenburns"], "--move ai is for generated motion, not for --with kenburns"),
        (["--ai-quality", "draft", "--with", "kenburns"], "--ai-quality is for generated motion"),
        (["--prompt", " "], "The prompt is empty"),
        (["--strength", "1.5"], "A strength of 1.5 is not possible"),
        (["--strength", "nan"], "A strength of nan is not possible"),
        (["--move", "ai", "--depth", "PHOTO"], "--depth is for a photo in depth, not for --with diffusion"),
    ],
)  # fmt: skip
def test_flags_that_contradict_generated_motion_are_refused(
    photo: Path, capsys: pytest.CaptureFixture[str], flags: list[str], sentence: str
) -> None:
    given = [str(photo) if each == "PHOTO" else each for each in flags]
    assert main(["plan", str(photo), *given]) == 2
    assert sentence in capsys.readouterr().err
