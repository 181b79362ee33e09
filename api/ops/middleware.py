"""What stands around every endpoint, in order."""

from starlette.middleware import Middleware

from api.ops.access import AccessLog
from api.ops.body_cap import MAX_BODY, BodyCap
from api.ops.cors import Cors, allowed_origins
from api.ops.last_resort import LastResort
from api.ops.linger import Linger
from api.ops.security_headers import SecurityHeaders

UPLOADS = ("/api/upload-video/",)
"""Beginnings of paths whose bodies are files: the uploads themselves enforce their limit while reading."""


def middleware(uploads: tuple[str, ...] = UPLOADS) -> list[Middleware]:
    """For ``FastAPI(middleware=...)``, outermost first.

    They must be given there, not wrapped around the application: FastAPI's own answer to an uncaught exception lies
    outside of these and inside of a wrapper, and would come first.

    Args:
        uploads: beginnings of paths that :class:`BodyCap` leaves alone.

    Raises:
        OptionError: a setting is not usable.
    """
    return [
        Middleware(AccessLog),
        Middleware(SecurityHeaders),
        Middleware(Cors, origins=allowed_origins()),
        Middleware(LastResort),
        Middleware(BodyCap, limit=int(MAX_BODY.value() * 1_000_000), uploads=uploads),
        Middleware(Linger, uploads=uploads),
    ]
