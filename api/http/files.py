"""Files and videos by signed URLs: whoever has the URL may read, until it expires. No redirects, ranges work."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse

from api.editing.sources import FILES
from api.http.requests import service_of
from api.service import Service
from api.store.assets import asset_by_key
from api.store.renders import render_by_key
from api.store.rows import Asset, Render
from engine.core.errors import NoSuchObject

router = APIRouter(tags=["files"])

RENDERS = "/cdn/render-result"

POSTERS = "/posters"

AGE_S = 3600
"""Seconds that a client may keep a file without asking again."""


@router.head(FILES + "/{key}/{name}", include_in_schema=False)
@router.get(FILES + "/{key}/{name}", summary="A file of a session")
async def session_file(request: Request, key: str, name: str) -> FileResponse:
    """The bytes of an uploaded or generated file."""
    return await run_in_threadpool(_session_file, service_of(request), request, key)


def _session_file(service: Service, request: Request, key: str) -> FileResponse:
    check_signature(service, request)
    with service.database.read() as session:
        asset = asset_by_key(session, key)
    if asset is None:
        raise _nothing()
    return serve(service, asset.blob, asset.content_type, asset.filename)


@router.head(RENDERS + "/{name}", include_in_schema=False)
@router.get(RENDERS + "/{name}", summary="A finished video")
async def render_file(request: Request, name: str) -> FileResponse:
    """The bytes of an export."""
    return await run_in_threadpool(_render_file, service_of(request), request, name)


def _render_file(service: Service, request: Request, name: str) -> FileResponse:
    check_signature(service, request)
    with service.database.read() as session:
        render = render_by_key(session, name.removesuffix(".mp4"))
    if render is None or render.blob is None:
        raise _nothing()
    return serve(service, render.blob, "video/mp4", f"{render.id}.mp4")


@router.get(POSTERS + "/{name}", include_in_schema=False)
async def poster_file(request: Request, name: str) -> FileResponse:
    """A small picture of a file or a video: for pages."""
    return await run_in_threadpool(_poster_file, service_of(request), request, name)


def _poster_file(service: Service, request: Request, name: str) -> FileResponse:
    check_signature(service, request)
    key = name.removesuffix(".jpg")
    with service.database.read() as session:
        found = asset_by_key(session, key) or render_by_key(session, key)
    if found is None or found.poster is None:
        raise _nothing()
    return serve(service, found.poster, "image/jpeg", "poster.jpg")


def poster_url(service: Service, row: Asset | Render) -> str:
    """The path of a small picture of a file or a video, signed; empty where there is none."""
    path = f"{POSTERS}/{row.key}.jpg"
    return f"{path}?{service.signer.sign(path)}" if row.poster else ""


def check_signature(service: Service, request: Request) -> None:
    """Refuse a URL that was not signed here, or has expired.

    Raises:
        NoSuchObject: so it is.
    """
    path = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    if not service.signer.is_good(path, request.query_params.get("e", ""), request.query_params.get("s", "")):
        raise NoSuchObject("This link is not valid, or has expired: ask for the state again.")


def serve(service: Service, ref: str, content_type: str, filename: str, *, attached: bool = False) -> FileResponse:
    """The bytes of a blob, with ranges.

    Raises:
        NoSuchObject: it is not there any more.
    """
    try:
        path = service.blobs.local_path(ref)
    except FileNotFoundError as error:
        raise _nothing() from error
    return FileResponse(
        path,
        media_type=content_type,
        filename=filename,
        content_disposition_type="attachment" if attached else "inline",
        headers={"Cache-Control": f"private, max-age={AGE_S}"},
    )


def _nothing() -> NoSuchObject:
    return NoSuchObject("There is no such file, or not any more.")
