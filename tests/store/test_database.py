"""The database: what a transaction promises, and the texts that can be kept."""

import pytest
from sqlalchemy import text

from api.store.database import Database
from api.store.rows import User
from engine.core.errors import OptionError
from tests.store.databases import SqliteMaker
from tests.store.people import add_user


def test_what_raises_inside_a_transaction_is_undone(database: Database) -> None:
    def half_way() -> None:
        with database.write() as session:
            add_user(session, "anna")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with database.read() as session:
        assert session.get(User, "anna") is None


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as reader:
        assert reader.get(User, "anna") is None
        with database.write() as writer:
            add_user(writer, "anna")
        assert reader.get(User, "anna") is None
    with database.read() as reader:
        assert reader.get(User, "anna") is not None


@pytest.mark.parametrize("name", ["a\0b", "half \ud83d of a pair", "汉字 🌼"])
def test_every_text_can_be_kept_and_looked_for(database: Database, name: str) -> None:
    with database.write() as session:
        add_user(session, name)
    with database.read() as session:
        assert session.get(User, name) is not None
        assert session.get(User, name + "\0") is None


def test_sqlite_is_set_up_to_survive_a_loss_of_power(sqlite: SqliteMaker) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    database = Database(sqlite.full())
    for transaction in (database.read, database.write):
        with transaction() as session:
            assert {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
    database.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+nothing://x/y", "http://a/b"])
def test_another_kind_of_address_is_refused(url: str) -> None:
    with pytest.raises(OptionError, match="MULTIPLANE_DATABASE"):
        Database(url)
