"""Uploads: files in a form, or the addresses of files; the answer comes when a worker has looked into them.

The files are on disk, and a job about them is in the database, before anything is waited for: a client that goes away
finds them in the state.
"""

import asyncio
import json
import time
from typing import Any

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.bodies import parse_body
from api.http.envelope import envelope
from api.http.media import file_json
from api.http.requests import Uploads, base_url, check_path, service_of
from api.intake.kinds import judge
from api.intake.multipart import MAX_FILES, Received, received_files
from api.intake.site import FETCH_WORKERS
from api.ops.metrics import count_upload
from api.service import Service
from api.store.assets import check_room, know_blob
from api.store.jobs import ENDED, QUARANTINED, submit
from api.store.projects import own_session
from api.store.rows import Asset, Job
from engine.core.errors import (
    BadRequest,
    FileNotSupported,
    FileTooLarge,
    NoSuchSession,
    NotReady,
    ServiceError,
)
from engine.core.settings import Setting

router = APIRouter(tags=["files"])

WAIT = Setting(
    "MULTIPLANE_UPLOAD_WAIT_S", 300, "s", 1, 3600, "longest wait of an upload for a worker; the files are kept anyway"
)

LOOK_S = (0.02, 0.25)
"""Seconds between looks whether the job has ended: at first, and after a while."""

MAX_JSON = 1_000_000
"""Bytes of a list of addresses."""

REFUSALS: dict[str, type[ServiceError]] = {
    "too_large": FileTooLarge,
    "not_supported": FileNotSupported,
    "bad_request": BadRequest,
    "no_session": NoSuchSession,
}


class UrlsBody(BaseModel):
    """Addresses of files."""

    urls: list[str] = Field(min_length=1, validation_alias=AliasChoices("urls", "url"))
    source_type: str | None = None


FORM = {"type": "object", "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}}}

URLS = {
    "type": "object",
    "required": ["urls"],
    "properties": {"urls": {"type": "array", "items": {"type": "string"}}, "source_type": {"type": "string"}},
}

EXAMPLE = {"urls": ["https://example.com/pier.jpg"], "source_type": "url"}

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": FORM},
            "application/json": {"schema": URLS, "examples": {"one": {"value": EXAMPLE}}},
        },
    }
}


@router.post(
    "/api/upload-video/{app}/{user}/{session_id}", summary="Send files, or their addresses", openapi_extra=BODY
)
async def upload(request: Request, app: str, user: str, session_id: str, holder: Uploads) -> dict[str, Any]:
    """Photos, videos and sounds for a session: in a form as ``files``, or as ``{"urls": [...]}``."""
    await check_path(request, holder, app, user)
    service = service_of(request)
    await run_in_threadpool(_check_session, service, holder.user_id, session_id)
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        kind = request.headers["content-type"]
        async with received_files(kind, request.stream(), service.blobs.new_file) as files:
            if not files:
                raise BadRequest('The form holds no file: send it as the field "files".')
            job_id = await run_in_threadpool(_submit_files, service, holder.user_id, session_id, files)
    else:
        urls = await _urls(request)
        job_id = await run_in_threadpool(_submit_urls, service, holder.user_id, session_id, urls)
    return await _answer(service, job_id, base_url(request))


def _check_session(service: Service, user_id: str, session_id: str) -> None:
    with service.database.read() as session:
        own_session(session, user_id, session_id)


def _submit_files(service: Service, user_id: str, session_id: str, files: list[Received]) -> str:
    entries = []
    # Before anything is kept: what is refused at a glance, or has no room, must not fill the disk for a day.
    for file in files:
        count_upload(file.size)
        judge(file.path, file.name, file.declared)
    with service.database.read() as session:
        check_room(session, user_id, sum(file.size for file in files), files[0].name[:80])
    for file in files:
        ref, size = service.blobs.put(file.path, file.digest)
        entries.append({"blob": ref, "size": size, "name": file.name[:1000], "type": file.declared})
    with service.database.write() as session:
        own_session(session, user_id, session_id)
        for entry in entries:
            know_blob(session, str(entry["blob"]), int(str(entry["size"])))
        payload = {"session_id": session_id, "origin": "upload", "files": entries}
        return submit(session, "analyse", "light", user_id, payload, session_id=session_id, priority="interactive")


def _submit_urls(service: Service, user_id: str, session_id: str, urls: list[str]) -> str:
    with service.database.write() as session:
        own_session(session, user_id, session_id)
        payload = {"session_id": session_id, "origin": "url", "urls": urls}
        return submit(session, "fetch", "fetch", user_id, payload, session_id=session_id, priority="interactive")


async def _urls(request: Request) -> list[str]:
    if not FETCH_WORKERS.int_value():
        raise BadRequest("This site fetches no files by their addresses: send the files themselves.")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_JSON:
            raise BadRequest("The list of addresses is too long.")
    body = parse_body(_with_list(bytes(raw)), UrlsBody)
    if len(body.urls) > MAX_FILES.int_value():
        raise BadRequest(f"An upload may name {MAX_FILES.int_value()} addresses: send the rest in another one.")
    return body.urls


def _with_list(raw: bytes) -> bytes:
    """A body whose ``url`` or ``urls`` is one text, as some clients send it, with a list in its place."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    if isinstance(value, dict):
        value = {name: [each] if name in ("url", "urls") and isinstance(each, str) else each
                 for name, each in value.items()}  # fmt: skip
    return json.dumps(value).encode()


async def _answer(service: Service, job_id: str, base: str) -> dict[str, Any]:
    until = time.monotonic() + WAIT.value()
    pause = LOOK_S[0]
    while time.monotonic() < until:
        files = await run_in_threadpool(_look, service, job_id, base)
        if files is not None:
            first = files[0] if files else {}
            data = {"files": files, "uploaded_files": files, "session_state_applied": True}
            return {**envelope(data), "url": first.get("url")}
        await asyncio.sleep(pause)
        pause = min(LOOK_S[1], pause * 1.3)
    raise NotReady("The files are safe, and no worker has looked into them yet: ask for the state in a while.")


def _look(service: Service, job_id: str, base: str) -> list[dict[str, Any]] | None:
    """The new files; None while the job goes on."""
    with service.database.read() as session:
        job = session.get_one(Job, job_id)
        if job.state not in ENDED:
            return None
        if job.state != "succeeded":
            # What a look finds wrong with a file is refused below: a job that failed is no fault of the file's, unless
            # it took our workers down.
            kind = FileNotSupported if job.error == QUARANTINED else NotReady
            raise kind(job.error or "The files could not be looked into: send them again.")
        result = json.loads(job.result or "{}")
        if "refused" in result:
            refused = result["refused"]
            raise REFUSALS[refused["kind"]](refused["message"])
        found = [session.get_one(Asset, asset_id) for asset_id in result["assets"]]
        return [file_json(asset, base, service.signer) for asset in found]
