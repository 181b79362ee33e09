"""Fetching one file by its URL into a file of ours, from public servers only.

A URL is somebody else's, and our network may reach what they cannot: every hop is read, looked up and checked from
scratch, and the connection goes to the very address that was checked. No proxy of the environment is used.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.intake.clock import Clock
from api.intake.connection import Answer, ask
from api.intake.links import read_link
from api.intake.lookup import Resolve, checked_addresses, resolve_host
from api.intake.names import declared_type, shown_name
from api.intake.site import FETCH_CONNECT_SECONDS, FETCH_SECONDS, allowed_ports, opened_networks
from engine.core.errors import FileNotSupported, FileTooLarge, quoted

OK = 200

REDIRECTS = frozenset({301, 302, 303, 307, 308})

MOST_REDIRECTS = 3

BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched.

    Attributes:
        name: its name for people; never use it as a path.
        declared_type: the media type that its server gave, if any. It may be wrong.
        size: bytes.
        final_url: where it came from after all redirects. It may hold a signature: not for logs.
    """

    name: str
    declared_type: str | None
    size: int
    final_url: str


def _never() -> bool:
    return False


def _unheard(done: int, total: int | None) -> None:
    pass


def fetch_url(
    url: str,
    target: Path,
    *,
    limit_bytes: int,
    resolve: Resolve = resolve_host,
    is_cancelled: Callable[[], bool] = _never,
    report: Callable[[int, int | None], None] = _unheard,
) -> Fetched:
    """Fetch a file.

    Args:
        url: http or https, as the caller gave it.
        target: where to write it; removed when anything fails.
        limit_bytes: the largest file that is taken.
        resolve: looks a host up, once for each hop; runs in a thread of its own.
        is_cancelled: asked often while there is something to wait for.
        report: told the bytes so far and those to come in all, where the server says.

    Raises:
        BadRequest: the URL is none that this site fetches.
        FileNotSupported: the server does not give the file.
        FileTooLarge: it is over the limit.
        Cancelled: ``is_cancelled`` said so.
        OptionError: a setting of the site is wrong.
    """
    clock = Clock(FETCH_SECONDS.value(), is_cancelled)
    try:
        with contextlib.closing(_follow(url, resolve, clock)) as answer:
            _check(answer, limit_bytes)
            size = _store(answer, target, limit_bytes, report)
            name = shown_name(answer.headers, answer.link)
            return Fetched(name, declared_type(answer.headers), size, answer.link.url)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _follow(url: str, resolve: Resolve, clock: Clock) -> Answer:
    """The first answer that is no redirect."""
    ports, opened, connect_seconds = allowed_ports(), opened_networks(), FETCH_CONNECT_SECONDS.value()
    link = read_link(url, ports)
    for _ in range(MOST_REDIRECTS + 1):
        answer = ask(link, checked_addresses(link, resolve, opened, clock), connect_seconds, clock)
        if answer.status not in REDIRECTS:
            return answer
        answer.close()
        before, link = link, read_link(_location(answer), ports, base=link)
        if before.scheme == "https" and link.scheme != "https":
            raise FileNotSupported(
                f"{quoted(before.host)} sends on from https to http, which is not followed: give the file's own link."
            )
    raise FileNotSupported(
        f"{quoted(link.host)} was not the end of {MOST_REDIRECTS} redirects: give the file's own link."
    )


def _location(answer: Answer) -> str:
    try:
        # http.client reads headers as Latin-1; where a server leaves the percent signs out, it writes UTF-8.
        location = str(answer.headers.get("Location", "")).encode("latin-1").decode("utf-8")
    except UnicodeError:
        location = ""
    if not location:
        raise FileNotSupported(
            f"{quoted(answer.link.host)} sends on without saying where to: give the file's own link."
        )
    return location


def _check(answer: Answer, limit_bytes: int) -> None:
    host = quoted(answer.link.host)
    if answer.status != OK:
        raise FileNotSupported(f"{host} answered {answer.status} instead of giving the file: check the link.")
    encodings = {
        word.strip().lower()
        for value in answer.headers.get_all("Content-Encoding", [])
        for word in str(value).split(",")
    }
    if encodings - {"", "identity"}:
        raise FileNotSupported(f"{host} sends the file packed although it was not asked to: send the file itself.")
    if answer.length is not None and answer.length > limit_bytes:
        raise _too_large(answer, limit_bytes)


def _store(answer: Answer, target: Path, limit_bytes: int, report: Callable[[int, int | None], None]) -> int:
    """Write the body; returns its size in bytes."""
    size = 0
    with target.open("wb") as stream:
        for chunk in answer.chunks():
            size += len(chunk)
            if size > limit_bytes:
                raise _too_large(answer, limit_bytes)
            stream.write(chunk)
            report(size, answer.length)
    return size


def _too_large(answer: Answer, limit_bytes: int) -> FileTooLarge:
    return FileTooLarge(
        f"The file at {quoted(answer.link.host)} is larger than {limit_bytes / BYTES_PER_MB:g} MB, which is the most "
        "that is taken: give a smaller one."
    )
