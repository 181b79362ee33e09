"""Limits of a running service: a full queue, one export of a session at a time, users that take turns."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.service.conftest import Meet, NewServer
from tests.service.person import Person
from tests.service.server import Server, wait_for


def card(milliseconds: int, width: int = 64, height: int = 36) -> dict[str, object]:
    """A draft of a colour."""
    segment = {"s": 0, "d": milliseconds, "src": "color:#336699"}
    return {"d": milliseconds, "w": width, "h": height, "t": [{"tt": 0, "sg": [segment]}]}


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again(new_server: NewServer, meet: Meet) -> None:
    server = new_server(MULTIPLANE_MAX_QUEUED="2", MULTIPLANE_MAX_QUEUED_PER_USER="2").start()
    person = meet(server)
    assert person.order("runs", card(600_000, 1280, 720)).status_code == httpx.codes.OK
    wait_for(lambda: person.poll("runs")["status"] == "processing", 30)
    assert [person.order(f"waits-{n}", card(100)).status_code for n in range(2)] == [httpx.codes.OK] * 2
    refused = person.order("too-many", card(100))
    assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert refused.json()["code"] == 429
    assert int(refused.headers["Retry-After"]) > 0
    unknown = person.http.get("/api/render/proxy/lambda/too-many")
    assert unknown.status_code == httpx.codes.NOT_FOUND, "what was refused is not there"
    person.http.post("/api/render/proxy/lambda/runs/cancel")
    assert person.wait("waits-1")["status"] == "completed"
    assert person.order("again", card(100)).status_code == httpx.codes.OK


def test_users_take_turns_and_a_session_exports_one_at_a_time(new_server: NewServer, meet: Meet) -> None:
    server = new_server(MULTIPLANE_RENDER_WORKERS="2").start()
    greedy, modest = meet(server), meet(server)
    greedy.order("g-first", card(600_000, 1280, 720))
    wait_for(lambda: greedy.poll("g-first")["status"] == "processing", 30)
    for number in range(3):
        greedy.order(f"g-{number}", card(100))
    modest.order("m", card(100))
    assert modest.wait("m", 30)["status"] == "completed", "a worker is free for others"
    assert [greedy.poll(f"g-{n}")["status"] for n in range(3)] == ["pending"] * 3, "its session is at one already"
    greedy.http.post("/api/render/proxy/lambda/g-first/cancel")
    assert [greedy.wait(f"g-{n}")["status"] for n in range(3)] == ["completed"] * 3


def test_the_memory_of_the_web_process_does_not_follow_the_upload(
    new_server: NewServer, meet: Meet, photo: Path
) -> None:
    server = new_server(MULTIPLANE_MAX_UPLOAD_MB="40").start()
    person = meet(server)

    def resident_mb() -> float:
        return int(Path(f"/proc/{server.pid_of('web')}/statm").read_text().split()[1]) * 4096 / 1e6

    assert person.upload(photo).status_code == httpx.codes.OK
    before = resident_mb()
    large = photo.parent / "large.png"
    # What follows the picture's end is nobody's: a good file as large as is wanted.
    large.write_bytes(photo.read_bytes() + bytes(39_000_000))
    began = time.monotonic()
    answer = person.upload(large)
    assert answer.status_code == httpx.codes.OK, (answer.text, time.monotonic() - began)
    assert resident_mb() - before < 20
    large.write_bytes(photo.read_bytes() + bytes(60_000_000))
    refused = person.upload(large)
    assert (refused.status_code, refused.json()["code"]) == (413, 4002)
    assert person.balance()[2] == 100, "the connection is usable"
    assert resident_mb() - before < 20
    large.unlink()
    assert not list((server.data / "scratch").glob("*.part"))


def test_a_site_that_fetches_nothing_says_so_at_once(new_server: NewServer, meet: Meet) -> None:
    person = meet(new_server(MULTIPLANE_FETCH_WORKERS="0").start(ready=False))
    answer = person.http.post(
        f"/api/upload-video/nemo_agent/me/{person.session}", json={"urls": ["https://example.com/a.jpg"]}
    )
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "fetches no files" in answer.json()["message"]


def test_a_video_that_is_too_much_work_is_refused(person: Person, photo: Path) -> None:
    refused = person.order(f"huge-{person.id}", card(86_400_000, 4096, 4096))
    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert "shorter or smaller" in refused.json()["message"]
    assert person.upload(photo).status_code == httpx.codes.OK
    answer = person.http.post("/run_sse", json=person.message("slow zoom, 7200 seconds, 4096x4096, 60 fps"))
    assert answer.status_code in (httpx.codes.OK, httpx.codes.BAD_REQUEST)
    assert person.balance()[1] == 0, "nothing was set aside for it"


@pytest.mark.parametrize("make", [lambda inner: {"x": inner}, lambda inner: [inner]])
@pytest.mark.parametrize("depth", [200, 900])
def test_a_draft_that_is_nested_without_end_is_refused(
    person: Person, depth: int, make: Callable[[object], object]
) -> None:
    inner: object = 1
    for _ in range(depth):
        inner = make(inner)
    answer = person.order(f"deep-{person.id}-{depth}", {**card(100), "later": inner})
    assert answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY), answer.text


def test_a_cancel_that_was_answered_stays_true(person: Person) -> None:
    told = []
    for number in range(12):
        name = f"race-{number}-{person.id}"
        assert person.order(name, card(200)).status_code == httpx.codes.OK
        time.sleep(0.03 * (number % 8))
        person.http.post(f"/api/render/proxy/lambda/{name}/cancel")
        told.append((name, person.poll(name)["status"]))
    for name, status in told:
        ended = person.wait(name)["status"]
        assert ended == "completed" if status == "completed" else ended == "failed", (name, status, ended)


def test_what_is_refused_at_a_glance_takes_no_room(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server(MULTIPLANE_QUOTA_MB="1").start()
    person = meet(server)
    junk = photo.parent / "junk.mp4"
    junk.write_bytes(b"nothing that anybody knows " * 20_000)
    assert person.upload(junk).json()["code"] == 4001
    large = photo.parent / "over.png"
    large.write_bytes(photo.read_bytes() + bytes(1_000_000))
    assert person.upload(large).json()["code"] == 4002
    assert [path for path in (server.data / "blobs").rglob("*") if path.is_file()] == []


def test_a_link_that_was_revoked_shows_nothing(server: Server, person: Person) -> None:
    body = {"task_id": person.task, "session_id": person.session}
    made = person.http.post("/api/auth/claim-token", json=body).json()["data"]
    page = f"{server.url}/workspace/claim?ct={made['claim_token']}"
    assert httpx.get(page).status_code == httpx.codes.OK
    assert person.http.post(f"/api/tokens/{made['id']}/revoke").status_code == httpx.codes.OK
    assert httpx.get(page).status_code == httpx.codes.NOT_FOUND
