"""The id of every request, its line in the log, and its place in the metrics."""

import logging
import re
import secrets
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import headers_of, path_of
from api.ops.context import WorkContext, work
from api.ops.metrics import UNMATCHED, count_request

LOG = logging.getLogger("multiplane.access")

CLIENT_GONE = 499
"""Status in log and metrics of a request whose client went away before there was an answer (nginx's number)."""

QUIET_ROUTES = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked every few seconds by machines: their lines are of level ``debug`` unless they fail."""

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class AccessLog:
    """Outermost middleware: names the request, tells the log and the metrics how it ended.

    ``X-Request-Id`` of the client is taken where it is sane (64 letters, digits, dots, hyphens, underscores at most),
    else one is made; it is returned, and on every line of the log. The line holds the path without its query, where
    tokens and signatures stand, and is written when the answer has ended: of an event stream, when that does.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)
        answer = _Answer()

        async def watched(message: Message) -> None:
            answer.saw(message)
            if message["type"] == "http.response.start":
                headers_of(message)["X-Request-Id"] = request_id
            await send(message)

        with work(request_id=request_id) as ids:
            try:
                await self.app(scope, receive, watched)
            finally:
                if scope["type"] == "http":
                    _tell(scope, answer, ids)


@dataclass(slots=True)
class _Answer:
    """What was sent. Times are of the monotonic clock, in seconds."""

    began: float = field(default_factory=time.monotonic)
    headers_at: float = 0.0
    status: int = CLIENT_GONE
    stream: bool = False
    size: int = 0
    complete: bool = False

    def saw(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start":
                self.headers_at = time.monotonic()
                self.status = message["status"]
                self.stream = (
                    dict(message.get("headers", ())).get(b"content-type", b"").startswith(b"text/event-stream")
                )
            case "http.response.body":
                self.size += len(message.get("body", b""))
                self.complete = not message.get("more_body", False)
            case "http.response.pathsend":
                self.complete = True


def _tell(scope: Scope, answer: _Answer, ids: WorkContext) -> None:
    now = time.monotonic()
    route = route_of(scope)
    count_request(route, scope["method"], answer.status, (answer.headers_at if answer.stream else now) - answer.began)
    client = scope.get("client")
    extra: dict[str, object] = {
        "method": scope["method"],
        "path": path_of(scope),
        "route": route,
        "status": answer.status,
        "ms": round((now - answer.began) * 1000, 1),
        "bytes": answer.size,
        "client": client[0] if client else "",
    }
    if not answer.complete:
        extra["complete"] = False
    level = logging.DEBUG if route in QUIET_ROUTES and answer.status < 500 else logging.INFO
    LOG.log(level, "%s %s %d", scope["method"], path_of(scope), answer.status, extra=extra)


def route_of(scope: Scope) -> str:
    """The template of the route that took a request (``/api/tokens/{token_id}``), or :data:`UNMATCHED`."""
    # FastAPI's route knows its path without the prefixes of the routers that it is in; the whole is beside it.
    effective = scope.get("fastapi", {}).get("effective_route_context")
    for holder in (effective, scope.get("route")):
        path = getattr(holder, "path", None)
        if isinstance(path, str) and path:
            return path
    return UNMATCHED
