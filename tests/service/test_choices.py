"""Where the protocol leaves a choice, the setting does what it says, over HTTP: errors as 200, form of the stream,
how often it tells of progress, limits of rate."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.http.chat import PROGRESS
from api.http.rates import PER_MINUTE
from tests.service.conftest import Meet
from tests.service.person import APP, calls
from tests.service.server import Server
from tests.service.wire import bare, card, standing

PROMPT = "animate this photo with a slow zoom"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that was set up otherwise than by default."""
    running = Server(
        tmp_path_factory.mktemp("chosen") / "data",
        MULTIPLANE_ERRORS_AS_200="on",
        MULTIPLANE_SSE="adk",
        MULTIPLANE_PROGRESS_S="0.2",
        MULTIPLANE_COST_GENERATE="30",
        MULTIPLANE_COST_EDIT="7",
        MULTIPLANE_MAX_BODY_MB="0.1",
    ).start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that takes one request a minute of each kind, and one poll a second: less cannot be set."""
    few = {f"MULTIPLANE_RATE_{kind}": "1" for kind in ("WRITE", "UPLOAD", "RENDER", "AUTH")}
    running = Server(tmp_path_factory.mktemp("strict") / "data", **few, MULTIPLANE_RATE_READ="60").start()
    yield running
    running.close()


def test_errors_may_all_come_as_200(chosen: Server, meet: Meet, photo: Path, tmp_path: Path) -> None:
    person = meet(chosen, "twice")
    http, url = person.http, chosen.url
    (tmp_path / "notes.txt").write_text("no medium at all\n" * 20)
    with standing(chosen):
        person.order("waits", card())
        early = http.get("/api/render/proxy/waits/download")
    answers = {
        1001: httpx.get(f"{url}/api/credits/balance/simple"),
        1002: http.get(f"/api/state/{APP}/me/123/latest"),
        1004: http.get("/api/render/proxy/lambda/unknown"),
        400: httpx.post(f"{url}/api/auth/anonymous-token"),
        402: httpx.post(f"{url}/api/render/proxy/lambda", json={"id": "x", "draft": card()}, headers=bare(person)),
        405: http.put("/run_sse"),
        422: http.post("/run_sse", json={"session_id": person.session}),
        429: http.post("/api/auth/anonymous-token", headers={"X-Client-Id": "twice"}),
        4001: person.upload(tmp_path / "notes.txt"),
        4002: http.post("/run_sse", json=person.message("x" * 200_000)),
        4009: person.order("waits", card(0.7)),
    }
    for code, answer in answers.items():
        assert answer.status_code == httpx.codes.OK, (code, answer.text)
        assert answer.json()["code"] == code, answer.text
        assert answer.json()["message"], code
    assert int(answers[429].headers["Retry-After"]) > 0
    assert (early.status_code, early.headers["content-type"]) == (200, "application/json"), "no video, and JSON says so"
    assert early.json()["code"] != 0
    # Who asks whether the service is ready looks at the status alone.
    assert httpx.get(f"{url}/health/ready").status_code == httpx.codes.OK


def test_the_site_says_how_events_look_and_a_request_may_say_otherwise(chosen: Server, meet: Meet) -> None:
    person = meet(chosen)
    (event,) = person.say("hello")
    assert event["content"]["parts"][0]["text"]
    assert not {"type", "text"} & set(event), "pure events of ADK"
    assert person.say("hello", "?sse=default")[0]["type"] == "text"
    assert set(person.say("hello", "?sse=typed")[0]) == {"type", "content"}
    refused = person.http.post("/run_sse?sse=other", json=person.message("hello"))
    assert refused.json()["code"] == 400


def test_a_generation_tells_how_far_it_is(chosen: Server, meet: Meet, photo: Path) -> None:
    assert PROGRESS.default <= 10, "by default at least every 10 s"
    person = meet(chosen)
    person.upload(photo)
    found = person.say(f"{PROMPT}, 8 seconds, 1920x1080", "?sse=default")
    assert calls(found)[:1] == ["generate_video"]
    kinds = [event["type"] for event in found]
    assert kinds == ["tool_call", *["tool_progress"] * (len(found) - 3), "tool_result", "text"]
    told = [event["customMetadata"] for event in found if event["type"] == "tool_progress"]
    shares = [each["progress"] for each in told]
    assert len(shares) >= 3, "it took seconds, and was asked for five times a second"
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 100
    assert "rendering" in {each["stage"] for each in told}, "and what is being done"


def test_what_things_cost_is_for_the_site_to_say(chosen: Server, meet: Meet, photo: Path) -> None:
    person = meet(chosen)
    person.upload(photo)
    person.say(f"{PROMPT}, 1 second")
    assert person.balance() == (70, 0, 70)
    person.say("make it black and white")
    assert person.balance() == (70, 0, 70), "edits of a session in which something was generated are paid"
    person.order("free", card())
    assert person.wait("free")["status"] == "completed"
    assert person.balance() == (70, 0, 70), "an export is free"
    person.new_session()
    person.say("make it 9:16")
    person.say("make it 1:1")
    assert person.balance() == (63, 0, 63), "the first edit of a session in which nothing was"


def exhausted(answers: list[httpx.Response], at_once: int = 1) -> None:
    """Check that a burst was answered, and that what came after it was refused as the protocol has it."""
    codes = [answer.status_code for answer in answers]
    assert codes[:at_once] == [httpx.codes.OK] * at_once
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, 429), codes
    assert int(refused.headers["Retry-After"]) >= 1


def test_each_kind_of_request_has_a_limit_of_rate(strict: Server, meet: Meet, photo: Path) -> None:
    def ask(number: int, address: str) -> httpx.Response:
        headers = {"X-Client-Id": f"many-{number}", "X-Forwarded-For": address}  # the proxy on this machine is believed
        return httpx.post(f"{strict.url}/api/auth/anonymous-token", headers=headers)

    exhausted([ask(number, "203.0.113.9") for number in range(2)])
    other = ask(3, "203.0.113.10")
    assert other.status_code == httpx.codes.OK, "each address has its own"
    person = meet(strict)
    made = person.http.post(f"/api/tasks/me/with-session/{APP}", json={})
    assert made.status_code == httpx.codes.TOO_MANY_REQUESTS, "the person has begun a project already"
    exhausted([person.upload(photo) for _ in range(2)])
    exhausted([person.order(f"rate-{number}", card()) for number in range(2)])
    exhausted([person.http.get("/api/credits/balance/simple") for _ in range(40)], 15)
    assert PER_MINUTE["read"].minimum == 60
    headers = {"Authorization": f"Bearer {other.json()['data']['token']}"}
    answer = httpx.get(f"{strict.url}/api/credits/balance/simple", headers=headers)
    assert answer.status_code == httpx.codes.OK, "each token has its own"
