"""Bringing a database up to date: at every start of the service, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from api.store.database import WRITES, Database, Turns, take_turns
from api.store.rows import Base
from engine.core.errors import EngineError

FOLDER = Path(__file__).resolve().parent / "migrations"


def migrate(database: Database, target: str = "head") -> None:
    """Create the tables, or change them to what this version needs. Nothing is lost where a step fails.

    Raises:
        EngineError: the database is of a newer version of Multiplane.
    """
    with (
        database.engine.execution_options(**{WRITES: True}).connect() as connection,
        _without_references(connection),
        connection.begin(),
    ):
        take_turns(connection, Turns.MIGRATION)  # two services that start at once
        config = _config(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise EngineError(
                "The database was made by a newer version of Multiplane: start that version, or name another database.",
                detail=f"revision {current}",
            )
        command.upgrade(config, target)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise EngineError("The database refers to rows that are not there: restore a copy of it.")


def differences(database: Database) -> list[object]:
    """In what the tables differ from those of :mod:`api.store.rows`; empty after :func:`migrate`."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


@contextmanager
def _without_references(connection: Connection) -> Iterator[None]:
    """Let steps rebuild tables of SQLite that others refer to; the switch works between transactions only."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
