"""The clock of the machine may jump by an hour, either way, while work is done: nobody's work is taken away."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.service import open_service
from api.store import jobs
from api.store.clock import SECOND, now_ms
from api.store.rows import Job, User
from api.work.clock_watch import ClockWatch
from api.work.recovery import recover
from tests.service.person import Person, calls
from tests.service.server import Server, wait_for
from tests.service.soundness import faults
from tests.service.test_workers import long_draft

HOUR = 3600

LEASE_S = 2

SITE = """
import os, time
_real = time.time, time.time_ns
def _offset():
    try:
        with open(os.environ["TEST_CLOCK"], encoding="ascii") as stream:
            return int(stream.read() or 0)
    except OSError:
        return 0
if "TEST_CLOCK" in os.environ:  # not in the sandbox, which inherits nothing and may open nothing
    time.time = lambda: _real[0]() + _offset()
    time.time_ns = lambda: _real[1]() + _offset() * 10**9
"""
"""A ``sitecustomize`` that sets the clock of every Python process by a file: there may be no libfaketime here."""


class Clock:
    """The clock of a service's processes.

    Args:
        folder: ours.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "offset"
        self.modules = folder / "modules"
        self.modules.mkdir()
        (self.modules / "sitecustomize.py").write_text(SITE)
        self.set(0)

    def set(self, offset_s: int) -> None:
        """Set it, by so many seconds off the right time."""
        part = self._file.with_suffix(".part")
        part.write_text(str(offset_s))
        part.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of a process that goes by it."""
        return {"PYTHONPATH": str(self.modules), "TEST_CLOCK": str(self._file)}


@pytest.fixture
def hands(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def server(new_server: Callable[..., Server], hands: Clock, tmp_path: Path) -> Server:
    cache = str(tmp_path / "cache")  # of its own: what another test has rendered would be there at once
    return new_server(MULTIPLANE_LEASE_S=str(LEASE_S), MULTIPLANE_CACHE=cache, **hands.environment).start()


@pytest.fixture
def customer(server: Server) -> Iterator[Person]:
    someone = Person(server.url)
    yield someone
    someone.close()


def job_of(server: Server, render_id: str) -> dict[str, Any]:
    """The row of a render's job."""
    with closing(sqlite3.connect(f"file:{server.data / 'multiplane.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        query = "SELECT jobs.* FROM jobs JOIN renders ON renders.job_id = jobs.id WHERE renders.id = ?"
        return dict(connection.execute(query, (render_id,)).fetchone())


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_render_goes_on_when_the_clock_jumps(
    jump: int, server: Server, customer: Person, hands: Clock, photo: Path
) -> None:
    draft = long_draft(customer, photo) | {"d": 60_000}
    draft["t"][0]["sg"][0]["d"] = 60_000
    customer.order("jumps", draft)
    wait_for(lambda: customer.poll("jumps")["progress"] > 8, 60)
    before = server.processes()
    hands.set(jump)
    time.sleep(LEASE_S * 2.5)  # long enough for everyone to look at leases, and for the clock to be trusted again
    assert job_of(server, "jumps")["state"] == "running"
    assert customer.wait("jumps", 300)["status"] == "completed"
    job = job_of(server, "jumps")
    assert (job["attempts"], job["kills"], job["fence"]) == (1, 0, 1), "one worker had it, from first to last"
    assert {pid: name for pid, name in before.items() if name.startswith(("web", "worker"))}.items() <= (
        server.processes().items()
    )
    # What is good for days is good still, and new work is taken.
    assert calls(customer.say("animate this, 0.5 seconds"))
    other = Person(server.url)
    assert other.upload(photo).status_code == 200
    other.close()
    hands.set(0)  # and back again
    assert calls(customer.say("make it black and white"))
    assert server.stop() == 0
    assert faults(server.data) == []


def test_links_and_tokens_of_before_work_after_a_jump(customer: Person, hands: Clock, photo: Path) -> None:
    url = customer.upload(photo).json()["url"]
    for jump in (HOUR, -HOUR, 0):
        hands.set(jump)
        assert customer.http.get(url).status_code == 200
        assert customer.http.get(customer.upload(photo).json()["url"]).status_code == 200


def test_a_clock_that_jumped_is_not_trusted_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"time": 1000.0, "monotonic": 50.0}
    monkeypatch.setattr("api.work.clock_watch.time.time", lambda: now["time"])
    monkeypatch.setattr("api.work.clock_watch.time.monotonic", lambda: now["monotonic"])
    watch = ClockWatch()

    def look_after(seconds: float, jump: float = 0.0) -> bool:
        now["time"] += seconds + jump
        now["monotonic"] += seconds
        watch.look(20.0)
        return watch.is_steady()

    assert look_after(10.0)
    assert look_after(10.0, jump=1.0), "clocks are adjusted by a little all the time"
    assert not look_after(0.1, jump=HOUR)
    assert not look_after(19.0)
    assert look_after(1.1)
    assert not look_after(0.1, jump=-HOUR)
    assert not look_after(10.0, jump=-HOUR), "again while it is not trusted"
    assert not look_after(19.0)
    assert look_after(1.1)


def test_a_lease_is_renewed_from_the_clock_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = open_service(tmp_path)
    database = service.database
    with database.write() as session:
        session.add(User(id="anna", kind="anonymous", created_at=now_ms()))
        session.flush()
        job_id = jobs.submit(session, "render", "render", "anna", {})
    claimed = jobs.claim(database, ("render",), "site/boot/cpu-0/1")
    assert claimed is not None

    def state() -> str:
        with database.read() as session:
            return session.get_one(Job, job_id).state

    for jump in (HOUR, -HOUR):
        moved = now_ms() + jump * SECOND
        monkeypatch.setattr("api.store.jobs.now_ms", lambda moved=moved: moved)
        jobs.report(database, claimed, 0.5)  # the sign of life that is waited for after a jump
        assert recover(database, None, killed=True)
        assert state() == "running"
        later = moved + round(jobs.LEASE.value() * SECOND) + 1
        monkeypatch.setattr("api.store.jobs.now_ms", lambda later=later: later)
    # Who gives none any more loses the job, whatever the clock said before.
    assert recover(database, None, killed=True)
    assert state() == "queued"
    with pytest.raises(jobs.LostLease):
        jobs.report(database, claimed, 0.6)
    service.close()
