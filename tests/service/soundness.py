"""Whether a data folder is sound: rows, files and books say the same, and nothing is left half-done."""

from collections import Counter
from pathlib import Path

from sqlalchemy import func, select, text

from api.service import Service, open_service
from api.store import ledger
from api.store.blobs import digest_of
from api.store.jobs import ENDED
from api.store.rows import Asset, Blob, Entry, Job, Render, Transfer, Turn, User
from api.store.turns import RUNNING


def is_idle(service: Service) -> bool:
    """Whether nothing is to be done any more."""
    with service.database.read() as session:
        jobs = session.scalar(select(func.count()).select_from(Job).where(Job.state.not_in(ENDED)))
        turns = session.scalar(select(func.count()).select_from(Turn).where(Turn.state == RUNNING))
    return not jobs and not turns


def unfinished(service: Service) -> str:
    """What is still to be done, for a message."""
    with service.database.read() as session:
        jobs = session.execute(
            select(Job.id, Job.kind, Job.state, Job.worker, Job.attempts, Job.kills).where(Job.state.not_in(ENDED))
        ).all()
        turns = session.execute(select(Turn.id, Turn.session_id).where(Turn.state == RUNNING)).all()
    return f"jobs {[tuple(row) for row in jobs[:8]]}, turns {[tuple(row) for row in turns[:8]]}"


def faults(folder: Path) -> list[str]:
    """What is wrong with the data folder of a service that has nothing to do, as sentences."""
    service = open_service(folder)
    try:
        return [*_of_the_file(service), *_of_the_books(service), *_of_the_work(service), *_of_the_blobs(service)]
    finally:
        service.close()


def states_of_jobs(service: Service) -> Counter[tuple[str, str]]:
    """How many jobs of each kind ended how."""
    with service.database.read() as session:
        rows = session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state))
        return Counter({(kind, state): count for kind, state, count in rows})


def _of_the_file(service: Service) -> list[str]:
    with service.database.read() as session:
        found = [row[0] for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
        found += [
            f"a reference leads nowhere: {tuple(row)}" for row in session.execute(text("PRAGMA foreign_key_check"))
        ]
    return found


def _of_the_books(service: Service) -> list[str]:
    with service.database.read() as session:
        found = list(ledger.errors_of_the_books(session))
        for user_id in session.scalars(select(User.id)):
            held = ledger.credits_of(session, user_id)
            if held.frozen or held.available + held.spent != held.granted:
                found.append(f"the credits of {user_id} do not add up: {held}")
        for turn in session.scalars(select(Turn)):
            paid = session.scalars(
                select(Entry.amount)
                .join(Transfer, Transfer.id == Entry.transfer_id)
                .where(Transfer.slot == "close", Transfer.reference == turn.id, Entry.account == ledger.SPENT)
            ).all()
            if len(paid) > 1 or sum(paid) != turn.charged or (turn.state == "failed" and paid):
                found.append(f"turn {turn.id} ({turn.state}) says {turn.charged} and was charged {paid}")
    return found


def _of_the_work(service: Service) -> list[str]:
    found = [] if is_idle(service) else [f"work is left: {unfinished(service)}"]
    with service.database.read() as session:
        for job in session.scalars(select(Job).where(Job.state.in_(("failed", "cancelled")))):
            if not job.error or "Traceback" in job.error:
                found.append(f"job {job.id} is {job.state} and does not say why: {job.error}")
        query = select(Render.id).join(Job, Job.id == Render.job_id)
        for render_id in session.scalars(query.where(Job.state == "succeeded", Render.blob.is_(None))):
            found.append(f"render {render_id} is finished and has no video")
        query = select(Job.turn_id, Job.state).join(Turn, Turn.id == Job.turn_id)
        for turn_id, state in session.execute(query.where((Job.state == "succeeded") != (Turn.state == "done"))):
            found.append(f"turn {turn_id} ended otherwise than its job, which {state}")
    return found


def _of_the_blobs(service: Service) -> list[str]:
    found = []
    with service.database.read() as session:
        known = set()
        for blob in session.scalars(select(Blob)):
            known.add(blob.ref)
            try:
                path = service.blobs.local_path(blob.ref)
            except FileNotFoundError:
                found.append(f"blob {blob.ref} has a row and no file")
                continue
            if path.stat().st_size != blob.size or digest_of(path) != blob.ref:
                found.append(f"blob {blob.ref} is not what its name says")
        named = {*session.scalars(select(Asset.blob)), *session.scalars(select(Render.blob).where(Render.blob != ""))}
    return found + [f"blob {ref} is referred to and not there" for ref in named - known]
