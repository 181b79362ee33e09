"""Pages about credits: what somebody has and what became of it, and what things cost."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.editing.costs import EDIT, GENERATE
from api.http.requests import service_of
from api.service import Service
from api.store.accounts import REGISTER_CREDITS
from api.store.anonymous import CREDITS
from api.store.ledger import Credits, credits_of
from api.store.movements import Movement, movements_of
from api.web import paths
from api.web.cookies import visit_of
from api.web.pages import FOUND, as_page, need_accounts, page, send_to

MOST_MOVEMENTS = 50

CAUSES = {
    "welcome": "Welcome gift",
    "register": "Gift for a new account",
    "bind": "Taken over from an anonymous user",
    "generate": "Generation: set aside",
    "generate:settle": "Generation: spent",
    "generate:release": "Generation: given back",
    "edit": "Edit: set aside",
    "edit:settle": "Edit: spent",
    "edit:release": "Edit: given back",
}


@as_page
async def billing(request: Request) -> Response:
    """The balance and the last movements."""
    need_accounts()
    visit = await visit_of(request)
    if visit.visitor is None:
        return send_to(f"{paths.LOGIN}?next={paths.BILLING}", FOUND)
    held, moved = await run_in_threadpool(_read, service_of(request), visit.visitor.user_id)
    lines = [(movement, in_words(movement)) for movement in moved]
    return page(request, visit, "billing", "Credits", held=held, lines=lines, most=MOST_MOVEMENTS)


def in_words(movement: Movement) -> str:
    """Why credits moved, for people."""
    if movement.slot == "grant" and movement.cause not in ("welcome", "register"):
        return f"Granted by the operator: {movement.cause}"
    return CAUSES.get(movement.cause, movement.cause)


def _read(service: Service, user_id: str) -> tuple[Credits, list[Movement]]:
    with service.database.read() as session:
        return credits_of(session, user_id), list(movements_of(session, user_id, MOST_MOVEMENTS))


@as_page
async def pricing(request: Request) -> Response:
    """What things cost here."""
    visit = await visit_of(request)
    return page(
        request, visit, "pricing", "Prices", generate=GENERATE.int_value(), edit=EDIT.int_value(),
        welcome=CREDITS.int_value(), gift=REGISTER_CREDITS.int_value(),
    )  # fmt: skip
