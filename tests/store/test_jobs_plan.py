"""How the database finds a job among ten thousand: by the front of an index, whatever waits behind it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from api.store.clock import now_ms
from api.store.database import Database
from api.store.jobs import claim, submit
from api.store.rows import Job, User
from engine.core.errors import TooManyRequests

JOBS, USERS = 10_000, 50

Statement = tuple[str, Any]


@pytest.fixture
def crowded(database: Database) -> Database:
    """Ten thousand queued jobs of fifty users; some have keys, a few are running, many have ended."""
    now = now_ms()
    row = {"kind": "render", "lane": "render", "payload": "{}", "stage": "", "progress": 0.0, "kills": 0, "fence": 0,
           "attempts": 0, "cancel_requested": False, "created_at": now, "priority": 5}  # fmt: skip
    rows = [
        row | {"id": f"job_{number}", "user_id": f"user{number % USERS}", "rank": number // USERS, "state": "queued",
               "exclusive": f"key{number % 997}" if number % 3 else None}
        for number in range(JOBS)
    ]  # fmt: skip
    rows += [
        row | {"id": f"run_{number}", "user_id": f"user{number}", "rank": 0, "state": "running",
               "exclusive": f"key{number}", "lease_until": now}
        for number in range(8)
    ]  # fmt: skip
    rows += [
        row | {"id": f"old_{number}", "user_id": f"user{number % USERS}", "rank": 0, "state": "succeeded",
               "exclusive": f"key{number % 997}"}
        for number in range(JOBS)
    ]  # fmt: skip
    with database.write() as session:
        session.execute(
            insert(User), [{"id": f"user{number}", "kind": "anonymous", "created_at": now} for number in range(USERS)]
        )
        session.execute(insert(Job), [{"lease_until": None} | each for each in rows])
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return database


@pytest.fixture
def statements(crowded: Database) -> Iterator[list[Statement]]:
    """Everything that is sent to the database about jobs, with its parameters."""
    found: list[Statement] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if re.search(r"\bFROM\s+\(?.*jobs|UPDATE jobs", statement, re.DOTALL):
            found.append((statement, parameters))

    event.listen(crowded.engine, "before_cursor_execute", note)
    yield found
    event.remove(crowded.engine, "before_cursor_execute", note)


def plan(database: Database, statement: Statement) -> str:
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (COSTS OFF) "
    with database.engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement[0], statement[1]))


def check_plans(database: Database, statements: list[Statement]) -> None:
    assert statements
    for statement in list(statements):
        told = plan(database, statement)
        assert not re.search(r"\bSort\b|TEMP B-TREE", told), told
        # Neither the table from end to end, nor an index.
        assert not re.search(r"Seq Scan|^\s*SCAN (jobs|alias)", told, re.MULTILINE), told


def test_a_claim_reads_the_front_of_an_index(crowded: Database, statements: list[Statement]) -> None:
    for lanes in (("render",), ("media", "render", "fetch")):
        found = claim(crowded, lanes, "worker")
        assert found is not None
    assert len(statements) >= 4
    check_plans(crowded, statements)
    assert any("ix_jobs_next" in plan(crowded, statement) for statement in statements)


def test_submitting_counts_no_further_than_the_limit(
    crowded: Database, statements: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED", "500")
    with pytest.raises(TooManyRequests), crowded.write() as session:
        submit(session, "render", "render", "user7", {})
    (refused,) = [statement for statement in statements if "count(" in statement[0]]
    check_plans(crowded, [refused])
    statements.clear()
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED", str(2 * JOBS))
    monkeypatch.setenv("MULTIPLANE_MAX_QUEUED_PER_USER", "1000")
    with crowded.write() as session:
        submit(session, "render", "render", "user7", {})
    counts = [statement for statement in statements if "count(" in statement[0]]
    assert len(counts) == 2
    assert all("LIMIT" in statement for statement, _ in [refused, *counts])
    # Where all ten thousand are to be counted, PostgreSQL may do so in any order; the rest reads a few rows.
    check_plans(crowded, [statement for statement in statements if statement is not counts[0]])
