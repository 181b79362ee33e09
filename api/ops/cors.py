"""Which pages of other origins may call the service from a browser."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import headers_of
from engine.core.errors import OptionError, quoted
from engine.core.settings import TextSetting

CORS_ORIGINS = TextSetting(
    "MULTIPLANE_CORS_ORIGINS",
    "*",
    "origins whose pages may call the service (https://host:port, with commas); * every one, off none",
)

ANY = "*"

ALLOWED_HEADERS = (
    "Authorization, Content-Type, Accept, X-Client-Id, X-Skill-Source, X-Skill-Version, X-Skill-Platform, Last-Event-ID"
)
"""Of the wire protocol, 1.1."""

ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

EXPOSED_HEADERS = "X-Request-Id, Retry-After, Content-Disposition, Content-Length, Content-Range"

MAX_AGE_S = 7200
"""Seconds that a browser may keep the answer to a preflight; none keeps it longer."""


def allowed_origins() -> frozenset[str]:
    """The origins that the setting names; ``{"*"}``: every one.

    Raises:
        OptionError: one of them is no origin.
    """
    parts = {part.strip().rstrip("/").lower() for part in CORS_ORIGINS.value().split(",")} - {""}
    if parts in ({ANY}, {"off"}):
        return frozenset(parts - {"off"})
    for part in parts:
        try:
            url = urlsplit(part)
            sane = url.scheme in ("http", "https") and url.hostname and part == f"{url.scheme}://{url.netloc}"
        except ValueError:
            sane = False
        if not sane or "@" in part:
            raise OptionError(
                f"{CORS_ORIGINS.variable}: {quoted(part)} is no origin: write https://host or https://host:port, "
                f"{ANY} or off."
            )
    return frozenset(parts)


class Cors:
    """Answers every ``OPTIONS`` itself, whatever the path, and marks the other answers.

    Credentials of the browser (cookies) are never allowed to other origins: a token in ``Authorization`` is not one.

    Args:
        app: what is inside.
        origins: see :func:`allowed_origins`.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin", "")

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(headers_of(message), origin)
            await send(message)

        if scope["method"] != "OPTIONS":
            await self.app(scope, receive, marked)
            return
        headers = MutableHeaders({"Allow": ALLOWED_METHODS, "Content-Length": "0"})
        if self._allowed(origin):
            headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
            headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
        await marked({"type": "http.response.start", "status": 200, "headers": headers.raw})
        await marked({"type": "http.response.body", "body": b""})

    def _allowed(self, origin: str) -> bool:
        return ANY in self.origins or origin.lower() in self.origins

    def _mark(self, headers: MutableHeaders, origin: str) -> None:
        if ANY not in self.origins:
            headers.add_vary_header("Origin")
        if self._allowed(origin):
            headers["Access-Control-Allow-Origin"] = ANY if ANY in self.origins else origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
