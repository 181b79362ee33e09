"""What every endpoint asks of a request: the service, the token's holder, the address that clients use."""

import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.rates import Rates
from api.ops.context import note_user
from api.service import ACCOUNTS, PUBLIC_URL, SITE_TOKEN, Service
from api.store.accounts import SITE_USER, site_user
from api.store.ids import USER_TOKEN
from api.store.rows import User
from api.store.tokens import Holder, authenticate, digest
from engine.core.errors import NoSuchObject, NotAuthenticated, NotReady

APP = "nemo_agent"
"""The only agent there is, by the name that clients use."""

LONGEST_TOKEN = 200

NO_ADDRESS = "unknown"


def service_of(request: Request) -> Service:
    """The service of this process."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def base_url(request: Request) -> str:
    """How this client reaches the service, without a slash at the end."""
    return (PUBLIC_URL.value() or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")


def bearer_of(request: Request) -> str:
    """The token of a request.

    Raises:
        NotAuthenticated: there is none of the right form.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("No token was sent: send Authorization: Bearer nmv_usr_....")
    if not token.startswith(USER_TOKEN) or len(token) > LONGEST_TOKEN:
        raise NotAuthenticated("The token is not valid.")
    return token


async def holder_of(request: Request) -> Holder:
    """Who sent a request.

    Raises:
        NotAuthenticated: nobody that is known.
    """
    holder = await run_in_threadpool(find_holder, service_of(request), bearer_of(request))
    note_user(holder.user_id)
    return holder


def find_holder(service: Service, token: str) -> Holder:
    """Who holds a token; on a site without accounts the shared token is the site's."""
    if not ACCOUNTS.value():
        shared = SITE_TOKEN.value()
        if not shared:
            raise NotReady("This site has no accounts and no MULTIPLANE_SITE_TOKEN: its operator must set one.")
        if hmac.compare_digest(digest(shared), digest(token)):
            user = _site_user(service)
            return Holder(user.id, user.kind, user.plan, frozenset({"*"}), "site")
    with service.database.read() as session:
        return authenticate(session, token)


def _site_user(service: Service) -> User:
    with service.database.read() as session:
        user = session.get(User, SITE_USER)
    if user is None:  # the first request of a new site: all others disturb no writer
        with service.database.write() as session:
            user = site_user(session)
    return user


async def check_path(request: Request, holder: Holder, app: str, user: str) -> None:
    """Refuse an agent that is not ours, and another user's id; that of an anonymous user stands for its account.

    Raises:
        NoSuchObject: so it is.
    """
    if app != APP:
        raise NoSuchObject("There is no such agent.", data={"detail": f"Agent not found: {app[:80]}"})
    if user not in ("me", holder.user_id) and not await run_in_threadpool(was, service_of(request), holder, user):
        raise NoSuchObject("There is no such user.")


def was(service: Service, holder: Holder, user_id: str) -> bool:
    """Whether an id is that of an anonymous user who became the holder."""
    with service.database.read() as session:
        user = session.get(User, user_id)
        return user is not None and user.merged_into == holder.user_id


def needs(scope: str) -> Callable[[Request], Coroutine[Any, Any, Holder]]:
    """A dependency that asks for a token with a scope."""

    async def dependency(request: Request) -> Holder:
        holder = await holder_of(request)
        rates_of(request).take(scope, holder.token_id)
        holder.need(scope)
        return holder

    return dependency


async def exporter_of(request: Request) -> Holder:
    """Who orders or stops an export; whether that is allowed, the endpoint decides."""
    holder = await holder_of(request)
    rates_of(request).take("render", holder.token_id)
    return holder


def rates_of(request: Request) -> Rates:
    """The limits of rate of this process."""
    rates = request.app.state.rates
    assert isinstance(rates, Rates)
    return rates


def address_of(request: Request) -> str:
    """The address that a request comes from: that of the connection, or of the client behind a trusted proxy."""
    return request.client.host if request.client is not None else NO_ADDRESS


Reads = Annotated[Holder, Depends(needs("read"))]
Writes = Annotated[Holder, Depends(needs("write"))]
Uploads = Annotated[Holder, Depends(needs("upload"))]
Exports = Annotated[Holder, Depends(exporter_of)]
