"""Bodies: ``{"code": 0, "message": "success", "data": {...}}``, and what stands in for it when something is wrong.

Scalar members of ``data`` stand at the top as well: some clients read them there. They never hide ``code``,
``message`` or ``data``.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from api.ops.asgi import status_of
from engine.core.errors import ServiceError

SCALARS = (str, int, float, bool)


def envelope(data: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """A body of success with its scalars mirrored; ``more`` are further members of the top."""
    mirrored = {name: value for name, value in data.items() if value is None or isinstance(value, SCALARS)}
    return {**mirrored, **more, "code": 0, "message": "success", "data": dict(data)}


def error_body(error: ServiceError, **more: object) -> dict[str, Any]:
    """A body of failure."""
    return {**more, "code": error.number, "message": error.message, "data": error.data}


def error_response(error: ServiceError, **more: object) -> JSONResponse:
    """The answer that says what is wrong."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:  # RFC 9110, 15.5.2: such an answer names a scheme
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error_body(error, **more), status_of(error.status), headers)
