"""What a full disk looks like, wherever it is noticed: as an error of the system, of the database, or behind others."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from engine.core.errors import EngineError

NO_ROOM = "There is no room left on this site's disk: tell its operator, and try again later."

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_POSTGRES_FULL = "53100"
"""SQLSTATE disk_full."""


def is_full(error: BaseException) -> bool:
    """Whether an error says, or was raised because, there is no room left."""
    return any(_says_so(each) for each in _chain(error))


@contextmanager
def full_is_said() -> Iterator[None]:
    """A block in which a full disk is an error with a sentence.

    Raises:
        EngineError: there is no room.
    """
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        if is_full(error):
            raise EngineError(NO_ROOM, detail=str(error)) from error
        raise


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRES_FULL


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those before it; those of SQLAlchemy hold the driver's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
