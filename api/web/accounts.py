"""Signing in and out, and registering."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.lanes import PASSWORDS
from api.http.requests import address_of, rates_of, service_of
from api.service import Service
from api.store.accounts import (
    LONGEST_PASSWORD,
    REGISTER_CREDITS,
    SHORTEST_PASSWORD,
    add_account,
    browser_secret,
    check_password,
    prepare,
    sign_out,
)
from api.store.tokens import digest
from api.web import paths
from api.web.binding import BIND_PROOF, TAKEN, Wish, fulfil, is_free
from api.web.cookies import Visit, forget_visitor, remember_visitor, visit_of
from api.web.forms import read_form
from api.web.pages import as_page, need_accounts, page, send_to
from engine.core.errors import BadRequest, NotAuthenticated

REFUSED = 403
"""Status of a sign-in that failed: 401 would have to name a scheme that browsers ask a password for."""

BIND = "bind"


@as_page
async def login(request: Request) -> Response:
    """The form to sign in with, and what becomes of it."""
    need_accounts()
    visit = await visit_of(request)
    if request.method != "POST":
        return _login_page(request, visit, paths.safe_next(request.query_params.get("next", "")))
    form = await read_form(request, visit)
    email, password, back = form.text("email"), form.text("password"), paths.safe_next(form.text("next"))
    _count(request, email)
    service = service_of(request)
    try:
        user_id = await PASSWORDS.run(lambda: _checked(service, email, password))
    except NotAuthenticated as error:
        return _login_page(request, visit, back, email, error.message)
    return await _signed_in(request, visit, user_id, back)


def _login_page(request: Request, visit: Visit, back: str, email: str = "", wrong: str = "") -> Response:
    status = REFUSED if wrong else 200
    return page(request, visit, "login", "Sign in", status=status, asks=True, next=back, email=email, wrong=wrong)


def _checked(service: Service, email: str, password: str) -> str:
    with service.database.read() as session:
        return check_password(session, email, password).id


def _count(request: Request, email: str) -> None:
    rates = rates_of(request)
    rates.take("login", f"address:{address_of(request)}")
    rates.take("login", f"email:{digest(email.strip().lower())}")


async def _signed_in(request: Request, visit: Visit, user_id: str, back: str) -> Response:
    secret = await run_in_threadpool(_new_secret, service_of(request), visit, user_id)
    response = send_to(back)
    remember_visitor(request, response, secret)
    return response


def _new_secret(service: Service, visit: Visit, user_id: str) -> str:
    with service.database.write() as session:
        if visit.visitor is not None:
            sign_out(session, visit.visitor.token_id)
        return browser_secret(session, user_id)


@as_page
async def logout(request: Request) -> Response:
    """Sign a browser out; its secret is worthless then."""
    need_accounts()
    visit = await visit_of(request)
    response = send_to(paths.HOME)
    # A form of another site comes without the cookie: it must not take the cookie away either.
    if visit.visitor is not None:
        await read_form(request, visit)
        await run_in_threadpool(_out, service_of(request), visit.visitor.token_id)
        forget_visitor(request, response)
    return response


def _out(service: Service, token_id: str) -> None:
    with service.database.write() as session:
        sign_out(session, token_id)


@as_page
async def register(request: Request) -> Response:
    """The form for a new account, or for what an account that is there takes over; and what becomes of it."""
    need_accounts()
    visit = await visit_of(request)
    if request.method != "POST":
        return await _register_page(request, visit, request.query_params.get(BIND, ""))
    form = await read_form(request, visit)
    wish = Wish(form.text(BIND), form.text("proof"), form.text("revoke") == "yes")
    email, password = form.text("email"), form.text("password")
    _count(request, visit.visitor.email if visit.visitor is not None else email)
    service = service_of(request)
    try:
        if visit.visitor is not None:
            await run_in_threadpool(_take_over, service, wish, visit.visitor.user_id)
            return send_to(paths.HOME)
        address, hashed = await PASSWORDS.run(lambda: prepare(email, password))
        user_id = await run_in_threadpool(_registered, service, address, hashed, wish)
    except BadRequest as error:
        return await _register_page(request, visit, wish.anonymous_id, email, error.message)
    return await _signed_in(request, visit, user_id, paths.HOME)


async def _register_page(
    request: Request, visit: Visit, anonymous_id: str, email: str = "", wrong: str = ""
) -> Response:
    free = bool(anonymous_id) and await run_in_threadpool(_is_free, service_of(request), anonymous_id)
    if anonymous_id and not free:
        wrong = wrong or TAKEN
    return page(
        request, visit, "register", "Take over projects" if visit.visitor else "Make an account",
        status=BadRequest.status if wrong else 200, asks=True, wrong=wrong, email=email, bind_name=BIND,
        bind=anonymous_id if free else "", needs_proof=BIND_PROOF.value(), gift=REGISTER_CREDITS.int_value(),
        shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD,
    )  # fmt: skip


def _is_free(service: Service, anonymous_id: str) -> bool:
    with service.database.read() as session:
        return is_free(session, anonymous_id)


def _take_over(service: Service, wish: Wish, user_id: str) -> None:
    with service.database.write() as session:
        fulfil(session, wish, user_id)


def _registered(service: Service, address: str, hashed: str, wish: Wish) -> str:
    with service.database.write() as session:
        user = add_account(session, address, hashed)
        fulfil(session, wish, user.id)
        return user.id
