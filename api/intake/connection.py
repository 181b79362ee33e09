"""A connection to an address that was checked, and the answer that comes through it, bounded in time.

``http.client`` reads the answer, but from a stream of ours: a server that sends a byte now and then would outlast every
time limit that holds for a single read.
"""

import contextlib
import http.client
import io
import socket
import ssl
from collections.abc import Iterator, Sequence
from email.message import Message
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, cast

from api.intake.addresses import Address
from api.intake.clock import Clock
from api.intake.links import Link
from engine.core.errors import FileNotSupported, quoted
from engine.version import VERSION

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_ADDRESSES = 4
"""Addresses of one host that are tried."""

CHUNK = 1 << 16
"""Bytes that are read at once."""


class Answer:
    """What a server answers: the head is read, the body is not. Close it.

    Args:
        link: what was asked for.
        sock: the connection, which is closed with the answer.
        clock: the time limit.
    """

    def __init__(self, link: Link, sock: socket.socket, clock: Clock) -> None:
        self.link = link
        self._sock = sock
        # http.client takes nothing of a socket but the file that it reads from.
        source = _Source(sock, clock)
        self._response = http.client.HTTPResponse(cast("socket.socket", source), method="GET")
        try:
            with _naming_failures(link):
                self._response.begin()
                if source.stream.is_at_end:  # http.client takes the end of the connection for the end of the head
                    raise http.client.RemoteDisconnected("within the head")
                _check_framing(self._response.headers)
        except BaseException:
            self.close()
            raise
        self.status = self._response.status
        self.headers: Message = self._response.headers
        self.length = self._response.length  # bytes that are promised; what http.client has there counts down

    def chunks(self) -> Iterator[bytes]:
        """The body in parts.

        Raises:
            FileNotSupported: it ended before it was whole, or the time is up.
        """
        while chunk := self._read():
            yield chunk
        if self._response.length:
            raise _broken(self.link, f"{self._response.length} of {self.length} bytes did not come")

    def close(self) -> None:
        """End the connection."""
        self._response.close()
        self._sock.close()

    def _read(self) -> bytes:
        with _naming_failures(self.link):
            return self._response.read1(CHUNK)


def ask(link: Link, addresses: Sequence[Address], connect_seconds: float, clock: Clock) -> Answer:
    """Ask for a link at one of its addresses.

    Raises:
        FileNotSupported: no connection, no certificate for the name, no time left, or no answer as HTTP has it.
    """
    sock = _connect(link, addresses, connect_seconds, clock)
    try:
        with _naming_failures(link):
            if link.scheme == "https":
                # The handshake comes later: whoever wraps a socket has closed it when that fails, or has not.
                context = ssl.create_default_context()
                sock = context.wrap_socket(
                    sock, server_hostname=link.host, do_handshake_on_connect=False, suppress_ragged_eofs=False
                )
                sock.settimeout(min(connect_seconds, clock.left()))
                sock.do_handshake()
            sock.settimeout(min(connect_seconds, clock.left()))
            sock.sendall(_request(link))
    except BaseException:
        sock.close()
        raise
    return Answer(link, sock, clock)


def _connect(link: Link, addresses: Sequence[Address], connect_seconds: float, clock: Clock) -> socket.socket:
    failures = []
    for address in addresses[:MOST_ADDRESSES]:
        sock = socket.socket(socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET)
        try:
            sock.settimeout(min(connect_seconds, clock.left()))
            sock.connect((str(address), link.port))
        except OSError as error:
            sock.close()
            failures.append(f"{address}: {error}")
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    clock.left()  # it may have been the time that ran out
    raise FileNotSupported(
        f"No connection to {quoted(link.host)} could be made: check the link, or try again later.",
        detail="; ".join(failures),
    )


def _request(link: Link) -> bytes:
    # Host first (RFC 9112, 3.2). Both texts of the link are ASCII without white space: see api.intake.links.
    lines = (
        f"GET {link.target} HTTP/1.1",
        f"Host: {link.authority}",
        f"User-Agent: Multiplane/{VERSION}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _check_framing(headers: Message) -> None:
    """Refuse what says in two ways, or in one that http.client does not read, where the body ends."""
    lengths = {str(value).strip() for value in headers.get_all("Content-Length", [])}
    if len(lengths) > 1 or not all(text.isascii() and text.isdigit() for text in lengths):
        raise http.client.HTTPException(f"Content-Length: {lengths}")
    transfers = [str(value).strip().lower() for value in headers.get_all("Transfer-Encoding", [])]
    if transfers not in ([], ["chunked"]):
        raise http.client.HTTPException(f"Transfer-Encoding: {transfers}")


@contextlib.contextmanager
def _naming_failures(link: Link) -> Iterator[None]:
    """Turn what goes wrong with a server into an answer of ours. Nothing but its connection may be used within."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise FileNotSupported(
            f"The certificate of {quoted(link.host)} is not good: use a server that has a good one, or send the file "
            "itself.",
            detail=str(error),
        ) from error
    except (OSError, http.client.IncompleteRead, http.client.RemoteDisconnected) as error:
        raise _broken(link, repr(error)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise FileNotSupported(
            f"The answer of {quoted(link.host)} cannot be read: check the link, or send the file itself.",
            detail=repr(error),
        ) from error


def _broken(link: Link, detail: str) -> FileNotSupported:
    return FileNotSupported(
        f"The connection to {quoted(link.host)} broke off: try again, or send the file itself.", detail=detail
    )


class _Source:
    """What ``http.client`` takes for a socket."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self.stream = _Stream(sock, clock)

    def makefile(self, mode: str) -> io.BufferedReader:
        """The stream to read from; the mode is always ``rb``."""
        return io.BufferedReader(self.stream, CHUNK)


class _Stream(io.RawIOBase):
    """Reads a socket in short waits, and looks at the clock between them."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock, self._clock = sock, clock
        self.is_at_end = False

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Some bytes, at least one unless the other side is done."""
        while True:
            self._sock.settimeout(self._clock.slice())
            try:
                count = self._sock.recv_into(buffer)
            except TimeoutError:
                continue
            self.is_at_end = count == 0
            return count
