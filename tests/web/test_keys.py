"""The page of tokens: made with the rights that were ticked, shown once, revoked."""

import re

import pytest
from starlette.testclient import TestClient

from tests.web.site import Browser, check_page

KEYS = "/workspace/api-keys"


def make(browser: Browser, **fields: object) -> str:
    answer = browser.send(KEYS, {"name": "batch", "scope": ["read"], "days": "30", **fields}, KEYS)
    assert answer.status_code == 200
    found = re.findall(r"nmv_usr_[\w-]+", check_page(answer).text)
    assert len(found) == 1
    return str(found[0])


def test_a_key_is_shown_once_and_does_what_was_ticked(browser: Browser, client: TestClient) -> None:
    secret = make(browser)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/credits/balance/simple", headers=headers).json()["available"] == 100
    assert client.post("/api/tasks/me/with-session/nemo_agent", headers=headers, json={}).json()["code"] == 1003
    page = browser.get(KEYS)
    assert secret not in page.html
    assert "batch" in page.text
    (address,) = [each for each in page.all("form", "action") if each.endswith("/revoke")]
    assert browser.send(address, {}, KEYS).headers["location"] == KEYS
    assert client.get("/api/credits/balance/simple", headers=headers).json()["code"] == 1001
    page = browser.get(KEYS)
    assert "batch" in page.text
    assert not [each for each in page.all("form", "action") if each.endswith("/revoke")]


def test_a_key_may_last_for_ever_and_do_everything(browser: Browser, client: TestClient) -> None:
    secret = make(browser, scope=["*", "read"], days="never", name="")
    assert client.post("/api/tokens", headers={"Authorization": f"Bearer {secret}"}, json={}).json()["code"] == 0
    text = browser.get(KEYS).text
    assert "everything, read" in text
    assert "never" in text
    assert "Unnamed" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": []}, "Tick at least one"),
        ({"scope": ["root"]}, "only what the form offers"),
        ({"days": "-1"}, "how long"),
        ({"days": "1e9"}, "how long"),
        ({"days": ""}, "how long"),
    ],
)
def test_what_is_wrong_is_said(browser: Browser, fields: dict[str, object], words: str) -> None:
    answer = browser.send(KEYS, {"name": "kept", "scope": ["read"], "days": "7", **fields}, KEYS)
    assert answer.status_code == 400
    assert words in check_page(answer).text
    assert "There is none yet" in browser.get(KEYS).text


def test_the_name_of_a_key_is_text(browser: Browser) -> None:
    evil = '"><script>alert(1)</script>'
    make(browser, name=evil)
    assert evil in browser.get(KEYS).text


def test_a_key_of_somebody_else_cannot_be_revoked(browser: Browser, client: TestClient) -> None:
    secret = make(browser)
    (address,) = [each for each in browser.get(KEYS).all("form", "action") if each.endswith("/revoke")]
    client.cookies.clear()
    other = Browser(client, "ben@example.org")
    other.register()
    assert other.send(address, {}, KEYS).status_code == 404
    assert client.get("/api/tokens", headers={"Authorization": f"Bearer {secret}"}).json()["code"] == 0


def test_who_is_not_signed_in_is_sent_to_the_login(client: TestClient) -> None:
    for path in (KEYS, "/dashboard/billing"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/login?next={path}")
    assert client.post(KEYS, data={"name": "x"}).status_code == 302
    assert client.post(f"{KEYS}/x/revoke").status_code == 303
    assert client.get("/dashboard/api-tokens").headers["location"] == KEYS
