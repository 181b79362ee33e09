"""A full disk is known by its errors, wherever they come from and whatever stands around them."""

import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from api.store.database import Database, sqlite_url
from api.store.room import NO_ROOM, full_is_said, is_full
from engine.core.errors import EngineError, OutputError


class PostgresError(Exception):
    """As psycopg's."""

    sqlstate = "53100"


def test_a_full_disk_is_known_by_the_system_and_by_the_databases(tmp_path: Path) -> None:
    assert is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_full(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert is_full(OperationalError("INSERT", {}, PostgresError()))
    database = Database(sqlite_url(tmp_path))
    with database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("CREATE TABLE t (words TEXT)")
        connection.exec_driver_sql("PRAGMA max_page_count = 4")
        with pytest.raises(OperationalError) as caught:
            connection.exec_driver_sql("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    assert is_full(caught.value)
    database.close()


def test_other_errors_are_not_taken_for_it() -> None:
    assert not is_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_full(sqlite3.OperationalError("database is locked"))
    assert not is_full(ValueError("the disk is full of them"))


def test_it_is_found_behind_other_errors() -> None:
    error = OutputError("video.mp4: the disk is full.")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert is_full(error)


def test_in_a_block_it_becomes_a_sentence() -> None:
    with pytest.raises(EngineError, match=NO_ROOM.partition(":")[0]), full_is_said():
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), full_is_said():
        raise PermissionError
