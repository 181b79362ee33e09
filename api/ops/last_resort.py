"""What a client gets when we have a fault: one sentence of JSON, and never a word of what went wrong."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.ops.asgi import send_error
from api.ops.context import current_work
from api.ops.metrics import count_error

LOG = logging.getLogger("multiplane.http")


class LastResort:
    """Turns whatever an endpoint did not catch into ``{"code": 500, ...}`` and a line of the log with the traceback.

    An answer that has begun cannot be taken back: it ends without its end, and the server closes the connection, so the
    client knows that something is missing. A client that went away is no fault of ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = gone = False

        async def watched(message: Message) -> None:
            nonlocal begun, gone
            begun = begun or message["type"] == "http.response.start"
            try:
                await send(message)
            except OSError:
                gone = True
                raise

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            LOG.info("the client went away")
        except Exception:
            # The last line of defence; everything that is expected was turned into an answer further in.
            if gone:
                LOG.info("the client went away")
                return
            count_error(500)
            LOG.exception("an endpoint failed")
            if not begun:
                request_id = current_work().request_id
                await send_error(send, 500, 500, f"Internal error. Try again later, or report request {request_id}.")
