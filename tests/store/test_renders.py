"""Exports: an id stands for one order, however often and by however many it is sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.store.database import Database
from api.store.jobs import claim
from api.store.renders import order_render, own_render, render_by_key
from api.store.rows import Job
from engine.core.errors import DuplicateId, NoSuchObject, TooManyRequests
from tests.store.people import add_session, add_user


@pytest.fixture
def anna(database: Database) -> Database:
    with database.write() as session:
        add_user(session, "anna")
        add_user(session, "ben")
    return database


def order(database: Database, user: str = "anna", draft: object = None, wanted: str = "mine") -> tuple[str, str]:
    with database.write() as session:
        render, job = order_render(session, wanted, user, None, draft or {"t": [1]}, {"q": "high"})
        return render.key, job.id


def jobs(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def test_the_same_order_again_is_the_same_export(anna: Database) -> None:
    assert order(anna) == order(anna)
    assert order(anna, draft={"t": [2]}, wanted="other") != order(anna)
    assert jobs(anna) == 2


def test_another_order_under_the_same_id_is_refused(anna: Database) -> None:
    order(anna)
    for user, draft in (("anna", {"t": [2]}), ("ben", {"t": [1]})):
        with pytest.raises(DuplicateId):
            order(anna, user, draft)
    assert jobs(anna) == 1


def test_the_same_order_sent_at_once_is_one_export(anna: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: order(anna), range(8)))) == 1
    assert jobs(anna) == 1


def test_of_two_users_who_take_an_id_at_once_one_has_it(anna: Database) -> None:
    def try_it(user: str) -> int:
        try:
            order(anna, user)
        except DuplicateId:
            return 0
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(try_it, ("anna", "ben"))) == 1
    assert jobs(anna) == 1


def test_an_export_is_nobody_else_s(anna: Database) -> None:
    key, job_id = order(anna)
    with anna.read() as session:
        assert own_render(session, "anna", "mine")[1].id == job_id
        for user, wanted in (("ben", "mine"), ("anna", "unknown"), ("anna", "\0")):
            with pytest.raises(NoSuchObject):
                own_render(session, user, wanted)
        found = render_by_key(session, key)
        assert found is not None
        assert found.id == "mine"
        assert render_by_key(session, "unknown") is None


def test_a_full_queue_keeps_nothing_of_the_order(anna: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED", "1")
    order(anna)
    with pytest.raises(TooManyRequests):
        order(anna, wanted="other")
    order(anna)  # what is in the queue is known still
    with anna.read() as session, pytest.raises(NoSuchObject):
        own_render(session, "anna", "other")


def test_a_session_exports_one_at_a_time(anna: Database) -> None:
    with anna.write() as session:
        row = add_session(session, "anna")
        for number in range(2):
            order_render(session, str(number), "anna", row.id, {"t": [number]}, {})
    assert claim(anna, ("render",), "worker") is not None
    assert claim(anna, ("render",), "worker") is None
    order(anna)
    assert claim(anna, ("render",), "worker") is not None
