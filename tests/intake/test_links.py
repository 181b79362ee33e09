"""How a URL to fetch is read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.intake.links import LONGEST_URL, read_link
from api.intake.site import allowed_ports, opened_networks
from engine.core.errors import BadRequest, OptionError

PORTS = frozenset({80, 443, 8080})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com", "https://example.com/"),
        (" HTTPS://Example.COM/A b.jpg ", "https://example.com/A%20b.jpg"),
        ("http://example.com:8080/x?y=1&z=%20#part", "http://example.com:8080/x?y=1&z=%20"),
        ("https://example.com:443/x", "https://example.com/x"),
        ("https://example.com:/x", "https://example.com/x"),
        ("https://example.com./x", "https://example.com/x"),
        ("https://my_bucket.example.com/x", "https://my_bucket.example.com/x"),
        ("https://r3---sn-ab.example.com/x", "https://r3---sn-ab.example.com/x"),
        ("https://bücher.example/straße.jpg", "https://xn--bcher-kva.example/stra%C3%9Fe.jpg"),
        ("https://例え。テスト/x", "https://xn--r8jz45g.xn--zckzah/x"),
        ("https://example.com?x=1", "https://example.com/?x=1"),
        ("https://example.com/a@b", "https://example.com/a@b"),
        ("http://93.184.216.34/x", "http://93.184.216.34/x"),
        ("http://[2606:4700::0:1]:8080/x", "http://[2606:4700::1]:8080/x"),
    ],
)
def test_a_link_is_read_in_one_way(text: str, url: str) -> None:
    link = read_link(text, PORTS)
    assert link.url == url
    assert read_link(url, PORTS) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/x",
        "//example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://example.com/x",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "blob:https://example.com/x",
        "jar:http://example.com/x!/y",
        "http:example.com",
        "http:///x",
        "https://user@example.com/x",
        "https://user:secret@example.com/x",
        "https://@example.com/x",
        "https://example.com:x@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https:\\\\example.com/x",
        "https://exam\tple.com/x",
        "https://example.com/x\r\nHost: other",
        "https://example.com/\x00",
        "https://example.com:22/x",
        "https://example.com:0/x",
        "https://example.com:99999/x",
        "https://example.com:http/x",
        "https://example.com:-1/x",
        "https://exa mple.com/x",
        "https://example..com/x",
        "https://.example.com/x",
        "https://-example.com/x",
        "https://127%2e0%2e0%2e1/x",
        "https://" + "a" * 64 + ".com/x",
        "https://" + "abc." * 64 + "com/x",
        "https://" + "ü" * 300 + ".com/x",
        "https://example.com/" + "x" * LONGEST_URL,
        "https://[fe80::1%25eth0]/x",
        "https://[fe80::1%eth0]/x",
        "https://[::1/x",
        "https://[::1]example.com/x",
        "https://example.com[::1]/x",
        "https://[v1.example]/x",
        "https://\u2100.example/x",
        "https://\ud800.example/x",
        "https://\u200b.example/x",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as failure:
        read_link(text, PORTS)
    assert "secret" not in failure.value.message
    assert failure.value.message.endswith((".", "https without one."))


@given(st.text(st.sampled_from("http:/@[]%?#.0123x\\。") | st.characters(), max_size=20))
def test_whatever_is_read_is_plain_and_reads_the_same_again(text: str) -> None:
    with contextlib.suppress(BadRequest):
        link = read_link(f"http://{text}", PORTS)
        assert link.url.isascii()
        assert link.url.isprintable()
        assert " " not in link.url
        assert read_link(link.url, PORTS) == link


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0X7F000001",
        "017700000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.1",
        "127.0.0.256",
        "127.0.0.0x1",
        "0127.0.0.1",
        "0x",
        "a.b.0x7",
        "1.2.3.4.5",
    ],
)
def test_odd_forms_of_ipv4_addresses_are_refused(host: str) -> None:
    with pytest.raises(BadRequest, match="no address as one is written"):
        read_link(f"http://{host}/x", PORTS)


@pytest.mark.parametrize("host", ["127.0.0.1.", "１２７.０.０.１", "①②⑦.0.0.1", "127。0。0。1"])
def test_a_plain_address_in_other_signs_is_that_address(host: str) -> None:
    assert str(read_link(f"http://{host}/x", PORTS).address) == "127.0.0.1"


def test_a_redirect_is_read_from_where_it_comes() -> None:
    base = read_link("https://example.com/a/b?c", PORTS)
    assert read_link("../d", PORTS, base).url == "https://example.com/d"
    assert read_link("//other.example/e", PORTS, base).url == "https://other.example/e"
    with pytest.raises(BadRequest):
        read_link("file:///etc/passwd", PORTS, base)


def test_the_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened_networks() == ()
    assert allowed_ports() == {80, 443, 8080, 8443}
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", " 10.0.0.0/8, fd00::/8 ,,192.168.1.1")
    assert [str(network) for network in opened_networks()] == ["10.0.0.0/8", "fd00::/8", "192.168.1.1/32"]


@pytest.mark.parametrize("text", ["10.0.0.1/8", "house", "10.0.0.0/33", "10.0.0.0-10.0.0.9"])
def test_what_is_no_network_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", text)
    with pytest.raises(OptionError, match="MULTIPLANE_FETCH_NETWORKS"):
        opened_networks()


@pytest.mark.parametrize("text", ["0", "65536", "http", "80-90", "-1", "²"])
def test_what_is_no_port_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", f"80,{text}")
    with pytest.raises(OptionError, match="MULTIPLANE_FETCH_PORTS"):
        allowed_ports()
