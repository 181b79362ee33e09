"""The optional planner against a real server: what is asked, what is taken, and that every failure leaves the rules."""

import contextlib
import json
import logging
import socket
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cli import main
from engine.core.errors import OptionError
from engine.timeline import History, apply_all, slideshow, write_operation
from pipelines.director import Abilities, Asset, Conversation, converse
from pipelines.planner import answer
from pipelines.planner.endpoint import local_address
from pipelines.planner.site import PlannerError
from tests.intake.certificates import Authority
from tests.planner.server import serving

ASSETS = (Asset("a.jpg", 4000, 3000), Asset("b.jpg", 3000, 4000))

GOOD = {
    "operations": [
        {"op": "set_motion", "mo": {"move": "orbit_left", "with": "parallax"}, "target": ["p2"]},
        {"op": "add_text", "tx": "Hello", "d": 2000, "st": {"role": "caption", "color": "#ff0000"}},
    ],
    "said": "The second photo turns, and a caption says hello.",
    "not_understood": ["“the jetpack”: there is none"],
    "kind": "edit",
}

WORDS = "zoom in slowly and call it a day"


def talk() -> Conversation:
    return Conversation(History(slideshow(["a.jpg", "b.jpg"], Fraction(8))))


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(port: int, **more: str) -> None:
        monkeypatch.setenv("MULTIPLANE_PLANNER_URL", f"http://127.0.0.1:{port}/v1")
        for name, value in more.items():
            monkeypatch.setenv(f"MULTIPLANE_PLANNER_{name}", value)

    return use


def test_off_by_default_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MULTIPLANE_PLANNER_URL", raising=False)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert answer(WORDS, talk(), ASSETS) == converse(WORDS, talk(), ASSETS)


@pytest.mark.parametrize("mode", ["good", "chunked", "odd_type"])
def test_a_plan_of_the_model_is_taken(planner: Any, mode: str):
    with serving(mode, GOOD) as server:
        planner(server.server_port)
        plan, after = answer(WORDS, talk(), ASSETS)
    assert [write_operation(operation)["op"] for operation in plan.operations] == ["set_motion", "add_text"]
    assert (plan.said, plan.not_understood) == (GOOD["said"], tuple(GOOD["not_understood"]))
    assert apply_all(talk().draft, plan.operations) == after.draft
    assert after.history.undo().draft == talk().draft


def test_fences_around_the_plan_are_taken_off(planner: Any):
    with serving("good", f"```json\n{json.dumps(GOOD)}\n```") as server:
        planner(server.server_port)
        assert answer(WORDS, talk(), ASSETS)[0].said == GOOD["said"]


def test_what_is_asked(planner: Any):
    with serving("good", GOOD) as server:
        planner(server.server_port, MODEL="qwen", KEY="secret")
        answer("把第二张放大", talk(), ASSETS)
        ((path, headers, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert (body["model"], body["temperature"], body["seed"], body["stream"]) == ("qwen", 0, 0, False)
    form = body["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"]["required"] == ["operations", "said", "not_understood", "kind"]
    told = json.loads(body["messages"][-1]["content"])
    assert told["request"] == "把第二张放大"
    assert told["language"] == "zh"
    assert [file["name"] for file in told["files"]] == ["a.jpg", "b.jpg"]
    assert told["draft"]["t"][0]["sg"][1]["src"] == "b.jpg"


def test_no_key_is_sent_where_none_is_set(planner: Any):
    with serving("good", GOOD) as server:
        planner(server.server_port)
        answer(WORDS, talk(), ASSETS)
        assert "Authorization" not in server.requests[0][1]


BROKEN_SERVERS = (
    "error", "busy", "redirect", "no_json", "no_choice", "no_text", "huge", "hang_up", "short", "drip", "drip_headers",
    "silent",
)  # fmt: skip


@pytest.mark.parametrize("mode", BROKEN_SERVERS)
def test_whatever_the_server_does_the_rules_answer(planner: Any, caplog: pytest.LogCaptureFixture, mode: str):
    with serving(mode, GOOD) as server, caplog.at_level(logging.WARNING):
        planner(server.server_port, TIMEOUT_S="0.4")
        began = time.monotonic()
        found = answer(WORDS, talk(), ASSETS)
        waited = time.monotonic() - began
    assert found == converse(WORDS, talk(), ASSETS)
    # A generous bound on what must not go on for ever; the server would drip until the test ends.
    assert waited < 10
    (record,) = caplog.records
    assert "rules answer" in record.getMessage()
    assert WORDS not in record.getMessage()


@pytest.mark.parametrize("mode", ["good", "drip", "drip_headers", "silent"])
def test_over_tls_it_is_the_same(
    planner: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    with serving(mode, GOOD, authority.context_for("localhost")) as server, caplog.at_level(logging.WARNING):
        planner(server.server_port, TIMEOUT_S="0.6", URL=f"https://localhost:{server.server_port}/v1")
        began = time.monotonic()
        found = answer(WORDS, talk(), ASSETS)
        assert time.monotonic() - began < 10
    assert (found == converse(WORDS, talk(), ASSETS)) == (mode != "good")
    assert len(caplog.records) == (mode != "good")


def with_operations(*operations: Any) -> dict[str, Any]:
    return {**GOOD, "operations": list(operations)}


BAD_PLANS = [
    "no JSON at all",
    "[]",
    {"operations": []},
    {**GOOD, "more": 1},
    {**GOOD, "said": ""},
    {**GOOD, "said": 7},
    {**GOOD, "said": "x" * 5000},
    {**GOOD, "kind": "undo"},
    {**GOOD, "kind": "answer"},
    {**GOOD, "not_understood": "nothing"},
    {**GOOD, "operations": {}},
    {**GOOD, "operations": []},
    with_operations({"op": "delete_everything"}),
    with_operations({"op": "restore", "t": []}),
    with_operations("set_duration"),
    with_operations({"op": "set_duration"}),
    with_operations({"op": "set_duration", "d": -5}),
    with_operations({"op": "set_duration", "d": 4000, "unknown": 1}),
    with_operations({"op": "set_motion", "mo": {"move": "fly_away"}}),
    with_operations({"op": "set_motion", "mo": {"move": "hold"}, "target": ["nobody"]}),
    with_operations({"op": "set_motion", "mo": {"move": "dolly_in", "depth": "/etc/passwd"}}),
    with_operations({"op": "set_motion", "mo": {"move": "dolly_in", "depth": ["/etc/passwd"]}}),
    with_operations({"op": "add_photos", "src": ["/etc/passwd"]}),
    with_operations({"op": "add_clip", "src": "other.mp4", "d": 1000}),
    with_operations({"op": "add_music", "src": "http://elsewhere/song.mp3"}),
    with_operations(*[{"op": "set_duration", "d": 4000}] * 61),
    "[" * 100_000,
]


@pytest.mark.parametrize("content", BAD_PLANS, ids=lambda content: str(content)[:60])
def test_whatever_the_model_writes_the_rules_answer(planner: Any, content: Any):
    with serving("good", content) as server:
        planner(server.server_port)
        assert answer(WORDS, talk(), ASSETS) == converse(WORDS, talk(), ASSETS)
        assert len(server.requests) == 1


@pytest.mark.parametrize("text", ["hello", "what can you do", "how much does it cost", "export it", "undo", "", "撤销"])
def test_what_the_rules_answer_by_themselves_asks_no_model(planner: Any, text: str):
    with serving("good", GOOD) as server:
        planner(server.server_port)
        assert answer(text, talk(), ASSETS) == converse(text, talk(), ASSETS)
        assert server.requests == []


def test_an_answer_without_an_edit_changes_nothing(planner: Any):
    reply = {"operations": [], "said": "It is about a harbour.", "not_understood": [], "kind": "answer"}
    with serving("good", reply) as server:
        planner(server.server_port)
        before = talk()
        plan, after = answer("tell me about the harbour", before, ASSETS)
    assert (plan.said, plan.kind, plan.operations) == ("It is about a harbour.", "answer", ())
    assert after.draft == before.draft


def test_nobody_listens(planner: Any):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        planner(taken.getsockname()[1])
        assert answer(WORDS, talk(), ASSETS) == converse(WORDS, talk(), ASSETS)


@pytest.mark.parametrize("host", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111"])
def test_a_public_address_is_never_asked(monkeypatch: pytest.MonkeyPatch, host: str):
    with pytest.raises(PlannerError, match="public address"):
        local_address(host, 80)
    shown = f"[{host}]" if ":" in host else host
    monkeypatch.setenv("MULTIPLANE_PLANNER_URL", f"http://{shown}/v1")
    assert answer(WORDS, talk(), ASSETS) == converse(WORDS, talk(), ASSETS)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.4.5", "172.16.0.9", "169.254.1.1", "::1", "fd00::7"]
)
def test_addresses_of_the_house_are(host: str):
    assert local_address(host, 80)[1][0] == host


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/v1", "127.0.0.1:8000", "http://", "http://127.0.0.1:port/", "http://u:p@127.0.0.1"]
)
def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("MULTIPLANE_PLANNER_URL", url)
    with pytest.raises(OptionError, match="MULTIPLANE_PLANNER_URL is no address"):
        answer(WORDS, talk(), ASSETS)


def test_the_command_line_asks_the_model(planner: Any, capsys: pytest.CaptureFixture[str], tmp_path: Any):
    batch = tmp_path / "one.jsonl"
    batch.write_text(json.dumps({"photos": ["a.jpg", "b.jpg"], "turns": [WORDS, "undo"]}))
    with serving("good", GOOD) as server:
        planner(server.server_port)
        assert main(["plan", "--batch", str(batch)]) == 0
    answered = json.loads(capsys.readouterr().out)
    assert answered["turns"][0]["said"] == GOOD["said"]
    assert answered["turns"][1]["kind"] == "undo"
    assert len(answered["draft"]["t"]) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["op", "operations", "said", "kind", "not_understood", "d", "target"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_value_breaks_the_reader(value: Any):
    from pipelines.planner.answer import _plan

    rules, _ = converse(WORDS, talk(), ASSETS)
    with contextlib.suppress(PlannerError):
        _plan(json.dumps(value), talk().draft, ASSETS, rules)


def test_generated_motion_by_the_model_stands_where_it_is_possible_and_else_the_rules_answer(planner: Any):
    motion = {"move": "hold", "with": "diffusion", "prompt": "the waves roll", "strength": 0.4, "quality": "draft"}
    plan = with_operations({"op": "set_motion", "mo": motion, "target": ["p1"]})
    words = "make the waves roll in the first photo"
    with serving("good", plan) as server:
        planner(server.server_port)
        made, after = answer(words, talk(), ASSETS)
        refused = Abilities(generated=False, missing="weights")
        by_rules = answer(words, talk(), ASSETS, abilities=refused)
    assert made.said == plan["said"]
    shot = after.draft.photos[0].motion
    assert shot is not None
    assert (shot.method, shot.prompt, shot.strength, shot.quality) == ("diffusion", "the waves roll", 0.4, "draft")
    assert by_rules == converse(words, talk(), ASSETS, abilities=refused)
    assert "svd-xt" in by_rules[0].said
