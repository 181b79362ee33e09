"""What the other processes of tests do; each opens the database anew."""

import os
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from api.store import blobs, ledger
from api.store.blobs import BlobStore
from api.store.clock import now_ms
from api.store.database import Database
from api.store.jobs import claim
from api.store.migrate import migrate
from api.store.rows import User
from api.store.turns import begin_turn
from engine.core.errors import NotEnoughCredits, SessionBusy

CRASHED = 7
"""Exit code of a process that ended itself in the middle."""


class Raised(Exception):
    """Something went wrong in the middle of a transaction."""


@dataclass(frozen=True)
class Movement:
    """One thing done to the ledger.

    Attributes:
        kind: ``grant``, ``reserve``, ``settle``, ``release``, or ``edit``: reserve and settle at once.
        user: whose.
        amount: credits.
        reference: what for.
        crash: empty, ``raise`` (inside the transaction), ``exit`` (the process, inside) or ``after`` (the process, when
            it is committed).
    """

    kind: str
    user: str
    amount: int
    reference: str
    crash: str = ""


def move(database: Database, movement: Movement) -> None:
    """Do it in a transaction of its own."""
    try:
        with database.write() as session:
            match movement.kind:
                case "grant":
                    ledger.grant(session, movement.user, movement.amount, "test", movement.reference)
                case "reserve":
                    ledger.reserve(session, movement.user, movement.amount, "test", movement.reference)
                case "settle":
                    ledger.settle(session, movement.reference)
                case "release":
                    ledger.release(session, movement.reference)
                case _:
                    ledger.reserve(session, movement.user, movement.amount, "test", movement.reference)
                    ledger.settle(session, movement.reference)
            if movement.crash == "raise":
                raise Raised
            if movement.crash == "exit":
                os._exit(CRASHED)
    except (NotEnoughCredits, Raised):
        return
    if movement.crash == "after":
        os._exit(CRASHED)


def move_each(url: str, movements: list[Movement]) -> None:
    """Several, one after the other."""
    database = Database(url)
    for movement in movements:
        move(database, movement)
    database.close()


def claim_each(url: str, lanes: tuple[str, ...], worker: str, found: Path) -> None:
    """Claim jobs until there are none; the ids go into a file."""
    database = Database(url)
    with found.open("w", encoding="utf-8") as stream:
        while (claimed := claim(database, lanes, worker)) is not None:
            stream.write(claimed.job_id + "\n")
    database.close()


def begin_one_turn(url: str, session_id: str, user_id: str, found: Path) -> None:
    """Begin a turn, and say whether that was so."""
    database = Database(url)
    try:
        with database.write() as session:
            begin_turn(session, session_id, user_id, "zoom in")
        found.write_text("begun", encoding="utf-8")
    except SessionBusy:
        found.write_text("busy", encoding="utf-8")
    database.close()


def migrate_one(url: str) -> None:
    """Bring a database up to date."""
    database = Database(url)
    migrate(database)
    database.close()


def write_for_ever(url: str, found: Path) -> None:
    """Make users until killed; those that are on disk are named in a file."""
    database = Database(url)
    number = 0
    with found.open("a", encoding="utf-8") as stream:
        while True:
            user_id = f"{os.getpid()}-{number}"
            with database.write() as session:
                session.add(User(id=user_id, kind="anonymous", created_at=now_ms()))
                session.flush()
                ledger.grant(session, user_id, 10, "test", user_id)
                ledger.reserve(session, user_id, 3, "test", user_id)
            stream.write(user_id + "\n")
            stream.flush()
            number += 1


def put_one(url: str, scratch: Path, path: Path, die_at: int) -> None:
    """Put a file, and die before so manieth line of the store is run."""
    store = BlobStore(url, scratch)
    steps = count(1)

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code.co_filename != blobs.__file__:
            return None
        if event == "line" and next(steps) == die_at:
            os._exit(CRASHED)
        return trace

    sys.settrace(trace)
    store.put(path)
    sys.settrace(None)
