"""Conformance C1-C9: tokens, their limits, their end, their scopes, and whose things they open."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.service.conftest import Enrol, Meet
from tests.service.person import APP, Person
from tests.service.server import Server
from tests.service.wire import card, expire, protected

ASK = "/api/auth/anonymous-token"


def ask(server: Server, client_id: str | None, address: str | None = None) -> httpx.Response:
    headers = {} if client_id is None else {"X-Client-Id": client_id}
    if address is not None:
        headers["X-Forwarded-For"] = address  # the proxy on this machine is believed
    return httpx.post(f"{server.url}{ASK}", headers=headers)


def code_of(answer: httpx.Response) -> object:
    assert answer.headers["content-type"].startswith("application/json"), answer.text[:200]
    return answer.json()["code"]


def test_c01_whoever_asks_gets_a_token_and_credits(server: Server) -> None:
    answer = ask(server, uuid.uuid4().hex)
    body = answer.json()
    assert (answer.is_success, body["code"]) == (True, 0)
    data = body["data"]
    assert re.fullmatch(r"nmv_usr_[A-Za-z0-9_-]{20,}", data["token"])
    assert data["credits"] == 100
    assert data["user_id"].startswith("anon_")
    ends = datetime.fromisoformat(data["expires_at"].replace("Z", "+00:00"))
    assert abs(ends - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=5)
    assert body["token"] == data["token"]


@pytest.mark.parametrize("client_id", [None, "", "x" * 65])
def test_c02_a_client_without_a_sound_id_is_told_so(server: Server, client_id: str | None) -> None:
    answer = ask(server, client_id)
    assert (answer.status_code, code_of(answer)) == (400, 400)
    assert ask(server, uuid.uuid4().hex.ljust(64, "x")).is_success, "64 characters are in order"


def test_c03_a_client_gets_one_token_a_week(server: Server) -> None:
    client_id = uuid.uuid4().hex
    assert ask(server, client_id).is_success
    again = ask(server, client_id)
    assert (again.status_code, code_of(again)) == (429, 429)
    assert int(again.headers["Retry-After"]) > 0


def test_c03_a_site_may_issue_anew_to_the_same_user(tuned: Server, meet: Meet) -> None:
    client_id = uuid.uuid4().hex
    person = meet(tuned, client_id)
    before = person.balance()
    data = ask(tuned, client_id).json()["data"]
    assert data["user_id"] == person.id
    assert data["token"] != person.token
    assert person.http.get("/api/credits/balance/simple").json()["code"] == 1001
    person.http.headers["Authorization"] = f"Bearer {data['token']}"
    assert person.balance() == before


def test_c04_an_address_gets_ten_tokens_a_week(tuned: Server, server: Server) -> None:
    answers = [ask(tuned, uuid.uuid4().hex, "203.0.113.7") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert code_of(answers[-1]) == 429
    assert "Retry-After" in answers[-1].headers
    assert ask(tuned, uuid.uuid4().hex, "203.0.113.8").is_success, "another address is another matter"
    # The limit is a setting: here it is 0, which is none.
    assert all(ask(server, uuid.uuid4().hex, "203.0.113.7").is_success for _ in range(12))


def test_c05_after_a_week_the_same_client_may_ask_again(server: Server, meet: Meet) -> None:
    client_id = uuid.uuid4().hex
    person = meet(server, client_id)
    expire(server, person.id)
    old = person.http.get("/api/credits/balance/simple")
    assert (old.status_code, code_of(old)) == (401, 1001)
    data = ask(server, client_id).json()["data"]
    assert data["user_id"] == person.id, "the same client is the same user"
    assert data["token"] != person.token
    assert person.http.get("/api/credits/balance/simple").json()["code"] == 1001


def bad_bearers(server: Server, meet: Meet) -> dict[str, str | None]:
    expired, revoked, claimer = meet(server), meet(server), meet(server)
    expire(server, expired.id)
    made = revoked.http.post("/api/tokens", json={"name": "gone", "scopes": ["read"]}).json()["data"]
    assert revoked.http.post(f"/api/tokens/{made['id']}/revoke").json()["code"] == 0
    body = {"task_id": claimer.task, "session_id": claimer.session}
    claim = claimer.http.post("/api/auth/claim-token", json=body).json()["data"]["claim_token"]
    return {
        "none": None, "no scheme": claimer.token, "empty": "Bearer", "garbage": "Bearer garbage",
        "unknown": f"Bearer nmv_usr_{'A' * 43}", "long": f"Bearer nmv_usr_{'A' * 5000}",
        "expired": f"Bearer {expired.token}", "revoked": f"Bearer {made['token']}", "claim": f"Bearer {claim}",
    }  # fmt: skip


def test_c06_without_a_good_token_every_endpoint_says_1001(server: Server, meet: Meet) -> None:
    paths = protected(server)
    assert len(paths) >= 14, "the document names the endpoints"
    for what, bearer in bad_bearers(server, meet).items():
        headers = {} if bearer is None else {"Authorization": bearer}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            for method, path in paths:
                answer = client.request(method, path)
                assert (answer.status_code, code_of(answer)) == (401, 1001), (what, method, path, answer.text[:200])


def test_c07_another_users_things_are_not_there(server: Server, meet: Meet, person: Person) -> None:
    person.order("c07", card())
    person.wait("c07")
    other = meet(server)
    body = {"task_id": person.task, "session_id": person.session}
    answers = {
        "state": other.http.get(f"/api/state/{APP}/me/{person.session}/latest"),
        "state by user": other.http.get(f"/api/state/{APP}/{person.id}/{person.session}/latest"),
        "upload": other.http.post(f"/api/upload-video/{APP}/me/{person.session}", files={"files": b"x"}),
        "fetch": other.http.post(f"/api/upload-video/{APP}/me/{person.session}", json={"urls": ["http://a.example/b"]}),
        "talk": other.http.post("/run_sse", json=other.message("hello") | {"session_id": person.session}),
        "talk by user": other.http.post("/run_sse", json=person.message("hello") | {"user_id": person.id}),
        "export": other.order("c07-other", card(), sessionId=person.session),
        "poll": other.http.get("/api/render/proxy/lambda/c07"),
        "older poll": other.http.get("/api/render/proxy/c07"),
        "download": other.http.get("/api/render/proxy/c07/download"),
        "cancel": other.http.post("/api/render/proxy/lambda/c07/cancel"),
        "claim": other.http.post("/api/auth/claim-token", json=body),
    }
    for what, answer in answers.items():
        assert answer.status_code == 404, (what, answer.text)
        assert code_of(answer) in (1002, 1004), what
        assert person.id not in answer.text
        assert not answer.json()["data"] or set(answer.json()["data"]) == {"detail"}, what
    assert person.state()["state"]["video_infos"] == []


GATES = {
    "state": ("read", "GET", f"/api/state/{APP}/me/SESSION/latest"),
    "credits": ("read", "GET", "/api/credits/balance/simple"),
    "poll": ("read", "GET", "/api/render/proxy/lambda/c08"),
    "download": ("read", "GET", "/api/render/proxy/c08/download"),
    "create": ("write", "POST", f"/api/tasks/me/with-session/{APP}"),
    "talk": ("write", "POST", "/run_sse"),
    "claim": ("write", "POST", "/api/auth/claim-token"),
    "upload": ("upload", "POST", f"/api/upload-video/{APP}/me/SESSION"),
    "export": ("render", "POST", "/api/render/proxy/lambda"),
}


def test_c08_a_token_does_what_its_scopes_say_and_no_more(server: Server, enrol: Enrol) -> None:
    member = enrol(server, "paid")
    for scope in ("read", "write", "upload", "render", "*"):
        token = member.http.post("/api/tokens", json={"scopes": [scope]}).json()["data"]["token"]
        for what, (needed, method, path) in GATES.items():
            answer = httpx.request(
                method, server.url + path.replace("SESSION", member.session),
                headers={"Authorization": f"Bearer {token}"},
            )  # fmt: skip
            allowed = scope in (needed, "*")
            assert (answer.json()["code"] != 1003) == allowed, (scope, what, answer.text)
            assert (answer.status_code == 403) == (not allowed), (scope, what)


def test_c09_tokens_are_made_listed_and_revoked(person: Person) -> None:
    asked = {"name": "batch", "scopes": ["read", "upload"], "expires_in_days": 90}
    made = person.http.post("/api/tokens", json=asked).json()["data"]
    assert (made["name"], made["scopes"]) == ("batch", ["read", "upload"])
    assert {"id", "token", "expires_at", "created_at"} <= set(made)
    listed = person.http.get("/api/tokens")
    assert made["id"] in [each["id"] for each in listed.json()["data"]["tokens"]]
    assert made["token"] not in listed.text, "a token is shown once"
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert person.http.get("/api/credits/balance/simple", headers=headers).json()["code"] == 0
    gone = person.http.post(f"/api/tokens/{made['id']}/revoke").json()
    assert gone["data"] == {"id": made["id"], "revoked": True}
    answer = person.http.get("/api/credits/balance/simple", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, 1001)
