"""The database: SQLite in WAL mode by default, PostgreSQL by URL. Transactions that read, and transactions that write.

SQLite has one writer at a time: a writing transaction begins with BEGIN IMMEDIATE, so that it waits for its turn at
the start and never fails half-way. ``synchronous=FULL`` makes a commit survive a loss of power, not only a crash.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from sqlite3 import SQLITE_BUSY, Cursor
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteError

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from engine.core.errors import OptionError

BUSY_S = 30
"""Seconds that a transaction of SQLite waits for another writer."""

POOL = 12
"""Connections that a process keeps."""

WRITES = "multiplane_writes"

ALONE = "multiplane_alone"


class Turns(IntEnum):
    """What is done by one transaction at a time: numbers of PostgreSQL's advisory locks."""

    MIGRATION = 5_412_096_073
    ANONYMOUS = 5_412_096_074


def take_turns(session: Session | Connection, what: Turns) -> None:
    """Wait until no other transaction is at it, and be at it until this one ends. SQLite has one writer anyway."""
    dialect = session.get_bind().dialect if isinstance(session, Session) else session.dialect
    if dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": int(what)})


def sqlite_url(folder: Path) -> str:
    """The URL of the database in a data folder."""
    return f"sqlite:///{folder / 'multiplane.db'}"


class Database:
    """Transactions on one database. One for each process: connections must not cross a fork.

    Args:
        url: of SQLAlchemy: ``sqlite:///FILE`` or ``postgresql://...``.

    Raises:
        OptionError: the URL is not one of these, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        # PostgreSQL would otherwise let every statement see its own moment.
        readers = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._read = sessionmaker(self.engine.execution_options(**readers), expire_on_commit=False)
        self._single = sessionmaker(self.engine.execution_options(**{ALONE: True}), expire_on_commit=False)
        self._write = sessionmaker(self.engine.execution_options(**{WRITES: True}), expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether one file holds it all."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that changes nothing; it sees one moment of the database."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is on disk when the block ends, and undone when it raises."""
        with self._write() as session, session.begin():
            yield session

    @contextmanager
    def single(self) -> Iterator[Session]:
        """A session for one statement that writes and is its own transaction: on disk when it has been executed.

        SQLite then holds its lock within the library alone. Between BEGIN and COMMIT a thread of Python may have to
        wait for other threads of its process, and all other writers with it.
        """
        with self._single() as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(
                parsed, connect_args={"timeout": BUSY_S, "check_same_thread": False}, pool_size=POOL, max_overflow=-1
            )
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_size=POOL, max_overflow=-1, pool_pre_ping=True)
    except (ArgumentError, ImportError, ValueError) as error:  # no URL, a driver that is not installed, a bad port
        raise OptionError(
            "MULTIPLANE_DATABASE is no address of a database: write it as sqlite:////FOLDER/FILE.db or "
            "postgresql://USER:PASSWORD@HOST/NAME (with the extra 'postgres' installed).",
            detail=type(error).__name__,
        ) from error
    raise OptionError("MULTIPLANE_DATABASE names a kind of database that is not known: use sqlite or postgresql.")


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
    _switch_to_wal(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _switch_to_wal(cursor: Cursor) -> None:
    """Put the file into WAL mode; the switch of a new file does not wait for others by itself, whatever the timeout."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except SqliteError as error:
            if error.sqlite_errorcode & 0xFF != SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(ALONE):
        return
    writes = options.get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
