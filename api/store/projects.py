"""Projects and their sessions: a conversation about one draft, kept between requests."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id, session_id
from api.store.owners import lock_owner
from api.store.rows import EditSession, Task
from engine.core.errors import NoSuchSession
from engine.timeline import Draft, History, read_history, write_history
from pipelines.director import Conversation
from pipelines.director.memory import Memory

LONGEST_NAME = 200

LONGEST_LANGUAGE = 16

EMPTY = Draft()
"""What a session begins with."""


def create_project(session: Session, user_id: str, name: str, language: str) -> EditSession:
    """A new project with one session."""
    user_id = lock_owner(session, user_id)
    now = now_ms()
    task = Task(id=new_id("task_", 8), user_id=user_id, name=name[:LONGEST_NAME], created_at=now)
    session.add(task)
    session.flush()
    row = EditSession(
        id=session_id(), task_id=task.id, user_id=user_id, language=language[:LONGEST_LANGUAGE], memory="{}",
        version=0, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def own_session(session: Session, user_id: str, wanted: str, *, lock: bool = False) -> EditSession:
    """A session of a user.

    Raises:
        NoSuchSession: there is none, or it is somebody else's: the answer is the same.
    """
    row = session.get(EditSession, wanted, with_for_update={"key_share": True} if lock else None)
    if row is None or row.user_id != user_id or row.deleted_at is not None:
        raise NoSuchSession("Session not found.")
    return row


def sessions_of(session: Session, user_id: str) -> Sequence[EditSession]:
    """All sessions of a user, those that were touched last first."""
    return session.scalars(
        select(EditSession)
        .where(EditSession.user_id == user_id, EditSession.deleted_at.is_(None))
        .order_by(EditSession.updated_at.desc(), EditSession.id)
    ).all()


def read_conversation(row: EditSession) -> Conversation:
    """What a session has come to."""
    history = History(EMPTY) if row.history is None else read_history(json.loads(row.history))
    known: dict[str, Any] = json.loads(row.memory)
    memory = Memory()
    for name in {each.name for each in fields(Memory)} & known.keys():
        value = known[name]
        setattr(memory, name, tuple(value) if isinstance(value, list) else value)
    return Conversation(history, memory)


def write_conversation(row: EditSession, conversation: Conversation) -> None:
    """Keep what a session has come to; its version grows where the draft is another."""
    text = history_text(conversation.history)
    if text != (row.history or history_text(History(EMPTY))):
        row.history = text
        touch(row)
    row.memory = json.dumps(asdict(conversation.memory), ensure_ascii=False)


def history_text(history: History) -> str:
    """How a row holds a history."""
    return json.dumps(write_history(history), ensure_ascii=False, separators=(",", ":"))


def touch(row: EditSession) -> None:
    """Say that something of a session is other than before."""
    row.version += 1
    row.updated_at = now_ms()
