"""Jobs: what a user, and a worker, may rely on."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.store.database import Database
from api.store.jobs import (
    QUARANTINED,
    Claim,
    LostLease,
    abandoned,
    claim,
    fail,
    finish,
    give_up,
    hand_back,
    is_cancelled,
    report,
    request_cancel,
    submit,
)
from api.store.rows import Job
from engine.core.errors import TooManyRequests
from tests.store.databases import MakeDatabase
from tests.store.people import add_user
from tests.store.processes import start_all, wait_all
from tests.store.work import claim_each


def begin(database: Database, *users: str) -> None:
    with database.write() as session:
        for user in users:
            add_user(session, user)


def order(database: Database, user: str = "anna", count: int = 1, lane: str = "render", **more: str) -> list[str]:
    ids = []
    for _ in range(count):
        with database.write() as session:
            ids.append(submit(session, "render", lane, user, {}, **more))
    return ids


def take(database: Database, *lanes: str) -> Claim:
    found = claim(database, lanes or ("render",), "worker")
    assert found is not None
    return found


def read(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def drain(database: Database) -> list[str]:
    """The users whose jobs are taken, one after the other, each finished before the next."""
    users = []
    while (found := claim(database, ("render",), "worker")) is not None:
        users.append(found.user_id)
        with database.write() as session:
            finish(session, found, {})
    return users


@pytest.fixture
def anna(database: Database) -> Database:
    begin(database, "anna")
    return database


def test_the_life_of_a_job(anna: Database) -> None:
    with anna.write() as session:
        job_id = submit(session, "render", "render", "anna", {"draft": {"v": "汉\ud83d"}})
        assert claim(anna, ("other",), "worker") is None
    assert claim(anna, ("other",), "worker") is None
    found = take(anna, "other", "render")
    assert (found.job_id, found.kind, found.user_id, found.fence, found.attempts) == (job_id, "render", "anna", 1, 1)
    assert found.payload == {"draft": {"v": "汉\ud83d"}}
    assert claim(anna, ("render",), "other") is None
    assert not report(anna, found, 0.5, "paint")
    assert not report(anna, found, 0.25)
    row = read(anna, job_id)
    assert (row.state, row.progress, row.stage, row.worker) == ("running", 0.5, "paint", "worker")
    with anna.write() as session:
        finish(session, found, {"blob": "b"})
    row = read(anna, job_id)
    assert (row.state, row.progress, row.lease_until) == ("succeeded", 1.0, None)
    assert row.result is not None
    assert json.loads(row.result) == {"blob": "b"}


def test_the_result_and_what_follows_are_there_together_or_not_at_all(anna: Database) -> None:
    order(anna)
    found = take(anna)

    def break_off() -> None:
        with anna.write() as session:
            finish(session, found, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert read(anna, found.job_id).state == "running"


def test_what_a_worker_does_that_was_given_up_counts_no_more(anna: Database) -> None:
    order(anna)
    old = take(anna)
    with anna.write() as session:
        (job,) = abandoned(session, "worker")
        assert give_up(session, job) == "queued"
    for moment in ("queued", "running", "succeeded"):
        for act in (
            lambda session: finish(session, old, {}),
            lambda session: fail(session, old, "no"),
            lambda session: hand_back(session, old),
        ):
            with pytest.raises(LostLease), anna.write() as session:
                act(session)
        with pytest.raises(LostLease):
            report(anna, old, 0.9)
        row = read(anna, old.job_id)
        assert (row.state, row.progress, row.error) == (moment, 1.0 if moment == "succeeded" else 0.0, None)
        if moment == "queued":
            new = take(anna)
            assert (new.fence, new.attempts) == (2, 2)
        if moment == "running":
            with anna.write() as session:
                finish(session, new, {})


def test_a_job_that_stops_two_workers_is_quarantined(anna: Database) -> None:
    (job_id,) = order(anna)
    for ending in ("queued", "failed"):
        take(anna)
        with anna.write() as session:
            assert [give_up(session, job) for job in abandoned(session, "worker")] == [ending]
    row = read(anna, job_id)
    assert (row.error, row.kills) == (QUARANTINED, 2)
    assert claim(anna, ("render",), "worker") is None
    with anna.write() as session:
        assert abandoned(session, "worker") == []


def test_a_worker_that_is_silent_past_its_lease_loses_the_job(anna: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    order(anna)
    found = take(anna)
    with anna.write() as session:
        assert abandoned(session) == []
    later = read(anna, found.job_id).lease_until
    assert later is not None
    monkeypatch.setattr("api.store.jobs.now_ms", lambda: later + 1)
    with anna.write() as session:
        assert [job.id for job in abandoned(session)] == [found.job_id]
    report(anna, found, 0.1)
    with anna.write() as session:
        assert abandoned(session) == []


def test_a_job_that_is_handed_back_is_as_before(anna: Database) -> None:
    order(anna)
    for _ in range(5):
        found = take(anna)
        assert found.attempts == 1
        with anna.write() as session:
            hand_back(session, found)
    assert read(anna, found.job_id).kills == 0


def test_cancelling(anna: Database) -> None:
    waiting, running = order(anna, count=2)
    with anna.write() as session:
        assert request_cancel(session, waiting) == "cancelled"
        assert request_cancel(session, waiting) == "cancelled"
    found = take(anna)
    assert found.job_id == running
    assert not is_cancelled(anna, running)
    with anna.write() as session:
        assert request_cancel(session, running) == "running"
    assert is_cancelled(anna, running)
    assert report(anna, found, 0.5)
    with anna.write() as session:
        fail(session, found, "cancelled", state="cancelled")
    with anna.write() as session:
        assert request_cancel(session, running) == "cancelled"
    assert is_cancelled(anna, "unknown")


def test_a_job_that_nobody_wants_ends_when_its_worker_dies(anna: Database) -> None:
    (job_id,) = order(anna)
    take(anna)
    with anna.write() as session:
        request_cancel(session, job_id)
    with anna.write() as session:
        assert [give_up(session, job) for job in abandoned(session, "worker")] == ["cancelled"]


def test_of_the_jobs_with_one_key_one_runs(anna: Database) -> None:
    order(anna, count=2, exclusive="render:1")
    order(anna, exclusive="render:2")
    first, second = take(anna), take(anna)
    assert claim(anna, ("render",), "worker") is None
    with anna.write() as session:
        finish(session, first, {})
    third = take(anna)
    assert len({first.job_id, second.job_id, third.job_id}) == 3


def test_urgent_jobs_come_first_whatever_their_lane(anna: Database) -> None:
    (background,) = order(anna, priority="background")
    (normal,) = order(anna, lane="media")
    (interactive,) = order(anna, priority="interactive")
    lanes = ("render", "media")
    assert [take(anna, *lanes).job_id for _ in range(3)] == [interactive, normal, background]


def test_of_jobs_that_are_as_urgent_those_of_the_first_lane_come_first(anna: Database) -> None:
    first, second = order(anna, count=2)
    (other,) = order(anna, lane="media")
    assert [take(anna, "media", "render").job_id for _ in range(3)] == [other, first, second]


def test_a_full_queue_refuses_at_once(anna: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(anna, "ben", "carol")
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED", "3")
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED_PER_USER", "2")
    order(anna, "anna", 2)
    with pytest.raises(TooManyRequests, match="too much waiting") as caught:
        order(anna, "anna")
    assert caught.value.retry_after
    order(anna, "anna", lane="other")
    order(anna, "ben")
    with pytest.raises(TooManyRequests, match="queue is full") as caught:
        order(anna, "carol")
    assert caught.value.retry_after
    take(anna)
    order(anna, "carol")


def test_one_job_waits_for_one_of_a_user_with_a_hundred(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED_PER_USER", "100")
    begin(database, "anna", "ben", "carol")
    order(database, "anna", 100)
    running = [take(database) for _ in range(3)]
    order(database, "ben")
    taken = drain(database)
    assert "ben" in taken[:2]
    for found in running:
        with database.write() as session:
            finish(session, found, {})
    # Neither does it count against anna how much she had done while nobody else was there.
    order(database, "anna", 20)
    found = [take(database) for _ in range(20)][-1]
    order(database, "carol", 30)
    order(database, "anna")
    with database.write() as session:
        finish(session, found, {})
    assert "anna" in drain(database)[:3]


@given(orders=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 6), st.integers(0, 4)), max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_users_take_turns(make_database: MakeDatabase, orders: list[tuple[str, int, int]]) -> None:
    database = make_database()
    begin(database, *"abcd", "last")
    running: list[Claim] = []
    for user, count, taken in orders:
        order(database, user, count)
        for _ in range(taken):
            if (found := claim(database, ("render",), "worker")) is not None:
                running.append(found)
        while len(running) > 2:
            with database.write() as session:
                finish(session, running.pop(0), {})
    order(database, "last")
    users = drain(database)
    before = users[: users.index("last")]
    assert all(before.count(user) <= 1 for user in "abcd")
    database.close()


def test_several_processes_never_get_the_same_job(database: Database, tmp_path: Path) -> None:
    begin(database, *(f"user{number}" for number in range(4)))
    wanted = [job for number in range(4) for job in order(database, f"user{number}", 15)]
    alike = [job for number in range(4) for job in order(database, f"user{number}", 3, exclusive=f"key{number}")]
    files = [tmp_path / str(number) for number in range(4)]
    codes = wait_all(
        start_all(claim_each, [(database.url, ("render",), str(number), file) for number, file in enumerate(files)])
    )
    assert codes == [0] * 4
    taken = [line for file in files for line in file.read_text().splitlines()]
    assert len(taken) == len(set(taken))
    assert set(wanted) <= set(taken)
    assert len(set(taken) & set(alike)) == 4  # nobody finished any: one of each key
