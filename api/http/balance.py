"""What a user has to spend."""

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.envelope import envelope
from api.http.requests import Reads, service_of
from api.service import Service
from api.store.ledger import UNLIMITED, Credits, balance_of
from api.store.tokens import Holder

router = APIRouter(tags=["credits"])

UNLIMITED_AMOUNT = 1_000_000_000
"""What a site without accounts says that it has."""


@router.get("/api/credits/balance/simple", summary="The balance")
async def balance(request: Request, holder: Reads) -> dict[str, Any]:
    """``total`` is ``available`` and ``frozen``; frozen is what work in progress has reserved."""
    held = await run_in_threadpool(_balance, service_of(request), holder)
    return envelope({"available": held.available, "frozen": held.frozen, "total": held.total})


def _balance(service: Service, holder: Holder) -> Credits:
    if holder.kind == UNLIMITED:
        return Credits(UNLIMITED_AMOUNT, 0)
    with service.database.read() as session:
        return balance_of(session, holder.user_id)
