"""Reading a URL to fetch: one strict reading, so that what is checked is what is asked for.

Readers of URLs disagree about backslashes, white space, user names and odd forms of IPv4 addresses, and such a
disagreement is a way around a check. What could be read in two ways is refused here.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote, urljoin, urlsplit

import idna

from api.intake.addresses import Address
from engine.core.errors import BadRequest, quoted

DEFAULT_PORTS = {"http": 80, "https": 443}

LONGEST_URL = 4096
"""Characters. Signed URLs of file stores have up to 2000 or so."""

LONGEST_HOST = 253
"""Characters of a host's name (RFC 1035)."""

_SAFE = "%/:?@!$&'()*+,;=-._~[]"
"""What may stand in a request's path and query as it is; everything else is written in percent signs."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_BRACKETED = re.compile(r"\[[0-9A-Fa-f:.]+\](?::[0-9]*)?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Link:
    """A URL, read.

    Attributes:
        scheme: ``http`` or ``https``.
        host: the name in ASCII, or the address as the standard library writes it.
        address: the host where it is an address and no name.
        port: where to connect to.
        target: path and query for the request line, ASCII without space.
    """

    scheme: str
    host: str
    address: Address | None
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The host for the Host header: in brackets where IPv6, with the port where it is not the usual one."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL as it is fetched, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.target}"


def read_link(text: str, ports: Container[int], base: Link | None = None) -> Link:
    """Read a URL.

    Args:
        text: the URL; relative to ``base`` where there is one.
        ports: those that may be connected to.
        base: the link that sent us here.

    Raises:
        BadRequest: it is none that we fetch; the sentence quotes nothing but the host.
    """
    text = text.strip(" ")
    if len(text) > LONGEST_URL:
        raise BadRequest(f"The link is longer than {LONGEST_URL} characters: give a shorter one.")
    if not text or _CONTROLS.search(text):
        raise BadRequest("The link cannot be read: give one that starts with https:// or http://.")
    try:
        parts = urlsplit(urljoin(base.url, text) if base else text)
        port = parts.port
    except ValueError as error:
        raise BadRequest("The link cannot be read: check its host and its port.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise BadRequest("Only links that start with https:// or http:// are fetched.")
    if "@" in parts.netloc:
        raise BadRequest("Links with a user name or a password in them are not fetched: give one without.")
    host, address = _read_host(parts.netloc, parts.hostname or "")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if port not in ports:
        raise BadRequest(f"Port {port} of {quoted(host)} is none that this site fetches from: use https without one.")
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE, errors="replace")
    return Link(parts.scheme, host, address, port, target)


def _read_host(netloc: str, host: str) -> tuple[str, Address | None]:
    """The host's name or address as it is asked for, and the address where it is one."""
    if "[" in netloc or "]" in netloc:
        if not _BRACKETED.fullmatch(netloc):  # a zone of this machine, or a name beside the brackets
            raise BadRequest("The link's host is no address as one is written: check the link.")
        return _literal(host)
    host = _in_ascii(host).removesuffix(".")
    labels = host.split(".")
    # The C library reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1. No top-level domain is a number, so whatever
    # ends in one is meant as an address, and of those only the plain form is taken.
    if _NUMBER.fullmatch(labels[-1]):
        return _literal(host)
    if len(host) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise BadRequest(f"The link's host {quoted(host)} is no name of a server: check the link.")
    return host, None


def _literal(host: str) -> tuple[str, Address]:
    try:
        address = ip_address(host)
    except ValueError as error:
        raise BadRequest(f"The link's host {quoted(host)} is no address as one is written: check the link.") from error
    return str(address), address


def _in_ascii(host: str) -> str:
    if host.isascii():
        return host  # idna would refuse underscores and r3---sn, which servers have
    if len(host) > LONGEST_HOST:
        raise BadRequest("The link's host is longer than a name can be: check the link.")
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode("ascii").lower()
    except UnicodeError as error:
        raise BadRequest(f"The link's host {quoted(host)} is no name of a server: check the link.") from error
