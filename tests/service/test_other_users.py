"""Nobody gets at what is somebody else's: every route of the OpenAPI document, walked with another user's token."""

import re
import uuid
from typing import Any

import httpx
import pytest

from tests.service.conftest import Meet
from tests.service.person import APP, Person
from tests.service.server import Server

PUBLIC = ("/files/", "/cdn/", "/health/", "/metrics", "/api/auth/anonymous-token")
"""Paths that ask for no token: what they need is in the address, or they tell nothing of anybody."""

OWN = {"/api/credits/balance/simple", "/api/tokens"}
"""Routes that name nothing: they speak of whoever asks."""

HARMLESS = {"/api/tasks/{user}/with-session/{app}"}
"""Routes whose path names a user: another's is refused, one's own makes something new."""


@pytest.fixture
def owner(server: Server, meet: Meet, photo: Any) -> Person:
    """Somebody with a file, a draft, an export that is done, and a token."""
    someone = meet(server)
    assert someone.upload(photo).status_code == httpx.codes.OK
    someone.say("animate this, 1 second")
    someone.order(f"r-{someone.id}")
    assert someone.wait(f"r-{someone.id}")["status"] == "completed"
    return someone


def test_every_route_refuses_another_users_token(server: Server, owner: Person, meet: Meet) -> None:
    stranger = meet(server)
    document = httpx.get(f"{server.url}/openapi.json").json()
    made = owner.http.post("/api/tokens", json={"name": "mine", "scopes": ["read"]})
    token_id = made.json()["data"]["id"]
    before = owner.state()
    names = {
        "app": APP, "user": owner.id, "session_id": owner.session, "render_id": f"r-{owner.id}", "token_id": token_id,
    }  # fmt: skip
    bodies: dict[str, Any] = {
        "/run_sse": owner.message("remove everything"),
        "/api/auth/claim-token": {"task_id": owner.task, "session_id": owner.session},
        "/api/render/proxy/lambda": {"id": "new", "sessionId": owner.session, "draft": None},
        "/api/upload-video/{app}/{user}/{session_id}": {"urls": ["https://example.com/a.jpg"]},
    }
    walked = 0
    for path, operations in document["paths"].items():
        if path.startswith(PUBLIC) or path in OWN:
            continue
        for method in operations:
            for user in (owner.id, "me"):
                if user == "me" and path in HARMLESS:
                    continue
                address = path.format(**names | {"user": user})
                answer = stranger.http.request(method, address, json=bodies.get(path, {}))
                assert answer.status_code == httpx.codes.NOT_FOUND, (method, address, answer.text)
                assert answer.json()["code"] in (1002, 1004), (method, address, answer.text)
                for secret in ("pier.jpg", "draft", "segments"):
                    assert secret not in answer.text
                walked += 1
    assert walked > 12
    assert owner.state() == before
    assert token_id in [row["id"] for row in owner.http.get("/api/tokens").json()["data"]["tokens"]]


def test_the_older_addresses_refuse_it_too(owner: Person, server: Server, meet: Meet) -> None:
    stranger = meet(server)
    assert stranger.http.get(f"/api/render/proxy/r-{owner.id}").json()["code"] == 1004
    body = {"id": f"older-{stranger.id}", "sessionId": owner.session}
    assert stranger.http.post("/api/render/proxy/draft", json=body).json()["code"] == 1002
    assert stranger.http.get(f"/api/render/proxy/older-{stranger.id}").json()["code"] == 1004, "nothing was ordered"


def test_pages_show_nobody_what_is_somebody_elses(owner: Person, server: Server) -> None:
    def register(browser: httpx.Client, **bind: str) -> None:
        form = browser.get("/register", params=bind)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
        fields |= {"email": f"{uuid.uuid4().hex}@example.org", "password": "correct horse battery"}
        assert browser.post("/register", data=fields).status_code == httpx.codes.OK

    names = (f"/workspace/project/{owner.task}/{owner.session}", f"/workspace/task/{owner.task}/{owner.session}",
             f"/task/{owner.task}")  # fmt: skip
    with httpx.Client(base_url=server.url, follow_redirects=True) as stranger:
        register(stranger)
        for path in (*names, "/task/nothing"):
            answer = stranger.get(path)
            assert answer.url.path == "/login", "the same whether it is somebody else's or not there"
            assert "pier.jpg" not in answer.text
        assert owner.task not in stranger.get("/").text
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        register(browser, bind=owner.id)
        for path in names:
            answer = browser.get(path)
            assert (answer.status_code, answer.url.path) == (httpx.codes.OK, path)
            assert "pier.jpg" in answer.text, "its owner sees it"


def test_a_draft_may_name_nothing_but_its_owners_files(server: Server, owner: Person, meet: Meet) -> None:
    stranger = meet(server)
    url = owner.state()["state"]["video_infos"][0]["url"]
    generated = owner.state()["state"]["generated_media"][0]["id"]
    elsewhere = [
        url,
        url.partition("?")[0],
        f"asset:{generated}",
        owner.state()["state"]["video_infos"][0]["hash"],
        "asset:" + owner.state()["state"]["video_infos"][0]["hash"],
        "/etc/passwd",
        "file:///etc/passwd",
        "../../../../etc/hostname",
        "http://127.0.0.1:1/secret.jpg",
        "http://169.254.169.254/latest/meta-data",
        "concat:/etc/passwd|/etc/hosts",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "pack:../../etc/passwd",
        "color:../../etc/passwd",
        "data:image/png;base64,AAAA",
    ]
    for number, src in enumerate(elsewhere):
        draft = {"d": 200, "w": 64, "h": 36, "t": [{"tt": 0, "sg": [{"s": 0, "d": 200, "src": src}]}]}
        answer = stranger.order(f"x-{stranger.id}-{number}", draft, sessionId=stranger.session)
        if answer.status_code == httpx.codes.OK:
            ended = stranger.wait(f"x-{stranger.id}-{number}")
            assert ended["status"] == "failed", (src, ended)
            assert ended["error"], src
            assert "root:" not in ended["error"]
        else:
            assert answer.status_code == httpx.codes.BAD_REQUEST, (src, answer.text)


def test_fonts_and_looks_are_no_way_around(server: Server, meet: Meet) -> None:
    stranger = meet(server)
    text = {"tt": 7, "sg": [{"s": 0, "d": 200, "tx": "hello", "st": {"font": "/etc/passwd"}}]}
    picture = {"tt": 0, "sg": [{"s": 0, "d": 200, "src": "color:#336699"}]}
    answer = stranger.order(f"font-{stranger.id}", {"d": 200, "w": 64, "h": 36, "t": [picture, text]})
    assert answer.status_code != httpx.codes.OK or stranger.wait(f"font-{stranger.id}")["status"] == "failed"
    looks = [{"type": "lut", "src": "/etc/passwd"}, {"type": "lut", "path": "/etc/passwd"}]
    for number, look in enumerate(looks):
        shown = {"tt": 0, "sg": [{"s": 0, "d": 200, "src": "color:#336699", "ef": [look]}]}
        answer = stranger.order(f"look-{number}-{stranger.id}", {"d": 200, "w": 64, "h": 36, "t": [shown]})
        if answer.status_code == httpx.codes.OK:
            ended = stranger.wait(f"look-{number}-{stranger.id}")
            assert "root:" not in str(ended)


def test_a_link_is_good_for_its_file_alone(server: Server, owner: Person) -> None:
    url = owner.state()["state"]["video_infos"][0]["url"]
    assert httpx.get(url).status_code == httpx.codes.OK
    path, _, signature = url.partition("?")
    other = owner.state()["state"]["generated_media"][0]["url"].partition("?")[0]
    forged = (path, f"{path}?e=9999999999&s=0", f"{other}?{signature}", url.replace("e=", "e=1"), url[:-1] + "0")
    for link in forged:
        if link != url:
            assert httpx.get(link).status_code == httpx.codes.NOT_FOUND, link
