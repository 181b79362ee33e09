"""SQLite: what was committed is there after its writer was killed, and the file is whole."""

import os
import signal
import time
from pathlib import Path

from sqlalchemy import func, select, text

from api.store.database import Database
from api.store.ledger import errors_of_the_books
from api.store.rows import Transfer, User
from tests.store.databases import SqliteMaker
from tests.store.processes import start_all
from tests.store.work import write_for_ever

ROUNDS = 20


def test_killed_writers_lose_nothing_that_was_committed(sqlite: SqliteMaker, tmp_path: Path) -> None:
    url = sqlite.full()
    for round_ in range(ROUNDS):
        found = tmp_path / str(round_)
        writers = start_all(write_for_ever, [(url, found)] * 2)
        # At different places of a transaction: the time varies with the round, and nothing is expected of it.
        while not found.exists() or found.stat().st_size == 0:
            assert all(writer.is_alive() for writer in writers)
            time.sleep(0.002)
        time.sleep(0.0017 * round_)
        for writer in writers:
            assert writer.pid is not None
            os.kill(writer.pid, signal.SIGKILL)
        for writer in writers:
            writer.join()
            assert writer.exitcode == -signal.SIGKILL
        database = Database(url)
        with database.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).first() is None
            acknowledged = {line for line in found.read_text().splitlines(keepends=True) if line.endswith("\n")}
            there = set(session.scalars(select(User.id)))
            assert {line.strip() for line in acknowledged} <= there
            assert errors_of_the_books(session) == []
            # Each transaction as a whole: a user, a grant and a reservation.
            assert session.scalar(select(func.count()).select_from(Transfer)) == 2 * len(there)
        database.close()
