"""Databases with all tables, made quickly: each is a copy of one that was migrated once."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from api.store.database import Database, sqlite_url
from api.store.migrate import migrate

MakeDatabase = Callable[[], Database]

TEMPLATE = "template_of_tests"


class SqliteMaker:
    """Databases in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        self.template: Path | None = None

    def empty(self) -> str:
        """The URL of a database without tables."""
        folder = self.folder / str(next(self.numbers))
        folder.mkdir(parents=True)
        return sqlite_url(folder)

    def full(self) -> str:
        """The URL of a database with all tables."""
        if self.template is None:
            _migrate(url := self.empty())
            self.template = Path(url.removeprefix("sqlite:///"))
        url = self.empty()
        shutil.copy(self.template, url.removeprefix("sqlite:///"))
        return url


class PostgresMaker:
    """Databases on a server; ``address`` is a URL with ``%s`` for the name."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.numbers = count()
        self.has_template = False

    def empty(self) -> str:
        """The URL of a database without tables."""
        return self._create(f"t{next(self.numbers)}", "template0")

    def full(self) -> str:
        """The URL of a database with all tables."""
        if not self.has_template:
            _migrate(self._create(TEMPLATE, "template0"))
            self.has_template = True
        return self._create(f"t{next(self.numbers)}", TEMPLATE)

    def _create(self, name: str, template: str) -> str:
        with psycopg.connect(self.address % "postgres", autocommit=True) as connection:
            words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(template)))
        return self.address % name


Maker = SqliteMaker | PostgresMaker


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()
