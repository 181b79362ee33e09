"""Exports: submit, poll, download, cancel, under the current and the older addresses."""

import json
from math import ceil
from typing import Any

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse

from api.editing.export import export
from api.http.bodies import body_schema, read_body
from api.http.files import RENDERS, serve
from api.http.requests import Exports, Reads, base_url, service_of
from api.service import Service
from api.store.jobs import request_cancel
from api.store.renders import own_render
from api.store.rows import Blob, Job, Render
from api.store.tokens import Holder
from engine.core.errors import DuplicateId, NoSuchObject, NotFinished, PlanBlocked, ScopeMissing

router = APIRouter(tags=["renders"])

SKILL_HEADERS = ("X-Skill-Source", "X-Skill-Version", "X-Skill-Platform")
"""Headers of a skill that says who it is: all three lift the plan's gate."""

STATUS = {
    "queued": "pending",
    "running": "processing",
    "succeeded": "completed",
    "failed": "failed",
    "cancelled": "failed",
}
"""States of a job as the protocol calls them."""

BEGUN = 5
"""Percent that a job that waits is said to have done, as the hosted service does."""

ALMOST = 99
"""Percent that a job that is not finished has done at most."""


class RenderBody(BaseModel):
    """An order: the draft of the state, maybe changed, and how it shall be encoded."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=200, pattern=r"^[^/\\?#%\x00-\x20\x7f]+$")
    session_id: str | None = Field(None, validation_alias=AliasChoices("sessionId", "session_id"))
    draft: dict[str, Any] | str | None = None
    output: dict[str, Any] | None = None


EXAMPLE = {
    "id": "render_1774000000",
    "sessionId": "5529798706024415232",
    "draft": {"d": 5000, "t": [{"tt": 0, "sg": [{"s": 0, "d": 5000, "src": "https://host/files/k/pier.jpg"}]}]},
    "output": {"format": "mp4", "quality": "high"},
}

OUTPUT_MEMBERS = ("format", "quality", "resolution", "fps", "codec", "crf")


@router.post("/api/render/proxy/lambda", summary="Order an export", openapi_extra=body_schema(RenderBody, one=EXAMPLE))
@router.post("/api/render/proxy/draft", summary="Order an export (older address)", include_in_schema=False)
async def submit(request: Request, holder: Exports) -> dict[str, Any]:
    """Render the draft that is sent. Free of charge; free plans need the three ``X-Skill-*`` headers."""
    allow(request, holder)
    body = await read_body(request, RenderBody)
    output = {name: value for name, value in (body.output or {}).items() if name in OUTPUT_MEMBERS}
    return await run_in_threadpool(_submit, service_of(request), holder, body, output, base_url(request))


def allow(request: Request, holder: Holder) -> None:
    """Refuse an export that the token or the plan does not allow.

    Raises:
        ScopeMissing: the token may not export, and no skill asks.
        PlanBlocked: the plan is free, and no skill asks.
    """
    missing = [name for name in SKILL_HEADERS if not request.headers.get(name, "").strip()]
    may = holder.may("render")
    # A token that a user made without the right to export has not got it by any header.
    if not may and (not holder.may("write") or (missing and holder.kind != "anonymous")):
        raise ScopeMissing("This token may not export: it needs the scope render.", data={"required_scope": "render"})
    if missing and holder.plan != "paid":
        raise PlanBlocked(
            "Free plan export blocked. Register or upgrade your plan to unlock export.",
            data={"reason": "plan", "missing_headers": missing},
        )


def _submit(service: Service, holder: Holder, body: RenderBody, output: dict[str, Any], base: str) -> dict[str, Any]:
    with service.database.write() as session:
        try:
            row, job = export(session, holder.user_id, body.id, body.session_id, body.draft, output)
        except DuplicateId as error:
            raise DuplicateId(error.message, data={"id": body.id}) from error
        return render_json(service, row, job, None, base)


@router.get("/api/render/proxy/lambda/{render_id}", summary="How far an export is")
@router.get("/api/render/proxy/{render_id}", summary="How far an export is (older address)", include_in_schema=False)
async def poll(request: Request, render_id: str, holder: Reads) -> dict[str, Any]:
    """``pending``, ``processing``, ``completed`` or ``failed``; that an export failed is no error of the request."""
    return await run_in_threadpool(_poll, service_of(request), holder.user_id, render_id, base_url(request))


def _poll(service: Service, user_id: str, render_id: str, base: str) -> dict[str, Any]:
    with service.database.read() as session:
        row, job = own_render(session, user_id, render_id)
        blob = session.get(Blob, row.blob) if row.blob else None
        return render_json(service, row, job, blob, base)


@router.get("/api/render/proxy/{render_id}/download", summary="The video of an export", response_class=FileResponse)
async def download(request: Request, render_id: str, holder: Reads) -> FileResponse:
    """The bytes themselves, never a redirect."""
    return await run_in_threadpool(_download, service_of(request), holder.user_id, render_id)


def _download(service: Service, user_id: str, render_id: str) -> FileResponse:
    with service.database.read() as session:
        row, job = own_render(session, user_id, render_id)
        status, ref = STATUS[job.state], row.blob
    if status == "failed":
        raise NoSuchObject("This render failed: there is no video.", data={"status": status})
    if status != "completed":
        raise NotFinished("This render is not finished.", data={"status": status})
    if ref is None:
        raise NoSuchObject("This video is older than the site keeps: render it again.", data={"status": status})
    return serve(service, ref, "video/mp4", f"{render_id}.mp4", attached=True)


@router.post("/api/render/proxy/lambda/{render_id}/cancel", summary="Stop an export")
async def cancel(request: Request, render_id: str, holder: Exports) -> dict[str, Any]:
    """One that waits or runs ends as ``failed``, with the error ``cancelled``; one that has ended stays as it is."""
    if not holder.may("render"):
        holder.need("write")
    return await run_in_threadpool(_cancel, service_of(request), holder.user_id, render_id, base_url(request))


def _cancel(service: Service, user_id: str, render_id: str, base: str) -> dict[str, Any]:
    with service.database.write() as session:
        row, job = own_render(session, user_id, render_id)
        request_cancel(session, job.id)
        session.flush()
        blob = session.get(Blob, row.blob) if row.blob else None
        return render_json(service, row, job, blob, base)


def render_json(service: Service, row: Render, job: Job, blob: Blob | None, base: str) -> dict[str, Any]:
    """An export in all the shapes that clients read at once."""
    status = STATUS[job.state]
    if job.cancel_requested and status == "processing":
        status = "failed"
    percent = {"completed": 100, "pending": BEGUN}.get(status, min(BEGUN + ceil((100 - BEGUN) * job.progress), ALMOST))
    error = (job.error or "cancelled") if status == "failed" else None
    body: dict[str, Any] = {
        "id": row.id,
        "status": status,
        "progress": percent,
        "outputUrl": None,
        "output": None,
        "createdAt": row.created_at,
        "completedAt": job.ended_at,
        "error": error,
    }
    if status == "completed" and blob is not None:
        path = f"{RENDERS}/{row.key}.mp4"
        url = f"{base}{path}?{service.signer.sign(path)}"
        body |= {"outputUrl": url, "output": {"url": url, "size": blob.size, "format": "mp4", **_facts(job)}}
    more = {"taskId": row.id, "render_id": row.id}
    return {**body, **more, "code": 0, "success": True, "message": "success", "data": body | more}


def _facts(job: Job) -> dict[str, Any]:

    result = json.loads(job.result or "{}")
    return {name: result[name] for name in ("duration", "width", "height", "fps", "notes") if name in result}
