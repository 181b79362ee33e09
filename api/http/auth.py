"""Anonymous tokens and claim tokens."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.bodies import body_schema, read_body
from api.http.envelope import envelope
from api.http.requests import Writes, address_of, rates_of, service_of
from api.service import ACCOUNTS, Service
from api.store.anonymous import Issued, issue_anonymous
from api.store.clock import DAY, SECOND
from api.store.projects import own_session
from api.store.tokens import CLAIM_DAYS, create_claim
from engine.core.errors import NoSuchSession, NotAuthenticated

router = APIRouter(tags=["auth"])


class ClaimBody(BaseModel):
    """What a claim token is asked for."""

    task_id: str
    session_id: str


@router.post("/api/auth/anonymous-token", summary="A token for whoever asks")
async def anonymous_token(request: Request) -> dict[str, Any]:
    """100 free credits and a token of seven days for a client, which names itself in ``X-Client-Id``."""
    if not ACCOUNTS.value():
        raise NotAuthenticated("This site has one shared token: ask its operator.")
    client = request.headers.get("x-client-id", "")
    address = address_of(request)
    rates_of(request).take("auth", address)
    issued = await run_in_threadpool(_issue, service_of(request), client, address)
    return envelope(
        {
            "token": issued.token,
            "user_id": issued.user_id,
            "bind_id": issued.user_id,
            "credits": issued.credits,
            "expires_at": issued.expires_at,
        }
    )


def _issue(service: Service, client: str, address: str) -> Issued:
    with service.database.write() as session:
        return issue_anonymous(session, client, address)


@router.post(
    "/api/auth/claim-token",
    summary="A link to a project",
    openapi_extra=body_schema(ClaimBody, one={"task_id": "task_7K2", "session_id": "5529798706024415232"}),
)
async def claim_token(request: Request, holder: Writes) -> dict[str, Any]:
    """A token for the page ``/workspace/claim?ct=...`` of one session; it opens nothing else.

    Its ``id`` can be revoked as that of any token.
    """
    body = await read_body(request, ClaimBody)
    claim_id, secret = await run_in_threadpool(_claim, service_of(request), holder.user_id, body)
    return envelope({"id": claim_id, "claim_token": secret, "expires_in": round(CLAIM_DAYS.value() * DAY / SECOND)})


def _claim(service: Service, user_id: str, body: ClaimBody) -> tuple[str, str]:
    with service.database.write() as session:
        row = own_session(session, user_id, body.session_id)
        if row.task_id != body.task_id:
            raise NoSuchSession("Session not found.")
        claim, secret = create_claim(session, user_id, row.id)
        return claim.id, secret
