"""The sweeper: forgets what is older than the site keeps, and removes blobs that no row refers to.

It never removes what a draft or a job may still need: a session that works is not old, assets go only with their
session, and a blob goes only when nothing names it and it has been known for longer than any upload or job lasts.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from api.store.blobs import BlobStore
from api.store.clock import DAY, SECOND, now_ms
from api.store.database import Database
from api.store.rows import Asset, Blob, EditSession, Job, Render, Turn
from engine.core.settings import Setting

KEEP_SESSIONS = Setting(
    "MULTIPLANE_KEEP_SESSIONS_DAYS", 90, "days", 0, 36_500, "sessions untouched for longer are removed; 0 keeps all"
)

KEEP_RENDERS = Setting(
    "MULTIPLANE_KEEP_RENDERS_DAYS", 30, "days", 0, 36_500, "videos older than that are removed; 0 keeps all"
)

GRACE_S = 24 * 60 * 60
"""Seconds that a blob without a reference is spared: an upload or a job may be about to name it."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was removed."""

    sessions: int = 0
    renders: int = 0
    blobs: int = 0
    bytes: int = 0


def sweep(database: Database, blobs: BlobStore, *, grace_s: float = GRACE_S) -> Swept:
    """Remove what is too old, and blobs that nothing names."""
    with database.write() as session:
        sessions = _sweep_sessions(session)
        renders = _sweep_renders(session)
    count = size = 0
    while True:
        with database.write() as session:
            # In the transaction nobody can begin to name a blob; its row goes first, then its file. A crash between
            # the two leaves a file without a row, which `adopt_strays` finds.
            found = session.execute(
                select(Blob.ref, Blob.size)
                .where(Blob.created_at < now_ms() - round(grace_s * SECOND), ~_is_named())
                .limit(BATCH)
            ).all()
            for ref, bytes_ in found:
                session.execute(delete(Blob).where(Blob.ref == ref))
                blobs.delete(ref)
                count, size = count + 1, size + bytes_
        if len(found) < BATCH:
            return Swept(sessions, renders, count, size)


def adopt_strays(database: Database, blobs: BlobStore) -> int:
    """Note blobs that no row knows (an upload was cut off before its row), so that they are swept in time; how many."""
    with database.read() as session:
        known = set(session.scalars(select(Blob.ref)))
    strays = [ref for ref in blobs.refs() if ref not in known]
    with database.write() as session:
        for ref in strays:
            if session.get(Blob, ref) is None:
                session.add(Blob(ref=ref, size=0, created_at=now_ms()))
    return len(strays)


def _is_named() -> ColumnElement[bool]:
    by_asset = exists().where(Asset.blob == Blob.ref, Asset.deleted_at.is_(None))
    by_render = exists().where(Render.blob == Blob.ref)
    return by_asset | by_render


def _sweep_sessions(session: Session) -> int:
    days = KEEP_SESSIONS.value()
    if not days:
        return 0
    works = exists().where(Job.session_id == EditSession.id, Job.state.in_(("queued", "running")))
    talks = exists().where(Turn.session_id == EditSession.id, Turn.state == "running")
    old = session.scalars(
        select(EditSession.id).where(
            EditSession.updated_at < now_ms() - round(days * DAY), EditSession.deleted_at.is_(None), ~works, ~talks
        )
    ).all()
    for session_id in old:
        now = now_ms()
        session.execute(update(EditSession).where(EditSession.id == session_id).values(deleted_at=now, history=None))
        session.execute(update(Asset).where(Asset.session_id == session_id).values(deleted_at=now))
    return len(old)


def _sweep_renders(session: Session) -> int:
    days = KEEP_RENDERS.value()
    if not days:
        return 0
    old = session.scalars(
        select(Render.id).where(Render.created_at < now_ms() - round(days * DAY), Render.blob.is_not(None))
    ).all()
    session.execute(update(Render).where(Render.id.in_(old)).values(blob=None))
    return len(old)
