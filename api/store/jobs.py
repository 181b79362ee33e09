"""Jobs: work that outlives the process that asked for it.

A job is queued, running, succeeded, failed or cancelled. Who claims one gets a lease and a *fence*, a number that
grows with every claim; what is written under an old fence is refused, so that a worker that was given up for dead
changes nothing. A job whose worker died twice is quarantined: it failed, and says so.

The next job of a lane is that of the lowest priority number, then of the lowest *rank*, then the oldest. A new job's
rank is one more than the user's last, or the rank that is being served, whichever is higher: users take turns, whoever
queues much waits behind himself (start-time fair queueing, Goyal, Vin and Cheng 1996, every job of length one).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from api.store.clock import SECOND, now_ms
from api.store.database import Database
from api.store.ids import new_id
from api.store.owners import lock_owner
from api.store.rows import Job
from engine.core.errors import TooManyRequests
from engine.core.settings import Setting

MAX_QUEUED = Setting("MULTIPLANE_MAX_QUEUED", 1000, "jobs", 1, 1_000_000, "jobs that may wait; more are refused (429)")

MAX_QUEUED_PER_USER = Setting(
    "MULTIPLANE_MAX_QUEUED_PER_USER", 50, "jobs", 1, 1_000_000, "jobs of one user that may wait; more are refused (429)"
)

LEASE = Setting("MULTIPLANE_LEASE_S", 20, "s", 1, 3600, "silence of a worker after which its job goes to another")

MAX_KILLS = 2
"""Workers that a job may take down before it is quarantined."""

MAX_ATTEMPTS = 8
"""Times that a job is begun before it is given up, whatever ended it: a restart of the service is not its fault."""

RETRY_AFTER_S = 30

CLAIM_TRIES = 5
"""Times that a worker looks again because another was faster with a job of the same key."""

ENDED = ("succeeded", "failed", "cancelled")

PRIORITIES = {"interactive": 0, "normal": 5, "background": 9}

QUARANTINED = "This could not be finished: it stopped our worker twice. Try smaller or other files."

_ORDER = (Job.priority, Job.rank, Job.created_at, Job.id)
"""In which the jobs of a lane have their turn."""

_OTHER = aliased(Job)
"""A second job beside the first, in one statement. Once: an alias copies every column of the table."""

MOST_LANES = 64
"""Lanes whose statement is remembered; a site has three."""

_LOCK = {"key_share": True}
"""Rows that refer to the job may be written meanwhile."""

LOST = "No worker could finish this: each time the service was ended before. Try again."

CANCELLED = "cancelled"
"""The error of a job that somebody stopped: clients of the protocol look for this word."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has: what to do, and the fence to write under."""

    job_id: str
    kind: str
    user_id: str
    session_id: str | None
    turn_id: str | None
    payload: dict[str, Any]
    fence: int
    attempts: int


class LostLease(Exception):
    """The job went to another worker, or ended: what this one does counts no more."""


def submit(
    session: Session,
    kind: str,
    lane: str,
    user_id: str,
    payload: dict[str, Any],
    *,
    session_id: str | None = None,
    turn_id: str | None = None,
    exclusive: str | None = None,
    priority: str = "normal",
) -> str:
    """Queue a job; its id. It is there for workers when the transaction ends.

    Args:
        session: a writing transaction.
        kind: name of the task.
        lane: which workers take it.
        user_id: whose it is.
        payload: JSON for the task.
        session_id, turn_id: what it belongs to.
        exclusive: of the jobs with the same key only one runs at a time.
        priority: one of :data:`PRIORITIES`.

    Raises:
        TooManyRequests: the queue is full.
    """
    user_id = lock_owner(session, user_id)  # his orders come one after the other: each sees the ranks before it
    waits = (Job.lane == lane, Job.state == "queued")
    if _is_full(session, MAX_QUEUED.int_value(), _ORDER, *waits):
        raise TooManyRequests("The queue is full. Try again in half a minute.", retry_after=RETRY_AFTER_S)
    if _is_full(session, MAX_QUEUED_PER_USER.int_value(), (), Job.user_id == user_id, *waits):
        raise TooManyRequests("You have too much waiting already. Try again later.", retry_after=RETRY_AFTER_S)
    level = PRIORITIES[priority]
    last = session.scalar(
        select(func.max(Job.rank)).where(
            Job.user_id == user_id, Job.lane == lane, Job.state.in_(("queued", "running")), Job.priority == level
        )
    )
    rank = max(0 if last is None else last + 1, _served(session, lane, level))
    job_id = new_id("job_")
    session.execute(
        insert(Job).values(
            id=job_id, kind=kind, lane=lane, user_id=user_id, session_id=session_id, turn_id=turn_id,
            exclusive=exclusive, state="queued", priority=level, rank=rank, payload=json.dumps(payload),
            created_at=now_ms(),
        )
    )  # fmt: skip
    return job_id


def _is_full(
    session: Session, most: int, order: tuple[InstrumentedAttribute[Any], ...], *which: ColumnElement[bool]
) -> bool:
    """Whether there are that many jobs; none beyond is counted. The order is that of the index which is to be read."""
    bounded = select(Job.id).where(*which).order_by(*order).limit(most).subquery()
    return (session.scalar(select(func.count()).select_from(bounded)) or 0) >= most


def _served(session: Session, lane: str, level: int) -> int:
    """The rank that is being served: that of the next job, or of a running one where that is further."""
    ranks = []
    for state, order in (("queued", Job.rank), ("running", Job.rank.desc())):
        is_of = (Job.lane == lane, Job.state == state, Job.priority == level)
        ranks.append(session.scalar(select(Job.rank).where(*is_of).order_by(order).limit(1)) or 0)
    return max(ranks)


def claim(database: Database, lanes: tuple[str, ...], worker: str) -> Claim | None:
    """The next job of some lanes, now this worker's; None where nothing waits.

    The most urgent comes first; of those that are as urgent, that of the lane that is named first.
    """
    with database.read() as session:
        if not _lanes_in_turn(session, lanes):
            return None  # most of the time: no writer is disturbed
    for _ in range(CLAIM_TRIES):
        try:
            with database.write() as session:
                return _claim(session, lanes, worker)
        except IntegrityError:
            continue  # another worker began one of the same key in this moment; it is seen now
    return None


def _claim(session: Session, lanes: tuple[str, ...], worker: str) -> Claim | None:
    for lane in _lanes_in_turn(session, lanes):
        lock = next_of(lane).with_for_update(skip_locked=True, of=Job, key_share=True)
        found = session.execute(lock).first()
        if found is None:
            continue  # others have taken what was there
        job = session.get_one(Job, found.id)
        now = now_ms()
        job.state, job.worker, job.fence = "running", worker, job.fence + 1
        job.attempts, job.lease_until = job.attempts + 1, _lease_end()
        job.started_at = job.started_at or now
        return Claim(
            job.id, job.kind, job.user_id, job.session_id, job.turn_id, json.loads(job.payload), job.fence,
            job.attempts,
        )  # fmt: skip
    return None


def _lanes_in_turn(session: Session, lanes: tuple[str, ...]) -> list[str]:
    """The lanes where something waits, that of the most urgent job first, then as they are given.

    One query a lane: over several, the database would sort all that waits.
    """
    heads = {lane: row.priority for lane in lanes if (row := session.execute(next_of(lane)).first()) is not None}
    return sorted(heads, key=heads.__getitem__)


@lru_cache(MOST_LANES)  # idle workers ask for it many times a second, and making it takes longer than running it
def next_of(lane: str) -> Select[int, int, int, str]:
    """The next job of a lane, read from the front of an index: priority, rank, time of coming, id."""
    is_free = or_(
        Job.exclusive.is_(None), ~exists().where(and_(_OTHER.exclusive == Job.exclusive, _OTHER.state == "running"))
    )
    return (
        select(*_ORDER)
        .where(Job.lane == lane, Job.state == "queued", is_free)
        .order_by(*_ORDER)
        .limit(1)
    )  # fmt: skip


def report(database: Database, claimed: Claim, progress: float, stage: str = "") -> bool:
    """Say that the work goes on, and how far it is (0..1): the lease is prolonged.

    Returns:
        Whether somebody wants the job stopped.

    Raises:
        LostLease: the job is another's by now.
    """
    values = {"progress": case((Job.progress > progress, Job.progress), else_=progress), "lease_until": _lease_end()}
    with database.single() as session:
        cancelled = session.scalars(
            update(Job)
            .where(Job.id == claimed.job_id, Job.fence == claimed.fence, Job.state == "running")
            .values(**values, **({"stage": stage} if stage else {}))
            .returning(Job.cancel_requested)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if cancelled is None:
        raise LostLease
    return cancelled


def _lease_end() -> int:
    return now_ms() + int(LEASE.value() * SECOND)


def is_cancelled(database: Database, job_id: str) -> bool:
    """Whether somebody wants a job stopped; a glance that writes nothing."""
    with database.read() as session:
        row = session.execute(select(Job.cancel_requested, Job.state).where(Job.id == job_id)).one_or_none()
        return row is None or row[0] or row[1] != "running"


def finish(session: Session, claimed: Claim, result: dict[str, Any]) -> bool:
    """End a job with its result; what follows from it belongs into the same transaction.

    Returns:
        False where somebody was told meanwhile that it is cancelled: so it is, then.

    Raises:
        LostLease: the job is another's by now.
    """
    job = _mine(session, claimed)
    if job.cancel_requested:
        _cancel(job)
        return False
    job.state, job.result, job.progress, job.ended_at, job.lease_until = (
        "succeeded", json.dumps(result), 1.0, now_ms(), None,
    )  # fmt: skip
    return True


def _cancel(job: Job) -> None:
    job.state, job.error, job.ended_at, job.lease_until = "cancelled", CANCELLED, now_ms(), None


def fail(session: Session, claimed: Claim, error: str, *, state: str = "failed") -> None:
    """End a job without a result: one sentence for the user; ``state`` is ``failed`` or ``cancelled``.

    Raises:
        LostLease: the job is another's by now.
    """
    job = _mine(session, claimed)
    job.state, job.error, job.ended_at, job.lease_until = state, error, now_ms(), None


def hand_back(session: Session, claimed: Claim, payload: dict[str, Any] | None = None) -> None:
    """Queue a job again that was not finished, through nobody's fault: the service is shutting down.

    One that nobody wants any more is cancelled.

    Args:
        session: a writing transaction.
        claimed: the job.
        payload: takes the place of its payload, where the next worker must know more.

    Raises:
        LostLease: the job is another's by now.
    """
    job = _mine(session, claimed)
    if job.cancel_requested:
        _cancel(job)
        return
    job.state, job.worker, job.lease_until = "queued", None, None
    job.attempts -= 1
    if payload is not None:
        job.payload = json.dumps(payload)


def request_cancel(session: Session, job_id: str) -> str:
    """Want a job stopped; its state then. One that waits is cancelled at once, one that has ended stays as it is."""
    job = session.get_one(Job, job_id, with_for_update=_LOCK)
    if job.state == "queued":
        job.state, job.error, job.ended_at = "cancelled", CANCELLED, now_ms()
    elif job.state == "running":
        job.cancel_requested = True
    return job.state


def give_up(session: Session, job: Job, *, killed: bool = True) -> str:
    """A job whose worker is gone: queued again, or ended where nobody wants it or it had its chances; its state.

    Args:
        session: a writing transaction.
        job: locked.
        killed: whether the worker may have died of the job; not so where the whole service was ended.
    """
    if job.state != "running":
        return job.state
    job.kills, job.worker, job.lease_until = job.kills + killed, None, None
    if job.cancel_requested:
        job.state, job.error, job.ended_at = "cancelled", CANCELLED, now_ms()
    elif job.kills >= MAX_KILLS:
        job.state, job.error, job.ended_at = "failed", QUARANTINED, now_ms()
    elif job.attempts >= MAX_ATTEMPTS:
        job.state, job.error, job.ended_at = "failed", LOST, now_ms()
    else:
        job.state = "queued"
    return job.state


def abandoned(session: Session, worker: str | None = None, *, alive: Sequence[str] = ()) -> list[Job]:
    """Running jobs of workers that are gone, or, without a name, those whose lease has run out; locked.

    Args:
        session: a writing transaction.
        worker: how the names of these workers begin.
        alive: names of workers that are known to live, whatever their leases say: a full disk stops them renewing.
    """
    is_lost = Job.lease_until < now_ms() if worker is None else Job.worker.startswith(worker, autoescape=True)
    found = session.scalars(
        select(Job)
        .where(Job.state == "running", is_lost, Job.worker.not_in(alive))
        .with_for_update(skip_locked=True, key_share=True)
    )
    return list(found)


def _mine(session: Session, claimed: Claim) -> Job:
    job = session.get(Job, claimed.job_id, with_for_update=_LOCK)
    if job is None or job.fence != claimed.fence or job.state != "running":
        raise LostLease
    return job
