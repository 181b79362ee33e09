"""A GPU without enough memory, or one that does not answer: the job goes on in a fresh process, or says why not."""

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.service import Service, open_service
from api.store import jobs
from api.store.rows import Job
from api.work import executor, worker
from api.work.device_memory import DEVICE_LOST, EXIT_DEVICE, FRESH_PROCESS, LOST_TWICE
from api.work.executor import LocalProcesses
from api.work.slots import Slot
from api.work.supervisor import Supervisor
from api.work.task import HandedBack, Json, TaskContext
from api.work.worker import Worker
from engine.core.errors import Cancelled, DeviceMemoryError, EngineError
from models.image_to_video.ladder import LADDER, to_json
from tests.conftest import ROOT
from tests.service.conftest import Meet, NewServer
from tests.service.server import wait_for
from tests.store.people import add_user

LEAST = to_json(LADDER[-1])
SENTENCE = "svd: it needs 6000 MB on cuda:0 at the least: raise MULTIPLANE_MODEL_GPU_MEMORY_MB."


def lacking() -> DeviceMemoryError:
    return DeviceMemoryError(SENTENCE, notes=("It went on with less at a time.",), rung=LEAST)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    opened = open_service(tmp_path / "data")
    with opened.database.write() as session:
        add_user(session, "anna")
    yield opened
    opened.close()


def order(service: Service) -> str:
    with service.database.write() as session:
        return jobs.submit(session, "render", "render", "anna", {"draft": {}})


def row(service: Service, job_id: str) -> Job:
    with service.database.read() as session:
        return session.get_one(Job, job_id)


def a_video(context: TaskContext) -> Json:
    path = context.folder / "video.mp4"
    path.write_bytes(b"a video")
    ref, size = context.blobs.put(path)
    return {"blob": ref, "size": size, "notes": ["It is short."]}


def work_once(service: Service, monkeypatch: pytest.MonkeyPatch, task: Callable[[TaskContext, Json], Json]) -> Worker:
    """What a fresh worker does with the next job, and with those behind it if it goes on."""
    monkeypatch.setattr(worker, "TASKS", {"render": task})
    one = Worker(service, "worker", "cpu-0", ("render",), "cpu")
    thread = threading.Thread(target=one.run)
    thread.start()
    wait_for(lambda: one.spent or not jobs_waiting(service), 30)
    one.stopping.set()
    thread.join(30)
    return one


def jobs_waiting(service: Service) -> bool:
    with service.database.read() as session:
        return session.query(Job).filter(Job.state.in_(("queued", "running"))).count() > 0


def test_the_job_goes_on_in_the_next_worker_and_its_report_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, rungs = order(service), []

    def task(context: TaskContext, payload: Json) -> Json:
        rungs.append(context.rung)
        if len(rungs) == 1:
            raise lacking()
        return a_video(context)

    assert work_once(service, monkeypatch, task).spent, "it ends"
    waiting = row(service, job_id)
    assert (waiting.state, waiting.attempts, waiting.kills, waiting.worker) == ("queued", 0, 0, None)
    assert not work_once(service, monkeypatch, task).spent
    done = row(service, job_id)
    assert done.state == "succeeded"
    assert json.loads(done.result or "")["notes"] == ["It went on with less at a time.", FRESH_PROCESS, "It is short."]
    assert rungs == [None, LEAST], "it began with what was tried last"


def test_at_the_second_time_it_fails_with_what_the_model_needs_and_is_no_killer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(service)

    def task(context: TaskContext, payload: Json) -> Json:
        raise lacking()

    for state in ("queued", "failed"):
        assert work_once(service, monkeypatch, task).spent
        assert row(service, job_id).state == state
    failed = row(service, job_id)
    assert (failed.error, failed.kills) == (SENTENCE, 0)


def test_a_gpu_that_does_not_answer_any_more_ends_the_worker_whatever_the_error_was(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(service)
    monkeypatch.setattr(worker, "device_answers", lambda: False)

    def task(context: TaskContext, payload: Json) -> Json:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    assert work_once(service, monkeypatch, task).spent
    assert json.loads(row(service, job_id).payload)["device_memory"]["notes"] == [DEVICE_LOST]
    assert work_once(service, monkeypatch, task).spent
    assert row(service, job_id).error == LOST_TWICE


@pytest.mark.parametrize("error", [EngineError("no."), RuntimeError("unforeseen"), Cancelled("cancelled")])
def test_other_failures_end_the_job_and_not_the_worker(
    service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    first, second = order(service), order(service)

    def task(context: TaskContext, payload: Json) -> Json:
        raise error

    assert not work_once(service, monkeypatch, task).spent
    assert {row(service, job).state for job in (first, second)} <= {"failed", "cancelled"}


def test_who_does_not_want_the_job_any_more_does_not_get_it_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(service)

    def task(context: TaskContext, payload: Json) -> Json:
        with service.database.write() as session:
            jobs.request_cancel(session, job_id)
        raise lacking()

    assert work_once(service, monkeypatch, task).spent
    assert row(service, job_id).state == "cancelled"


def test_what_is_known_of_the_memory_outlives_a_stop_of_the_service(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, rungs = order(service), []

    def task(context: TaskContext, payload: Json) -> Json:
        rungs.append(context.rung)
        if len(rungs) == 1:
            raise lacking()
        if len(rungs) == 2:
            stopped.set()
            raise HandedBack
        return a_video(context)

    stopped = threading.Event()
    assert work_once(service, monkeypatch, task).spent
    one = Worker(service, "worker", "cpu-0", ("render",), "cpu")
    one.stopping = stopped
    one.run()
    assert row(service, job_id).state == "queued"
    work_once(service, monkeypatch, task)
    assert row(service, job_id).state == "succeeded"
    assert rungs == [None, LEAST, LEAST]


FAKE = """
import sys
from api.work import worker
from tests.service.test_device_memory import fake
worker.TASKS = {"render": fake, "generate": fake}
sys.exit(worker.main(sys.argv[1:]))
"""


def fake(context: TaskContext, payload: Json) -> Json:
    """As a task in a worker's own process: so many processes as it is told have not enough memory."""
    tries = Path(os.environ["TRIES_OF_TESTS"])
    with tries.open("a") as file:
        file.write(f"{os.getpid()} {json.dumps(context.rung)}\n")
    if len(tries.read_text().splitlines()) <= int(os.environ["LACKS_OF_TESTS"]):
        raise lacking()
    return a_video(context)


def test_the_supervisor_puts_another_process_into_its_place(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []
    start = executor.start_program

    def start_fake(command: list[str], *more: Any) -> Any:
        return start([sys.executable, "-c", FAKE, *command[command.index("api.work.worker") + 1 :]], *more)

    def ended(self: Any) -> int | None:
        code = end(self)
        if code is not None:
            codes.append(code)
        return code

    end = executor.LocalProcess.ended
    monkeypatch.setattr(executor, "start_program", start_fake)
    monkeypatch.setattr(executor.LocalProcess, "ended", ended)
    monkeypatch.setenv("TRIES_OF_TESTS", str(tmp_path / "tries"))
    monkeypatch.setenv("LACKS_OF_TESTS", "1")
    job_id = order(service)
    web = [sys.executable, "-c", "import time; time.sleep(600)"]
    with socket.socket() as listener:
        supervisor = Supervisor(service, LocalProcesses(), [Slot("cpu-0", ("render",))], web, listener)
        thread = threading.Thread(target=supervisor.run)
        thread.start()
        try:
            wait_for(lambda: row(service, job_id).state in jobs.ENDED, 60)
        finally:
            supervisor.stopping.set()
            thread.join(30)
    done = row(service, job_id)
    assert (done.state, done.kills) == ("succeeded", 0)
    (first, rung), (second, other) = [line.split(" ", 1) for line in (tmp_path / "tries").read_text().splitlines()]
    assert first != second
    assert (json.loads(rung), json.loads(other)) == (None, LEAST)
    assert EXIT_DEVICE in codes


def test_a_generation_that_never_has_enough_gives_the_credits_back(
    new_server: NewServer, meet: Meet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Path
) -> None:
    # What Python runs at the start of each process puts the fake task into workers only.
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys\nif 'api.work.worker' in sys.orig_argv:\n"
        "    import api.work.tasks\n"
        "    from tests.service.test_device_memory import fake\n"
        "    api.work.tasks.TASKS = {**api.work.tasks.TASKS, 'generate': fake}\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{ROOT}")
    monkeypatch.setenv("TRIES_OF_TESTS", str(tmp_path / "tries"))
    monkeypatch.setenv("LACKS_OF_TESTS", "9")
    server = new_server().start()
    person = meet(server)
    person.upload(photo)
    before = person.balance()
    said = json.dumps(person.say("make a 2 second clip that zooms in"))
    assert "raise MULTIPLANE_MODEL_GPU_MEMORY_MB" in said
    assert person.balance() == before
    assert len({line.split()[0] for line in (tmp_path / "tries").read_text().splitlines()}) == 2
    server.wait_ready()
