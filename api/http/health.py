"""Whether the service lives, whether it is ready, and its metrics."""

from collections.abc import Mapping

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.requests import address_of, service_of
from api.ops.figures import FIGURES
from api.ops.looking import may_look
from api.ops.metrics import CONTENT_TYPE, Sources, render_metrics
from api.ops.presence import present_slots
from api.service import Service
from api.store.rows import Entry, Job, Transfer
from engine.core.errors import NoSuchObject
from engine.version import VERSION

router = APIRouter(tags=["operation"])


@router.get("/health/live", summary="Whether the web process answers")
async def live() -> dict[str, str]:
    """Always ``ok``: an answer is the answer."""
    return {"status": "ok", "version": VERSION}


@router.get(
    "/health/ready",
    summary="Whether work is done",
    responses={503: {"description": "No worker is there, or the database does not answer."}},
)
async def ready(request: Request) -> JSONResponse:
    """``ok`` when the database answers and workers take jobs."""
    service = service_of(request)
    problems = await run_in_threadpool(_problems, service)
    body: dict[str, object] = {"status": "unready" if problems else "ok", "problems": problems}
    return JSONResponse(body, 503 if problems else 200, {"Retry-After": "5"} if problems else None)


def _problems(service: Service) -> list[str]:
    found = []
    slots = present_slots(service.folder)
    if not any(slot.startswith(("cpu-", "gpu-")) for slot in slots):
        found.append("no worker renders")
    if not any(slot.startswith("light-") for slot in slots):
        found.append("no worker looks into uploads")
    try:
        with service.database.read() as session:
            session.execute(select(1))
    except SQLAlchemyError:
        found.append("the database does not answer")
    return found


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text form."}},
)
async def metrics(request: Request) -> Response:
    """Queue, waits, stages, speed of encoding, credits, errors, requests. For chosen networks only."""
    if not may_look(address_of(request)):
        raise NoSuchObject("There is nothing at this address.")
    service = service_of(request)
    sources = Sources(lambda: _queue(service), lambda: _credits(service), service.folder / FIGURES)
    return Response(await run_in_threadpool(render_metrics, sources), media_type=CONTENT_TYPE)


def _queue(service: Service) -> Mapping[tuple[str, str], int]:
    with service.database.read() as session:
        rows = session.execute(select(Job.state, Job.lane, func.count()).group_by(Job.state, Job.lane))
        return {(state, lane): count for state, lane, count in rows}


def _credits(service: Service) -> Mapping[str, float]:
    with service.database.read() as session:
        rows = session.execute(
            select(Transfer.slot, func.sum(Entry.amount))
            .join(Entry, Entry.transfer_id == Transfer.id)
            .where(Entry.amount > 0)
            .group_by(Transfer.slot)
        )
        return {slot: float(amount) for slot, amount in rows}
