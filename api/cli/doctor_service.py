"""What ``multiplane doctor`` finds of the service: its data folder, its database, who works in it."""

import shutil
from pathlib import Path

from api.cli.finding import Finding

LOW_DISK = 5
"""GB free below which the data folder's disk is reported as low."""


def service_findings(given: Path | None = None) -> list[Finding]:
    """Look at the service of a data folder, that of the settings by default; nothing is made or changed."""
    from api.service import DATA, DATABASE
    from api.store.database import sqlite_url

    folder = given or DATA.value()
    assert folder is not None
    is_there = (folder / "multiplane.db").exists()
    if not is_there and not DATABASE.value():
        return [Finding("service", "missing", f"nothing was served from {folder} yet: multiplane serve begins it")]
    found = [_disk(folder)]
    found += _database(DATABASE.value() or sqlite_url(folder))
    found.append(_running(folder))
    return found


def _disk(folder: Path) -> Finding:
    if not folder.is_dir():
        return Finding("service disk", "missing", f"{folder} is not there yet: multiplane serve makes it")
    free = shutil.disk_usage(folder).free / 1e9
    return Finding("service disk", "ok" if free >= LOW_DISK else "problem", f"{free:.1f} GB free in {folder}")


def _database(url: str) -> list[Finding]:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    from api.store.database import Database
    from api.store.ledger import errors_of_the_books
    from api.store.migrate import differences

    database = Database(url)
    try:
        changes = differences(database)
        found = [
            Finding("service database", "ok", "its tables are those of this version")
            if not changes
            else Finding("service database", "missing", "older than this version: the next start brings it up to date")
        ]
        if changes:
            return found
        with database.read() as session:
            errors = errors_of_the_books(session)
            if database.is_sqlite:
                said = str(session.execute(text("PRAGMA quick_check")).scalar())
                found.append(Finding("service integrity", "ok" if said == "ok" else "problem", said))
        books = "every balance is the sum of its movements" if not errors else errors[0]
        found.append(Finding("service books", "problem" if errors else "ok", books))
        return found
    except SQLAlchemyError as error:
        return [Finding("service database", "problem", f"does not answer ({type(error).__name__})")]
    finally:
        database.close()


def _running(folder: Path) -> Finding:
    from api.ops.presence import FOLDER, is_locked, present_slots

    try:
        runs = is_locked(folder / FOLDER / "supervisor.lock")
    except OSError:
        runs = False
    if not runs:
        return Finding("service", "missing", "not running: multiplane serve starts it")
    slots = present_slots(folder)
    return Finding("service", "ok" if slots else "problem", f"running, workers: {', '.join(slots) or 'none'}")
