"""What follows from the end of a job, in the transaction that ends it: done once, or not at all.

Whoever ends jobs does it here: the worker that did one, and the supervisor that gives one up. The user is locked first
and the job then, as everywhere (:mod:`api.store.owners`).
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editing import generation
from api.editing.clips import keep_clips, know_clips
from api.store import jobs
from api.store.assets import know_blob
from api.store.owners import lock_owner
from api.store.projects import own_session
from api.store.rows import Asset, Job, Render
from api.work import arrivals
from engine.core.errors import NoSuchSession

Json = dict[str, Any]

_BLOB = re.compile(r"[0-9a-f]{64}(\.\w+)?")
"""The name of a blob in a sentence; users know their files by other names."""


def end_well(session: Session, claimed: jobs.Claim, result: Json) -> None:
    """End a job with its result.

    Raises:
        LostLease: the job is another's by now.
    """
    lock_owner(session, claimed.user_id)
    finished = jobs.finish(session, claimed, result)
    job = session.get_one(Job, claimed.job_id)
    if not finished:
        ended(session, job)
        return
    _WELL.get(job.kind, _nothing_well)(session, job, claimed.payload, result)


def end_badly(session: Session, claimed: jobs.Claim, sentence: str, *, cancelled: bool = False) -> None:
    """End a job without a result.

    Raises:
        LostLease: the job is another's by now.
    """
    lock_owner(session, claimed.user_id)
    shown = with_file_names(session, claimed.user_id, sentence)
    jobs.fail(session, claimed, shown, state="cancelled" if cancelled else "failed")
    ended(session, session.get_one(Job, claimed.job_id))


def hand_back(session: Session, claimed: jobs.Claim, payload: Json | None = None) -> None:
    """Leave a job to another worker; one that nobody wants any more ends.

    Args:
        session: a writing transaction.
        claimed: the job.
        payload: see :func:`api.store.jobs.hand_back`.

    Raises:
        LostLease: the job is another's by now.
    """
    lock_owner(session, claimed.user_id)
    jobs.hand_back(session, claimed, payload)
    job = session.get_one(Job, claimed.job_id)
    if job.state in jobs.ENDED:
        ended(session, job)


def ended(session: Session, job: Job) -> None:
    """Do what follows from a job that ended without a result."""
    if job.kind == generation.KIND and job.turn_id is not None:
        sentence = job.error or jobs.LOST
        generation.fail(session, job.turn_id, json.loads(job.payload), sentence, cancelled=job.state == "cancelled")


def give_up(session: Session, user_id: str, job_id: str, fence: int, *, killed: bool) -> str | None:
    """Give up a job whose worker is gone, with all that follows.

    Args:
        session: a writing transaction.
        user_id, job_id, fence: of the job, as it was when its worker was missed.
        killed: see :func:`api.store.jobs.give_up`.

    Returns:
        The job's state now; None where somebody has it again, or has ended it.
    """
    lock_owner(session, user_id)
    job = session.get(Job, job_id, with_for_update={"key_share": True})
    if job is None or job.fence != fence or job.state != "running":
        return None
    state = jobs.give_up(session, job, killed=killed)
    session.flush()
    if state in jobs.ENDED:
        ended(session, job)
    return state


def with_file_names(session: Session, user_id: str, sentence: str) -> str:
    """A sentence that speaks of files by the names that their owner gave them."""

    def name(found: re.Match[str]) -> str:
        ref = found[0][:64]
        known = session.scalar(select(Asset.filename).where(Asset.blob == ref, Asset.user_id == user_id).limit(1))
        return known or "a file"

    return _BLOB.sub(name, sentence)


def _nothing_well(session: Session, job: Job, payload: Json, result: Json) -> None:
    pass


def _rendered(session: Session, job: Job, payload: Json, result: Json) -> None:
    know_blob(session, result["blob"], result["size"])
    know_clips(session, result.get("generated", ()))
    if result.get("generated") and job.session_id is not None:
        with suppress(NoSuchSession):  # it was removed meanwhile
            keep_clips(session, own_session(session, job.user_id, job.session_id, lock=True), result["generated"])
    job.result = json.dumps(_named(session, job, result))
    row = session.scalar(select(Render).where(Render.job_id == job.id))
    if row is not None:
        row.blob = result["blob"]
        if result.get("poster"):
            know_blob(session, *result["poster"])
            row.poster = result["poster"][0]


def _generated(session: Session, job: Job, payload: Json, result: Json) -> None:
    assert job.turn_id is not None
    know_blob(session, result["blob"], result["size"])
    generation.succeed(session, job.turn_id, payload, _named(session, job, result))


def _named(session: Session, job: Job, result: Json) -> Json:
    """A video whose notes speak of files by their names."""
    return result | {"notes": [with_file_names(session, job.user_id, note) for note in result.get("notes", [])]}


def _arrived(session: Session, job: Job, payload: Json, result: Json) -> None:
    job.result = json.dumps(arrivals.keep(session, job.user_id, payload, result))


_WELL: dict[str, Callable[[Session, Job, Json, Json], None]] = {
    "render": _rendered,
    "generate": _generated,
    "analyse": _arrived,
    "fetch": _arrived,
}
