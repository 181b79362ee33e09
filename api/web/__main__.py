"""The web process: ``python -m api.web --data-dir DIR (--fd N | --host HOST --port PORT)``."""

import argparse
import gc
import socket
import sys
from pathlib import Path

import uvicorn

from api.editing.planning import warm
from api.ops.logs import set_up_logging
from api.ops.parent import die_with_parent
from api.ops.server import DRAIN, uvicorn_options
from api.service import open_service
from api.web.app import whole_app

SHARE = 0.9
"""Of the time that the service gets to end: open connections are cut then, streams among them; turns go on."""

KEEP_ALIVE_S = 75
"""Seconds that an idle connection is kept: longer than those of usual reverse proxies, which then close it first."""


SWITCH_S = 0.001
"""Seconds after which a thread must let others run: the event loop waits for that long for each of them."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--fd", type=int, help="a socket that listens already")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--parent", type=int, help="process to end with")
    options = parser.parse_args(arguments)
    if options.parent is not None:
        die_with_parent(options.parent)
    set_up_logging("web")
    app = whole_app(open_service(options.data_dir))
    config = uvicorn.Config(
        app, host=options.host, port=options.port, timeout_graceful_shutdown=max(1, int(DRAIN.value() * SHARE)),
        timeout_keep_alive=KEEP_ALIVE_S, ws="none",
        ssl_certfile=options.tls_cert, ssl_keyfile=options.tls_key, **uvicorn_options(),
    )  # fmt: skip
    warm()
    # What is loaded by now stays: without this, the collector of garbage would walk over all of it now and then, and
    # every request would wait.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)
    server = uvicorn.Server(config)
    sockets = None if options.fd is None else [socket.socket(fileno=options.fd)]
    server.run(sockets=sockets)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
