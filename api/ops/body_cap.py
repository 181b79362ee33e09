"""How much a client may send where no file is expected."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import path_of, send_error
from api.ops.metrics import count_error
from engine.core.settings import Setting

MAX_BODY = Setting(
    "MULTIPLANE_MAX_BODY_MB",
    4,
    "MB",
    0.001,
    1000,
    "largest body of a request that is no upload (1 MB is 1,000,000 bytes)",
)

TOO_LARGE = 4002
"""The protocol's code."""

LINGER_BYTES = 32_000_000
LINGER_S = 5.0
"""What is still read of a refused body, and for how long: a client that only reads after it has sent everything would
otherwise see a broken connection instead of the reason."""


class BodyCap:
    """Refuses bodies above a limit with 413: by the length that is announced, else while reading.

    Nothing is gathered here: pieces pass as they come.

    Args:
        app: what is inside.
        limit: bytes.
        uploads: beginnings of the paths that are exempt, because they count for themselves.
    """

    def __init__(self, app: ASGIApp, limit: int, uploads: tuple[str, ...]) -> None:
        self.app = app
        self.limit = limit
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http" or path_of(scope).startswith(self.uploads):
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self.limit:
            await self._refuse(scope, receive, send)
            return
        received, over, begun, ended = 0, False, False, False

        async def counted() -> Message:
            nonlocal received, over, ended
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                ended = not message.get("more_body", False)
                if received > self.limit:
                    if begun:
                        # The answer is on its way and does not depend on the body: only the bytes are dropped.
                        return {**message, "body": b""}
                    over = True
                    raise _TooLargeError
            return message

        async def guarded(message: Message) -> None:
            nonlocal begun
            # Frameworks turn a failure to read the body into an answer of their own: ours takes its place.
            if not over:
                begun = begun or message["type"] == "http.response.start"
                await send(message)

        try:
            await self.app(scope, counted, guarded)
        except Exception:
            # Whatever a framework makes of our own _TooLargeError; any other failure passes.
            if not over:
                raise
        if over:
            await self._refuse(scope, receive, send, ended)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, ended: bool = False) -> None:
        # Who asks before sending has not sent anything yet.
        if not ended and Headers(scope=scope).get("expect", "").lower() != "100-continue":
            await _drain(Headers(scope=scope).get("content-length", ""), receive)
        count_error(TOO_LARGE)
        message = f"The request is too large: send at most {self.limit / 1e6:g} MB here."
        await send_error(send, 413, TOO_LARGE, message, ((b"connection", b"close"),))


class _TooLargeError(Exception):
    """Stops whoever reads the body."""


async def _drain(announced: str, receive: Receive) -> None:
    if announced.isdecimal() and int(announced) > LINGER_BYTES:
        return
    seen = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while seen <= LINGER_BYTES:
                message = await receive()
                seen += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
