"""Migrations: from nothing and from every released revision, with data in every table, to the tables of today."""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, create_engine, event, inspect, select, text

from api.store.database import Database
from api.store.migrate import _config, differences, migrate
from api.store.rows import Base
from engine.core.errors import EngineError
from tests.store.databases import Maker
from tests.store.processes import start_all, wait_all
from tests.store.work import migrate_one

KEYS = {"transfer_id": "tr", "merged_into": None, "exclusive": None}


def revisions() -> list[str]:
    """All of them, oldest first."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(_config(connection)).walk_revisions()
    engine.dispose()
    return [script.revision for script in scripts][::-1]


def fill(database: Database) -> dict[str, dict[str, object]]:
    """A row in every table, of whatever form the tables have at that revision; the rows."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    rows = {}
    with database.write() as session:
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                rows[table.name] = row_of(table)
                session.execute(table.insert().values(rows[table.name]))
    return rows


def row_of(table: Table) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in table.columns:
        # The same text everywhere: so every row refers to the one of the other table.
        kind = column.type.python_type
        row[column.name] = KEYS[column.name] if column.name in KEYS else {str: "x", bool: False}.get(kind, 1)
        if column.name == "id" and kind is str:
            row["id"] = "tr" if table.name == "transfers" else "x"
    return row


def kept(database: Database, rows: dict[str, dict[str, object]]) -> None:
    with database.read() as session:
        for name, row in rows.items():
            table = Base.metadata.tables.get(name)
            if table is None:
                continue
            known = [column for column in table.columns if column.name in row]
            found = session.execute(select(*known)).one()
            assert dict(found._mapping) == {column.name: row[column.name] for column in known}


def test_an_empty_database_gets_today_s_tables(maker: Maker) -> None:
    database = Database(maker.empty())
    migrate(database)
    assert differences(database) == []
    assert set(inspect(database.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    migrate(database)  # at every start of the service
    assert differences(database) == []
    database.close()


@pytest.mark.parametrize("revision", revisions())
def test_data_of_every_revision_is_there_in_today_s_tables(maker: Maker, revision: str) -> None:
    database = Database(maker.empty())
    migrate(database, revision)
    rows = fill(database)
    migrate(database)
    assert differences(database) == []
    kept(database, rows)
    database.close()


def test_a_difference_would_be_found(maker: Maker) -> None:
    database = Database(maker.empty())
    migrate(database)
    with database.write() as session:
        session.execute(text("ALTER TABLE users ADD COLUMN more INTEGER"))
    assert len(differences(database)) == 1
    database.close()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(maker: Maker) -> None:
    database = Database(maker.full())
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(EngineError, match="newer version"):
        migrate(database)
    with database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()


def test_a_step_that_fails_changes_nothing(maker: Maker) -> None:
    database = Database(maker.empty())

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE renders" in statement:
            raise ZeroDivisionError

    event.listen(database.engine, "before_cursor_execute", fail)
    with pytest.raises(ZeroDivisionError):
        migrate(database)
    event.remove(database.engine, "before_cursor_execute", fail)
    assert inspect(database.engine).get_table_names() == []
    migrate(database)
    assert differences(database) == []
    if database.is_sqlite:
        with database.read() as session:
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


def test_services_that_start_at_once_take_turns(maker: Maker) -> None:
    for _ in range(3):
        url = maker.empty()
        assert wait_all(start_all(migrate_one, [(url,)] * 4)) == [0] * 4
        database = Database(url)
        assert differences(database) == []
        database.close()
