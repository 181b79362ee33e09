"""Headers that tell browsers to be careful with what we send; what an endpoint sets itself stands."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import headers_of

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Content-Security-Policy of our pages: nothing from elsewhere, no script or style inside the page, in no frame."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Of JSON and plain text, should a browser show them as a page after all."""


class SecurityHeaders:
    """Adds ``nosniff``, a referrer policy (addresses of ours hold tokens), content policies, and says what may be kept.

    JSON and pages hold what belongs to one user: no cache keeps them. Event streams pass proxies at once
    (``X-Accel-Buffering`` is nginx's).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(headers_of(message))
            await send(message)

        await self.app(scope, receive, careful)


def _add(headers: MutableHeaders) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    match headers.get("Content-Type", "").partition(";")[0].strip().lower():
        case "text/html" | "application/xhtml+xml":
            headers.setdefault("Content-Security-Policy", PAGE_POLICY)
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("Cache-Control", "no-store")
        case "application/json" | "application/problem+json" | "text/plain":
            headers.setdefault("Content-Security-Policy", DATA_POLICY)
            headers.setdefault("Cache-Control", "no-store")
        case "text/event-stream":
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Accel-Buffering", "no")
        case "image/svg+xml":
            # A picture that can hold scripts.
            headers.setdefault("Content-Security-Policy", f"{DATA_POLICY}; style-src 'unsafe-inline'; sandbox")
