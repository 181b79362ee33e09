"""The sweeper: forgets what is older than the site keeps, and removes blobs that nothing names.

It never removes what somebody may still need. A session is not old while it works, talks or has a link that is good.
Its files go after it, unless the draft of any session (all of its history counts, so that undo works) or a job that is
to be done names them. A blob goes when no file, no video, no draft and no such job names it, and it has been so for
longer than any upload lasts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.store.assets import GENERATED, know_blob
from api.store.blobs import BlobStore
from api.store.clock import DAY, SECOND, now_ms
from api.store.database import Database
from api.store.rows import Asset, Blob, EditSession, Job, Render, Token, Turn
from api.store.turns import RUNNING
from engine.core.settings import Setting

KEEP_SESSIONS = Setting(
    "MULTIPLANE_KEEP_SESSIONS_DAYS", 90, "days", 0, 36_500, "sessions untouched for longer are removed; 0 keeps all"
)

KEEP_RENDERS = Setting(
    "MULTIPLANE_KEEP_RENDERS_DAYS", 30, "days", 0, 36_500, "videos older than that are removed; 0 keeps all"
)

KEEP_UPLOADS = Setting(
    "MULTIPLANE_KEEP_UPLOADS_DAYS", 0, "days", 0, 36_500,
    "uploads older than that which no draft names are removed; 0 keeps them as long as their session",
)  # fmt: skip

GRACE_S = 24 * 60 * 60
"""Seconds that a blob without a reference is spared: an upload or a job may be about to name it."""

BATCH = 500

ACTIVE = ("queued", "running")
"""States of jobs that are to be done."""

_NAME = re.compile(r"(?:f_)?[0-9a-f]{16,64}")
"""The form of ids of files, keys of their URLs and names of blobs, wherever in a text of JSON they stand."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was removed."""

    sessions: int = 0
    renders: int = 0
    blobs: int = 0
    bytes: int = 0


def sweep(database: Database, blobs: BlobStore, *, grace_s: float = GRACE_S) -> Swept:
    """Remove what is too old, and blobs that nothing names."""
    before = now_ms() - round(grace_s * SECOND)
    with database.write() as session:
        sessions = _sweep_sessions(session)
        renders = _sweep_renders(session)
    # All drafts are read outside of any writing transaction: nobody waits for it. What begins to be named later can
    # only be a file that is there, and such a file keeps its blob.
    with database.read() as session:
        named = _named(session)
        orphans = _orphans(session, named)
        kept = _blobs_of(session, named)
        candidates = list(session.scalars(select(Blob.ref).where(Blob.created_at < before, ~_is_held(before))))
    for batch in _batches(orphans):
        with database.write() as session:
            session.execute(update(Asset).where(Asset.id.in_(batch)).values(deleted_at=now_ms()))
    count = size = 0
    for batch in _batches([ref for ref in candidates if ref not in kept]):
        # The rows go first, then the files: a crash between the two leaves files without rows, which
        # `adopt_strays` finds.
        with database.write() as session:
            gone = _forget_blobs(session, batch, before)
        for ref, bytes_ in gone:
            blobs.delete_old(ref, before)
            count, size = count + 1, size + bytes_
    blobs.delete_parts(before)
    return Swept(sessions, renders, count, size)


def adopt_strays(database: Database, blobs: BlobStore) -> int:
    """Note blobs that no row knows (an upload was cut off before its row), so that they are swept in time; how many."""
    with database.read() as session:
        known = set(session.scalars(select(Blob.ref)))
    strays = [ref for ref in blobs.refs() if ref not in known]
    count = 0
    for ref in strays:
        try:
            size = blobs.size(ref)
        except FileNotFoundError:
            continue
        with database.write() as session:
            if session.get(Blob, ref) is None:
                know_blob(session, ref, size)
                count += 1
    return count


def _batches(found: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def _named(session: Session) -> set[str]:
    """Whatever may name a file or a blob in the drafts of all sessions and in the jobs that are to be done."""
    texts = (
        select(EditSession.history).where(EditSession.deleted_at.is_(None), EditSession.history.is_not(None)),
        select(Job.payload).where(Job.state.in_(ACTIVE)),
    )
    found: set[str] = set()
    for query in texts:
        for text in session.scalars(query.execution_options(yield_per=BATCH)):
            found.update(_NAME.findall(text or ""))
    return found


def _orphans(session: Session, named: set[str]) -> list[str]:
    """Files of sessions that are gone, and uploads that are too old, which nothing names."""
    may_go: ColumnElement[bool] = EditSession.deleted_at.is_not(None)
    days = KEEP_UPLOADS.value()
    if days:
        may_go = or_(may_go, and_(Asset.origin != GENERATED, Asset.created_at < now_ms() - round(days * DAY)))
    rows = session.execute(
        select(Asset.id, Asset.key, Asset.blob)
        .join(EditSession, EditSession.id == Asset.session_id)
        .where(may_go, Asset.deleted_at.is_(None))
    )
    return [asset_id for asset_id, key, blob in rows if named.isdisjoint((asset_id, key, blob))]


def _blobs_of(session: Session, named: set[str]) -> set[str]:
    """The blobs that are named, by themselves or through a file that has been removed."""
    gone = session.execute(select(Asset.id, Asset.key, Asset.blob).where(Asset.deleted_at.is_not(None)))
    return named | {blob for asset_id, key, blob in gone if asset_id in named or key in named}


def _is_held(before: int) -> ColumnElement[bool]:
    """Whether a file or a video has the blob; a file that was just removed has it still."""
    is_kept = or_(Asset.deleted_at.is_(None), Asset.deleted_at >= before)
    # One question a column: over two at once, the database would read the whole table.
    by_asset = (exists().where(column == Blob.ref, is_kept) for column in (Asset.blob, Asset.poster))
    by_render = (exists().where(column == Blob.ref) for column in (Render.blob, Render.poster))
    return or_(*by_asset, *by_render)


def _forget_blobs(session: Session, refs: list[str], before: int) -> list[tuple[str, int]]:
    """Delete the rows of blobs that may go, looked at once more and locked; those that did, and their sizes."""
    is_free = and_(Blob.ref.in_(refs), Blob.created_at < before, ~_is_held(before))
    found = session.execute(select(Blob.ref, Blob.size).where(is_free).with_for_update(of=Blob)).all()
    free = [ref for ref, _ in found]
    session.execute(delete(Asset).where(Asset.blob.in_(free), Asset.deleted_at < before))
    session.execute(delete(Blob).where(Blob.ref.in_(free)))
    return [(ref, size) for ref, size in found]


def _sweep_sessions(session: Session) -> int:
    days = KEEP_SESSIONS.value()
    if not days:
        return 0
    now = now_ms()
    works = exists().where(Job.session_id == EditSession.id, Job.state.in_(ACTIVE))
    talks = exists().where(Turn.session_id == EditSession.id, Turn.state == RUNNING)
    is_old = and_(EditSession.updated_at < now - round(days * DAY), EditSession.deleted_at.is_(None))
    gone = session.execute(
        update(EditSession)
        .where(is_old, ~works, ~talks, ~_is_shown(EditSession.id, now))
        .values(deleted_at=now, history=None, memory="{}")
        .returning(EditSession.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _sweep_renders(session: Session) -> int:
    days = KEEP_RENDERS.value()
    if not days:
        return 0
    now = now_ms()
    is_young = exists().where(Job.id == Render.job_id, or_(Job.ended_at.is_(None), Job.ended_at >= now - days * DAY))
    gone = session.execute(
        update(Render)
        .where(Render.blob.is_not(None), ~is_young, ~_is_shown(Render.session_id, now))
        .values(blob=None, poster=None)
        .returning(Render.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _is_shown(session_id: ColumnElement[str | None] | InstrumentedAttribute[Any], now: int) -> ColumnElement[bool]:
    """Whether somebody has a link to the session's page that is good."""
    is_good = and_(Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now))
    return exists().where(Token.kind == "claim", Token.session_id == session_id, is_good)
