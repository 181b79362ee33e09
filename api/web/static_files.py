"""The style sheet and the icon: the same for everybody, so browsers may keep them."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.web.pages import ICON_FILE, STYLE_FILE

AGE_S = 86_400
"""Seconds that a browser may keep them."""


async def style(request: Request) -> Response:
    """How the pages look."""
    return FileResponse(STYLE_FILE, media_type="text/css", headers=_kept())


async def icon(request: Request) -> Response:
    """The picture of the site."""
    return FileResponse(ICON_FILE, media_type="image/svg+xml", headers=_kept())


def _kept() -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={AGE_S}"}
