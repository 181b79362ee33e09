"""Pages about credits."""

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.store.ledger import grant, release, reserve, settle
from tests.web.site import Anonymous, Browser, check_page


def test_the_balance_and_where_it_comes_from(browser: Browser, service: Service) -> None:
    user_id = browser.user_id()
    with service.database.write() as session:
        grant(session, user_id, 400, "for <b>the fair</b>", "g")
        for reference in ("spent", "back", "open"):
            reserve(session, user_id, 100, "generate", reference)
        settle(session, "spent")
        release(session, "back")
    page = browser.get("/dashboard/billing")
    text = page.text
    assert "Available 300 Set aside for work in progress 100 Spent so far 100" in text
    assert "Granted by the operator: for <b>the fair</b> +400 –" in text
    assert "Gift for a new account +100 –" in text
    assert "Generation: spent – −100" in text
    assert "Generation: given back +100 −100" in text
    assert text.count("Generation: set aside −100 +100") == 3
    assert "multiplane credits grant" in text


def test_movements_of_a_bound_user_are_the_account_s(
    client: TestClient, service: Service, anonymous: Anonymous
) -> None:
    browser = Browser(client)
    browser.register(anonymous.id)
    text = browser.get("/dashboard/billing").text
    assert "Available 200" in text
    for words in ("Welcome gift +100", "Gift for a new account +100", "Taken over from an anonymous user – –"):
        assert words in text


def test_no_more_than_the_last_fifty(browser: Browser, service: Service) -> None:
    user_id = browser.user_id()
    with service.database.write() as session:
        for number in range(60):
            grant(session, user_id, 1, "drip", f"drip:{number}")
    page = browser.get("/dashboard/billing")
    assert page.text.count("drip") == 50
    assert "The last 50" in page.text


def test_prices_are_those_of_the_site(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_COST_GENERATE", "77")
    monkeypatch.setenv("MULTIPLANE_COST_EDIT", "0")
    text = check_page(client.get("/pricing")).text
    assert "later edits of that project are then paid 77 credits" in text
    assert "once free" in text
