"""The pages in a real browser: a project by its link, an account, a key; nothing blocked, nothing from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.browser import Browser, find_chromium
from tests.service.person import Person
from tests.service.server import Server


@pytest.fixture(params=[390, 1280])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with Browser(program, request.param) as found:
        yield found


def test_a_project_is_shown_by_its_link(server: Server, person: Person, photo: Path, browser: Browser) -> None:
    assert person.upload(photo).status_code == httpx.codes.OK
    person.say('slow zoom, 1 second, title "Sea <b>walk</b>"')
    person.order(f"shown-{person.id}")
    assert person.wait(f"shown-{person.id}")["status"] == "completed"
    answer = person.http.post("/api/auth/claim-token", json={"task_id": person.task, "session_id": person.session})
    browser.go(f"{server.url}/workspace/claim?ct={answer.json()['data']['claim_token']}")
    browser.wait("document.querySelector('video.player').readyState >= 1")
    assert browser.ask("Math.round(document.querySelector('video.player').duration)") == 1
    assert browser.ask("document.querySelector('video.player').poster") != ""
    browser.ask("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
    browser.wait("[...document.querySelectorAll('img')].every(each => each.naturalWidth > 0)")
    assert browser.ask("document.querySelectorAll('img').length") >= 2
    assert "Sea <b>walk</b>" in browser.ask("document.querySelector('.tracks').innerText")
    assert browser.ask("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    hosts = browser.ask("[...new Set(performance.getEntriesByType('resource').map(each => new URL(each.name).host))]")
    assert hosts == [server.url.partition("//")[2]]
    assert browser.complaints == []


def test_an_account_is_made_and_makes_a_key(server: Server, person: Person, browser: Browser) -> None:
    browser.go(f"{server.url}/register?bind={person.id}")
    browser.fill(email=f"{person.id}@example.org", password="a long password")
    browser.press("main form button")
    browser.wait("location.pathname !== '/register'")
    browser.go(f"{server.url}/workspace/api-keys")
    browser.press("main form[action='/workspace/api-keys'] button")
    browser.wait("document.querySelector('.secret') !== null")
    secret = browser.ask("document.querySelector('.secret').innerText").strip()
    balance = httpx.get(f"{server.url}/api/credits/balance/simple", headers={"Authorization": f"Bearer {secret}"})
    assert balance.json()["data"]["total"] >= 100, "what the anonymous user had is the account's"
    assert browser.ask("document.cookie") == "", "no script sees the session"
    browser.press("header form button")
    browser.wait("document.body.innerText.includes('Sign in')")
    assert browser.complaints == []
