"""Fetching over TLS: the certificate must be good, and for the name that the link has."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.intake.fetch import fetch_url
from engine.core.errors import FileNotSupported
from tests.intake.certificates import Authority
from tests.intake.server import Server, give, raw, running, send_on

BODY = b"a file" * 10_000
NAME = "photos.example"

Start = Callable[..., Server]


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a server with a certificate from an authority that this machine trusts."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.0/8")
    with ExitStack() as servers:

        def make(host: str = NAME, **options: bool) -> Server:
            server = servers.enter_context(running(Server(context=authority.context_for(host, **options))))
            monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", str(server.port))
            return server

        yield make


def test_a_file_is_fetched_over_tls(start: Start, tmp_path: Path) -> None:
    server = start()
    names: list[str | None] = []
    context = server.socket.context
    context.sni_callback = lambda sock, name, context: names.append(name)
    server.replies["/x"] = give(BODY)
    got = fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)
    assert (tmp_path / "x").read_bytes() == BODY
    assert got.final_url == server.url("/x", NAME, "https")
    assert names == [NAME]


@pytest.mark.parametrize(
    ("host", "options"),
    [(NAME, {"self_signed": True}), (NAME, {"expired": True}), ("other.example", {})],
    ids=["self-signed", "expired", "for another name"],
)
def test_a_certificate_that_is_not_good_is_refused(
    start: Start, tmp_path: Path, host: str, options: dict[str, bool]
) -> None:
    server = start(host, **options)
    server.replies["/x"] = give(BODY)
    with pytest.raises(FileNotSupported, match=r"certificate of 'photos\.example' is not good"):
        fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)
    assert server.asked == []
    assert not (tmp_path / "x").exists()


def test_a_certificate_for_the_name_does_not_do_for_the_address(start: Start, tmp_path: Path) -> None:
    server = start()
    with pytest.raises(FileNotSupported, match="certificate of"):
        fetch_url(server.url("/x", scheme="https"), tmp_path / "x", limit_bytes=10**6)


def test_no_redirect_leads_out_of_tls(start: Start, tmp_path: Path) -> None:
    server = start()
    server.replies["/x"] = send_on(server.url("/y", NAME))
    with pytest.raises(FileNotSupported, match="from https to http"):
        fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)


def test_the_time_limit_holds_over_tls(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    monkeypatch.setenv("MULTIPLANE_FETCH_SECONDS", "0.5")
    server.replies["/x"] = raw(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 900, pause=0.05)
    with pytest.raises(FileNotSupported, match=r"within 0\.5 seconds"):
        fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)


def test_a_pause_over_tls_breaks_nothing(start: Start, tmp_path: Path) -> None:
    server = start()
    server.replies["/x"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", b"def", pause=0.6)
    fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)
    assert (tmp_path / "x").read_bytes() == b"abcdef"


def test_an_end_that_tls_does_not_vouch_for_is_none(start: Start, tmp_path: Path) -> None:
    """Without a length only the end of the TLS session says that the file is whole; anybody can close a connection."""
    server = start()
    server.replies["/x"] = raw(b"HTTP/1.1 200 OK\r\n\r\nabc")
    with pytest.raises(FileNotSupported, match="broke off"):
        fetch_url(server.url("/x", NAME, "https"), tmp_path / "x", limit_bytes=10**6, resolve=here)


def test_a_server_that_stays_silent_ends_with_the_connection_time(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("MULTIPLANE_FETCH_CONNECT_SECONDS", "0.2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", str(port))
        with pytest.raises(FileNotSupported, match="broke off"):
            fetch_url(f"https://{NAME}:{port}/x", tmp_path / "x", limit_bytes=10**6, resolve=here)
