"""Which addresses a file may be fetched from: public ones only, whatever form they are written in.

The tables follow IANA's registries of special-purpose addresses (RFC 6890 and what came after it). Of IPv6 only the
global unicast space passes. An IPv4 address inside an IPv6 one is where the packets end up, so it is judged too, even
where a site has opened the network around it.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED_4 = {
    IPv4Network("0.0.0.0/8"): "this network or unspecified",
    IPv4Network("10.0.0.0/8"): "private",
    IPv4Network("100.64.0.0/10"): "shared by customers of one provider",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("168.63.129.16/32"): "a cloud's own service",  # Azure's, on every virtual machine of it
    IPv4Network("169.254.0.0/16"): "link-local",
    IPv4Network("172.16.0.0/12"): "private",
    IPv4Network("192.0.0.0/24"): "set aside for protocols",
    IPv4Network("192.0.2.0/24"): "documentation",
    IPv4Network("192.88.99.0/24"): "6to4 relays",
    IPv4Network("192.168.0.0/16"): "private",
    IPv4Network("198.18.0.0/15"): "benchmarks",
    IPv4Network("198.51.100.0/24"): "documentation",
    IPv4Network("203.0.113.0/24"): "documentation",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("255.255.255.255/32"): "broadcast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
"""What no public server has, and why; the first that fits says it."""

MAPPED = IPv6Network("::ffff:0:0/96")
COMPATIBLE = IPv6Network("::/96")
TRANSLATED = IPv6Network("::ffff:0:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
SIX_TO_FOUR = IPv6Network("2002::/16")
TEREDO = IPv6Network("2001::/32")
GLOBAL_UNICAST = IPv6Network("2000::/3")

REFUSED_6 = {
    IPv6Network("::/128"): "unspecified",
    IPv6Network("::1/128"): "loopback",
    MAPPED: "an IPv4 address in IPv6's form",
    COMPATIBLE: "an IPv4 address in IPv6's form",
    TRANSLATED: "an IPv4 address in IPv6's form",
    NAT64: "an IPv4 address behind NAT64",
    NAT64_LOCAL: "an IPv4 address behind NAT64",
    IPv6Network("100::/64"): "discarded",
    TEREDO: "Teredo",
    IPv6Network("2001:10::/28"): "ORCHID",
    IPv6Network("2001:20::/28"): "ORCHID",
    IPv6Network("2001::/23"): "set aside for protocols",
    IPv6Network("2001:db8::/32"): "documentation",
    SIX_TO_FOUR: "6to4",
    IPv6Network("3fff::/20"): "documentation",
    IPv6Network("fc00::/7"): "private",
    IPv6Network("fe80::/10"): "link-local",
    IPv6Network("fec0::/10"): "site-local",
    IPv6Network("ff00::/8"): "multicast",
}
"""The same of IPv6. What lies outside the global unicast space is refused without a row here too."""

ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The upper halves of an interface id whose lower half is an IPv4 address (RFC 5214)."""

_LAST_COMPATIBLE_SPECIAL = 1  # :: and ::1 are addresses of their own, and hold no IPv4 address
_IPV4_BITS = 32
_IPV4_MASK = (1 << _IPV4_BITS) - 1


def refusal(address: Address, opened: Sequence[Network]) -> str | None:
    """Why nothing is fetched from an address; None where it may be.

    Args:
        address: where a connection would go.
        opened: networks that the site allows although they are not public.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "in one zone of this machine"
        for inner in embedded(address):
            if reason := refusal(inner, opened):
                return f"{reason}, as IPv4 inside IPv6"
    if any(address in network for network in opened):
        return None
    if isinstance(address, IPv4Address):
        return _first_reason(address, REFUSED_4)
    if reason := _first_reason(address, REFUSED_6):
        return reason
    if _has_isatap_id(address):
        return "ISATAP"
    return None if address in GLOBAL_UNICAST else "outside the global unicast space"


def embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that the ways from IPv4 to IPv6 have put into an address."""
    number = int(address)
    if address in COMPATIBLE and number <= _LAST_COMPATIBLE_SPECIAL:
        return
    if any(address in network for network in (MAPPED, COMPATIBLE, TRANSLATED, NAT64, NAT64_LOCAL)):
        yield _part(number, 96)
    if address in SIX_TO_FOUR:
        yield _part(number, 16)
    if address in TEREDO:
        yield _part(number, 32)  # the server
        yield IPv4Address(int(_part(number, 96)) ^ _IPV4_MASK)  # the client, all bits turned over
    if _has_isatap_id(address):
        yield _part(number, 96)


def _first_reason(address: Address, table: dict[IPv4Network, str] | dict[IPv6Network, str]) -> str | None:
    return next((reason for network, reason in table.items() if address in network), None)


def _has_isatap_id(address: IPv6Address) -> bool:
    return int(_part(int(address), 64)) in ISATAP


def _part(number: int, start: int) -> IPv4Address:
    """32 bits of the 128, from bit ``start`` counted from the left."""
    return IPv4Address(number >> (128 - _IPV4_BITS - start) & _IPV4_MASK)
