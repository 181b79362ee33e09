"""The page of the tokens that a user makes for programs."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.requests import rates_of, service_of
from api.service import Service
from api.store.clock import now_ms
from api.store.rows import Token
from api.store.tokens import SCOPES, create_token, list_tokens, revoke, revoked_tokens
from api.web import paths
from api.web.cookies import Visit, Visitor, visit_of
from api.web.forms import Form, read_form
from api.web.pages import FOUND, as_page, need_accounts, page, send_to
from engine.core.errors import BadRequest

WHAT_THEY_DO = {
    "read": "see projects and credits",
    "write": "talk and make projects",
    "upload": "send files",
    "render": "export videos",
    "*": "everything, also what comes later",
}

TICKED = ("read", "write", "upload", "render")
"""Boxes that are ticked to begin with."""

DAYS = ("1", "7", "30", "90", "365", "never")
USUAL_DAYS = "90"

LONGEST_NAME = 200

MOST_REVOKED = 20
"""Revoked tokens that are still listed."""


@dataclass(frozen=True, slots=True)
class Key:
    """A token in the list; ``state`` is ``good``, ``expired`` or ``revoked``."""

    id: str
    name: str
    scopes: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    state: str


@as_page
async def keys(request: Request) -> Response:
    """The list, the form, and a new token, which is shown in the answer to the form and never again."""
    need_accounts()
    visit = await visit_of(request)
    if visit.visitor is None:
        return send_to(f"{paths.LOGIN}?next={paths.KEYS}", FOUND)
    service, user_id = service_of(request), visit.visitor.user_id
    secret = name = wrong = ""
    if request.method == "POST":
        form = await _form(request, visit, visit.visitor)
        name = form.text("name").strip()
        try:
            secret = await run_in_threadpool(_make, service, user_id, name, form.texts("scope"), form.text("days"))
        except BadRequest as error:
            wrong = error.message
    listed = await run_in_threadpool(_listed, service, user_id)
    return page(
        request, visit, "keys", "API keys", status=BadRequest.status if wrong else 200, keys=listed, secret=secret,
        name=name, wrong=wrong, scopes=WHAT_THEY_DO, ticked=TICKED, days=DAYS, usual=USUAL_DAYS, longest=LONGEST_NAME,
    )  # fmt: skip


@as_page
async def revoked(request: Request) -> Response:
    """Make a token worthless."""
    need_accounts()
    visit = await visit_of(request)
    if visit.visitor is None:
        return send_to(f"{paths.LOGIN}?next={paths.KEYS}")
    await _form(request, visit, visit.visitor)
    token_id = request.path_params["token_id"]
    await run_in_threadpool(_revoke, service_of(request), visit.visitor.user_id, token_id)
    return send_to(paths.KEYS)


async def old_address(request: Request) -> Response:
    """Where the page was before."""
    return send_to(paths.KEYS, FOUND)


async def _form(request: Request, visit: Visit, visitor: Visitor) -> Form:
    form = await read_form(request, visit)
    rates_of(request).take("write", visitor.token_id)
    return form


def _make(service: Service, user_id: str, name: str, scopes: list[str], days: str) -> str:
    if days not in DAYS:
        raise BadRequest("Choose how long the key shall work.")
    if not scopes:
        raise BadRequest("Tick at least one thing that the key may do.")
    if not set(scopes) <= set(SCOPES):
        raise BadRequest("A key may do only what the form offers.")
    with service.database.write() as session:
        _, secret = create_token(session, user_id, name, scopes, None if days == "never" else float(days))
        return secret


def _revoke(service: Service, user_id: str, token_id: str) -> None:
    with service.database.write() as session:
        revoke(session, user_id, token_id)


def _listed(service: Service, user_id: str) -> list[Key]:
    with service.database.read() as session:
        rows = [*list_tokens(session, user_id), *revoked_tokens(session, user_id, MOST_REVOKED)]
    return [_key(row) for row in rows]


def _key(row: Token) -> Key:
    is_old = row.expires_at is not None and row.expires_at <= now_ms()
    state = "revoked" if row.revoked_at is not None else "expired" if is_old else "good"
    scopes = ", ".join("everything" if scope == "*" else scope for scope in row.scopes.split())
    return Key(row.id, row.name or "Unnamed", scopes, row.created_at, row.expires_at, row.revoked_at, state)
