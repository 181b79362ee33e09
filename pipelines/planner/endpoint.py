"""An OpenAI-compatible endpoint on the studio's network: one request, bounded in time and size.

The endpoint must lie on this machine or on a private network (RFC 1918, RFC 4193, link-local): the address that was
checked is the one that is connected to. Redirects are not followed and no proxy is used, so that nothing of a draft
leaves the house.
"""

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from typing import Any

from pipelines.planner.site import URL, Endpoint, PlannerError

CHUNK = 65_536
"""Bytes that are read at once."""

SEED = 0

OK = 200


def local_address(host: str, port: int) -> tuple[int, tuple[Any, ...]]:
    """The family and address of a host of this machine or of a private network.

    Raises:
        PlannerError: there is none, or it is a public one.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PlannerError(f"the host of {URL.variable} is not known") from error
    for family, _, _, _, address in found:
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if ip.is_loopback or ip.is_link_local or (ip.is_private and not ip.is_unspecified):
            return family, address
    raise PlannerError(f"{URL.variable} names a public address; the planner only asks the studio's own network")


def complete(where: Endpoint, messages: list[dict[str, str]], schema: dict[str, Any]) -> str:
    """What the model writes in answer to some messages.

    Raises:
        PlannerError: no connection, no answer in time, too long an answer, or none of the expected form.
    """
    request = {
        "model": where.model,
        "messages": messages,
        "temperature": 0,
        "seed": SEED,
        "stream": False,
        "response_format": {"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": schema}},
    }
    body = json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")
    deadline = time.monotonic() + where.timeout
    family, address = local_address(where.host, where.port)
    try:
        reply = _exchange(where, family, address, body, deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PlannerError(f"the server did not answer as it should ({type(error).__name__})") from error
    return _content(reply)


def _exchange(where: Endpoint, family: int, address: tuple[Any, ...], body: bytes, deadline: float) -> bytes:
    raw = socket.socket(family, socket.SOCK_STREAM)
    links = [raw]  # TLS takes the connection over from the socket that opened it: both are known to the watchdog
    # A server that sends a byte now and then would outlast every timeout of a single read.
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0), _shut, (links,))
    watchdog.daemon = True
    watchdog.start()
    try:
        raw.settimeout(where.timeout)
        raw.connect(address)
        link: socket.socket = raw
        if where.scheme == "https":
            context = ssl.create_default_context()
            secured = context.wrap_socket(raw, server_hostname=where.host, do_handshake_on_connect=False)
            links.append(secured)
            secured.do_handshake()
            link = secured
        connection = http.client.HTTPConnection(where.host, where.port)
        connection.sock = link
        connection.request("POST", where.path, body, _headers(where))
        with contextlib.closing(connection), contextlib.closing(connection.getresponse()) as response:
            if response.status != OK:
                raise PlannerError(f"the server answered {response.status}")
            return _read(response, where.max_bytes, deadline)
    finally:
        watchdog.cancel()
        for each in links:
            each.close()


def _headers(where: Endpoint) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    return headers | ({"Authorization": f"Bearer {where.key}"} if where.key else {})


def _shut(links: list[socket.socket]) -> None:
    for link in links:
        with contextlib.suppress(OSError):  # it may be closed already, or have handed its connection on
            link.shutdown(socket.SHUT_RDWR)


def _read(response: http.client.HTTPResponse, most: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    count = 0
    while chunk := response.read1(CHUNK):
        parts.append(chunk)
        count += len(chunk)
        if count > most:
            raise PlannerError(f"the reply is longer than {most} bytes")
        if time.monotonic() > deadline:
            raise PlannerError("the reply took too long")
    if time.monotonic() > deadline:
        raise PlannerError("the reply took too long")
    return b"".join(parts)


def _content(reply: bytes) -> str:
    """The text of the first choice."""
    try:
        content = json.loads(reply)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise PlannerError("the reply is no chat completion") from error
    if not isinstance(content, str):
        raise PlannerError("the reply has no text")
    return content
