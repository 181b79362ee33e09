"""Jobs of workers that are gone: queued again, or given up, with all that follows."""

import logging
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from api.store import jobs
from api.store.database import Database
from api.work.endings import give_up_all

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
        with database.write() as session:
            states = give_up_all(session, jobs.abandoned(session, workers, alive=alive), killed=killed)
    except SQLAlchemyError as error:
        LOG.warning("jobs could not be recovered: %s", type(error).__name__)
        return False
    for job_id, state in states.items():
        LOG.warning("a job lost its worker", extra={"job": job_id, "state": state, "killed": killed})
    return True
