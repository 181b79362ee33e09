"""Databases of both kinds, for every test that asks for one."""

from collections.abc import Iterator

import pytest

from api.store.database import Database
from tests.store.databases import MakeDatabase, Maker, PostgresMaker, SqliteMaker
from tests.store.postgres import find_binaries, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresMaker]:
    """A server of our own, for the session."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with running_server(binaries) as address:
        yield PostgresMaker(address)


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteMaker:
    return SqliteMaker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgres"])
def maker(request: pytest.FixtureRequest) -> Maker:
    """Makes databases of one kind."""
    found: Maker = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def make_database(maker: Maker) -> Iterator[MakeDatabase]:
    """Makes databases with all tables, which are closed at the end."""
    opened: list[Database] = []

    def make() -> Database:
        opened.append(Database(maker.full()))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    """A database with all tables and nothing in them: in a file, and on a server."""
    return make_database()
