"""Conformance C33-C37: credits before, during and after work, state of a session, preflights of browsers."""

from pathlib import Path

import httpx
import pytest

from tests.service.person import SKILL, Person, calls, events
from tests.service.server import Server, wait_for
from tests.service.wire import card, endpoints, standing

PROMPT = "animate this photo with a slow zoom, 1 second"


def test_c33_credits_are_reserved_and_then_spent(server: Server, person: Person, photo: Path) -> None:
    assert person.balance() == (100, 0, 100)
    person.upload(photo)
    with standing(server), person.open_stream(PROMPT) as answer:
        assert calls([next(events(answer.iter_lines()))]) == ["generate_video"]
        assert person.balance() == (0, 100, 100), "reserved: the total is the same"
    wait_for(lambda: person.balance()[1] == 0, 60)
    assert person.balance() == (0, 0, 0)
    # What is spent up stays at nothing, whatever is asked for.
    person.say("make it 9:16")
    person.new_session()
    person.upload(photo)
    assert person.http.post("/run_sse", json=person.message(PROMPT)).json()["code"] == 2001
    assert person.balance() == (0, 0, 0)


def test_c33_a_generation_that_is_refused_costs_nothing(person: Person) -> None:
    assert calls(person.say(PROMPT)) == [], "there is no photo"
    assert person.balance() == (100, 0, 100)


def test_c34_talk_and_exports_are_free(person: Person, photo: Path) -> None:
    person.upload(photo)
    assert calls(person.say("What can you do?")) == []
    assert person.balance() == (100, 0, 100)
    person.order("c34-first", card())
    assert person.wait("c34-first")["status"] == "completed"
    assert person.balance() == (100, 0, 100)
    person.say(PROMPT)
    assert person.balance() == (0, 0, 0)
    person.order("c34-second", card(0.5))
    assert person.wait("c34-second")["status"] == "completed", "with nothing left, too"
    assert person.balance() == (0, 0, 0)


def test_c35_the_state_of_a_session_is_empty_at_first(person: Person, photo: Path) -> None:
    answer = person.http.get(f"/api/state/nemo_agent/me/{person.session}/latest")
    body = answer.json()
    assert (answer.status_code, body["code"]) == (200, 0)
    assert body["session_id"] == body["data"]["session_id"] == person.session
    assert body["data"]["task_id"] == person.task
    assert body["data"]["user_id"] == body["data"]["bind_id"] == person.id
    state = body["data"]["state"]
    assert not state["draft"]
    assert (state["video_infos"], state["generated_media"], state["video_analyses"]) == ([], [], {})
    person.upload(photo)
    person.say(f"{PROMPT}, with the title 'Sea walk' and calm music")
    state = person.state()["state"]
    draft = state["draft"]
    assert {track["tt"] for track in draft["t"]} == {0, 1, 7}
    assert all(track["sg"] for track in draft["t"])
    assert draft["d"] == 1000
    assert [segment["d"] for track in draft["t"] for segment in track["sg"]] == [1000] * 3
    assert [info["file_type"] for info in state["video_infos"]] == ["image", "video"]
    (made,) = state["generated_media"]
    assert (made["type"], made["duration"]) == ("video", 1.0)
    assert httpx.get(made["cdn_url"]).headers["content-type"] == "video/mp4"
    assert state["canvas_config"]["width"] * 9 == state["canvas_config"]["height"] * 16


def test_c36_the_draft_of_the_state_renders_as_it_is(person: Person, photo: Path) -> None:
    person.upload(photo)
    person.say(f"{PROMPT}, with the title 'Sea walk'")
    person.order("c36", person.draft())
    ended = person.wait("c36")
    assert ended["status"] == "completed", ended
    assert ended["output"]["duration"] == 1.0
    hashes = {info["hash"] for info in person.state()["state"]["video_infos"]}
    assert not [note for note in ended["output"]["notes"] if any(each in note for each in hashes)], "files have names"


@pytest.mark.parametrize("origin", ["https://app.example", "http://localhost:5173"])
def test_c37_a_page_of_another_origin_may_call_every_endpoint(server: Server, origin: str) -> None:
    wanted = "authorization, content-type, accept, x-client-id, last-event-id"
    wanted += ", " + ", ".join(SKILL).lower()
    found = endpoints(server)
    assert len(found) >= 14
    for method, path in found:
        answer = httpx.options(
            server.url + path,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": wanted,
            },
        )
        assert answer.status_code in (200, 204), path
        assert answer.headers["access-control-allow-origin"] in ("*", origin)
        assert method in answer.headers["access-control-allow-methods"]
        allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
        assert set(wanted.split(", ")) <= allowed


def test_c37_the_balance_is_mirrored_and_open_to_pages(person: Person) -> None:
    answer = person.http.get("/api/credits/balance/simple", headers={"Origin": "https://app.example"})
    body = answer.json()
    assert body["data"] == {"available": 100, "frozen": 0, "total": 100}
    assert {name: body[name] for name in body["data"]} == body["data"]
    assert answer.headers["access-control-allow-origin"] == "*"
