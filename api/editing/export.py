"""Ordering an export of a draft that a client sent: what it names must be the client's own."""

import json
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from api.editing.clips import clips_for_worker
from api.editing.effort import check_effort
from api.editing.lane import lane_of
from api.editing.sources import ASSET, for_worker, inward
from api.store.clock import now_ms
from api.store.projects import own_session, read_conversation
from api.store.renders import order_render
from api.store.rows import Asset, Job, Render
from engine.core.errors import BadRequest, DraftError
from engine.timeline import read_draft, write_draft

DEEPEST = 60
"""Levels of a draft, many times what any has."""

NOTHING = "There is nothing on the timeline to render: send a draft with at least one segment."


def export(
    session: Session, user_id: str, render_id: str, session_id: str | None, draft: object, output: dict[str, Any]
) -> tuple[Render, Job]:
    """Order an export.

    Args:
        session: a writing transaction.
        user_id: who orders.
        render_id: chosen by the client.
        session_id: where the draft comes from, if it says so.
        draft: an object, a text of JSON, or nothing: then the session's own.
        output: quality and so on.

    Returns:
        The export and its job. A draft that names what is not there gives a job that has failed, with the reason: that
        is where clients look for it.

    Raises:
        NoSuchSession: there is no such session for this user.
        BadRequest: there is nothing to render.
        DraftError: the draft is not valid.
        DuplicateId: the id stands for another order.
    """
    row = own_session(session, user_id, session_id) if session_id else None
    value = _as_object(draft)
    if value is None:
        if row is None:
            raise BadRequest("Send a draft, or the sessionId of a session that has one.")
        read = read_conversation(row).draft
    else:
        if not _has_segments(value):
            raise BadRequest(NOTHING)
        try:
            value = inward(value, session, user_id)
        except DraftError as error:
            return _refused(session, render_id, user_id, session_id, value, output, error.message)
        read = read_draft(value, lambda src: _length(session, src))
    if not any(track.segments for track in read.tracks):
        raise BadRequest(NOTHING)
    check_effort(read)
    try:
        order = for_worker(write_draft(read), session, user_id)
    except DraftError as error:
        return _refused(session, render_id, user_id, session_id, write_draft(read), output, error.message)
    clips = clips_for_worker(session, user_id, session_id, read)
    return order_render(session, render_id, user_id, session_id, order, output, lane_of(read), clips)


def _refused(
    session: Session, render_id: str, user_id: str, session_id: str | None, draft: object, output: dict[str, Any],
    sentence: str,
) -> tuple[Render, Job]:  # fmt: skip
    row, job = order_render(session, render_id, user_id, session_id, draft, output)
    if job.state == "queued":
        job.state, job.error, job.ended_at = "failed", sentence, now_ms()
    return row, job


def _as_object(draft: object) -> dict[str, Any] | None:
    if isinstance(draft, str) and draft.strip():
        try:
            draft = json.loads(draft)
        except (ValueError, RecursionError) as error:
            raise BadRequest("draft is a text, but no JSON.") from error
    if draft in (None, "", {}):
        return None if draft is None else {}
    if not isinstance(draft, dict):
        raise BadRequest("draft must be an object.")
    if _depth_is_over(draft, DEEPEST):
        raise BadRequest("draft is nested too deeply.")
    return draft


def _depth_is_over(value: object, most: int) -> bool:
    """Whether some JSON is nested deeper than that; without recursion."""
    level = [value]
    for _ in range(most):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _has_segments(draft: dict[str, Any]) -> bool:
    tracks = draft.get("t")
    return isinstance(tracks, list) and any(isinstance(track, dict) and track.get("sg") for track in tracks)


def _length(session: Session, src: str) -> Fraction | None:
    """Seconds of a file, where a segment does not say how long it is."""

    asset = session.get(Asset, src.removeprefix(ASSET)) if src.startswith(ASSET) else None
    return Fraction(asset.duration_ms, 1000) if asset is not None and asset.duration_ms else None
