"""Beside a task: renews the job's lease, notes its progress, hears of a cancellation, and ends what does not end.

A task is asked to stop first. One that does not within a moment, because it is deep in a library, is stopped with its
process: the job is ended here, and the supervisor puts another worker into the place.
"""

import logging
import os
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from api.store import jobs
from api.store.database import Database
from api.work.endings import end_badly
from api.work.task import TaskContext
from engine.core.settings import Setting

LOG = logging.getLogger("multiplane.worker")

STALL = Setting(
    "MULTIPLANE_STALL_S", 120, "s", 1, 86_400, "silence of a task after which its worker is replaced; it counts as dead"
)

LOOK_S = 0.05
"""Seconds between looks whether somebody wants the job stopped."""

TELL_S = 0.5
"""Seconds between two notes of the progress."""

EXIT_FORCED = 75
"""Exit code of a worker that ended to stop a task: nothing is wrong with it."""

EXIT_STALLED = 76
"""Exit code of a worker whose task has given no sign of life for too long."""


class Watch:
    """A thread beside one task; a context manager around it.

    Args:
        database: its own connections.
        claimed: the job.
        context: what the task reports to.
    """

    def __init__(self, database: Database, claimed: jobs.Claim, context: TaskContext) -> None:
        self._database = database
        self._claimed = claimed
        self._context = context
        self._over = threading.Event()
        self._ending = threading.Lock()
        self._told: tuple[float, str] = (-1.0, "")
        self._told_at = 0.0
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.lost = False

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever gets here first ends the job: the thread holds the lock while it does, and then ends the process.
        with self._ending:
            self._over.set()
        self._thread.join()

    def _run(self) -> None:
        unwanted_since: float | None = None
        while not self._over.wait(LOOK_S):
            now = time.monotonic()
            try:
                self._tell(now)
                if unwanted_since is None and self._is_unwanted():
                    unwanted_since = now
                    self._context.cancelled.set()
            except SQLAlchemyError as error:
                # A full or busy disk: the work goes on, and the lease with it as long as it can.
                LOG.warning("the job could not be looked at: %s", type(error).__name__)
            if unwanted_since is not None and now - unwanted_since > self._context.stop_s:
                self._stop_by_force()
                unwanted_since = now  # the database would not have it: once more in a moment
            if now - self._context.last_sign > STALL.value() * self._context.patience:
                LOG.error("a task has stalled", extra={"job": self._claimed.job_id, "stage": self._context.stage})
                os._exit(EXIT_STALLED)

    def _tell(self, now: float) -> None:
        state = self._context.progress, self._context.stage
        is_news = state != self._told and now - self._told_at > TELL_S
        is_due = now - self._told_at > min(TELL_S * 10, jobs.LEASE.value() / 4)
        if self.lost or not (is_news or is_due):
            return
        try:
            if jobs.report(self._database, self._claimed, *state):
                self._context.cancelled.set()
        except jobs.LostLease:
            self.lost = True
        self._told, self._told_at = state, now

    def _is_unwanted(self) -> bool:
        return self.lost or jobs.is_cancelled(self._database, self._claimed.job_id)

    def _stop_by_force(self) -> None:
        with self._ending:
            if self._over.is_set():
                return
            try:
                with self._database.write() as session:
                    end_badly(session, self._claimed, jobs.CANCELLED, cancelled=True)
            except jobs.LostLease:
                LOG.warning("the job is another's by now")
            except SQLAlchemyError:
                return
            logging.shutdown()
            os._exit(EXIT_FORCED)
