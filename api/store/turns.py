"""Turns of a conversation, and what each has to say, in order: kept, so that no dropped connection loses any of it.

The body of an event is JSON: ``{"kind": "text", "text": ...}``, ``{"kind": "call", "id", "name", "args"}``, ``{"kind":
"result", "id", "name", "response", "delta"}`` or ``{"kind": "error", "code", "message", "text"}``. The wire's own form
is made of it by whoever speaks the wire.
"""

import json
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.rows import Event, Turn
from engine.core.errors import SessionBusy

RUNNING = "running"

Body = dict[str, Any]


def begin_turn(session: Session, session_id: str, user_id: str, text: str) -> Turn:
    """A new turn; a session has one that runs at most.

    Raises:
        SessionBusy: one is running.
    """
    running = session.scalar(select(Turn.id).where(Turn.session_id == session_id, Turn.state == RUNNING))
    if running is not None:
        raise _busy()
    row = Turn(
        id=new_id("e-", 16), session_id=session_id, user_id=user_id, text=text, state=RUNNING, created_at=now_ms()
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise _busy() from error
    return row


def say(session: Session, turn_id: str, *bodies: Body) -> None:
    """Add events to a turn."""
    # Who speaks at the same time waits: numbers are given once, and readers that follow them miss none.
    session.execute(select(Turn.id).where(Turn.id == turn_id).with_for_update(key_share=True))
    last = session.scalar(select(func.max(Event.seq)).where(Event.turn_id == turn_id))
    first = 0 if last is None else last + 1
    now = now_ms()
    rows = [
        {"turn_id": turn_id, "seq": seq, "body": json.dumps(body, ensure_ascii=False), "created_at": now}
        for seq, body in enumerate(bodies, first)
    ]
    if rows:
        session.execute(insert(Event), rows)


def end_turn(session: Session, turn_id: str, state: str = "done") -> None:
    """A turn has nothing more to say; ``state`` is ``done`` or ``failed``."""
    row = session.get_one(Turn, turn_id)
    if row.state == RUNNING:
        row.state, row.ended_at = state, now_ms()


def events_after(session: Session, turn_id: str, seq: int) -> tuple[list[tuple[int, Body, int]], bool]:
    """The events of a turn behind one (-1: all), each with number, body and time in ms; and whether it is over."""
    state = session.scalar(select(Turn.state).where(Turn.id == turn_id))
    rows = session.execute(
        select(Event.seq, Event.body, Event.created_at)
        .where(Event.turn_id == turn_id, Event.seq > seq)
        .order_by(Event.seq)
    )
    return [(number, json.loads(body), when) for number, body, when in rows], state != RUNNING


def _busy() -> SessionBusy:
    return SessionBusy("session busy")
