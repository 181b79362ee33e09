"""Looking a host up: one question, all of whose answers must be addresses that may be fetched from."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from api.intake.addresses import Address, Network, refusal
from api.intake.clock import Clock
from api.intake.links import Link
from engine.core.errors import BadRequest, FileNotSupported, quoted

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port, in the order in which they should be tried; OSError where there are none."""


def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in rows]


def checked_addresses(link: Link, resolve: Resolve, opened: Sequence[Network], clock: Clock) -> list[Address]:
    """The addresses of a link's host, each of which may be connected to.

    Raises:
        BadRequest: one of them may not. What a name stands for inside the house is said to nobody but the log.
        FileNotSupported: there are none.
    """
    addresses = [link.address] if link.address else _look_up(link, resolve, clock)
    for address in addresses:
        if reason := refusal(address, opened):
            raise BadRequest(
                f"{quoted(link.host)} is an address that this site does not fetch from: send the file itself.",
                detail=f"{address} is refused: {reason}",
            )
    return addresses


def _look_up(link: Link, resolve: Resolve, clock: Clock) -> list[Address]:
    answers = _answers(link, resolve, clock)
    try:
        addresses = [ip_address(answer) for answer in dict.fromkeys(answers)]
    except ValueError as error:
        raise _unknown(link, str(error)) from error
    if not addresses:
        raise _unknown(link, "no addresses")
    return addresses


def _answers(link: Link, resolve: Resolve, clock: Clock) -> Sequence[str]:
    # The system's resolver knows no time limit and cannot be stopped, so it runs beside us and is left to itself.
    box: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            box.put(resolve(link.host, link.port))
        except Exception as error:
            box.put(error)

    threading.Thread(target=ask, name="fetch-lookup", daemon=True).start()
    while True:
        try:
            answer = box.get(timeout=clock.slice())
        except queue.Empty:
            continue
        if isinstance(answer, (OSError, UnicodeError)):
            raise _unknown(link, str(answer)) from answer
        if isinstance(answer, Exception):
            raise answer
        return answer


def _unknown(link: Link, detail: str) -> FileNotSupported:
    return FileNotSupported(f"The host {quoted(link.host)} is not known: check the link.", detail=detail)
