"""How a page is made: a template, its headers, and a page for what went wrong."""

import functools
import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.http.app import OUR_FAULT, as_service_error
from api.ops.metrics import count_error
from api.service import ACCOUNTS
from api.store.clock import SECOND
from api.web import paths
from api.web.cookies import Visit, remember_visit, visit_of
from api.web.forms import MARK, mark_of
from engine.core.errors import MultiplaneError, NoSuchObject

LOG = logging.getLogger("multiplane.web")

FOLDER = Path(__file__).parent

STYLE_FILE, ICON_FILE = FOLDER / "static" / "style.css", FOLDER / "static" / "icon.svg"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy: nothing from elsewhere, no scripts at all, in no frame."""

WITH_FORMS = "same-origin"
"""Referrer policy of pages with forms: under ``no-referrer`` browsers send ``Origin: null`` with a form, and then
nothing tells our own page from a stranger's where a site has no TLS. To other sites it is as silent."""

SECRET_ADDRESS = "no-referrer"
"""Of pages whose own address is a secret; they have no forms."""

SEE_OTHER, FOUND = 303, 302

NO_ACCOUNTS = "This site has no accounts: everybody uses the token that its operator gives out."

Endpoint = Callable[[Request], Awaitable[Response]]


def moment(ms: int | None) -> str:
    """A time for people, in UTC."""
    return "" if ms is None else datetime.fromtimestamp(ms / SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")


@functools.cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    # The address of the style sheet changes with it, so that browsers may keep it.
    version = hashlib.sha256(STYLE_FILE.read_bytes()).hexdigest()[:12]
    found.globals.update(paths=paths, style=f"{paths.STYLE}?v={version}", mark_name=MARK)
    found.filters["moment"] = moment
    return found


def page(
    request: Request, visit: Visit, template: str, title: str, *, status: int = 200, secret_address: bool = False,
    asks: bool = False, **values: object,
) -> Response:  # fmt: skip
    """A page.

    Args:
        request: what asked for it.
        visit: the browser that did.
        template: the file's name without its ending.
        title: of the page.
        status: of the answer.
        secret_address: whether its address holds a token; such a page has no forms.
        asks: whether it has a form for those who are not signed in.
        values: further names for the template.
    """
    text = _templates().get_template(f"{template}.html").render(
        title=title, visitor=visit.visitor, mark=mark_of(visit), has_forms=not secret_address,
        has_accounts=ACCOUNTS.value(), **values,
    )  # fmt: skip
    response = HTMLResponse(text, status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = SECRET_ADDRESS if secret_address else WITH_FORMS
    response.headers["Cache-Control"] = "no-store"
    if asks:
        remember_visit(request, response, visit)
    return response


def notice(request: Request, visit: Visit, title: str, text: str, status: int) -> Response:
    """A page with one sentence."""
    # Which address led here is not known: it is treated as a secret.
    return page(request, visit, "notice", title, status=status, secret_address=True, text=text)


def send_to(address: str, status: int = SEE_OTHER) -> Response:
    """Lead the browser to another page of ours."""
    return RedirectResponse(address, status, {"Cache-Control": "no-store", "Referrer-Policy": SECRET_ADDRESS})


def as_page(endpoint: Endpoint) -> Endpoint:
    """Tell what goes wrong in an endpoint as a page, for people, instead of as JSON."""

    @functools.wraps(endpoint)
    async def told(request: Request) -> Response:
        try:
            return await endpoint(request)
        except MultiplaneError as error:
            wrong = as_service_error(error)
            count_error(wrong.number)
            if wrong.status >= OUR_FAULT:
                LOG.error("a page failed: %s", error.message, exc_info=error)
            title = "Not found" if wrong.status == NoSuchObject.status else "That did not work"
            response = notice(request, await visit_of(request), title, wrong.message, wrong.status)
            if wrong.retry_after is not None:
                response.headers["Retry-After"] = str(wrong.retry_after)
            return response

    return told


def need_accounts() -> None:
    """Refuse pages about accounts where there are none.

    Raises:
        NoSuchObject: so it is.
    """
    if not ACCOUNTS.value():
        raise NoSuchObject(NO_ACCOUNTS)
