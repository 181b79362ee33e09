"""Fetching a file by its URL from a server of this machine: what is taken and what is refused."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.intake.fetch import Fetched, fetch_url
from engine.core.errors import BadRequest, Cancelled, FileNotSupported, FileTooLarge, MultiplaneError, OptionError
from tests.intake.server import Server, give, raw, running, send_on

BODY = bytes(range(256)) * 1024

Fetch = Callable[..., Fetched]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file.part"


@pytest.fixture
def fetch(target: Path) -> Fetch:
    """Fetches into ``target``, at most 1 MB, without any resolver unless the test gives one."""

    def call(url: str, **options: Any) -> Fetched:
        return fetch_url(url, target, **({"limit_bytes": 1_000_000, "resolve": nobody} | options))

    return call


@pytest.fixture
def fails(fetch: Fetch, target: Path) -> Callable[..., MultiplaneError]:
    """The error that a fetch ends with; nothing is left behind then."""

    def call(url: str, kind: type[MultiplaneError], **options: Any) -> MultiplaneError:
        with pytest.raises(kind) as failure:
            fetch(url, **options)
        assert type(failure.value) is kind
        assert not target.exists()
        assert "\n" not in failure.value.message
        assert "127.0.0.1" not in failure.value.message.replace("'127.0.0.1'", "")
        return failure.value

    return call


def nobody(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


class Resolver:
    """Gives the answers one after the other, and keeps what it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


def test_a_file_is_fetched(server: Server, fetch: Fetch, target: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    server.replies["/a/ph oto.JPG".replace(" ", "%20")] = give(BODY, Content_Type="Image/JPEG; q=1")
    url = server.url("/a/ph%20oto.JPG?token=1#part")
    got = fetch(url, report=lambda done, total: heard.append((done, total)))
    assert got == Fetched("ph oto.JPG", "image/jpeg", len(BODY), url.removesuffix("#part"))
    assert target.read_bytes() == BODY
    assert heard[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    ((path, headers),) = server.asked
    assert path == "/a/ph%20oto.JPG?token=1"
    assert headers["Host"] == f"127.0.0.1:{server.port}"
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization", "Referer", "Proxy-Connection"} & headers.keys()


def test_a_name_is_looked_up_once_and_stands_in_the_host_header(server: Server, fetch: Fetch, target: Path) -> None:
    server.replies["/x.png"] = give(BODY)
    resolver = Resolver(["127.0.0.1"])
    fetch(server.url("/x.png", "photos.example"), resolve=resolver)
    assert resolver.asked == [("photos.example", server.port)]
    assert server.asked[0][1]["Host"] == f"photos.example:{server.port}"
    assert target.read_bytes() == BODY


def test_the_system_looks_names_up(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.0/8, ::1")
    server.replies["/x.png"] = give(BODY)
    assert fetch_url(server.url("/x.png", "localhost"), target, limit_bytes=len(BODY)).size == len(BODY)


def test_proxies_of_the_environment_are_not_used(server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.replies["/x"] = give(BODY)
    assert fetch(server.url("/x")).size == len(BODY)


def test_an_address_of_ipv6_is_connected_to(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    class Server6(Server):
        address_family = socket.AF_INET6

    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6, not even for itself")
    with running(Server6("::1")) as server:
        monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "::1")
        monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", str(server.port))
        server.replies["/x"] = give(BODY)
        assert fetch(server.url("/x", "[::1]")).size == len(BODY)
        assert server.asked[0][1]["Host"] == f"[::1]:{server.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.0/8")
    server.replies["/x"] = give(BODY)
    assert fetch(server.url("/x", "a.example"), resolve=Resolver(["127.9.9.9", "127.0.0.1"])).size == len(BODY)


def test_redirects_are_followed_three_times(server: Server, fetch: Fetch) -> None:
    server.replies |= {
        "/1": send_on("/2", 301),
        "/2": send_on(server.url("/3", "b.example"), 307),
        "/3": send_on("4%20x?y", 308),
        "/4%20x": give(BODY),
    }
    resolver = Resolver(["127.0.0.1"], ["127.0.0.1"])
    got = fetch(server.url("/1"), resolve=resolver)
    assert got.final_url == server.url("/4%20x?y", "b.example")
    assert got.name == "4 x"
    assert [host for host, _ in resolver.asked] == ["b.example", "b.example"]
    assert len(server.asked) == 4


def test_a_redirect_with_signs_that_a_url_does_not_have_is_followed(server: Server, fetch: Fetch) -> None:
    server.replies |= {
        "/1": raw("HTTP/1.1 303 See\r\nLocation: /straße x\r\nContent-Length: 0\r\n\r\n".encode()),
        "/stra%C3%9Fe%20x": give(BODY),
    }
    assert fetch(server.url("/1")).name == "straße x"


def test_a_loop_of_redirects_ends(server: Server, fails: Callable[..., MultiplaneError]) -> None:
    server.replies["/1"] = send_on("/1")
    assert "3 redirects" in fails(server.url("/1"), FileNotSupported).message
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.2/x",
        "http://2130706433/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://user:secret@127.0.0.1/x",
        "//10.0.0.1/x",
        "file:///etc/passwd",
        "http://127.0.0.1:22/x",
        "http://127.0.0.1\\@example.com/x",
    ],
)
def test_a_redirect_to_what_is_refused_is_refused(
    server: Server, fails: Callable[..., MultiplaneError], location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", f"80,{server.port}")
    server.replies["/1"] = send_on(location)
    assert "secret" not in fails(server.url("/1"), BadRequest).message


@pytest.mark.parametrize("headers", [{}, {"Location": ""}, {"Location": "\xff\xfe"}])
def test_a_redirect_to_nowhere_is_refused(
    server: Server, fails: Callable[..., MultiplaneError], headers: dict[str, str]
) -> None:
    server.replies["/1"] = give(b"", 302, **headers)
    fails(server.url("/1"), FileNotSupported)


def test_a_name_that_changes_its_address_gains_nothing(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is checked, this machine when it would be asked again."""
    monkeypatch.delenv("MULTIPLANE_FETCH_NETWORKS")
    connected: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def record(sock: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        connect(sock, ("127.0.0.1", server.port))  # as if the public server stood here

    monkeypatch.setattr(socket.socket, "connect", record)
    server.replies["/x"] = give(BODY)
    resolver = Resolver(["93.184.216.34"], ["127.0.0.1"])
    assert fetch(server.url("/x", "rebinding.example"), resolve=resolver).size == len(BODY)
    assert resolver.asked == [("rebinding.example", server.port)]
    assert connected == [("93.184.216.34", server.port)]


def test_a_name_that_changes_its_address_between_hops_is_refused(
    server: Server, fails: Callable[..., MultiplaneError]
) -> None:
    server.replies["/1"] = send_on("/2")
    resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
    fails(server.url("/1", "rebinding.example"), BadRequest, resolve=resolver)
    assert len(resolver.asked) == 2
    assert [path for path, _ in server.asked] == ["/1"]


@pytest.mark.parametrize("answers", [["127.0.0.1", "10.0.0.7"], ["127.0.0.1", "8.8.8.8", "fe80::1%eth0"]])
def test_one_bad_answer_spoils_the_good_ones(
    server: Server, fails: Callable[..., MultiplaneError], answers: list[str]
) -> None:
    failure = fails(server.url("/x", "mixed.example"), BadRequest, resolve=Resolver(answers))
    assert "'mixed.example' is an address that this site does not fetch from" in failure.message
    assert answers[-1] not in failure.message
    assert server.asked == []


@pytest.mark.parametrize("answers", [[], ["no address"]])
def test_a_name_without_addresses_is_not_known(
    server: Server, fails: Callable[..., MultiplaneError], answers: list[str]
) -> None:
    fails(server.url("/x", "nobody.example"), FileNotSupported, resolve=Resolver(answers))


def test_a_name_that_is_not_known_is_said(server: Server, fails: Callable[..., MultiplaneError]) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert (
        "'nobody.example' is not known"
        in fails(server.url("/x", "nobody.example"), FileNotSupported, resolve=unknown).message
    )


@pytest.mark.parametrize("where", ["127.0.0.2", "[::1]", "169.254.169.254", "0.0.0.0", "[::ffff:7f00:1]"])
def test_an_address_that_is_not_opened_is_refused(
    server: Server, fails: Callable[..., MultiplaneError], where: str
) -> None:
    fails(server.url("/x", where), BadRequest)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "data:,x", "http://u:p@127.0.0.1/x"]
)
def test_what_is_no_link_to_a_web_server_is_refused(fails: Callable[..., MultiplaneError], url: str) -> None:
    fails(url, BadRequest)


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 404, 500, 503])
def test_only_a_whole_file_is_taken(server: Server, fails: Callable[..., MultiplaneError], status: int) -> None:
    server.replies["/x"] = give(b"", status)
    assert str(status) in fails(server.url("/x?token=abc"), FileNotSupported).message


def test_a_file_of_just_the_limit_is_taken(server: Server, fetch: Fetch) -> None:
    server.replies["/x"] = give(BODY)
    assert fetch(server.url("/x"), limit_bytes=len(BODY)).size == len(BODY)


def test_a_file_that_says_it_is_too_large_is_not_read(server: Server, fails: Callable[..., MultiplaneError]) -> None:
    server.replies["/x"] = give(b"", Content_Length="1000000000000")
    assert "larger than 1 MB" in fails(server.url("/x"), FileTooLarge).message


def test_a_file_that_proves_too_large_is_not_kept(server: Server, fails: Callable[..., MultiplaneError]) -> None:
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    server.replies |= {
        "/chunks": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[chunk] * 8000),
        "/until-the-end": raw(b"HTTP/1.0 200 OK\r\n\r\n", *[BODY] * 1000),
    }
    heard: list[int] = []
    for path in server.replies:
        fails(server.url(path), FileTooLarge, report=lambda done, total: heard.append(done))
    assert max(heard) <= 1_000_000


def test_a_file_in_chunks_is_taken(server: Server, fetch: Fetch, target: Path) -> None:
    server.replies["/x"] = raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"3;x=y\r\nabc\r\n",
        b"2\r\nde\r\n0\r\n",
        b"A: b\r\n\r\n",
    )
    heard: list[tuple[int, int | None]] = []
    assert fetch(server.url("/x"), report=lambda *state: heard.append(state)).size == 5
    assert target.read_bytes() == b"abcde"
    assert heard[-1] == (5, None)


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD + b"Content-Length: 100\r\n\r\n", b"abc"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"100\r\nabc"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n"],
        [HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", b"abc"],
        [HEAD + b"Content-Length: -3\r\n\r\n", b"abc"],
        [HEAD + b"Content-Length: 1_0\r\n\r\n", b"abcdefghij"],
        [HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", b"3\r\nabc\r\n0\r\n\r\n"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"x\r\nabc"],
        [HEAD + b"Content-Encoding: gzip\r\n\r\n", b"abc"],
        [HEAD + b"Content-Encoding: identity, br\r\n\r\n", b"abc"],
        [HEAD + b"X: y\r\n" * 101 + b"\r\n", b"abc"],
        [HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n", b"abc"],
        [b"abc"],
        [b"SSH-2.0-OpenSSH\r\n"],
        [b"HTTP/1.1 x\r\n\r\n"],
        [b"HTTP/1.1 200"],
        [HEAD + b"Content-Type: image/png\r\nContent-Len"],
        [HEAD],
        [b""],
    ],
)
def test_an_answer_that_is_not_whole_or_not_plain_is_refused(
    server: Server, fails: Callable[..., MultiplaneError], parts: list[bytes]
) -> None:
    server.replies["/x"] = raw(*parts)
    fails(server.url("/x"), FileNotSupported)


def test_identity_is_no_encoding(server: Server, fetch: Fetch) -> None:
    server.replies["/x"] = give(BODY, Content_Encoding="Identity")
    assert fetch(server.url("/x")).size == len(BODY)


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b"x"] * 900],
        [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 900],
        [*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 900],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", *[b"X: y\r\n"] * 900],
        [b"", *[b"H"] * 900],
    ],
    ids=["body", "headers", "interim answers", "trailers", "status line"],
)
def test_the_time_limit_holds_against_a_slow_drip(
    server: Server, fails: Callable[..., MultiplaneError], parts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_SECONDS", "0.4")
    server.replies["/x"] = raw(*parts, pause=0.05)
    start = time.monotonic()
    assert "within 0.4 seconds" in fails(server.url("/x"), FileNotSupported).message
    assert time.monotonic() - start < 2


def test_the_time_limit_holds_over_all_hops(
    server: Server, fails: Callable[..., MultiplaneError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_SECONDS", "0.5")
    server.replies["/x"] = raw(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n", b"\r\n", pause=0.2)
    assert "within 0.5 seconds" in fails(server.url("/x"), FileNotSupported).message


def test_the_time_limit_holds_while_a_name_is_looked_up(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_SECONDS", "0.3")
    held = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        held.wait(10)
        return []

    with pytest.raises(FileNotSupported, match=r"within 0\.3 seconds"):
        fetch(server.url("/x", "slow.example"), resolve=slow)
    held.set()


def test_a_connection_that_nobody_takes_ends(
    fails: Callable[..., MultiplaneError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.1")
    monkeypatch.setenv("MULTIPLANE_FETCH_CONNECT_SECONDS", "0.2")
    with socket.socket() as full, socket.socket() as waiting, socket.socket() as too:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        for sock in (waiting, too):
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", str(port))
        assert "No connection" in fails(f"http://127.0.0.1:{port}/x", FileNotSupported).message


def test_a_fetch_can_be_stopped(server: Server, fails: Callable[..., MultiplaneError]) -> None:
    server.replies["/x"] = raw(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, b"x", pause=5)
    heard: list[int] = []
    start = time.monotonic()
    fails(
        server.url("/x"),
        Cancelled,
        report=lambda done, total: heard.append(done),
        is_cancelled=lambda: sum(heard) > 0,
    )
    assert heard
    assert time.monotonic() - start < 3
    fails(server.url("/x"), Cancelled, is_cancelled=lambda: True)


def test_a_setting_that_is_wrong_is_said(
    server: Server, fails: Callable[..., MultiplaneError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "house")
    fails(server.url("/x"), OptionError)


def test_an_error_of_our_own_is_none_of_the_servers(server: Server, fetch: Fetch, target: Path) -> None:
    def full(done: int, total: int | None) -> None:
        raise OSError(28, "No space left on device")

    server.replies["/x"] = give(BODY)
    with pytest.raises(OSError, match="No space left"):
        fetch(server.url("/x"), report=full)
    assert not target.exists()
