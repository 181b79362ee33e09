"""What every answer has in common, in one process: ids, headers, CORS, limits, faults, counts."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.ops.cors import allowed_origins
from api.ops.metrics import Sources, render_metrics
from api.ops.middleware import middleware
from api.ops.server import trusted_proxies
from engine.core.errors import OptionError
from tests.ops.app import SECRET, make_app

LISTED = {
    "authorization", "content-type", "accept", "x-client-id", "x-skill-source", "x-skill-version", "x-skill-platform",
    "last-event-id",
}  # fmt: skip


def ask(method: str, path: str, **options: object) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=make_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
            return await client.request(method, path, **options)

    return asyncio.run(one())


@pytest.mark.parametrize("given", ["a", "trace-1.2_3", "x" * 64])
def test_a_sane_request_id_is_kept_and_returned(given: str) -> None:
    answer = ask("GET", "/api/state/7/latest", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given == answer.json()["request_id"]


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "../x", '"', "é", "-a"])
def test_any_other_request_id_is_replaced(given: str) -> None:
    answer = ask("GET", "/api/state/7/latest", headers={"X-Request-Id": given.encode()})
    made = answer.headers["X-Request-Id"]
    assert made == answer.json()["request_id"]
    assert len(made) == 16
    assert given == "" or given not in made


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/fail", 500),
                         ("DELETE", "/run", 405), ("POST", "/run", 422), ("OPTIONS", "/run", 200)])  # fmt: skip
def test_refusals_have_ids_and_headers_too(method: str, path: str, status: int) -> None:
    answer = ask(method, path, headers={"Origin": "https://page.example"})
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_fault_is_told_in_json_without_detail(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("GET", "/fail", headers={"X-Request-Id": "r-1"})
    assert answer.status_code == 500
    body = answer.json()
    assert (body["code"], body["data"]) == (500, None)
    assert "r-1" in body["message"]
    assert "RuntimeError" not in answer.text
    assert SECRET not in answer.text
    (record,) = [record for record in caplog.records if record.name == "multiplane.http"]
    assert record.exc_info is not None


def test_pages_data_and_streams_get_the_headers_that_they_need() -> None:
    page = ask("GET", "/page").headers
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    data = ask("GET", "/api/state/7/latest").headers
    assert data["Cache-Control"] == "no-store"
    assert data["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    for headers in (page, data):
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


def test_what_an_endpoint_sets_itself_stands() -> None:
    headers = ask("GET", "/kept").headers
    assert (headers["Cache-Control"], headers["Content-Security-Policy"]) == ("max-age=60", "sandbox")


@pytest.mark.parametrize("path", ["/run", "/api/state/7/latest", "/nowhere", "/metrics", "/api/upload-video/1"])
def test_a_preflight_is_answered_everywhere(path: str) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    answer = ask("OPTIONS", path, headers=asked)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {part.strip().lower() for part in answer.headers["Access-Control-Allow-Headers"].split(",")} == LISTED
    assert {"GET", "POST"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_chosen_origins_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_CORS_ORIGINS", "https://studio.example, http://localhost:5173/")
    friend = ask("GET", "/kept", headers={"Origin": "http://localhost:5173"}).headers
    assert friend["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert friend["Vary"] == "Origin"
    for method in ("GET", "OPTIONS"):
        stranger = ask(method, "/kept", headers={"Origin": "https://studio.example.evil.example"}).headers
        assert not any(name.startswith("access-control") for name in stranger)
        assert stranger["Vary"] == "Origin"
    monkeypatch.setenv("MULTIPLANE_CORS_ORIGINS", "off")
    assert "Access-Control-Allow-Origin" not in ask("GET", "/kept", headers={"Origin": "https://a.example"}).headers


@pytest.mark.parametrize("text", ["host", "https://", "https://a.example/path", "*, https://a.example", "ftp://a",
                         "https://u@a.example", "https://[::1"])  # fmt: skip
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MULTIPLANE_CORS_ORIGINS", text)
    with pytest.raises(OptionError, match=r"^MULTIPLANE_CORS_ORIGINS: '.*' is no origin"):
        allowed_origins()


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.parametrize("path", ["/run", "/raw", "/nowhere", "/unread"])
def test_a_body_over_the_limit_is_refused_in_the_protocols_form(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_BODY_MB", "0.1")
    answer = ask("POST", path, content=b" " * 100_001)
    assert answer.status_code == 413
    assert answer.json() == {
        "code": 4002,
        "message": "The request is too large: send at most 0.1 MB here.",
        "data": None,
    }


@pytest.mark.parametrize("path", ["/run", "/raw"])
def test_a_body_without_a_length_is_cut_off_while_reading(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_BODY_MB", "0.1")
    answer = ask("POST", path, content=pieces(200_000))
    assert (answer.status_code, answer.json()["code"]) == (413, 4002)
    assert answer.headers["X-Request-Id"]


def test_the_limit_itself_and_uploads_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_BODY_MB", "0.1")
    assert ask("POST", "/raw", content=b" " * 100_000).json() == {"length": 100_000}
    assert ask("POST", "/raw", content=pieces(100_000)).json() == {"length": 100_000}
    assert ask("POST", "/api/upload-video/1", content=pieces(500_000)).json() == {"length": 500_000}
    body = json.dumps({"words": "w" * 90_000}).encode()
    assert ask("POST", "/run", content=body, headers={"Content-Type": "application/json"}).json() == {"length": 90_000}


def test_a_body_has_four_megabytes_by_default() -> None:
    assert ask("POST", "/raw", content=b" " * 4_000_000).status_code == 200
    assert ask("POST", "/raw", content=b" " * 4_000_001).status_code == 413


def test_requests_are_counted_by_template_and_never_by_path() -> None:
    ask("GET", "/api/state/5529798706024415232/latest")
    ask("GET", "/nowhere/5529798706024415232")
    text = render_metrics(Sources()).decode()
    assert 'route="/api/state/{session}/latest",method="GET",status="200"' in text.replace(", ", ",") or (
        'method="GET",route="/api/state/{session}/latest",status="200"' in text
    )
    assert 'route="unmatched"' in text
    assert "5529798706024415232" not in text


def test_an_answer_without_a_list_of_headers_is_completed() -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    app: ASGIApp = bare
    for layer in reversed(middleware()):
        app = layer.cls(app, *layer.args, **layer.kwargs)

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://host") as client:
            return await client.get("/")

    headers = asyncio.run(one()).headers
    assert headers["X-Request-Id"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def lines_of(caplog: pytest.LogCaptureFixture, call: Callable[[], object]) -> list[logging.LogRecord]:
    with caplog.at_level(logging.INFO):
        call()
    return [record for record in caplog.records if record.name == "multiplane.access"]


def test_the_access_log_tells_the_path_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    (line,) = lines_of(caplog, lambda: ask("GET", f"/api/state/7/latest?token={SECRET}&sig=abcdef"))
    assert line.getMessage() == "GET /api/state/7/latest 200"
    assert vars(line)["route"] == "/api/state/{session}/latest"
    assert vars(line)["bytes"] > 0
    assert SECRET not in repr(vars(line))
    assert "abcdef" not in repr(vars(line))


def test_machines_that_ask_all_the_time_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert lines_of(caplog, lambda: ask("GET", "/metrics")) == []


@pytest.mark.parametrize(("text", "proxies"), [("", ["127.0.0.1", "::1"]), ("none", []),
                         ("10.0.0.5, 10.1.2.3/16 ,fd00::/8", ["10.0.0.5", "10.1.0.0/16", "fd00::/8"])])  # fmt: skip
def test_trusted_proxies_are_addresses_and_networks(
    monkeypatch: pytest.MonkeyPatch, text: str, proxies: list[str]
) -> None:
    monkeypatch.setenv("MULTIPLANE_TRUSTED_PROXIES", text)
    assert trusted_proxies() == proxies


@pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.300", "10.0.0.1/40"])
def test_what_is_no_proxy_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MULTIPLANE_TRUSTED_PROXIES", text)
    with pytest.raises(OptionError, match=r"MULTIPLANE_TRUSTED_PROXIES: .* is neither an address nor a network"):
        trusted_proxies()
