"""What follows from the end of a job, in the transaction that ends it: done once, or not at all.

Whoever ends jobs does it here: the worker that did one, and the supervisor that gives one up.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editing import generation
from api.store import jobs
from api.store.assets import know_blob
from api.store.rows import Asset, Job, Render
from api.work import arrivals

Json = dict[str, Any]

_BLOB = re.compile(r"[0-9a-f]{64}(\.\w+)?")
"""The name of a blob in a sentence; users know their files by other names."""


def end_well(session: Session, claimed: jobs.Claim, result: Json) -> None:
    """End a job with its result.

    Raises:
        LostLease: the job is another's by now.
    """
    jobs.finish(session, claimed, result)
    job = session.get_one(Job, claimed.job_id)
    _WELL.get(job.kind, _nothing_well)(session, job, claimed.payload, result)


def end_badly(session: Session, claimed: jobs.Claim, sentence: str, *, cancelled: bool = False) -> None:
    """End a job without a result.

    Raises:
        LostLease: the job is another's by now.
    """
    shown = with_file_names(session, claimed.user_id, sentence)
    jobs.fail(session, claimed, shown, state="cancelled" if cancelled else "failed")
    ended(session, session.get_one(Job, claimed.job_id))


def ended(session: Session, job: Job) -> None:
    """Do what follows from a job that ended without a result."""
    if job.kind == generation.KIND and job.turn_id is not None:
        sentence = job.error or jobs.LOST
        generation.fail(session, job.turn_id, json.loads(job.payload), sentence, cancelled=job.state == "cancelled")


def give_up_all(session: Session, found: list[Job], *, killed: bool) -> dict[str, str]:
    """Give up jobs whose workers are gone, with all that follows; the state of each by its id."""
    states = {}
    for job in found:
        states[job.id] = jobs.give_up(session, job, killed=killed)
        session.flush()
        if states[job.id] in jobs.ENDED:
            ended(session, job)
    return states


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
    job.result = json.dumps(
        result | {"notes": [with_file_names(session, job.user_id, note) for note in result.get("notes", [])]}
    )
    row = session.scalar(select(Render).where(Render.job_id == job.id))
    if row is not None:
        row.blob = result["blob"]
        if result.get("poster"):
            know_blob(session, *result["poster"])
            row.poster = result["poster"][0]


def _generated(session: Session, job: Job, payload: Json, result: Json) -> None:
    assert job.turn_id is not None
    know_blob(session, result["blob"], result["size"])
    generation.succeed(session, job.turn_id, payload, result)


def _arrived(session: Session, job: Job, payload: Json, result: Json) -> None:
    job.result = json.dumps(arrivals.keep(session, job.user_id, payload, result))


_WELL: dict[str, Callable[[Session, Job, Json, Json], None]] = {
    "render": _rendered,
    "generate": _generated,
    "analyse": _arrived,
    "fetch": _arrived,
}
