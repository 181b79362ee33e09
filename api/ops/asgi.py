"""Small things that every middleware needs: headers of an answer, the path, an error in the protocol's form."""

import json

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from engine.core.settings import FlagSetting

ERRORS_AS_200 = FlagSetting(
    "MULTIPLANE_ERRORS_AS_200", False,
    "on: errors carry the HTTP status 200 and only the body's code says what is wrong",
)  # fmt: skip


def headers_of(start: Message) -> MutableHeaders:
    """The headers of an ``http.response.start``, to be changed in place; ASGI lets an application leave them out."""
    start.setdefault("headers", [])
    return MutableHeaders(scope=start)


def path_of(scope: Scope) -> str:
    """The path that the application's routes see: without the prefix that a proxy put before it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path


def status_of(error: int) -> int:
    """The HTTP status of an answer whose body tells of an error: that of the error, or what the site wants."""
    return 200 if ERRORS_AS_200.value() else error


async def send_error(
    send: Send, status: int, code: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Answer with ``{"code", "message", "data": null}``: clients of the protocol often see the body alone."""
    body = json.dumps({"code": code, "message": message, "data": None}).encode()
    length = str(len(body)).encode()
    fixed = [(b"content-type", b"application/json"), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status_of(status), "headers": fixed})
    await send({"type": "http.response.body", "body": body})
