"""The Core dialect over an application in this process; a hand plays the worker."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.editing import generation
from api.editing.sources import inward
from api.http import create_app
from api.service import Service, open_service
from api.store import jobs, ledger
from api.store.accounts import register
from api.store.assets import add_asset, know_blob
from api.store.projects import own_session
from api.store.rows import Job
from api.store.tokens import authenticate

SKILL = {"X-Skill-Source": "s", "X-Skill-Version": "1", "X-Skill-Platform": "p"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    opened = open_service(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service)) as found:
        yield found


class User:
    """An anonymous user with a session."""

    def __init__(self, client: TestClient, service: Service, name: str = "one") -> None:
        self.client, self.service = client, service
        data = client.post("/api/auth/anonymous-token", headers={"X-Client-Id": name}).json()["data"]
        self.headers = {"Authorization": f"Bearer {data['token']}"}
        self.id = data["user_id"]
        made = client.post("/api/tasks/me/with-session/nemo_agent", headers=self.headers, json={}).json()
        self.session = made["session_id"]

    def add_photo(self, name: str = "pier.jpg") -> None:
        part = self.service.blobs.new_file()
        part.write_bytes(name.encode())
        ref, size = self.service.blobs.put(part)
        with self.service.database.write() as session:
            know_blob(session, ref, size)
            owner = own_session(session, self.id, self.session)
            add_asset(
                session, owner, ref, size, filename=name, kind="image", content_type="image/jpeg", width=640, height=480
            )

    def say(self, text: str, query: str = "", **more: Any) -> list[dict[str, Any]]:
        body = {"session_id": self.session, "new_message": {"parts": [{"text": text}]}, **more}
        answer = self.client.post(f"/run_sse{query}", headers=self.headers, json=body)
        assert answer.status_code == 200, answer.text
        lines = [line.removeprefix("data:").strip() for line in answer.text.split("\n") if line.startswith("data:")]
        return [json.loads(line) for line in lines if line]

    def state(self) -> dict[str, Any]:
        path = f"/api/state/nemo_agent/me/{self.session}/latest"
        found: dict[str, Any] = self.client.get(path, headers=self.headers).json()["data"]
        return found

    def balance(self) -> tuple[int, int]:
        body = self.client.get("/api/credits/balance/simple", headers=self.headers).json()
        assert body["total"] == body["available"] + body["frozen"] == body["data"]["total"]
        return body["available"], body["frozen"]

    def begin_generation(self, text: str) -> jobs.Claim:
        """Send a message that generates, through the store: the stream would wait for the worker."""
        from api.editing.turn import take_turn

        with self.service.database.read() as session:
            holder = authenticate(session, self.headers["Authorization"].removeprefix("Bearer "))
        take_turn(self.service, holder, self.session, text)
        claimed = jobs.claim(self.service.database, ("render",), "hand")
        assert claimed is not None
        assert claimed.turn_id is not None
        return claimed

    def make(self, claimed: jobs.Claim) -> None:
        """Do what a worker does when it has made the video."""
        part = self.service.blobs.new_file()
        part.write_bytes(b"video")
        ref, size = self.service.blobs.put(part)
        result = {"blob": ref, "size": size, "width": 640, "height": 480, "duration": 10.0, "fps": 30.0}
        with self.service.database.write() as session:
            jobs.finish(session, claimed, result)
            generation.succeed(session, str(claimed.turn_id), claimed.payload, result)


@pytest.fixture
def user(client: TestClient, service: Service) -> User:
    return User(client, service)


def test_a_new_user_has_credits_and_an_empty_session(user: User) -> None:
    assert user.balance() == (100, 0)
    state = user.state()
    assert state["state"]["draft"] == {}
    assert state["state"]["video_infos"] == []
    assert state["session_id"] == user.session


def test_talk_costs_nothing_and_is_one_event(user: User) -> None:
    (event,) = user.say("hello")
    assert event["text"] == event["content"]["parts"][0]["text"]
    assert event["type"] == "text"
    assert user.balance() == (100, 0)


def test_modes_of_the_stream(user: User) -> None:
    assert set(user.say("hello", "?sse=typed")[0]) == {"type", "content"}
    assert not {"type", "text"} & set(user.say("hello", "?sse=adk")[0])
    *parts, whole = user.say("what can you do?", streaming=True)
    assert all(part["partial"] and part["id"] == whole["id"] for part in parts)
    assert "".join(part["content"]["parts"][0]["text"] for part in parts) == whole["text"]


def test_a_generation_has_two_stages_and_one_price(user: User, service: Service) -> None:
    user.add_photo()
    claimed = user.begin_generation('slow zoom in, title "Sea walk", calm music')
    assert user.balance() == (0, 100)
    first = user.state()
    assert [track["tt"] for track in first["state"]["draft"]["t"]] == [0]
    segment = first["state"]["draft"]["t"][0]["sg"][0]
    assert segment["src"].startswith("http://testserver/files/")
    assert user.client.get(segment["src"]).content == b"pier.jpg"
    user.make(claimed)
    assert user.balance() == (0, 0)
    state = user.state()
    assert sorted(track["tt"] for track in state["state"]["draft"]["t"]) == [0, 1, 7]
    assert state["version"] > first["version"]
    assert [item["type"] for item in state["state"]["generated_media"]] == ["video"]
    # Both stages are one step, and later edits of the session are paid.
    user.say("undo")
    assert user.balance() == (0, 0)
    with service.database.read() as session:
        assert ledger.errors_of_the_books(session) == []


def test_a_failed_generation_gives_everything_back(user: User, service: Service) -> None:
    user.add_photo()
    claimed = user.begin_generation("slow zoom in")
    with service.database.write() as session:
        jobs.fail(session, claimed, "It failed.")
        generation.fail(session, str(claimed.turn_id), claimed.payload, "It failed.")
    assert user.balance() == (100, 0)
    assert user.state()["state"]["draft"] == {}
    assert user.say("hello")


def test_without_credits_the_answer_names_the_way_on(user: User) -> None:
    user.add_photo()
    user.make(user.begin_generation("slow zoom in"))
    user.add_photo("market.jpg")
    body = {"session_id": user.session, "new_message": {"parts": [{"text": "zoom out on all of them"}]}}
    answer = user.client.post("/run_sse", headers=user.headers, json=body)
    assert answer.status_code == 403
    assert answer.json()["code"] == 2001
    assert f"?bind={user.id}" in answer.json()["data"]["registration_url"]


def test_one_turn_at_a_time(user: User) -> None:
    user.add_photo()
    user.begin_generation("slow zoom in")
    body = {"session_id": user.session, "new_message": {"parts": [{"text": "hello"}]}}
    answer = user.client.post("/run_sse", headers=user.headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, 1005)


def test_nobody_reaches_what_is_anothers(client: TestClient, service: Service, user: User) -> None:
    other = User(client, service, "two")
    path = f"/api/state/nemo_agent/me/{user.session}/latest"
    assert client.get(path, headers=other.headers).json()["code"] == 1002
    body = {"session_id": user.session, "new_message": {"parts": [{"text": "hello"}]}}
    assert client.post("/run_sse", headers=other.headers, json=body).json()["code"] == 1002
    assert client.get(path).json()["code"] == 1001
    user.add_photo()
    source = user.state()["state"]["video_infos"][0]["url"]
    draft = {"d": 1000, "t": [{"tt": 0, "sg": [{"s": 0, "d": 1000, "src": source}]}]}
    order = {"id": "r", "draft": draft}
    answer = client.post("/api/render/proxy/lambda", headers=other.headers | SKILL, json=order).json()
    assert (answer["code"], answer["status"]) == (0, "failed")
    assert "no file of yours" in answer["error"]


@pytest.mark.parametrize(
    "src", ["/etc/passwd", "file:///etc/passwd", "../x", "http://host/a.jpg", "asset:f_0", "pack:../x"]
)
@pytest.mark.parametrize("member", ["src", "depth"])
def test_an_export_names_nothing_but_ones_own_files(user: User, src: str, member: str) -> None:
    shot: dict[str, Any] = {"s": 0, "d": 1000, "src": src}
    if member == "depth":
        shot |= {"src": "color:#203040", "mo": {"move": "dolly_in", "depth": src}}
    draft = {"d": 1000, "t": [{"tt": 0, "sg": [shot]}]}
    url = "/api/render/proxy/lambda"
    answer = user.client.post(url, headers=user.headers | SKILL, json={"id": "r", "draft": draft}).json()
    assert answer["status"] == "failed"
    assert answer["data"]["error"]


def test_a_depth_map_is_a_file_like_any_other(user: User, service: Service) -> None:
    user.add_photo()
    url = user.state()["state"]["video_infos"][0]["url"]
    shot = {"s": 0, "d": 1000, "src": url, "mo": {"move": "dolly_in", "depth": url}}
    with service.database.read() as session:
        kept = inward({"t": [{"sg": [shot]}]}, session, user.id)["t"][0]["sg"][0]
    assert kept["src"].startswith("asset:")
    assert kept["mo"] == {"move": "dolly_in", "depth": kept["src"]}


def test_an_export_is_ordered_once(user: User) -> None:
    user.add_photo()
    user.make(user.begin_generation("slow zoom in"))
    draft = user.state()["state"]["draft"]
    url = "/api/render/proxy/lambda"
    blocked = user.client.post(url, headers=user.headers, json={"id": "r1", "draft": draft})
    assert (blocked.status_code, blocked.json()["code"]) == (402, 402)
    headers = user.headers | SKILL
    for _ in range(2):
        body = user.client.post(url, headers=headers, json={"id": "r1", "draft": draft}).json()
        assert (body["success"], body["status"], body["data"]["id"], body["id"]) == (True, "pending", "r1", "r1")
    other = user.client.post(url, headers=headers, json={"id": "r1", "draft": draft | {"d": 2000}})
    assert (other.status_code, other.json()["code"]) == (409, 4009)
    assert user.client.post(url, headers=headers, json={"id": "r2", "draft": {}}).json()["code"] == 400
    stopped = user.client.post(f"{url}/r1/cancel", headers=headers).json()
    assert (stopped["status"], stopped["error"]) == ("failed", "cancelled")
    assert user.client.get("/api/render/proxy/r1/download", headers=headers).json()["code"] == 1004


def test_a_signed_link_is_good_only_as_it_is(user: User) -> None:
    user.add_photo("a b'ü.jpg")
    url = user.state()["state"]["video_infos"][0]["url"]
    assert user.client.get(url).status_code == 200
    assert user.client.get(url, headers={"Range": "bytes=0-0"}).status_code == 206
    assert user.client.get(url[:-1]).status_code == 404
    assert user.client.get(url.partition("?")[0]).status_code == 404


def test_a_photo_that_was_removed_stays_away(user: User) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        user.add_photo(name)
    user.make(user.begin_generation("slow zoom in"))

    def shots() -> int:
        return len(user.state()["state"]["draft"]["t"][0]["sg"])

    user.say("remove the second photo")
    assert shots() == 2
    user.say("make it black and white")
    assert shots() == 2
    # Taking that back generates nothing, and costs nothing.
    user.say("undo")
    user.say("undo")
    assert shots() == 3
    assert user.balance() == (0, 0)
    user.say("redo")
    assert shots() == 2
    assert user.balance() == (0, 0)


def test_talk_changes_no_version(user: User) -> None:
    before = user.state()["version"]
    user.say("hello")
    assert user.state()["version"] == before


def test_music_that_nobody_asked_for_is_said_and_is_not_what_it_means(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_AUTO_DRESS", "on")
    user.add_photo()
    claimed = user.begin_generation("zoom in")
    assert "Music" in claimed.payload["said"]
    user.make(claimed)
    assert sorted(track["tt"] for track in user.state()["state"]["draft"]["t"]) == [0, 1]
    user.say("slower")
    assert user.state()["state"]["draft"]["t"][0]["sg"][0]["mo"]["speed"] == "slow"


def test_a_site_without_accounts_has_one_token(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "nmv_usr_" + "x" * 43
    monkeypatch.setenv("MULTIPLANE_ACCOUNTS", "off")
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/credits/balance/simple", headers=headers).status_code == 503
    monkeypatch.setenv("MULTIPLANE_SITE_TOKEN", secret)
    for _ in range(2):
        assert client.get("/api/credits/balance/simple", headers=headers).json()["available"] > 0
    wrong = {"Authorization": f"Bearer {secret[:-1]}y"}
    assert client.get("/api/credits/balance/simple", headers=wrong).json()["code"] == 1001


def test_the_old_id_of_a_bound_user_still_names_it(user: User, service: Service) -> None:
    old = user.id
    with service.database.write() as session:
        account = register(session, "anna@example.org", "correct horse", bind=old)
        new = account.id
    for name in ("me", old, new):
        assert (
            user.client.get(f"/api/state/nemo_agent/{name}/{user.session}/latest", headers=user.headers).json()["code"]
            == 0
        )
        body = {"session_id": user.session, "user_id": name, "new_message": {"parts": [{"text": "hello"}]}}
        assert user.client.post("/run_sse", headers=user.headers, json=body).status_code == 200
    assert (
        user.client.get(f"/api/state/nemo_agent/anon_0/{user.session}/latest", headers=user.headers).status_code == 404
    )


def test_a_token_makes_none_that_outlives_it(user: User) -> None:
    made = user.client.post("/api/tokens", headers=user.headers, json={"scopes": ["read"], "expires_in_days": None})
    assert made.json()["data"]["expires_at"] is not None


def test_a_title_that_nobody_worded_is_the_photos_name(user: User) -> None:
    user.add_photo("old_pier.jpg")
    user.begin_generation("animate this with a slow zoom and subtle motion, 9:16, add a title and lo-fi music")
    with user.service.database.read() as session:
        payload = json.loads(session.scalar(select(Job.payload).where(Job.kind == "generate")) or "")
    assert [operation["tx"] for operation in payload["second"] if operation["op"] == "add_text"] == ["Old pier"]
