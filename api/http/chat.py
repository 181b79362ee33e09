"""Talking: a message in, the events of its turn out, as they come."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, Field
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.editing.sources import outward
from api.editing.tools import error_body
from api.editing.turn import take_turn
from api.http.adk import MODES, Mode, frames, heartbeat, progress_frame
from api.http.bodies import body_schema, read_body
from api.http.lanes import TURNS
from api.http.requests import APP, Writes, base_url, service_of, was
from api.ops.metrics import count_error
from api.service import Service
from api.store.assets import assets_of
from api.store.clock import now_ms
from api.store.rows import Job, Turn
from api.store.tokens import Holder
from api.store.turns import Body, events_after
from engine.core.errors import BadRequest, Malformed, NoSuchObject, NoSuchSession, NotEnoughCredits, ServiceError
from engine.core.settings import ChoiceSetting, Setting

LOG = logging.getLogger("multiplane.http")

router = APIRouter(tags=["chat"])

HEARTBEAT = Setting("MULTIPLANE_HEARTBEAT_S", 10, "s", 0.1, 60, "silence of a stream before it shows that it lives")

PROGRESS = Setting("MULTIPLANE_PROGRESS_S", 5, "s", 0.1, 60, "how often a stream says how far a generation is")

LONGEST_STREAM = Setting(
    "MULTIPLANE_STREAM_S", 840, "s", 1, 3600, "longest stream; clients give up after 900 s. The work goes on"
)

STILL = Setting(
    "MULTIPLANE_STILL_S", 60, "s", 0.1, 600,
    "longest time without an event of a generation that waits or gets no further; clients give up after 600 s",
)  # fmt: skip

SSE = ChoiceSetting("MULTIPLANE_SSE", "default", MODES, "form of the events; ?sse= of a request wins")

LOOK_S = (0.05, 0.5)
"""Seconds between looks for new events: after one, and when there was none for a while. Each asks the database."""

BROKEN = "INTERNAL"
"""The code of the event that ends a stream which we fail to read."""

LAST = 9999
"""The number of that event: behind all of its turn."""

WAITING = "waiting"
"""The stage of a generation that no worker has taken yet."""


class Part(BaseModel):
    """A part of a message; only words are read."""

    text: str | None = None


class Content(BaseModel):
    """A message."""

    role: str | None = None
    parts: list[Part] = Field(min_length=1)


class RunBody(BaseModel):
    """A message for a session, in snake or camel case."""

    app_name: str = Field(APP, validation_alias=AliasChoices("app_name", "appName"))
    user_id: str | None = Field(None, validation_alias=AliasChoices("user_id", "userId"))
    session_id: str = Field(validation_alias=AliasChoices("session_id", "sessionId"))
    new_message: Content = Field(validation_alias=AliasChoices("new_message", "newMessage"))
    streaming: bool = False


EXAMPLE = {
    "app_name": APP,
    "user_id": "me",
    "session_id": "5529798706024415232",
    "new_message": {"parts": [{"text": "animate this photo with a slow zoom"}]},
}


@router.post(
    "/run_sse",
    summary="Send a message",
    openapi_extra=body_schema(RunBody, one=EXAMPLE),
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The turn's events; the end closes it."}},
)
async def run_sse(request: Request, holder: Writes) -> StreamingResponse:
    """Take a turn. The work goes on when the connection drops; the result is then in the state."""
    mode = _mode(request)
    body = await read_body(request, RunBody)
    turn_id = await _begin(request, holder, body)
    service = service_of(request)
    return StreamingResponse(
        _stream(service, turn_id, mode, base_url(request), streaming=body.streaming),
        media_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


async def _begin(request: Request, holder: Holder, body: RunBody) -> str:
    if body.app_name != APP:
        raise NoSuchObject("There is no such agent.", data={"detail": f"Agent not found: {body.app_name[:80]}"})
    known = (None, "", "me", holder.user_id)
    if body.user_id not in known and not await run_in_threadpool(was, service_of(request), holder, str(body.user_id)):
        raise NoSuchSession("Session not found.", data={"detail": f"Session not found: {body.session_id[:80]}"})
    text = "\n".join(part.text for part in body.new_message.parts if part.text)
    if not text.strip():
        raise Malformed("new_message.parts: there is no text in it.")
    try:
        return await TURNS.run(lambda: take_turn(service_of(request), holder, body.session_id, text))
    except NoSuchSession as error:
        raise NoSuchSession(error.message, data={"detail": f"Session not found: {body.session_id[:80]}"}) from error
    except NotEnoughCredits as error:
        raise _with_link(error, holder, base_url(request)) from error


def _with_link(error: NotEnoughCredits, holder: Holder, base: str) -> NotEnoughCredits:
    """The error with where to get more credits: an anonymous user keeps what it has."""
    is_anonymous = holder.kind == "anonymous"
    link = f"{base}/register?bind={holder.user_id}" if is_anonymous else f"{base}/dashboard/billing"
    data = {**(error.data or {}), "registration_url": link if is_anonymous else f"{base}/register", "top_up_url": link}
    if is_anonymous:
        data["bind_id"] = holder.user_id
    return NotEnoughCredits(error.message, data=data)


def _mode(request: Request) -> Mode:
    wanted = request.query_params.get("sse") or SSE.value()
    for mode in MODES:
        if wanted == mode:
            return mode
    raise BadRequest(f"sse must be one of {', '.join(MODES)}.")


async def _stream(service: Service, turn_id: str, mode: Mode, base: str, *, streaming: bool) -> AsyncIterator[bytes]:
    """The events of a turn, and an event that says so where we fail to read them: a stream never just breaks off."""
    try:
        async for piece in _pieces(service, turn_id, mode, base, streaming=streaming):
            yield piece
    except Exception:
        # Whatever it is, the status 200 has been sent: a client learns of it here or nowhere.
        LOG.exception("a stream failed")
        count_error(ServiceError.number)
        sentence = "The answer could not be read to its end. The work goes on: ask for the state in a while."
        for piece in frames(error_body(BROKEN, sentence), turn_id, LAST, now_ms(), mode, streaming=False):
            yield piece


async def _pieces(service: Service, turn_id: str, mode: Mode, base: str, *, streaming: bool) -> AsyncIterator[bytes]:
    """The events of a turn until it is over, and signs of life between them."""
    began = spoke = told = moved = time.monotonic()
    seen, shown, number, pause = -1, -1.0, 0, LOOK_S[0]
    while True:
        news, over = await run_in_threadpool(_news, service, turn_id, seen, base)
        for seq, body, when in news:
            for piece in frames(body, turn_id, seq, when, mode, streaming=streaming):
                yield piece
            seen, spoke, moved, pause = seq, time.monotonic(), time.monotonic(), LOOK_S[0]
        now = time.monotonic()
        if over or now - began > LONGEST_STREAM.value():
            return
        if now - told > min(PROGRESS.value(), STILL.value()):
            told = now
            share, stage = await run_in_threadpool(_progress, service, turn_id)
            if share > shown or now - moved > STILL.value():
                shown, spoke, moved, number = max(share, shown), now, now, number + 1
                yield progress_frame(turn_id, number, max(shown, 0.0), stage, mode)
        if now - spoke > HEARTBEAT.value():
            spoke = now
            yield heartbeat(mode)
        await asyncio.sleep(min(pause, HEARTBEAT.value() / 2))
        pause = min(LOOK_S[1], pause * 1.2)


def _news(service: Service, turn_id: str, seen: int, base: str) -> tuple[list[tuple[int, Body, int]], bool]:
    """The events behind one, with drafts as clients see them."""
    with service.database.read() as session:
        news, over = events_after(session, turn_id, seen)
        if any("draft" in body.get("delta", {}) for _, body, _ in news):
            turn = session.get_one(Turn, turn_id)
            assets = {asset.id: asset for asset in assets_of(session, turn.session_id)}
            for _, body, _ in news:
                if "draft" in body.get("delta", {}):
                    body["delta"]["draft"] = outward(body["delta"]["draft"], assets, base, service.signer)
    return news, over


def _progress(service: Service, turn_id: str) -> tuple[float, str]:
    """How far a turn's generation is, 0 to 1 (below 0 while it waits), and what is being done."""
    with service.database.read() as session:
        row: Any = session.execute(
            select(Job.progress, Job.stage).where(Job.turn_id == turn_id, Job.state == "running")
        ).first()
        return (-1.0, WAITING) if row is None else (float(row[0]), str(row[1]))
