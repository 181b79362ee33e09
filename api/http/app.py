"""The application: routes, and what becomes of errors."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from api.http import auth, balance, chat, files, health, renders, sessions, state, tokens, uploads
from api.http.envelope import error_response
from api.http.openapi import described
from api.http.rates import Rates
from api.ops.asgi import status_of
from api.ops.metrics import count_error
from api.ops.middleware import middleware
from api.service import Service
from api.store.room import NO_ROOM, is_full
from engine.core.errors import (
    BadRequest,
    DraftError,
    FileNotSupported,
    FileTooLarge,
    InputError,
    Malformed,
    MediaError,
    MediaLimitExceeded,
    MultiplaneError,
    NoSuchObject,
    NotReady,
    ServiceError,
)
from engine.version import VERSION

LOG = logging.getLogger("multiplane.http")

ROUTERS = (auth, sessions, chat, uploads, balance, state, renders, tokens, files, health)

NOT_FOUND = 404

OUR_FAULT = 500
"""Statuses from here on say that we failed."""

RETRY_AFTER_S = 30
"""Seconds after which a full disk or an absent database is worth another try."""

NO_DATABASE = "The database of this site does not answer: try again in a moment."

MOST_PROBLEMS = 20
"""Of a draft, in one answer."""

DESCRIPTION = """The wire protocol of the hosted service, spoken by a studio's own machine. Bodies are
`{"code": 0, "message": "success", "data": {...}}`; scalars of `data` stand at the top as well."""


def create_app(service: Service, more: Sequence[BaseRoute] = ()) -> FastAPI:
    """The application over an opened service.

    Args:
        service: of this process.
        more: further routes, such as the pages.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="Multiplane", version=VERSION, description=DESCRIPTION, lifespan=lifespan, redirect_slashes=False,
        docs_url=None, redoc_url=None, middleware=middleware(),
    )  # fmt: skip
    app.state.service = service
    app.state.rates = Rates()
    for module in ROUTERS:
        app.include_router(module.router)
    app.router.routes.extend(more)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # FastAPI's own way to add to the document
    app.add_exception_handler(MultiplaneError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(OperationalError, _answer_storage)
    app.add_exception_handler(OSError, _answer_storage)
    return app


async def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, MultiplaneError)
    told = as_service_error(error)
    count_error(told.number)
    if told.status >= OUR_FAULT:
        LOG.error("an endpoint failed: %s", error.message, exc_info=error)
    more: dict[str, object] = {}
    if told.data is not None and "detail" in told.data:
        more["detail"] = told.data["detail"]
    return error_response(told, **more)


async def _answer_storage(request: Request, error: Exception) -> Response:
    """A full disk, or a database that is away, is no fault of the program: it passes, and clients are told so."""
    if is_full(error):
        LOG.error("the disk is full")
        told = NotReady(NO_ROOM, retry_after=RETRY_AFTER_S)
    elif isinstance(error, OperationalError):
        LOG.error("the database does not answer", exc_info=error)
        told = NotReady(NO_DATABASE, retry_after=RETRY_AFTER_S)
    else:
        raise error
    count_error(told.number)
    return error_response(told)


def as_service_error(error: MultiplaneError) -> ServiceError:
    """What an error of ours is on the wire."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, MediaLimitExceeded):
        return FileTooLarge(error.message)
    if isinstance(error, MediaError):
        return FileNotSupported(error.message)
    if isinstance(error, DraftError):
        problems = [{"path": problem.path, "problem": problem.text} for problem in error.problems[:MOST_PROBLEMS]]
        return BadRequest(error.message, data={"problems": problems} if problems else None)
    if isinstance(error, InputError):
        return BadRequest(error.message)
    return ServiceError(error.message)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == NOT_FOUND:
        return error_response(NoSuchObject("There is nothing at this address."), detail="Not Found")
    body = {"code": error.status_code, "message": str(error.detail), "data": None, "detail": error.detail}
    return JSONResponse(body, status_of(error.status_code), error.headers)


async def _answer_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return error_response(Malformed("A part of the request is not as it should be."), detail=details)
