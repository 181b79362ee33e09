"""Cookies of the pages: who is signed in, and one of a visit, which binds forms to the browser that fetched them."""

import secrets
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.requests import base_url, service_of
from api.ops.context import note_user
from api.service import ACCOUNTS, Service
from api.store.accounts import WEB_DAYS
from api.store.clock import DAY, SECOND
from api.store.ids import TOKEN_BYTES
from api.store.rows import User
from api.store.tokens import authenticate
from engine.core.errors import NotAuthenticated

SIGNED_IN, VISIT = "multiplane_session", "multiplane_visit"

HOST_PREFIX = "__Host-"
"""Browsers then take the cookie over TLS only, and from no neighbouring host. They refuse it without TLS."""

LONGEST_COOKIE = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in.

    Attributes:
        user_id: the account.
        email: its address, for the person to see.
        token_id: of the browser's secret, which signing out makes worthless.
    """

    user_id: str
    email: str
    token_id: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that asks for a page.

    Attributes:
        visitor: who is signed in there, if anybody is.
        seed: the secret of its cookie, which the marks of its forms are made from.
        is_new: whether the browser has no cookie of a visit yet.
    """

    visitor: Visitor | None
    seed: str
    is_new: bool


async def visit_of(request: Request) -> Visit:
    """The browser that a request comes from."""
    secret = _cookie(request, SIGNED_IN)
    visitor = await run_in_threadpool(find_visitor, service_of(request), secret) if secret else None
    if visitor is not None:
        note_user(visitor.user_id)
        return Visit(visitor, secret, is_new=False)
    seed = _cookie(request, VISIT)
    return Visit(None, seed or secrets.token_urlsafe(TOKEN_BYTES), is_new=not seed)


def find_visitor(service: Service, secret: str) -> Visitor | None:
    """Who holds the secret of a cookie; nobody on a site without accounts."""
    if not ACCOUNTS.value():
        return None
    with service.database.read() as session:
        try:
            holder = authenticate(session, secret, ("web",))
        except NotAuthenticated:
            return None
        return Visitor(holder.user_id, session.get_one(User, holder.user_id).email or "", holder.token_id)


def remember_visit(request: Request, response: Response, visit: Visit) -> None:
    """Give a browser that shows a form for the first time the cookie that the form is bound to."""
    if visit.is_new:
        _set(request, response, VISIT, visit.seed, None)


def remember_visitor(request: Request, response: Response, secret: str) -> None:
    """Sign a browser in."""
    _set(request, response, SIGNED_IN, secret, round(WEB_DAYS.value() * DAY / SECOND))
    _forget(request, response, VISIT)


def forget_visitor(request: Request, response: Response) -> None:
    """Sign a browser out."""
    _forget(request, response, SIGNED_IN)


def _is_secure(request: Request) -> bool:
    return base_url(request).startswith("https:")


def _name(request: Request, name: str) -> str:
    return HOST_PREFIX + name if _is_secure(request) else name


def _cookie(request: Request, name: str) -> str:
    return request.cookies.get(_name(request, name), "")[:LONGEST_COOKIE]


def _set(request: Request, response: Response, name: str, value: str, age_s: int | None) -> None:
    response.set_cookie(
        _name(request, name), value, max_age=age_s, path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


def _forget(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="lax")
