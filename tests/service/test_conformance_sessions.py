"""Conformance C10-C14: projects and their ids, claim tokens, the page of a claim, taking over by an account."""

import re
import uuid

import httpx
import pytest
from sqlalchemy import update

from api.store.rows import Token
from tests.service.conftest import Meet
from tests.service.person import APP, Person
from tests.service.server import Server
from tests.service.wire import TOKEN, rows

CREATE = f"/api/tasks/me/with-session/{APP}"


@pytest.mark.parametrize(
    "body",
    [{"task_name": "project", "language": "en"}, {"task_name": "project"}, {}, None],
    ids=["both", "name", "{}", ""],
)
def test_c10_a_project_has_a_task_and_a_session(person: Person, body: dict[str, str] | None) -> None:
    answer = person.http.post(CREATE) if body is None else person.http.post(CREATE, json=body)
    found = answer.json()
    data = found["data"]
    assert (answer.status_code, found["code"]) == (200, 0)
    assert all(isinstance(data[name], str) and data[name] for name in ("task_id", "session_id"))
    assert data["user_id"] == data["bind_id"] == person.id
    assert {name: found[name] for name in data} == data, "mirrored at the top"


def test_c11_every_session_is_another_and_its_id_is_a_text(person: Person) -> None:
    first, second = (person.http.post(CREATE, json={}) for _ in range(2))
    ids = [answer.json()["data"]["session_id"] for answer in (first, second)]
    assert ids[0] != ids[1]
    assert re.fullmatch(r"\d{19}", ids[0])
    assert f'"session_id":"{ids[0]}"' in first.text, "a number of that size would not survive JSON.parse"


def test_c12_a_link_to_a_project_is_for_its_owner_to_make(person: Person, server: Server, meet: Meet) -> None:
    mine = {"task_id": person.task, "session_id": person.session}
    for _ in range(2):
        found = person.http.post("/api/auth/claim-token", json=mine).json()
        assert found["code"] == 0
        assert found["data"]["claim_token"].startswith("clm_")
        assert found["data"]["expires_in"] == 604800
    other = meet(server)
    theirs = {"task_id": other.task, "session_id": other.session}
    for body in (theirs, mine | {"session_id": theirs["session_id"]}, mine | {"task_id": "task_none"},
                 mine | {"session_id": "123"}):  # fmt: skip
        answer = person.http.post("/api/auth/claim-token", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, 1002), body


def test_c13_a_claim_link_shows_its_project_and_nothing_else(server: Server, meet: Meet) -> None:
    person = meet(server)
    made = person.http.post(CREATE, json={"task_name": f"Harbour {person.id[-6:]}"}).json()["data"]
    body = {"task_id": made["task_id"], "session_id": made["session_id"]}
    claim = person.http.post("/api/auth/claim-token", json=body).json()["data"]["claim_token"]
    page = httpx.get(f"{server.url}/workspace/claim", params={"ct": claim})
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert f"Harbour {person.id[-6:]}" in page.text
    with rows(server) as session:
        session.execute(update(Token).where(Token.user_id == person.id, Token.kind == "claim").values(expires_at=1))
    expired = httpx.get(f"{server.url}/workspace/claim", params={"ct": claim})
    unknown = httpx.get(f"{server.url}/workspace/claim", params={"ct": "clm_unknown"})
    # The link of an older skill carried the token itself.
    older = {"token": person.token, "task": body["task_id"], "session": body["session_id"]}
    honoured = httpx.get(f"{server.url}/workspace/claim", params=older)
    for answer in (expired, unknown, honoured):
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.status_code >= 400 or answer is honoured
        assert "Harbour" not in answer.text
    for answer in (page, expired, unknown, honoured):
        assert not TOKEN.search(answer.text)


def test_c14_an_account_takes_an_anonymous_users_projects_over(server: Server, meet: Meet) -> None:
    person = meet(server)
    with httpx.Client(base_url=server.url) as browser:
        form = browser.get("/register", params={"bind": person.id})
        assert form.status_code == 200
        assert person.id in form.text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
        assert hidden["bind"] == person.id
        fields = {**hidden, "email": f"{uuid.uuid4().hex}@example.org", "password": "correct horse battery"}
        answer = browser.post("/register", data=fields, follow_redirects=True)
        assert answer.status_code == 200
        assert person.task in answer.text or person.session in answer.text, "its projects are there"
    # The program that made them goes on, in the name of the account, with the account's credits.
    state = person.state()
    assert state["session_id"] == person.session
    assert not state["user_id"].startswith("anon_")
    assert person.balance() == (200, 0, 200)
