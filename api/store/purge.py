"""Forgets records that nobody asks for any more: old jobs, turns with their events, renders without a video, sessions
that were removed, tokens that are worth nothing. The books of credits are kept.

Rows go in small transactions, those that others refer to last, so that writers wait for a moment at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.store.clock import DAY, now_ms
from api.store.database import Database
from api.store.jobs import ENDED
from api.store.rows import Asset, EditSession, Event, Issue, Job, Render, Task, Token, Turn
from api.store.turns import RUNNING
from engine.core.settings import Setting

KEEP_RECORDS = Setting(
    "MULTIPLANE_KEEP_RECORDS_DAYS", 180, "days", 0, 36_500,
    "records of jobs, turns, removed sessions and worthless tokens older than that are deleted; 0 keeps all",
)  # fmt: skip

BATCH = 200
"""Rows that one transaction deletes."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were deleted."""

    turns: int = 0
    jobs: int = 0
    forgotten_sessions: int = 0
    tokens: int = 0


def purge(database: Database) -> Purged:
    """Delete what is older than the site keeps."""
    days = KEEP_RECORDS.value()
    if not days:
        return Purged()
    before = now_ms() - round(days * DAY)
    renders = select(Render.id).where(
        Render.blob.is_(None), exists().where(Job.id == Render.job_id, Job.state.in_(ENDED), Job.ended_at < before)
    )
    _in_batches(database, Render.id, renders)
    jobs = _in_batches(
        database,
        Job.id,
        select(Job.id).where(Job.state.in_(ENDED), Job.ended_at < before, ~exists().where(Render.job_id == Job.id)),
    )
    turns = _in_batches(
        database,
        Turn.id,
        select(Turn.id).where(Turn.state != RUNNING, Turn.ended_at < before, ~exists().where(Job.turn_id == Turn.id)),
        lambda session, ids: session.execute(delete(Event).where(Event.turn_id.in_(ids))),
    )
    is_used = or_(*(exists().where(each.session_id == EditSession.id) for each in (Job, Turn, Render, Asset)))
    sessions = _in_batches(
        database, EditSession.id, select(EditSession.id).where(EditSession.deleted_at < before, ~is_used)
    )
    _in_batches(
        database,
        Task.id,
        select(Task.id).where(Task.created_at < before, ~exists().where(EditSession.task_id == Task.id)),
    )
    is_worthless = or_(Token.revoked_at < before, and_(Token.expires_at.is_not(None), Token.expires_at < before))
    tokens = _in_batches(database, Token.id, select(Token.id).where(is_worthless))
    _in_batches(database, Issue.id, select(Issue.id).where(Issue.issued_at < before))
    return Purged(turns, jobs, sessions, tokens)


def _in_batches(
    database: Database,
    key: InstrumentedAttribute[Any],
    which: Select[Any],
    first: Callable[[Session, list[Any]], object] | None = None,
) -> int:
    """Delete the rows of a query by their keys; how many."""
    row: Any = key.class_
    count = 0
    while True:
        with database.write() as session:
            ids = list(session.scalars(which.limit(BATCH)))
            if not ids:
                return count
            if first is not None:
                first(session, ids)
            session.execute(delete(row).where(key.in_(ids)))
        count += len(ids)
