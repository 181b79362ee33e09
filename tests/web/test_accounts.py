"""Registering, signing in and out: cookies, forms of strangers, where a sign-in leads, and what is taken over."""

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api.service import Service
from api.store import ledger
from api.store.rows import Token, User
from api.web import accounts
from api.web.app import whole_app
from api.web.paths import safe_next
from tests.web.site import PASSWORD, Anonymous, Browser, check_page

SESSION = "multiplane_session"


def cookie_of(answer: object, name: str) -> dict[str, str]:
    lines = [value for key, value in answer.headers.multi_items() if key == "set-cookie"]
    (morsel,) = [each for line in lines for key, each in SimpleCookie(line).items() if key == name]
    return {"value": morsel.value, **{key: str(value) for key, value in morsel.items() if value}}


def test_an_account_is_made_and_used(client: TestClient, service: Service) -> None:
    browser = Browser(client)
    answer = browser.register()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = cookie_of(answer, SESSION)
    assert cookie | {"value": "", "max-age": ""} == {
        "value": "", "max-age": "", "httponly": "True", "samesite": "lax", "path": "/"
    }  # fmt: skip
    assert cookie["max-age"] == str(14 * 24 * 3600)
    assert len(cookie["value"]) > 43
    with service.database.read() as session:
        row = session.scalars(select(Token).where(Token.kind == "web")).one()
        assert cookie["value"] not in str(vars(row))
        assert row.expires_at is not None
    assert "Your projects" in browser.get("/").text
    # The browser's secret is no token of the interface.
    bearer = {"Authorization": f"Bearer {cookie['value']}"}
    assert client.get("/api/tokens", headers=bearer).json()["code"] == 1001
    assert browser.send("/logout", {}, "/").status_code == 303
    assert "Photos into film" in browser.get("/").text
    client.cookies.set(SESSION, cookie["value"])
    assert "Photos into film" in browser.get("/").text


def test_every_sign_in_has_a_secret_of_its_own(browser: Browser, service: Service) -> None:
    first = browser.client.cookies[SESSION]
    answer = browser.login()
    assert answer.status_code == 303
    second = browser.client.cookies[SESSION]
    assert first != second
    browser.client.cookies.clear()
    browser.client.cookies.set(SESSION, first)
    assert "Photos into film" in browser.get("/").text
    with service.database.write() as session:
        session.execute(update(Token).where(Token.kind == "web").values(expires_at=1))
    browser.client.cookies.clear()
    browser.client.cookies.set(SESSION, second)
    assert "Photos into film" in browser.get("/").text


def test_over_tls_cookies_are_bound_to_this_host(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_PUBLIC_URL", "https://studio.example")
    with TestClient(whole_app(service), "https://studio.example", follow_redirects=False) as client:
        answer = Browser(client).register()
        cookie = cookie_of(answer, f"__Host-{SESSION}")
        assert (cookie["secure"], cookie["path"], "domain" in cookie) == ("True", "/", False)
        assert "Your projects" in Browser(client).get("/").text


def test_a_wrong_password_and_an_unknown_address_are_alike(browser: Browser, client: TestClient) -> None:
    client.cookies.clear()
    wrong = browser.login("not the password")
    unknown = Browser(client, "nobody@example.org").login()
    assert wrong.status_code == unknown.status_code == 403
    assert check_page(wrong).text == check_page(unknown).text
    assert "The address or the password is wrong" in wrong.text
    assert SESSION not in str(wrong.headers)


def test_passwords_are_checked_in_no_writing_transaction(
    browser: Browser, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = accounts.check_password

    def check(*arguments: object) -> User:
        with service.database.write():  # would wait for the other writer until it gave up
            return real(*arguments)

    monkeypatch.setattr(accounts, "check_password", check)
    assert browser.login().status_code == 303


@pytest.mark.parametrize("email", ["", "no address", "<script>@x y"])
def test_what_is_wrong_with_a_registration_is_said(client: TestClient, email: str) -> None:
    answer = Browser(client, email).register()
    assert answer.status_code == 400
    assert "Give an e-mail address" in check_page(answer).text
    answer = Browser(client).register(password="short")
    assert "8 characters or more" in check_page(answer).text


def test_an_address_has_one_account(browser: Browser, client: TestClient) -> None:
    client.cookies.clear()
    assert "There is an account with that address" in check_page(browser.register()).text


def test_sign_ins_are_limited(browser: Browser, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_RATE_LOGIN", "8")
    client.cookies.clear()
    answers = [browser.login("wrong") for _ in range(4)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    check_page(answers[-1])
    # One address is limited whatever names it tries.
    assert Browser(client, "other@example.org").login().status_code == 429


def test_one_name_is_limited_from_wherever(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_RATE_LOGIN", "8")
    app = whole_app(service)
    statuses = []
    with TestClient(app):
        for number in range(4):
            client = TestClient(app, client=(f"192.0.2.{number}", 1), follow_redirects=False)
            statuses.append(Browser(client, " Anna@Example.org").login().status_code)
    assert statuses == [403, 403, 429, 429]


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil",
     "javascript:alert(1)", "evil", "", "/" + "a" * 600, "/é", " /x"],
)  # fmt: skip
def test_a_sign_in_leads_to_no_other_site(browser: Browser, client: TestClient, wanted: str) -> None:
    assert safe_next(wanted) == "/"
    assert browser.login(next=wanted).headers["location"] == "/"
    page = check_page(client.get("/login", params={"next": wanted}))
    assert page.field("next") == "/"


def test_a_sign_in_leads_back(browser: Browser) -> None:
    path = "/workspace/project/a%20b/1?x=1"
    assert browser.get("/login?next=/workspace/project/a%2520b/1?x=1").field("next") == path
    assert browser.login(next=path).headers["location"] == path


@pytest.mark.parametrize(
    "path", ["/login", "/register", "/logout", "/workspace/api-keys", "/workspace/api-keys/x/revoke"]
)
def test_a_form_needs_the_mark_of_its_browser(
    browser: Browser, client: TestClient, service: Service, path: str
) -> None:
    ours = browser.get("/").field("csrf")
    others = TestClient(whole_app(service), follow_redirects=False)
    others_mark = Browser(others).get("/login").field("csrf")
    assert Browser(others, "ben@example.org").register().status_code == 303
    fields = {"email": "x@example.org", "password": PASSWORD, "name": "n", "scope": "read", "days": "7"}
    marks = [None, "", "x", ours[:-1], ours.upper(), "é", others_mark, Browser(others).get("/").field("csrf")]
    for mark in marks:
        answer = client.post(path, data=fields if mark is None else {**fields, "csrf": mark})
        assert answer.status_code == 403, mark
        assert "comes from another site" in check_page(answer).text
    good = {**fields, "csrf": ours}
    foreign: list[dict[str, str]] = [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ]  # fmt: skip
    for headers in foreign:
        assert client.post(path, data=good, headers=headers).status_code == 403, headers
    assert client.post(path, json=good).status_code == 422
    assert client.post(path, data=good | {"name": "x" * 20_000}).status_code == 422
    # The account is as it was.
    assert "There is none yet" in browser.get("/workspace/api-keys").text
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post(path, data=good, headers=headers).status_code in (200, 303, 400, 403, 404)


def test_a_form_of_another_site_signs_nobody_out(browser: Browser, client: TestClient) -> None:
    secret = client.cookies[SESSION]
    client.cookies.clear()  # SameSite keeps it back
    assert "set-cookie" not in client.post("/logout", headers={"Origin": "https://evil.example"}).headers
    client.cookies.set(SESSION, secret)
    assert "Your projects" in browser.get("/").text


def test_signed_out_forms_need_the_cookie_of_the_visit(client: TestClient) -> None:
    answer = client.get("/login")
    assert cookie_of(answer, "multiplane_visit")["httponly"] == "True"
    mark = check_page(answer).field("csrf")
    assert check_page(client.get("/register")).field("csrf") == mark
    client.cookies.clear()
    answer = client.post("/login", data={"csrf": mark, "email": "x@example.org", "password": PASSWORD})
    assert answer.status_code == 403


def test_an_account_takes_over_what_an_anonymous_user_has(
    client: TestClient, service: Service, anonymous: Anonymous, tmp_path: Path
) -> None:
    anonymous.draft(anonymous.add_photo(tmp_path))
    ct = anonymous.claim()
    browser = Browser(client)
    page = browser.get(f"/register?bind={anonymous.id}")
    assert page.field("bind") == anonymous.id
    assert "nobody else can take them over" in page.text
    assert browser.register(anonymous.id).status_code == 303
    assert "200" in browser.get("/dashboard/billing").text
    (link,) = [href for href in browser.get("/").all("a", "href") if href.startswith("/workspace/project/")]
    assert link == f"/workspace/project/{anonymous.task}/{anonymous.session}"
    shown = browser.get(link)
    assert "Video: pier.jpg" in shown.text
    assert "/register" not in str(shown.all("a", "href"))
    assert browser.get(f"/task/{anonymous.task}").text == shown.text
    assert browser.get(f"/workspace/task/{anonymous.task}/{anonymous.session}").text == shown.text
    assert client.get(f"/workspace/project/task_other/{anonymous.session}").status_code == 302
    # Links go on, and so do programs, which stand in the list.
    assert "pier.jpg" in check_page(client.get(f"/workspace/claim?ct={ct}")).text
    assert client.get("/api/credits/balance/simple", headers=anonymous.headers).json()["available"] == 200
    assert "anonymous" in browser.get("/workspace/api-keys").text
    with service.database.read() as session:
        assert ledger.errors_of_the_books(session) == []
    # Once: a stranger who knows the id comes too late.
    client.cookies.clear()
    late = Browser(client, "late@example.org")
    answer = client.get(f"/register?bind={anonymous.id}")
    assert "belongs to an account already" in check_page(answer).text
    mark = late.get("/register").field("csrf")
    fields = {"csrf": mark, "email": late.email, "password": PASSWORD, "bind": anonymous.id}
    assert client.post("/register", data=fields).status_code == 400
    with service.database.read() as session:
        assert session.scalar(select(User).where(User.email == late.email)) is None
    assert late.register().status_code == 303
    assert client.get(link).status_code == 302


def test_an_account_that_is_there_takes_over_too(browser: Browser, client: TestClient, anonymous: Anonymous) -> None:
    address = f"/register?bind={anonymous.id}"
    answer = browser.send("/register", {"bind": anonymous.id, "revoke": "yes"}, address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Harbour" in browser.get("/").text
    assert client.get("/api/credits/balance/simple", headers=anonymous.headers).json()["code"] == 1001


@pytest.mark.parametrize("bind", ["anon_0000000000000000", "site", "usr_1", "<script>alert(1)</script>", "\0"])
def test_only_anonymous_users_are_taken_over(client: TestClient, bind: str) -> None:
    answer = client.get("/register", params={"bind": bind})
    assert "is not known here" in check_page(answer).text


def test_a_site_can_ask_for_a_token_of_the_anonymous_user(
    client: TestClient, service: Service, anonymous: Anonymous, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_BIND_PROOF", "on")
    other = Anonymous(client, service, "two")
    browser = Browser(client)
    for proof in ("", "nmv_usr_x", other.token):
        answer = browser.register(anonymous.id, proof=proof)
        assert answer.status_code == 400
        assert "Give a token of that anonymous user" in check_page(answer).text
        assert other.token not in answer.text
    assert browser.register(anonymous.id, proof=f" {anonymous.token}\n").status_code == 303
    assert "Harbour" in browser.get("/").text


def test_a_site_without_accounts_says_so(browser: Browser, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_ACCOUNTS", "off")
    for path in ("/login", "/register", "/workspace/api-keys", "/dashboard/billing", "/workspace/project/a/b"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "This site has no accounts" in check_page(answer).text
    for path in ("/login", "/logout", "/register", "/workspace/api-keys", "/workspace/api-keys/x/revoke"):
        assert client.post(path).status_code == 404
    assert "nothing is charged" in browser.get("/pricing").text
    assert "no accounts" in browser.get("/").text
