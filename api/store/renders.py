"""Exports, under the ids that their clients chose."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.jobs import submit
from api.store.owners import lock_owner
from api.store.rows import Job, Render
from engine.core.errors import DuplicateId, NoSuchObject

KIND, LANE = "render", "render"

TAKEN = "That render id is taken: choose another."


def draft_digest(draft: object, output: object) -> str:
    """What tells one order from another under the same id."""
    text = json.dumps([draft, output], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def order_render(
    session: Session,
    render_id: str,
    user_id: str,
    session_id: str | None,
    draft: object,
    output: dict[str, Any],
    lane: str = LANE,
    clips: Mapping[str, Any] | None = None,
) -> tuple[Render, Job]:
    """Order an export, or find the same order again.

    Args:
        session: a writing transaction.
        render_id: chosen by the client.
        user_id: who orders.
        session_id: what it belongs to.
        draft, output: for the worker; what tells this order from others.
        lane: which workers make it.
        clips: that were generated before, for the worker.

    Raises:
        DuplicateId: the id stands for another order.
        TooManyRequests: the queue is full.
    """
    user_id = lock_owner(session, user_id)  # the same order sent twice at once is the same order
    digest = draft_digest(draft, output)
    known = session.get(Render, render_id)
    if known is not None:
        if known.user_id != user_id or known.digest != digest:
            raise DuplicateId(TAKEN)
        return known, session.get_one(Job, known.job_id)
    payload = {"render_id": render_id, "draft": draft, "output": output, "session_id": session_id}
    if clips:
        payload["clips"] = dict(clips)
    job_id = submit(
        session, KIND, lane, user_id, payload, session_id=session_id,
        exclusive=None if session_id is None else f"render:{session_id}",
    )  # fmt: skip
    row = Render(
        id=render_id, user_id=user_id, session_id=session_id, job_id=job_id, digest=digest, key=new_id("", 16),
        created_at=now_ms(),
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # another user took the id in this moment
        raise DuplicateId(TAKEN) from error
    return row, session.get_one(Job, job_id)


def own_render(session: Session, user_id: str, render_id: str) -> tuple[Render, Job]:
    """An export of a user, with its job.

    Raises:
        NoSuchObject: there is none, or it is somebody else's: the answer is the same.
    """
    row = session.get(Render, render_id)
    if row is None or row.user_id != user_id:
        raise NoSuchObject("There is no such render.")
    return row, session.get_one(Job, row.job_id)


def render_by_key(session: Session, key: str) -> Render | None:
    """The export that a public URL names."""
    return session.scalar(select(Render).where(Render.key == key))
