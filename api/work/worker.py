"""A worker: ``python -m api.work.worker --data-dir DIR --slot NAME ...``, started by the supervisor, one for each slot.

It takes one job at a time. SIGTERM asks it to end: the job that it is at is handed back with what is finished of it.
"""

import argparse
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.intake.confine import forbid_calls
from api.ops.context import work
from api.ops.figures import FIGURES, WorkerFigures
from api.ops.logs import set_up_logging
from api.ops.parent import die_with_parent, offer_to_oom_killer
from api.ops.presence import present
from api.service import Service, open_service
from api.store import jobs
from api.store.clock import SECOND, now_ms
from api.store.room import NO_ROOM, is_full
from api.store.rows import Job
from api.work.device_memory import EXIT_DEVICE, LOST_TWICE, MAX_EXITS, DeviceExits, exits_of, with_exits
from api.work.endings import end_badly, end_well, hand_back
from api.work.slots import GPU, RENDER, slot_folders
from api.work.task import HandedBack, TaskContext
from api.work.tasks import TASKS
from api.work.watch import Watch
from engine.core.errors import Cancelled, DeviceMemoryError, MultiplaneError
from engine.core.settings import Setting
from models.runtime import device_answers

LOG = logging.getLogger("multiplane.worker")

NICE = Setting("MULTIPLANE_WORKER_NICE", 10, "steps", 0, 19, "how far workers stand back behind the web process (nice)")

IDLE_S = (0.05, 0.25)
"""Seconds between looks for a job: at first, and after a while."""

SWITCH_S = 0.001
"""Seconds after which a thread must let others run: those that renew the lease and hear of cancellations."""

PULSE_S = 0.5
"""Seconds between two signs of life on the supervisor's pipe."""

TRIES_S = 600
"""Seconds for which the end of a job is tried to be written: the disk may be full for a while."""

OUR_FAULT = "This failed on our side. Try again; if it fails again, tell this site's operator."


class Worker:
    """Takes jobs of some lanes, one after the other.

    Args:
        service: opened in this process.
        name: of this worker, as its jobs note it.
        slot: its place.
        lanes: whose jobs it takes.
        device: for tasks.
    """

    def __init__(self, service: Service, name: str, slot: str, lanes: tuple[str, ...], device: str) -> None:
        self._service = service
        self._name = name
        self._lanes = lanes
        self._device = device
        self._folder = slot_folders(service.folder) / slot
        self._figures = WorkerFigures(service.folder / FIGURES, slot)
        self.stopping = threading.Event()
        self.spent = False

    def run(self) -> None:
        """Work until :attr:`stopping` is set, or until this process is :attr:`spent`: its GPU is of no use to it."""
        pause = IDLE_S[0]
        while not self.stopping.is_set() and not self.spent:
            try:
                claimed = jobs.claim(self._service.database, self._lanes, self._name)
            except SQLAlchemyError as error:
                LOG.warning("no job could be taken: %s", type(error).__name__)
                self.stopping.wait(1)
                continue
            if claimed is None:
                self.stopping.wait(pause)
                pause = min(IDLE_S[1], pause * 1.2)
                continue
            pause = IDLE_S[0]
            with work(job_id=claimed.job_id, user_id=claimed.user_id):
                self.do(claimed)

    def do(self, claimed: jobs.Claim) -> None:
        """Do one job and write down how it ended."""
        self._note_start(claimed)
        began = time.monotonic()
        exits = exits_of(claimed.payload)
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            self._folder.mkdir(parents=True)
            context = TaskContext(
                claimed.job_id,
                claimed.user_id,
                self._service.blobs,
                self._folder,
                self._device,
                self.stopping,
                rung=exits.rung,
            )
            with Watch(self._service.database, claimed, context):
                result = TASKS[claimed.kind](context, claimed.payload)
        except HandedBack:
            LOG.info("job handed back")
            self._write_down(claimed, lambda session: hand_back(session, claimed))
        except Cancelled:
            self._write_down(claimed, lambda session: end_badly(session, claimed, jobs.CANCELLED, cancelled=True))
        except MemoryError:
            raise  # this process is of no use any more: the supervisor puts another into its place
        except Exception as error:
            self._write_down(claimed, self._end_of_failed(claimed, exits, error))
        else:
            if claimed.kind in ("render", "generate"):
                self._figures.encoded(int(result.get("frames", 0)), float(result.get("seconds", 0.0)))
                result = exits.told(result)
            self._write_down(claimed, lambda session: end_well(session, claimed, result))
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._figures.stage_done(claimed.kind, time.monotonic() - began)

    def _end_of_failed(self, claimed: jobs.Claim, exits: DeviceExits, error: Exception) -> Callable[[Session], None]:
        """How a job ends whose task failed: for good, or in a fresh process where this one's GPU is of no more use."""
        sentence = self._sentence(error)
        lacks_memory = isinstance(error, DeviceMemoryError)
        self.spent = lacks_memory or not device_answers()
        left = exits.after(error)
        if self.spent and left.exits < MAX_EXITS:
            LOG.warning("job handed back: the device cannot go on in this process")
            return lambda session: hand_back(session, claimed, with_exits(claimed.payload, left))
        return _bad_end(claimed, sentence if lacks_memory or not self.spent else LOST_TWICE)

    def _note_start(self, claimed: jobs.Claim) -> None:
        with suppress(SQLAlchemyError), self._service.database.read() as session:
            row = session.get_one(Job, claimed.job_id)
            self._figures.job_started(row.lane, (now_ms() - row.created_at) / SECOND)
        LOG.info("job begins", extra={"kind": claimed.kind, "attempt": claimed.attempts})

    def _sentence(self, error: BaseException) -> str:
        if is_full(error):  # first: the renderer tells of it in words about a file that its user does not know
            self._figures.failed("disk_full")
            LOG.error("the disk is full")
            return NO_ROOM
        if isinstance(error, MultiplaneError):
            self._figures.failed(error.code)
            LOG.info("job failed: %s", error.message, exc_info=error if error.exit_code == 1 else None)
            return error.message
        self._figures.failed("unexpected")
        LOG.error("a task failed unexpectedly", exc_info=error)
        return OUR_FAULT

    def _write_down(self, claimed: jobs.Claim, ending: Callable[[Session], None]) -> None:
        """Write how a job ended; as long as the disk is full or the database is away, again and again."""
        until = time.monotonic() + TRIES_S
        while True:
            try:
                with self._service.database.write() as session:
                    ending(session)
            except jobs.LostLease:
                LOG.warning("the job is another's by now: what was done counts no more")
            except MultiplaneError as error:
                # The end itself is refused, such as that of an upload for which its user has no room.
                LOG.info("the result was refused: %s", error.message)
                ending = _bad_end(claimed, error.message)
                continue
            except SQLAlchemyError as error:
                LOG.warning("the end of a job could not be written: %s", type(error).__name__)
                if time.monotonic() > until:
                    raise
                time.sleep(1)
                continue
            return


def _bad_end(claimed: jobs.Claim, sentence: str) -> Callable[[Session], None]:
    return lambda session: end_badly(session, claimed, sentence)


def main(arguments: list[str] | None = None) -> int:
    """Work until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--slot", required=True)
    parser.add_argument("--lanes", required=True, help="with commas")
    parser.add_argument("--name", required=True, help="as its jobs note it")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--pulse", type=int, required=True, help="descriptor of the supervisor's pipe")
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    offer_to_oom_killer()
    os.nice(NICE.int_value())
    sys.setswitchinterval(SWITCH_S)
    set_up_logging(f"worker {options.slot}")
    os.environ.setdefault("MULTIPLANE_CACHE", str((options.data_dir / "cache").resolve()))
    service = open_service(options.data_dir)
    lanes = tuple(options.lanes.split(","))
    needs_network = not (service.database.is_sqlite and service.blobs.is_local)
    if set(lanes) <= {RENDER, GPU} and options.device == "cpu" and not needs_network and not forbid_calls():
        LOG.warning("videos are made without a wall to the network: this system has none")
    threading.Thread(target=_beat, args=(options.pulse,), name="pulse", daemon=True).start()
    worker = Worker(service, options.name, options.slot, lanes, options.device)

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal: the supervisor says what happens
    with present(service.folder, options.slot):
        worker.run()
    service.close()
    if worker.spent:
        logging.shutdown()
        os._exit(EXIT_DEVICE)  # what tears a broken GPU down may hang or abort
    return 0


def _beat(pipe: int) -> None:
    """Say over and over that this process lives; a process that hangs as a whole does not."""
    while True:
        try:
            os.write(pipe, b".")
        except BlockingIOError:
            pass  # the supervisor is busy, and the pipe full of our signs
        except OSError:
            os._exit(1)  # it is gone
        time.sleep(PULSE_S)


if __name__ == "__main__":
    sys.exit(main())
