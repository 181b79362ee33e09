"""Forms that browsers send: read, and taken only from our own pages in the browser that fetched them."""

import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from api.http.requests import base_url
from api.web.cookies import Visit
from engine.core.errors import Malformed, ScopeMissing

MARK = "csrf"
"""Name of the hidden field that only our own page can know."""

MOST_BYTES = 16_384
"""Of a form; each of ours is far smaller."""

MOST_FIELDS = 50

FORM_TYPE = "application/x-www-form-urlencoded"

FOREIGN = "This form is too old, or comes from another site: open the page again and send it from there."


class Form:
    """The fields of a form, in their order."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """The first value of a field; empty where it was not sent."""
        return next((value for key, value in self._fields if key == name), "")

    def texts(self, name: str) -> list[str]:
        """Every value of a field: the boxes that were ticked."""
        return [value for key, value in self._fields if key == name]


def mark_of(visit: Visit) -> str:
    """What the forms of a browser carry: who knows it has seen a page that was made for that very cookie."""
    return hmac.new(visit.seed.encode("utf-8", "replace"), b"multiplane form", hashlib.sha256).hexdigest()


async def read_form(request: Request, visit: Visit) -> Form:
    """The fields of a form of ours.

    Raises:
        ScopeMissing: another site sent it, or it does not carry the mark of this browser.
        Malformed: it is no form.
    """
    check_origin(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Malformed("Send the form as the page does.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Malformed("The form is too long.")
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed("The form cannot be read.") from error
    form = Form(fields)
    given = form.text(MARK).encode("utf-8", "replace")
    if visit.is_new or not hmac.compare_digest(mark_of(visit).encode(), given):
        raise ScopeMissing(FOREIGN)
    return form


def check_origin(request: Request) -> None:
    """Refuse what a page of another site sends.

    Raises:
        ScopeMissing: so it is.
    """
    # Browsers say where a request comes from in one of two headers; the first only over TLS or to this very machine.
    # A program that sends neither has no cookies of somebody else to misuse.
    site = request.headers.get("sec-fetch-site", "")
    if site and site not in ("same-origin", "none"):
        raise ScopeMissing(FOREIGN)
    origin = request.headers.get("origin", "")
    if origin and not (origin == "null" and site == "same-origin") and not _is_ours(request, origin):
        raise ScopeMissing(FOREIGN)


def _is_ours(request: Request, origin: str) -> bool:
    try:
        given, ours = urlsplit(origin), urlsplit(base_url(request))
    except ValueError:
        return False
    # Behind a proxy the address of the connection is not the browser's, and Host is.
    return given.netloc.lower() in (ours.netloc.lower(), request.headers.get("host", "").lower()) and given.netloc != ""
