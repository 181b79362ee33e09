"""Starting the service: the lock on the data folder, the socket, the supervisor."""

import errno
import fcntl
import logging
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from api.config.environment import check_environment
from api.intake.site import allowed_ports, opened_networks
from api.ops.cors import allowed_origins
from api.ops.logs import set_up_logging
from api.ops.looking import metrics_networks
from api.ops.presence import FOLDER
from api.ops.server import trusted_proxies
from api.service import check_site_token, open_service
from api.store.room import full_is_said
from api.work.executor import LocalProcesses
from api.work.slots import slots_of_site
from api.work.supervisor import Supervisor, stop_on_signals
from engine.core.errors import OptionError

LOG = logging.getLogger("multiplane.supervisor")

BACKLOG = 2048
"""Connections that wait while the web process is replaced."""

HIGHEST_PORT = 65_535

PORT_S = 3.0
"""Seconds that a port may be taken: the web process of a service that was killed is about to end, and has it still."""

PORT_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the service listens.

    Attributes:
        host, port: port 0 is any that is free.
        tls_cert, tls_key: PEM files; with both the service speaks HTTPS.
    """

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None


def serve(folder: Path | None, listening: Listening, announce: Callable[[str, Path], None]) -> int:
    """Run the service until a signal comes; returns the exit code.

    Args:
        folder: the data folder; that of the settings by default.
        listening: where.
        announce: told the URL and the data folder when connections are taken.

    Raises:
        OptionError: the data folder, the address, a certificate or a setting cannot be used.
        EngineError: the disk is full.
    """
    _check_tls(listening)
    # Read now: a wrong one would show itself to the first user who comes to need it.
    for check in (opened_networks, allowed_ports, trusted_proxies, allowed_origins, metrics_networks, check_site_token):
        check()
    check_environment()
    slots = slots_of_site()
    set_up_logging("supervisor")
    with full_is_said():
        service = open_service(folder)
    try:
        with full_is_said(), only_one(service.folder), _listener(listening) as listener:
            port = listener.getsockname()[1]
            scheme = "https" if listening.tls_cert else "http"
            address = f"{scheme}://{_shown(listening.host)}:{port}"
            announce(address, service.folder)
            if scheme == "http" and not is_loopback(listening.host):
                LOG.warning(
                    "The service listens on %s without TLS: tokens and files can be read on the way. Put a reverse "
                    "proxy in front of it (docs/reverse-proxy.md), or give --tls-cert and --tls-key.",
                    listening.host,
                )
            web = [sys.executable, "-m", "api.web"]
            if listening.tls_cert and listening.tls_key:
                web += ["--tls-cert", str(listening.tls_cert), "--tls-key", str(listening.tls_key)]
            supervisor = Supervisor(service, LocalProcesses(), slots, web, listener)
            stop_on_signals(supervisor)
            supervisor.run()
    finally:
        service.close()
    return 0


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Be the one supervisor of a data folder.

    Raises:
        OptionError: there is one already.
    """
    path = folder / FOLDER
    path.mkdir(exist_ok=True)
    descriptor = os.open(path / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OptionError(
                "A service is running on this data folder already: stop it first, or name another with --data-dir."
            ) from error
        yield
    finally:
        os.close(descriptor)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host in ("localhost", ""):
        return host == "localhost"
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _listener(listening: Listening) -> socket.socket:
    host, port = listening.host.strip("[]"), listening.port
    if not 0 <= port <= HIGHEST_PORT:
        raise OptionError(f"--port {port} is no port: give 0 to {HIGHEST_PORT}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    until = time.monotonic() + PORT_S
    try:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while not _binds(listener, host, port):
            if time.monotonic() > until:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            time.sleep(PORT_LOOK_S)
        listener.listen(BACKLOG)
    except OSError as error:
        raise OptionError(
            f"{host}:{port} cannot be listened on: another program may have the port; choose one with --port.",
            detail=str(error),
        ) from error
    return listener


def _binds(listener: socket.socket, host: str, port: int) -> bool:
    """Whether an address is ours now; False where somebody has it."""
    try:
        listener.bind((host, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def _check_tls(listening: Listening) -> None:
    if bool(listening.tls_cert) != bool(listening.tls_key):
        raise OptionError("--tls-cert and --tls-key belong together: give both.")
    for path in (listening.tls_cert, listening.tls_key):
        if path is not None and not os.access(path, os.R_OK):
            raise OptionError(f"{path} cannot be read: check its name and its permissions.")
    if listening.tls_cert is not None and listening.tls_key is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(listening.tls_cert, listening.tls_key)
        except (ssl.SSLError, ValueError) as error:
            raise OptionError(
                f"{listening.tls_cert.name} and {listening.tls_key.name} are no certificate and its key in PEM: give "
                "two that belong together.",
                detail=str(error),
            ) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
