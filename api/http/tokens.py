"""Tokens that a user makes for programs."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.bodies import body_schema, read_body
from api.http.envelope import envelope
from api.http.requests import Reads, Writes, service_of
from api.service import Service
from api.store.rows import Token
from api.store.tokens import Holder, create_token, list_tokens, revoke, token_json

router = APIRouter(tags=["tokens"])


class TokenBody(BaseModel):
    """What a token shall be."""

    name: str = Field("", max_length=200)
    scopes: list[str] = ["*"]
    expires_in_days: float | None = 90


@router.post(
    "/api/tokens",
    summary="Make a token",
    openapi_extra=body_schema(TokenBody, one={"name": "batch", "scopes": ["read", "render"], "expires_in_days": 30}),
)
async def make(request: Request, holder: Writes) -> dict[str, Any]:
    """A new token, which is shown this once. It may not do more than the token that asks for it."""
    body = await read_body(request, TokenBody)
    for scope in body.scopes:
        holder.need(scope)
    return envelope(await run_in_threadpool(_make, service_of(request), holder, body))


def _make(service: Service, holder: Holder, body: TokenBody) -> dict[str, object]:
    with service.database.write() as session:
        row, secret = create_token(session, holder.user_id, body.name, body.scopes, body.expires_in_days)
        parent = session.get(Token, holder.token_id)
        if parent is not None and parent.expires_at is not None:
            # A token that ends makes none that goes on.
            row.expires_at = min(row.expires_at or parent.expires_at, parent.expires_at)
        return {**token_json(row), "token": secret}


@router.get("/api/tokens", summary="List tokens")
async def listed(request: Request, holder: Reads) -> dict[str, Any]:
    """The tokens of a user, without their secrets."""
    return envelope({"tokens": await run_in_threadpool(_listed, service_of(request), holder.user_id)})


def _listed(service: Service, user_id: str) -> list[dict[str, object]]:
    with service.database.read() as session:
        return [token_json(row) for row in list_tokens(session, user_id)]


@router.post("/api/tokens/{token_id}/revoke", summary="Make a token worthless")
async def revoked(request: Request, token_id: str, holder: Writes) -> dict[str, Any]:
    """From now on nobody can use it."""
    await run_in_threadpool(_revoke, service_of(request), holder.user_id, token_id)
    return envelope({"id": token_id, "revoked": True})


def _revoke(service: Service, user_id: str, token_id: str) -> None:
    with service.database.write() as session:
        revoke(session, user_id, token_id)
