"""Which addresses a file may be fetched from."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.intake.addresses import REFUSED_4, refusal

REFUSED = {
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "private 10, first": "10.0.0.0",
    "private 10, last": "10.255.255.255",
    "private 172, first": "172.16.0.0",
    "private 172, last": "172.31.255.255",
    "private 192": "192.168.1.1",
    "provider, first": "100.64.0.0",
    "provider, last": "100.127.255.255",
    "a cloud's metadata in that": "100.100.100.200",
    "loopback": "127.0.0.1",
    "loopback, last": "127.255.255.254",
    "link-local": "169.254.0.1",
    "metadata": "169.254.169.254",
    "Azure's own": "168.63.129.16",
    "protocols": "192.0.0.8",
    "metadata in that": "192.0.0.192",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.77",
    "documentation 3": "203.0.113.9",
    "6to4 relays": "192.88.99.1",
    "benchmarks, first": "198.18.0.0",
    "benchmarks, last": "198.19.255.255",
    "multicast": "224.0.0.251",
    "multicast, last": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 unspecified": "::",
    "v6 loopback": "::1",
    "v6 mapped loopback": "::ffff:127.0.0.1",
    "v6 mapped public": "::ffff:8.8.8.8",
    "v6 compatible private": "::10.0.0.1",
    "v6 compatible public": "::8.8.8.8",
    "v6 translated": "::ffff:0:127.0.0.1",
    "v6 NAT64 private": "64:ff9b::10.0.0.1",
    "v6 NAT64 public": "64:ff9b::8.8.8.8",
    "v6 NAT64 of one's own": "64:ff9b:1::8.8.8.8",
    "v6 discard": "100::1",
    "v6 Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "v6 benchmarks": "2001:2::1",
    "v6 ORCHID": "2001:10::1",
    "v6 ORCHID 2": "2001:2f:ffff::1",
    "v6 protocols": "2001:1ff::1",
    "v6 documentation": "2001:db8::1",
    "v6 documentation 2": "3fff:fff::1",
    "v6 6to4 loopback": "2002:7f00:1::1",
    "v6 6to4 public": "2002:808:808::1",
    "v6 unique local": "fc00::1",
    "v6 metadata": "fd00:ec2::254",
    "v6 link-local": "fe80::1",
    "v6 link-local, zone": "fe80::1%eth0",
    "v6 global, zone": "2606:4700::1111%2",
    "v6 site-local": "fec0::1",
    "v6 multicast": "ff02::1",
    "v6 multicast, global": "ff0e::1",
    "v6 ISATAP private": "2606:4700::5efe:10.0.0.1",
    "v6 ISATAP public": "2606:4700::200:5efe:8.8.8.8",
    "v6 below global unicast": "1fff::1",
    "v6 above global unicast": "4000::1",
    "v6 segment routing": "5f00::1",
}

PASSED = {
    "a resolver": "8.8.8.8",
    "below 10": "9.255.255.255",
    "above 10": "11.0.0.0",
    "below the provider's": "100.63.255.255",
    "above the provider's": "100.128.0.0",
    "above loopback": "128.0.0.1",
    "below link-local": "169.253.255.255",
    "below private 172": "172.15.255.255",
    "above private 172": "172.32.0.0",
    "above protocols": "192.0.1.1",
    "below private 192": "192.167.255.255",
    "above benchmarks": "198.20.0.0",
    "below multicast": "223.255.255.255",
    "v6 a resolver": "2606:4700:4700::1111",
    "v6 above protocols": "2001:200::1",
    "v6 above 6to4": "2003::1",
    "v6 first of global unicast": "2000::1",
    "v6 above documentation 2": "3fff:1000::1",
    "v6 no ISATAP": "2606:4700::1:5efe:a00:1",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_public_is_refused(text: str) -> None:
    assert refusal(ip_address(text), ())


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED.keys())
def test_what_is_public_passes(text: str) -> None:
    address = ip_address(text)
    assert refusal(address, ()) is None
    assert address.is_global


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_the_standard_library_finds_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    assert address.is_global or refusal(address, ())


refused_4 = st.sampled_from(list(REFUSED_4)).flatmap(lambda network: st.ip_addresses(v=4, network=network))


@given(refused_4)
def test_no_form_of_a_refused_address_passes(address: IPv4Address) -> None:
    assert refusal(address, ())
    number = int(address)
    forms = {
        "mapped": 0xFFFF << 32 | number,
        "compatible": number,
        "translated": 0xFFFF << 48 | number,
        "NAT64": 0x64_FF9B << 96 | number,
        "NAT64 of one's own": 0x64_FF9B_0001 << 80 | number,
        "6to4": 0x2002 << 112 | number << 80 | 1,
        "Teredo server": 0x2001_0000 << 96 | number << 64 | 0x1234,
        "Teredo client": 0x2001_0000 << 96 | 0x0808_0808 << 64 | number ^ 0xFFFF_FFFF,
        "ISATAP": 0x2606_4700 << 96 | 0x5EFE << 32 | number,
    }
    everything_of_ipv6 = [ip_network("::/0")]
    for form, inside in forms.items():
        assert refusal(IPv6Address(inside), ()), form
        if inside > 1:  # :: and ::1 hold no IPv4 address
            assert refusal(IPv6Address(inside), everything_of_ipv6), f"{form}: opened around it"


def test_an_opened_network_opens_that_and_no_more() -> None:
    opened = [ip_network("10.1.0.0/16"), ip_network("fd12::/32"), ip_network("::1")]
    assert refusal(ip_address("10.1.2.3"), opened) is None
    assert refusal(ip_address("10.2.0.1"), opened)
    assert refusal(ip_address("fd12::5"), opened) is None
    assert refusal(ip_address("fd12::5%eth0"), opened)
    assert refusal(ip_address("fd13::5"), opened)
    assert refusal(ip_address("::1"), opened) is None
    assert refusal(ip_address("::ffff:10.1.2.3"), opened)


def test_behind_an_opened_nat64_only_what_is_public_is_fetched() -> None:
    opened = [ip_network("64:ff9b::/96")]
    assert refusal(ip_address("64:ff9b::8.8.8.8"), opened) is None
    assert refusal(ip_address("64:ff9b::169.254.169.254"), opened)
