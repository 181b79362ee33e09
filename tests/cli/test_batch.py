"""``multiplane plan --batch``: conversations in, one object a line out, and nothing stops the others."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from engine.timeline import History, apply_all, read_draft, read_operation
from pipelines.director import Conversation, converse
from tests.director.starts import assets_of, draft_of, starts


def batch(capsys: pytest.CaptureFixture[str], tmp_path: Path, *items: object, code: int = 0) -> list[dict[str, Any]]:
    path = tmp_path / "batch.jsonl"
    lines = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    path.write_text("\n".join(lines), encoding="utf-8")
    capsys.readouterr()
    assert main(["plan", "--batch", str(path)]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_conversation_goes_on_from_turn_to_turn(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    turns = ["zoom in on the second", "same for the third", "add a title 'Hi'", "undo", "把第一张变成黑白"]
    (answer,) = batch(capsys, tmp_path, {"photos": ["a.jpg", "b.jpg", "c.jpg"], "turns": turns})
    assert {"draft", "timeline", "said", "not_understood"} <= answer.keys()
    assert [turn["language"] for turn in answer["turns"]] == ["en"] * 4 + ["zh"]
    shots = answer["draft"]["t"][0]["sg"]
    assert [shot["mo"]["move"] for shot in shots] == ["zoom_in", "zoom_in", "zoom_in"]
    assert shots[0]["ef"] == [{"fx": "grayscale"}]
    assert len(answer["draft"]["t"]) == 1
    assert answer["said"] == answer["turns"][-1]["said"]
    assert "a.jpg" in answer["timeline"]


def test_the_operations_of_the_turns_lead_to_the_draft(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    item = {
        "photos": ["a.jpg", "b.jpg"],
        "turns": ["swap them, 9:16", "calm music and a title 'Sea'", "undo", "slower"],
    }
    first, again, start = batch(capsys, tmp_path, item, item, {**item, "turns": []})
    assert first == again
    draft = read_draft(start["draft"])
    for turn in first["turns"]:
        draft = apply_all(draft, [read_operation(operation) for operation in turn["operations"]])
    assert draft == read_draft(first["draft"])


@pytest.mark.parametrize("start", sorted(starts()))
def test_it_says_what_the_director_says(capsys: pytest.CaptureFixture[str], tmp_path: Path, start: str):
    turns = ["slow zoom in on the first", "make it warmer", "音乐小声一点", "what is on the timeline?", "undo"]
    files = [
        {name: value for name, value in asset.items() if name not in ("sound", "alpha", "subject")}
        for asset in starts()[start]["assets"]
    ]
    item = {"photos": files, "draft": starts()[start]["draft"], "turns": turns}
    (answer,) = batch(capsys, tmp_path, item)
    conversation = Conversation(History(draft_of(start)))
    for text, turn in zip(turns, answer["turns"], strict=True):
        plan, conversation = converse(text, conversation, assets_of(start))
        assert (turn["said"], turn["kind"]) == (plan.said, plan.kind)
    assert read_draft(answer["draft"]) == conversation.draft


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not json", "no JSON"),
        ("[]", "must be an object"),
        ('{"photos": []}', "'turns' must be a list of texts"),
        ('{"photos": [], "turns": "zoom"}', "'turns' must be a list of texts"),
        ('{"photos": [], "turns": [1]}', "'turns' must be a list of texts"),
        ('{"photos": "a.jpg", "turns": []}', "'photos' must be a list"),
        ('{"photos": [7], "turns": []}', "holds file names"),
        ('{"photos": [{}], "turns": []}', "needs a 'name'"),
        ('{"photos": [{"name": "a.jpg", "size": 3}], "turns": []}', "no 'size'"),
        ('{"photos": [{"name": "a.jpg", "kind": "pdf"}], "turns": []}', "'kind' must be one of"),
        ('{"photos": [{"name": "a.jpg", "width": -1}], "turns": []}', "'width' must be a number"),
        ('{"photos": [{"name": "a.jpg", "faces": 0.5}], "turns": []}', "'faces' must be a number"),
        ('{"photos": [{"name": "a.mp4", "kind": "video"}], "turns": []}', "needs its 'duration'"),
        ('{"photos": [], "turns": [], "colour": 1}', "'colour' is not known"),
        ('{"photos": [], "turns": [], "language": "xx"}', "no lexicon for the language"),
        ('{"photos": [], "turns": [], "draft": {"v": 99}}', "version"),
    ],
)
def test_a_wrong_line_is_told_in_its_place_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str, words: str
):
    good = {"photos": ["a.jpg"], "turns": ["zoom out"]}
    first, wrong, last = batch(capsys, tmp_path, good, line, good, code=2)
    assert first == last
    assert wrong["line"] == 2
    assert words in wrong["error"]["message"]
    assert wrong["error"]["code"]


def test_files_are_looked_at_from_here_or_from_the_batch(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, dandelion: Path
):
    (tmp_path / "wide.jpg").write_bytes(dandelion.read_bytes())
    (tmp_path / "broken.jpg").write_bytes(b"GIF89a nothing")
    near, broken, missing = batch(
        capsys,
        tmp_path,
        {"photos": ["wide.jpg"], "turns": ["zoom out"]},
        {"photos": ["broken.jpg"], "turns": ["zoom out"]},
        {"photos": ["nowhere.jpg"], "turns": ["zoom out"]},
        code=2,
    )
    assert near["draft"]["t"][0]["sg"][0]["src"] == "wide.jpg"
    assert (near["draft"]["w"], "notes" in near) == (1920, False)
    assert "broken.jpg" in broken["error"]["message"]
    assert "no such file" in missing["notes"][0]
    assert missing["draft"]["t"][0]["sg"][0]["mo"]["move"] == "zoom_out"


def test_standard_input_is_answered_line_by_line():
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "plan", "--batch", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    for text in ("zoom in", "向左平移"):
        process.stdin.write(json.dumps({"photos": ["a.jpg"], "turns": [text]}) + "\n")
        process.stdin.flush()
        # The answer comes before the input ends.
        assert json.loads(process.stdout.readline())["turns"][0]["operations"]
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--batch", "nowhere.jsonl"], "no such file"),
        (["--batch", "-", "photo.jpg"], "no place beside --batch"),
        (["--batch", "-", "--fps", "25"], "--fps has no place"),
        ([], "No photo was given"),
    ],
)
def test_what_has_no_place_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["plan", *arguments]) == 2
    assert words in capsys.readouterr().err
