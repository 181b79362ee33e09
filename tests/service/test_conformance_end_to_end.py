"""Conformance E1-E3: whole flows as agents do them: plain curl, older paths, a token that ends in the middle."""

import json
import re
import subprocess
import time
import uuid
from pathlib import Path

import httpx

from tests.conftest import ROOT
from tests.service.conftest import Meet
from tests.service.person import APP, SKILL, Json, Person, events
from tests.service.server import Server
from tests.service.wire import curl, curl_json, expire, probe

PROMPT = "animate this image with a slow zoom, 1 second"


def small(draft: Json) -> Json:
    """The draft as a client may change it: rendered sooner."""
    return draft | {"w": 320, "h": 180}


def test_e1_the_seeds_flow_with_plain_curl(server: Server, photo: Path, tmp_path: Path) -> None:
    skill = [f"-H{name}: {value}" for name, value in SKILL.items()]
    got = curl_json("-XPOST", f"{server.url}/api/auth/anonymous-token", f"-HX-Client-Id: {uuid.uuid4()}", *skill)
    headers = [f"-HAuthorization: Bearer {got['data']['token']}", *skill]
    as_json = "-HContent-Type: application/json"

    body = json.dumps({"task_name": "project", "language": "en"})
    got = curl_json(*headers, as_json, "-d", body, f"{server.url}/api/tasks/me/with-session/{APP}")
    session = got["data"]["session_id"]

    got = curl_json(*headers, "-F", f"files=@{photo}", f"{server.url}/api/upload-video/{APP}/me/{session}")
    assert got["code"] == 0

    message = {"app_name": APP, "user_id": "me", "session_id": session, "new_message": {"parts": [{"text": PROMPT}]}}
    stream = curl(
        *headers, as_json, "-HAccept: text/event-stream", "--max-time", "900", "-N", "-d", json.dumps(message),
        f"{server.url}/run_sse",
    )  # fmt: skip
    said = [part["text"] for event in events(iter(stream.splitlines()))
            for part in event.get("content", {}).get("parts", [])
            if "text" in part]  # fmt: skip
    assert said

    got = curl_json(*headers, f"{server.url}/api/state/{APP}/me/{session}/latest")
    draft = got["data"]["state"]["draft"]
    assert any(track["sg"] for track in draft["t"])

    render_id = f"render_{uuid.uuid4()}"
    order = {
        "id": render_id,
        "sessionId": session,
        "draft": small(draft),
        "output": {"format": "mp4", "quality": "high"},
    }
    assert curl_json(*headers, as_json, "-d", json.dumps(order), f"{server.url}/api/render/proxy/lambda")["code"] == 0
    until = time.monotonic() + 120
    while (got := curl_json(*headers, f"{server.url}/api/render/proxy/lambda/{render_id}"))["status"] != "completed":
        assert got["status"] != "failed", got
        assert time.monotonic() < until
        time.sleep(0.2)
    curl("-o", str(tmp_path / "output.mp4"), got["output"]["url"])
    found = probe(tmp_path / "output.mp4")
    assert (found["video"], found["size"], found["frames"]) == ("h264", (320, 180), 30)


def test_e1_the_way_by_hand_of_the_manual(server: Server, photo: Path, tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "service.md").read_text()
    (script,) = [block for block in re.findall(r"```sh\n(.*?)```", manual, re.DOTALL) if "/run_sse" in block]
    for given, ours in (("http://127.0.0.1:8000", server.url), ("examples/dandelion.jpg", str(photo))):
        assert script.count(given) == 1
        script = script.replace(given, ours)
    done = subprocess.run(["bash", "-eu"], input=script, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"code":0' in done.stdout
    assert '"errorCode"' not in done.stdout
    found = probe(tmp_path / "output.mp4")
    assert (found["video"], found["frames"]) == ("h264", 60)


def test_e2_the_same_over_older_and_derived_paths(server: Server, photo: Path, tmp_path: Path) -> None:
    """Documents before the current one, and clients that read members at the top."""
    with httpx.Client(base_url=server.url, headers=SKILL, timeout=120) as client:
        got = client.post("/api/auth/anonymous-token", headers={"X-Client-Id": f"client-{uuid.uuid4()}"}).json()
        client.headers["Authorization"] = f"Bearer {got['token']}"
        got = client.post(f"/api/tasks/{got['user_id']}/with-session/{APP}", json={"task_name": "generate"}).json()
        session, user = got["session_id"], got["user_id"]
        assert got["task_id"]

        upload = f"/api/upload-video/{APP}/{user}/{session}"
        got = client.post(upload, files={"file": (photo.name, photo.read_bytes())}).json()
        url = got["data"]["files"][0]["cdn_url"]
        assert got["url"] == got["data"]["uploaded_files"][0]["url"] == url
        assert client.get(url).content == photo.read_bytes()

        message = {"app_name": APP, "session_id": session, "new_message": {"parts": [{"text": PROMPT}]}}
        typed = list(events(iter(client.post("/run_sse?sse=typed", json=message).text.splitlines())))
        assert [event["type"] for event in typed if event["type"] != "tool_progress"] == [
            "tool_call",
            "tool_result",
            "text",
        ]
        assert typed[-1]["content"]
        got = client.get("/api/credits/balance/simple").json()
        assert (got["available"], got["frozen"], got["total"]) == (0, 0, 0)

        got = client.get(f"/api/state/{APP}/{user}/{session}/latest").json()
        render_id = f"render_{uuid.uuid4()}"
        order = {"id": render_id, "sessionId": session, "draft": small(got["data"]["state"]["draft"])}
        got = client.post("/api/render/proxy/lambda", json=order).json()
        assert got["success"]
        until = time.monotonic() + 120
        while got["data"]["status"] not in ("completed", "failed"):
            assert time.monotonic() < until
            time.sleep(0.1)
            got = client.get(f"/api/render/proxy/lambda/{render_id}").json()
        assert got["data"]["status"] == "completed"
        (tmp_path / "output.mp4").write_bytes(httpx.get(got["data"]["outputUrl"]).content)
    assert probe(tmp_path / "output.mp4")["size"] == (320, 180)


def test_e3_a_token_that_ends_in_the_middle_loses_nothing(server: Server, meet: Meet, photo: Path) -> None:
    client_id = uuid.uuid4().hex
    person: Person = meet(server, client_id)
    person.upload(photo)
    person.say(PROMPT)
    before = person.state()
    expire(server, person.id)
    answer = person.http.post("/run_sse", json=person.message("add the title 'Sea walk'"))
    assert answer.json()["code"] == 1001
    got = person.http.post("/api/auth/anonymous-token", headers={"X-Client-Id": client_id}).json()
    assert got["data"]["user_id"] == person.id
    person.http.headers["Authorization"] = f"Bearer {got['data']['token']}"
    assert person.state()["state"]["draft"]["t"] == before["state"]["draft"]["t"]
    person.say("add the title 'Sea walk'")
    assert [track["tt"] for track in person.draft()["t"]] == [0, 7]
    assert person.balance() == (0, 0, 0), "no new credits"
