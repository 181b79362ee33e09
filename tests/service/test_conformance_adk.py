"""Conformance A1-A6: events as Google's Agent Development Kit reads them, its real package and the strict 1.x."""

import asyncio
import json
import re
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import select

from api.store.rows import Event as EventRow
from api.store.rows import Turn
from tests.service.conftest import Meet
from tests.service.person import APP, Json, Person, events, words
from tests.service.server import Server, wait_for
from tests.service.wire import rows, standing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own imports warn of its own experiments
    from google.adk.events.event import Event
    from google.genai.types import Content

PROMPT = "animate this photo with a slow zoom, 1 second, with the title 'Sea walk' and calm music"


class Actions1(BaseModel):
    """``EventActions`` of google-adk 1.4.2, which cannot be installed beside 2.x: the same members, as strict."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    skip_summarization: bool | None = None
    state_delta: dict[str, object] = Field(default_factory=dict)
    artifact_delta: dict[str, int] = Field(default_factory=dict)
    transfer_to_agent: str | None = None
    escalate: bool | None = None
    requested_auth_configs: dict[str, object] = Field(default_factory=dict)


class Event1(BaseModel):
    """``Event`` of google-adk 1.4.2 in the same way; its content is of the real package."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    content: Content | None = None
    grounding_metadata: dict[str, object] | None = None
    partial: bool | None = None
    turn_complete: bool | None = None
    error_code: str | None = None
    error_message: str | None = None
    interrupted: bool | None = None
    custom_metadata: dict[str, object] | None = None
    usage_metadata: dict[str, object] | None = None
    invocation_id: str = ""
    author: str
    actions: Actions1 = Field(default_factory=Actions1)
    long_running_tool_ids: set[str] | None = None
    branch: str | None = None
    id: str = ""
    timestamp: float = 0.0


def all_kinds(server: Server, meet: Meet, photo: Path, query: str) -> list[Json]:
    """The frames of a turn of every kind of event: words, calls, results, parts of words, progress, a failure."""
    person = meet(server)
    person.upload(photo)
    with standing(server):
        found = person.say(PROMPT, query, streaming=True)  # the stream is cut at 3 s: progress only
    wait_for(lambda: person.balance()[1] == 0, 60)
    found += person.say("make it 9:16", query) + person.say("What can you do?", query, streaming=True)
    found += broken_stream(server, meet(server), photo, query)
    return found


def broken_stream(server: Server, person: Person, photo: Path, query: str = "") -> list[Json]:
    """The frames of a turn whose events cannot be read from the second one on."""
    person.upload(photo)
    with standing(server), person.open_stream(PROMPT, query) as answer:
        stream = events(answer.iter_lines())
        found = [next(stream)]
        with rows(server) as session:
            turn_id = session.scalars(select(Turn.id).where(Turn.session_id == person.session)).one()
            session.add(EventRow(turn_id=turn_id, seq=500, body="{no JSON", created_at=1))
        return found + list(stream)


def no_nulls(value: object) -> bool:
    if isinstance(value, dict):
        return all(each is not None and no_nulls(each) for each in value.values())
    return all(no_nulls(each) for each in value) if isinstance(value, list) else True


def test_a1_events_have_the_members_and_ids_of_adk(person: Person, photo: Path) -> None:
    person.upload(photo)
    found = person.say(PROMPT)
    for event in found:
        assert {"invocationId", "author", "actions", "id", "timestamp"} <= set(event)
        assert not [name for name in (*event, *event["actions"]) if "_" in name]
        assert no_nulls({name: each for name, each in event.items() if name != "actions"})
        assert isinstance(event["timestamp"], float)
        assert event["author"] == APP
    (invocation,) = {event["invocationId"] for event in found}
    assert invocation.startswith("e-")
    assert len({event["id"] for event in found}) == len(found)
    parts = [part for event in found for part in event.get("content", {}).get("parts", [])]
    asked = [part["functionCall"]["id"] for part in parts if "functionCall" in part]
    answered = [part["functionResponse"]["id"] for part in parts if "functionResponse" in part]
    assert asked == answered
    assert len(asked) == 2
    assert all(each.startswith("adk-") for each in asked)
    roles = {
        next(iter(event["content"]["parts"][0])): event["content"]["role"] for event in found if "content" in event
    }
    assert roles == {"functionCall": "model", "functionResponse": "user", "text": "model"}


@pytest.mark.parametrize("query", ["", "?sse=adk"])
def test_a2_adks_own_models_take_every_event(tuned: Server, meet: Meet, photo: Path, query: str) -> None:
    found = all_kinds(tuned, meet, photo, query)
    for event in found:
        read = Event.model_validate(event)
        assert read.author == APP
        if query:
            Event1.model_validate(event)
            assert not {"type", "text"} & set(event)
    assert {"errorCode", "customMetadata", "partial"} <= {name for event in found for name in event}


def test_a2_words_calls_and_results_are_read_as_meant(person: Person, photo: Path) -> None:
    person.upload(photo)
    for query in ("", "?sse=adk"):
        found = person.say(PROMPT if not query else "make it 9:16 and add the title 'Pier'", query)
        read = [Event.model_validate(event) for event in found]
        assert read[0].get_function_calls()[0].id == read[1].get_function_responses()[0].id
        final = [event.is_final_response() for event in read if event.content]
        assert final == ["text" in event["content"]["parts"][0] for event in found if "content" in event]


def test_a3_words_come_in_parts_where_that_is_asked_for(person: Person) -> None:
    found = person.say("What can you do?", streaming=True)
    *partial, last = found
    assert len(partial) > 2
    assert all(event["partial"] is True for event in partial)
    assert "partial" not in last
    assert {event["id"] for event in partial} == {last["id"]}
    assert "".join(words(partial)) == words([last])[0] == last["text"]
    assert not any("text" in event for event in partial), "who puts the top's texts together counts nothing twice"
    assert not any("partial" in event for event in person.say("What can you do?"))


def test_a4_every_event_is_one_line_of_json(tuned: Server, meet: Meet, photo: Path) -> None:
    person = meet(tuned)
    person.upload(photo)
    person.say("slow zoom, 1 second")
    wait_for(lambda: person.balance()[1] == 0, 60)
    nasty = 'Say “hi” to "them" </script>\u2028\u0085 🌊 data: x\\n'
    text = f"add the title 'Sea\r\nwalk {nasty}'"
    for query in ("", "?sse=adk", "?sse=typed"):
        answer = person.http.post(f"/run_sse{query}", json=person.message(text))
        # As clients split it: at line feeds, and nothing else.
        for frame in answer.content.split(b"\n\n")[:-1]:
            assert b"\n" not in frame
            assert b"\r" not in frame
            assert isinstance(json.loads(frame.removeprefix(b"data: ")), dict)
    assert "🌊" in json.dumps(person.draft(), ensure_ascii=False)


def test_a5_a_failure_in_the_middle_is_an_event_and_the_end(tuned: Server, meet: Meet, photo: Path) -> None:
    for query in ("", "?sse=adk"):
        found = broken_stream(tuned, meet(tuned), photo, query)
        assert found[-1]["errorCode"] == "INTERNAL"
        assert "The work goes on" in found[-1]["errorMessage"]
        assert "JSON" not in found[-1]["errorMessage"], "our reasons stay with us"
    found = broken_stream(tuned, meet(tuned), photo, "?sse=typed")
    assert (found[-1]["type"], found[-1]["code"]) == ("error", "INTERNAL")


def test_a6_adks_own_client_holds_a_conversation(person: Person, photo: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from google.adk.cli.conformance.adk_web_server_client import AdkWebServerClient, RunAgentRequest
    person.upload(photo)

    async def talk() -> list[Any]:
        found = []
        async with AdkWebServerClient(str(person.http.base_url), timeout=60) as client:
            headers = {"Authorization": f"Bearer {person.token}"}
            client._client = httpx.AsyncClient(base_url=person.http.base_url, headers=headers, timeout=60)
            for text in (PROMPT, "make it 9:16"):
                request = RunAgentRequest(
                    app_name=APP, user_id="me", session_id=person.session, new_message={"parts": [{"text": text}]}
                )
                found.append([event async for event in client.run_agent(request)])
        return found

    for turn in asyncio.run(talk()):
        assert turn[0].get_function_calls()
        assert turn[-1].is_final_response()
        assert turn[-1].content.parts[0].text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/run"), ("POST", "/apps/nemo_agent/users/me/sessions"), ("GET", "/apps/nemo_agent/users/me/sessions/1")],
)
def test_a6_what_we_do_not_speak_of_adk_is_refused_cleanly(person: Person, method: str, path: str) -> None:
    answer = person.http.request(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (404, 1004)
    assert answer.json()["detail"] == "Not Found"
    assert re.match(r"[A-Z].*\.$", answer.json()["message"])
