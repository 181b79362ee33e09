"""Jobs against a model: any order of submitting, claiming, reporting, ending, dying and cancelling."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from api.store.database import Database
from api.store.jobs import (
    ENDED,
    MAX_KILLS,
    PRIORITIES,
    Claim,
    LostLease,
    abandoned,
    claim,
    fail,
    finish,
    give_up,
    hand_back,
    report,
    request_cancel,
    submit,
)
from api.store.rows import Job
from tests.store.databases import MakeDatabase
from tests.store.people import add_user

LANES = ("render", "media")

USERS = ("anna", "ben")

KEYS = (None, "render:1", "render:2")


@dataclass
class Model:
    """What a job must be like."""

    lane: str
    key: str | None
    priority: int
    state: str = "queued"
    fence: int = 0
    attempts: int = 0
    kills: int = 0
    progress: float = 0.0
    wants_end: bool = False
    worker: str = ""


@dataclass(eq=False)
class Machine(RuleBasedStateMachine):
    """The rules; ``claims`` are all that were ever given, the old ones too."""

    make_database: MakeDatabase
    models: dict[str, Model] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @initialize()
    def begin(self) -> None:
        self.database: Database = self.make_database()
        with self.database.write() as session:
            for user in USERS:
                add_user(session, user)

    def teardown(self) -> None:
        self.database.close()

    def running(self) -> list[str]:
        return [job_id for job_id, model in self.models.items() if model.state == "running"]

    @rule(
        user=st.sampled_from(USERS), lane=st.sampled_from(LANES), key=st.sampled_from(KEYS),
        priority=st.sampled_from(sorted(PRIORITIES)),
    )  # fmt: skip
    def submit(self, user: str, lane: str, key: str | None, priority: str) -> None:
        with self.database.write() as session:
            job_id = submit(session, "render", lane, user, {}, exclusive=key, priority=priority)
        self.models[job_id] = Model(lane, key, PRIORITIES[priority])

    @rule(lanes=st.sampled_from((("render",), ("media",), LANES)), worker=st.sampled_from(("w1", "w2")))
    def claim(self, lanes: tuple[str, ...], worker: str) -> None:
        busy = {self.models[job_id].key for job_id in self.running()} - {None}
        free = [
            model for model in self.models.values()
            if model.state == "queued" and model.lane in lanes and model.key not in busy
        ]  # fmt: skip
        found = claim(self.database, lanes, worker)
        if found is None:
            assert free == []
            return
        model = self.models[found.job_id]
        assert model in free
        assert model.priority == min(each.priority for each in free)
        model.state, model.fence, model.attempts, model.worker = "running", model.fence + 1, model.attempts + 1, worker
        assert (found.fence, found.attempts) == (model.fence, model.attempts)
        self.claims.append(found)

    def act(self, number: int, work: Callable[[Any, Claim], None]) -> Model | None:
        """Do something under some claim; its model where the claim is good, and a refusal where it is not."""
        found = self.claims[number % len(self.claims)]
        model = self.models[found.job_id]
        if model.state == "running" and model.fence == found.fence:
            with self.database.write() as session:
                work(session, found)
            return model
        with pytest.raises(LostLease), self.database.write() as session:
            work(session, found)
        return None

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 99), progress=st.floats(0, 1))
    def report(self, number: int, progress: float) -> None:
        found = self.claims[number % len(self.claims)]
        model = self.models[found.job_id]
        if model.state == "running" and model.fence == found.fence:
            assert report(self.database, found, progress) == model.wants_end
            model.progress = max(model.progress, progress)
        else:
            with pytest.raises(LostLease):
                report(self.database, found, progress)

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 99))
    def finish(self, number: int) -> None:
        if model := self.act(number, lambda session, found: finish(session, found, {})):
            # Whoever cancelled was told so: it stays true.
            model.state = "cancelled" if model.wants_end else "succeeded"
            model.progress = model.progress if model.wants_end else 1.0

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 99), state=st.sampled_from(("failed", "cancelled")))
    def fail(self, number: int, state: str) -> None:
        if model := self.act(number, lambda session, found: fail(session, found, "sorry", state=state)):
            model.state = state

    @precondition(lambda self: self.claims)
    @rule(number=st.integers(0, 99))
    def hand_back(self, number: int) -> None:
        if model := self.act(number, hand_back):
            if model.wants_end:
                model.state = "cancelled"
            else:
                model.state, model.attempts = "queued", model.attempts - 1

    @precondition(lambda self: self.models)
    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        job_id = list(self.models)[number % len(self.models)]
        model = self.models[job_id]
        with self.database.write() as session:
            state = request_cancel(session, job_id)
        if model.state == "queued":
            model.state = "cancelled"
        model.wants_end |= model.state == "running"
        assert state == model.state

    @rule(worker=st.sampled_from(("w1", "w2")))
    def die(self, worker: str) -> None:
        lost = {job_id for job_id in self.running() if self.models[job_id].worker == worker}
        with self.database.write() as session:
            found = abandoned(session, worker)
            assert {job.id for job in found} == lost
            states = {job.id: give_up(session, job) for job in found}
        for job_id, state in states.items():
            model = self.models[job_id]
            model.kills += 1
            ending = "failed" if model.kills >= MAX_KILLS else "queued"
            model.state = "cancelled" if model.wants_end else ending
            assert state == model.state

    @invariant()
    def rows_are_as_the_model(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            rows = session.scalars(select(Job)).all()
        assert {row.id for row in rows} == self.models.keys()
        for row in rows:
            model = self.models[row.id]
            assert (row.state, row.fence, row.attempts, row.kills) == (
                model.state, model.fence, model.attempts, model.kills,
            )  # fmt: skip
            assert row.progress == pytest.approx(model.progress)
            assert (row.lease_until is not None) == (row.state == "running")
            assert (row.ended_at is not None) == (row.state in ENDED)
        keys = [row.exclusive for row in rows if row.state == "running" and row.exclusive]
        assert len(keys) == len(set(keys))


def test_jobs_are_as_their_model(make_database: MakeDatabase) -> None:
    run_state_machine_as_test(
        lambda: Machine(make_database),
        settings=settings(
            max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
