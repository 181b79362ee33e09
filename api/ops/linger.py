"""Reads what a client still sends of an upload that is refused, so that it gets to read the reason.

A client that sends everything before it reads would otherwise see a broken connection. There is an end to patience:
who announces or sends far more than that is cut off.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import path_of

MOST_BYTES = 2_000_000_000

MOST_S = 60.0

REFUSED = 400
"""Statuses from here on are refusals."""


class Linger:
    """Lets the answer to a refused upload wait until its body has been read over. Nothing is gathered.

    Args:
        app: what is inside.
        uploads: beginnings of the paths that are meant.
    """

    def __init__(self, app: ASGIApp, uploads: tuple[str, ...]) -> None:
        self.app = app
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http" or not path_of(scope).startswith(self.uploads):
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        has_body = announced not in ("", "0") or "transfer-encoding" in Headers(scope=scope)
        ended = not has_body or (announced.isdecimal() and int(announced) > MOST_BYTES)

        async def watched() -> Message:
            nonlocal ended
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body", False):
                ended = True
            return message

        async def lingering(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= REFUSED and not ended:
                with suppress(TimeoutError):
                    await asyncio.wait_for(_read_over(watched, lambda: ended), MOST_S)
            await send(message)

        await self.app(scope, watched, lingering)


async def _read_over(receive: Receive, is_over: Callable[[], bool]) -> None:
    seen = 0
    while not is_over() and seen < MOST_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
