"""Conformance C38-C48: exports, from the order to the file, and all that may be in the way."""

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from api.store.assets import assets_of
from tests.service.conftest import Enrol, Meet, NewServer
from tests.service.person import SKILL, Json, Person
from tests.service.server import Server, wait_for
from tests.service.wire import card, curl, curl_json, probe, rows, standing

ORDER = "/api/render/proxy/lambda"


def new_id() -> str:
    return f"render_{uuid.uuid4().hex}"


def photo_draft(person: Person, photo: Path, seconds: float, width: int = 320, height: int = 180) -> Json:
    url = person.upload(photo).json()["url"]
    draft = card(seconds, width, height)
    draft["t"][0]["sg"][0] |= {"src": url, "mo": {"move": "zoom_in"}}
    return draft


def test_c38_an_order_is_taken_under_the_clients_id(person: Person) -> None:
    render_id = new_id()
    answer = person.order(render_id, card(), output={"format": "mp4", "quality": "high"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["success"]) == (200, 0, True)
    assert body["status"] in ("pending", "processing")
    assert {body[name] for name in ("id", "taskId", "render_id")} == {body["data"]["id"]} == {render_id}
    assert body["data"]["status"] == body["status"]
    assert person.wait(render_id)["status"] == "completed"


def test_c38_the_session_may_be_named_in_snake_case(person: Person) -> None:
    render_id = new_id()
    body = {"id": render_id, "session_id": person.session, "draft": json.dumps(card())}
    assert person.http.post(ORDER, json=body).json()["code"] == 0
    assert person.wait(render_id)["status"] == "completed", "a draft that is a text is read"


@pytest.mark.parametrize("name", sorted(SKILL))
@pytest.mark.parametrize("value", [None, ""])
def test_c39_a_free_plan_exports_for_skills_that_say_who_they_are(person: Person, name: str, value: str | None) -> None:
    headers = {key: each for key, each in SKILL.items() if key != name} | ({} if value is None else {name: value})
    headers["Authorization"] = f"Bearer {person.token}"
    body = {"id": new_id(), "sessionId": person.session, "draft": card()}
    answer = httpx.post(f"{person.http.base_url}{ORDER}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (402, 402)
    assert answer.json()["data"] == {"reason": "plan", "missing_headers": [name]}
    # The headers are asked for here alone.
    for path in ("/api/credits/balance/simple", f"/api/state/nemo_agent/me/{person.session}/latest"):
        assert httpx.get(f"{person.http.base_url}{path}", headers=headers).json()["code"] == 0
    assert person.http.post(ORDER, json=body).json()["code"] == 0, "with all three it is taken"


def test_c39_a_paid_plan_exports_without_the_headers(server: Server, enrol: Enrol) -> None:
    assert enrol(server, "free").order(new_id(), card()).json()["code"] == 402
    assert enrol(server, "paid").order(new_id(), card()).json()["code"] == 0


@pytest.mark.parametrize(
    "draft", [None, {}, "", "no JSON", "[]", 7, {"t": []}, {"t": [{"tt": 0, "sg": []}]}, {"t": [{"tt": 0}]}, {"t": "x"}]
)
def test_c40_nothing_to_render_is_said_at_once(person: Person, draft: Any) -> None:
    body: Json = {"id": new_id(), "sessionId": person.session}
    if draft is not None:
        body["draft"] = draft
    answer = person.http.post(ORDER, json=body)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] == answer.status_code
    assert answer.json()["message"]


def test_c40_without_a_draft_the_sessions_own_is_rendered(person: Person, photo: Path) -> None:
    person.upload(photo)
    person.say("slow zoom, 1 second")
    render_id = new_id()
    assert person.http.post(ORDER, json={"id": render_id, "sessionId": person.session}).json()["code"] == 0
    assert person.wait(render_id)["output"]["duration"] == 1.0


@pytest.mark.parametrize(
    ("output", "size"),
    [
        (None, (64, 36)),
        ({"quality": "low"}, (64, 36)),
        ({"quality": "high"}, (64, 36)),
        ({"format": "mp4", "codec": "h264", "crf": 23}, (64, 36)),
        ({"resolution": "480p", "fps": 24}, None),
        ({"what": "ever", "nested": {"a": [1]}}, (64, 36)),
        ({}, (64, 36)),
    ],
)
def test_c41_an_order_says_how_it_shall_be_encoded(
    person: Person, output: Json | None, size: tuple[int, int] | None
) -> None:
    render_id = new_id()
    more = {} if output is None else {"output": output}
    assert person.order(render_id, card(), **more).json()["code"] == 0
    ended = person.wait(render_id)
    assert ended["status"] == "completed", ended
    if size is not None:
        assert (ended["output"]["width"], ended["output"]["height"]) == size
    else:
        assert (ended["output"]["height"], ended["output"]["fps"]) == (480, 24)


def test_c42_an_id_stands_for_one_order(server: Server, person: Person, enrol: Enrol) -> None:
    render_id = new_id()
    first = person.order(render_id, card()).json()
    again = person.order(render_id, card()).json()
    assert (again["code"], again["createdAt"]) == (0, first["createdAt"]), "the same job"
    for other in (person.order(render_id, card(0.6)), enrol(server, "paid").order(render_id, card())):
        assert (other.status_code, other.json()["code"]) == (409, 4009)
    assert person.order(new_id(), card(0.6)).json()["code"] == 0, "a new id works"


def test_c43_an_export_goes_on_and_all_members_agree(server: Server, person: Person, photo: Path) -> None:
    render_id = new_id()
    draft = photo_draft(person, photo, 3)
    with standing(server):
        person.order(render_id, draft)
        seen = [person.poll(render_id)]
    assert seen[0]["status"] == "pending"
    while seen[-1]["status"] not in ("completed", "failed"):
        seen.append(person.poll(render_id))
    order = ["pending", "processing", "completed"]
    places = [order.index(each["status"]) for each in seen]
    assert places == sorted(places)
    progress = [each["progress"] for each in seen]
    assert progress == sorted(progress)
    assert max(progress[:-1]) < 100
    for each in seen:
        assert each["data"]["status"] == each["status"]
        assert (each["outputUrl"] is None) == (each is not seen[-1])
    last = seen[-1]
    assert (last["status"], last["progress"], last["data"]["progress"]) == ("completed", 100, 100)
    urls = {last["outputUrl"], last["output"]["url"], last["data"]["outputUrl"], last["data"]["output"]["url"]}
    assert len(urls) == 1
    assert last["completedAt"] >= last["createdAt"] > 1_700_000_000_000
    unknown = person.http.get(f"{ORDER}/unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (404, 1004)


def check_failed(found: Json) -> None:
    assert (found["code"], found["success"], found["status"]) == (0, True, "failed")
    assert found["error"]
    assert (found["data"]["status"], found["data"]["error"]) == ("failed", found["error"])
    assert found["output"] is found["outputUrl"] is None


@pytest.mark.parametrize("src", ["https://unreachable.example/pier.jpg", "/etc/passwd", "http://127.0.0.1:1/a.mp4"])
def test_c44_a_source_that_cannot_be_had_fails_the_export(person: Person, src: str) -> None:
    render_id = new_id()
    draft = card()
    draft["t"][0]["sg"][0]["src"] = src
    assert person.order(render_id, draft).status_code == 200
    check_failed(person.wait(render_id))


def test_c44_a_file_that_is_lost_fails_the_export(server: Server, person: Person, tmp_path: Path) -> None:
    Image.effect_noise((320, 180), 42).convert("RGB").save(tmp_path / "lost.png")
    draft = photo_draft(person, tmp_path / "lost.png", 1)
    with rows(server) as session:
        (asset,) = assets_of(session, person.session)
        (path,) = [path for path in (server.data / "blobs").rglob("*") if asset.blob in path.name and path.is_file()]
    path.unlink()
    render_id = new_id()
    person.order(render_id, draft)
    ended = person.wait(render_id)
    check_failed(ended)
    assert asset.blob not in ended["error"]


def test_c45_plain_curl_gets_the_video(server: Server, person: Person, photo: Path, tmp_path: Path) -> None:
    person.upload(photo)
    person.say("slow zoom, 2 seconds, with calm music")
    render_id = new_id()
    draft = person.draft() | {"w": 640, "h": 360}
    token = f"-HAuthorization: Bearer {person.token}"
    download = f"{server.url}/api/render/proxy/{render_id}/download"
    with standing(server):
        person.order(render_id, draft)
        early = curl_json(token, download)
        assert early["code"] != 0, "an unfinished one is JSON"
        assert early["message"]
    ended = person.wait(render_id)
    curl("-o", str(tmp_path / "cdn.mp4"), ended["output"]["url"])
    curl("-o", str(tmp_path / "proxy.mp4"), token, download)
    assert (tmp_path / "cdn.mp4").read_bytes() == (tmp_path / "proxy.mp4").read_bytes()
    assert (tmp_path / "cdn.mp4").stat().st_size == ended["output"]["size"]
    found = probe(tmp_path / "cdn.mp4")
    assert (found["video"], found["audio"], found["size"]) == ("h264", ["aac"], (640, 360))
    assert found["seconds"] == pytest.approx(ended["output"]["duration"], abs=0.1)
    assert (ended["output"]["duration"], found["frames"]) == (2.0, 60)
    headers = curl("-o", "/dev/null", "-D-", token, "-r", "0-99", download)
    assert "206" in headers.splitlines()[0]
    assert "content-type: video/mp4" in headers.lower()
    assert f'filename="{render_id}.mp4"' in headers


def test_c46_thirty_seconds_at_1080p_outlive_a_restart(
    new_server: NewServer, meet: Meet, dandelion: Path, tmp_path: Path
) -> None:
    server = new_server().start()
    person = meet(server)
    render_id = new_id()
    # A camera over a real photo of 16 megapixels: a coloured card would be rendered in no time.
    person.order(render_id, photo_draft(person, dandelion, 30, 1920, 1080))
    wait_for(lambda: person.poll(render_id)["progress"] > 10, 120)
    assert person.poll(render_id)["status"] == "processing"
    server.kill()
    server.start()
    # The patience of clients: 5 minutes in all.
    ended = person.wait(render_id, 300)
    assert ended["status"] == "completed", ended
    assert (ended["output"]["duration"], ended["output"]["width"], ended["output"]["height"]) == (30.0, 1920, 1080)
    curl("-o", str(tmp_path / "long.mp4"), ended["output"]["url"])
    assert probe(tmp_path / "long.mp4")["frames"] == 900


def test_c47_what_waits_can_be_cancelled_and_what_is_done_cannot(server: Server, person: Person) -> None:
    render_id = new_id()
    with standing(server):
        person.order(render_id, card(0.7))
        answer = person.http.post(f"{ORDER}/{render_id}/cancel").json()
        assert (answer["code"], answer["success"], answer["data"]["id"]) == (0, True, render_id)
        assert answer["data"]["status"] == "failed"
    assert person.wait(render_id)["error"] == "cancelled"
    done = new_id()
    person.order(done, card())
    before = person.wait(done)
    answer = person.http.post(f"{ORDER}/{done}/cancel").json()
    assert (answer["data"]["status"], answer["data"]["error"]) == ("completed", None)
    assert person.poll(done)["completedAt"] == before["completedAt"]
    assert person.http.post(f"{ORDER}/unknown/cancel").json()["code"] == 1004


def test_c48_the_older_addresses_do_the_same(person: Person) -> None:
    render_id = new_id()
    body = {"id": render_id, "sessionId": person.session, "draft": card()}
    made = person.http.post("/api/render/proxy/draft", json=body).json()
    assert (made["code"], made["taskId"]) == (0, render_id)
    ended = person.wait(render_id)
    assert person.http.get(f"/api/render/proxy/{render_id}").json() == ended
