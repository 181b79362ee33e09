"""Pages of projects: links with claim tokens, and what the signed-in see."""

from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from api.service import Service
from api.store.rows import EditSession, Token
from tests.web.site import Anonymous, check_page, fields_of


def test_a_link_shows_the_project_without_a_login(client: TestClient, anonymous: Anonymous, tmp_path: Path) -> None:
    photo = anonymous.add_photo(tmp_path)
    anonymous.add_file("clip.mp4", b"clip", "video", "video/mp4")
    anonymous.add_file("old.tiff", b"tiff", "image", "image/tiff")
    anonymous.draft(photo)
    anonymous.render("first", b"older")
    anonymous.render("second", b"newer")
    ct = anonymous.claim()
    answer = client.get(f"/workspace/claim?ct={ct}")
    assert answer.status_code == 200
    page = check_page(answer)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    assert page.all("form", "action") == []
    for words in ("Harbour", "Video: pier.jpg (0-4s)", '"Urban Dreams" (0-2s)', "100 available", "no preview"):
        assert words in page.text, words
    player, clip = page.all("video", "src")
    assert client.get(player).content == b"newer"
    assert client.get(player, headers={"Range": "bytes=0-1"}).content == b"ne"
    assert client.get(clip).content == b"clip"
    (picture,) = page.all("img", "src")
    assert client.get(picture).headers["content-type"] == "image/jpeg"
    assert set(page.all("a", "download")) == {"first.mp4", "second.mp4", "pier.jpg", "clip.mp4", "old.tiff"}
    assert anonymous.id not in page.html, "who knows it may take over all that is that user's"
    # No right to the interface, and no way to one.
    assert "nmv_usr_" not in answer.text
    assert ct not in answer.text
    assert client.get("/api/tokens", headers={"Authorization": f"Bearer {ct}"}).json()["code"] == 1001


def test_an_empty_project_says_so(client: TestClient, anonymous: Anonymous) -> None:
    page = check_page(client.get(f"/workspace/claim?ct={anonymous.claim()}"))
    for words in ("No video has been exported yet", "The timeline is empty", "No files have been uploaded yet"):
        assert words in page.text


@pytest.mark.parametrize("query", ["", "?ct=", "?ct=clm_nothing", "?ct=" + "clm_" + "x" * 300, "?ct=%00%ff", "?ct=é"])
def test_a_wrong_link_shows_nothing(client: TestClient, query: str) -> None:
    answer = client.get(f"/workspace/claim{query}")
    assert answer.status_code == 404
    assert "not valid or has expired" in check_page(answer).text


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_link_that_was_revoked_or_is_too_old_shows_nothing(
    client: TestClient, service: Service, anonymous: Anonymous, column: str
) -> None:
    ct = anonymous.claim()
    with service.database.write() as session:
        session.execute(update(Token).where(Token.kind == "claim").values({column: 1}))
    answer = client.get(f"/workspace/claim?ct={ct}")
    assert answer.status_code == 404
    assert "Harbour" not in check_page(answer).text


def test_a_link_opens_only_what_its_maker_has(client: TestClient, service: Service, anonymous: Anonymous) -> None:
    other = Anonymous(client, service, "two", "Secret")
    body = {"task_id": other.task, "session_id": other.session}
    assert client.post("/api/auth/claim-token", headers=anonymous.headers, json=body).json()["code"] == 1002
    ct = anonymous.claim()
    with service.database.write() as session:
        session.execute(update(Token).where(Token.kind == "claim").values(session_id=other.session))
    assert client.get(f"/workspace/claim?ct={ct}").status_code == 404
    # Neither does a token of another kind, nor a link to a session that was removed.
    assert client.get(f"/workspace/claim?ct={anonymous.token}").status_code == 404
    ct = other.claim()
    with service.database.write() as session:
        session.execute(update(EditSession).where(EditSession.id == other.session).values(deleted_at=1))
    assert client.get(f"/workspace/claim?ct={ct}").status_code == 404


def test_a_link_with_an_access_token_is_neither_used_nor_repeated(client: TestClient, anonymous: Anonymous) -> None:
    old = f"token={anonymous.token}&task={anonymous.task}&session={anonymous.session}"
    answer = client.get(f"/workspace/claim?{old}")
    assert answer.status_code == 410
    assert "not accepted any more" in check_page(answer).text
    assert anonymous.token not in answer.text
    assert "Harbour" not in answer.text
    ct = anonymous.claim()
    assert client.get(f"/workspace/claim?ct={ct}&{old}").status_code == 200


def test_names_are_text(client: TestClient, service: Service, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    user = Anonymous(client, service, project=evil)
    name = evil.replace("/", "")  # no name of a file has one
    photo = user.add_photo(tmp_path, name + ".jpg")
    user.add_file(name + ".mp4", b"clip", "video", "video/mp4")
    user.draft(photo, evil)
    answer = client.get(f"/workspace/claim?ct={user.claim()}")
    page = check_page(answer)  # no script, no handlers
    assert page.text.count("<script>alert(1)") >= 4
    assert len(page.all("img", "src")) == 1
    assert client.get(page.all("img", "src")[0]).status_code == 200


def test_who_is_not_signed_in_is_sent_to_the_login(client: TestClient, anonymous: Anonymous) -> None:
    for path in (
        f"/workspace/project/{anonymous.task}/{anonymous.session}",
        f"/workspace/task/{anonymous.task}/{anonymous.session}",
        f"/task/{anonymous.task}",
        "/task/nothing",
    ):
        answer = client.get(f"{path}?nemo_token={anonymous.token}")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/login?next=")
        assert fields_of(answer.headers["location"]) == {"next": [path]}


def test_the_token_of_a_link_is_in_no_log(
    client: TestClient, anonymous: Anonymous, caplog: pytest.LogCaptureFixture
) -> None:
    ct = anonymous.claim()
    caplog.set_level("DEBUG")
    client.get(f"/workspace/claim?ct={ct}")
    client.get(f"/workspace/claim?ct={ct}x")
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert any(record.__dict__.get("route") == "/workspace/claim" for record in ours)
    assert not [record for record in ours if ct in str(record.__dict__)]


def test_a_site_without_accounts_shows_projects_by_links(
    client: TestClient, anonymous: Anonymous, monkeypatch: pytest.MonkeyPatch
) -> None:
    ct = anonymous.claim()
    monkeypatch.setenv("MULTIPLANE_ACCOUNTS", "off")
    page = check_page(client.get(f"/workspace/claim?ct={ct}"))
    assert not [link for link in page.all("a", "href") if link.startswith(("/register", "/login"))]
    answer = client.get(f"/task/{anonymous.task}")
    assert answer.status_code == 404
    assert "no accounts" in check_page(answer).text


def test_the_first_page(client: TestClient) -> None:
    page = check_page(client.get("/"))
    assert "/openapi.json" in page.all("a", "href")
    assert client.head("/").status_code == 200
    for link in page.all("link", "href"):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "max-age" in answer.headers["cache-control"]
        assert "//" not in answer.text.replace('xmlns="http://www.w3.org/2000/svg"', "")
