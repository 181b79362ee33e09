"""Jobs of workers that are gone: queued again, or given up, with all that follows."""

import logging
from collections.abc import Sequence

from api.store import jobs
from api.store.database import Database
from api.work.endings import give_up

LOG = logging.getLogger("multiplane.supervisor")


def recover(database: Database, workers: str | None, *, killed: bool, alive: Sequence[str] = ()) -> bool:
    """Give up the running jobs of workers that are gone; whether that could be done.

    Args:
        database: of the service.
        workers: how their names begin; None for all whose lease has run out.
        killed: whether they may have died of their jobs.
        alive: names of workers that are known to live: theirs are left to them.
    """
    try:
        with database.read() as session:
            found = [(job.user_id, job.id, job.fence) for job in jobs.abandoned(session, workers, alive=alive)]
        for user_id, job_id, fence in found:
            with database.write() as session:
                state = give_up(session, user_id, job_id, fence, killed=killed)
            LOG.warning("a job lost its worker", extra={"job": job_id, "state": state, "killed": killed})
    except Exception:
        # Whatever is wrong with one job or its ending: the supervisor must go on, and comes back to it.
        LOG.exception("jobs could not be recovered")
        return False
    return True
