"""Bringing a database up to date: at every start of the service, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.store.database import WRITES, Database
from api.store.rows import Base
from engine.core.errors import EngineError

FOLDER = Path(__file__).resolve().parent / "migrations"

LOCK = 5_412_096_073
"""Number of PostgreSQL's advisory lock: two services that start at once take turns."""


def migrate(database: Database, target: str = "head") -> None:
    """Create the tables, or change them to what this version needs. Nothing is lost where a step fails.

    Raises:
        EngineError: the database is of a newer version of Multiplane.
    """
    with database.engine.execution_options(**{WRITES: True}).connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = _config(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise EngineError(
                "The database was made by a newer version of Multiplane: start that version, or name another database.",
                detail=f"revision {current}",
            )
        command.upgrade(config, target)


def differences(database: Database) -> list[object]:
    """In what the tables differ from those of :mod:`api.store.rows`; empty after :func:`migrate`."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
