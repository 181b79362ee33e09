"""Whatever a client sends, the answer is one that the OpenAPI document describes, and never a 500."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from tests.service.person import Person
from tests.service.server import Server

EXAMPLES = 25

CALM = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much,
                           HealthCheck.data_too_large],
)  # fmt: skip

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
"""Any JSON."""


@pytest.fixture(scope="module")
def somebody(server: Server, photo: Any) -> Iterator[Person]:
    """Somebody whose session has a draft."""
    person = Person(server.url)
    assert person.upload(photo).status_code == httpx.codes.OK
    person.say("animate this, 1 second")
    yield person
    person.close()


def test_every_endpoint_answers_as_it_is_described(server: Server, somebody: Person) -> None:
    document = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    headers = {"Authorization": f"Bearer {somebody.token}"}
    told = schemathesis.specs.openapi.checks
    checks = [
        told.status_code_conformance,
        told.content_type_conformance,
        told.response_schema_conformance,
        schemathesis.checks.not_a_server_error,
    ]
    count = 0
    for operation in document.get_all_operations():

        @settings(CALM, max_examples=EXAMPLES)
        @given(case=operation.ok().as_strategy())
        def answers(case: Case) -> None:
            case.call_and_validate(headers=headers, checks=checks)

        answers()
        count += 1
    assert count > 15


def sound(answer: httpx.Response) -> None:
    """Refuse a failure of ours, and an error without a code and one sentence."""
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        body = answer.json()
        assert body["code"], body
        assert body["message"], body
        assert "\n" not in body["message"], body
        assert "Traceback" not in answer.text


@CALM
@given(body=JSON | st.fixed_dictionaries({"session_id": JSON, "new_message": JSON, "streaming": JSON}))
def test_no_message_breaks_the_chat(somebody: Person, body: Any) -> None:
    sound(somebody.http.post("/run_sse", content=json.dumps(body).encode()))


@CALM
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data", ""]))
def test_no_bytes_break_an_endpoint(somebody: Person, raw: bytes, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for path in ("/run_sse", "/api/render/proxy/lambda", f"/api/upload-video/nemo_agent/me/{somebody.session}",
                 "/api/tokens", "/api/auth/claim-token", "/api/tasks/me/with-session/nemo_agent"):  # fmt: skip
        sound(somebody.http.post(path, content=raw, headers=headers))


@CALM
@given(text=st.text(min_size=1, max_size=200))
def test_any_words_are_answered(server: Server, somebody: Person, text: str) -> None:
    body = somebody.message(text.encode("utf-8", "replace").decode())
    answer = somebody.http.post("/run_sse", json=body)
    sound(answer)
    if answer.status_code == httpx.codes.OK:
        for line in answer.text.split("\n"):
            if line.startswith("data: "):
                assert isinstance(json.loads(line.removeprefix("data: ")), dict)


def drafts() -> st.SearchStrategy[Any]:
    """A good draft with some parts exchanged for any JSON."""
    segment = {"s": 0, "d": 100, "src": "color:#336699"}
    good = {"v": 2, "d": 100, "w": 64, "h": 36, "fps": 30, "t": [{"tt": 0, "sg": [segment]}]}

    def exchanged(changes: dict[str, Any]) -> Any:
        draft = copy.deepcopy(good)
        for place in sorted(changes, key=len, reverse=True):  # inner parts first: the outer ones may go
            where: Any = draft
            *path, last = place.split(".")
            for part in path:
                where = where[int(part) if part.isdecimal() else part]
            where[int(last) if last.isdecimal() else last] = changes[place]
        return draft

    places = st.sampled_from(
        ["v", "d", "w", "h", "fps", "t", "t.0", "t.0.tt", "t.0.sg", "t.0.sg.0", "t.0.sg.0.src", "t.0.sg.0.d",
         "t.0.sg.0.s", "t.0.sg.0.mo", "t.0.sg.0.ef", "t.0.sg.0.tr", "t.0.sg.0.pl", "t.0.sg.0.fit", "zz"]
    )  # fmt: skip
    return st.dictionaries(places, JSON, min_size=1, max_size=3).map(exchanged)


@settings(CALM, max_examples=60)
@given(draft=drafts(), output=JSON, number=st.integers(0, 10**9))
def test_no_draft_breaks_an_export(somebody: Person, draft: Any, output: Any, number: int) -> None:
    body = {"id": f"fuzz-{number}-{somebody.id}", "draft": draft, "output": output}
    answer = somebody.http.post("/api/render/proxy/lambda", content=json.dumps(body).encode())
    sound(answer)
    if answer.status_code == httpx.codes.OK:
        name = answer.json()["id"]
        somebody.http.post(f"/api/render/proxy/lambda/{name}/cancel")
