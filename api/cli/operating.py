"""What the commands of whoever runs a service share: the data folder and the users."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.below import add_below
from engine.core.errors import BadRequest, NoSuchObject, OptionError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.service import Service
    from api.store.rows import User


def add_operating(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    """Describe a command below another that works on the data folder."""
    parser = add_below(commands, name, command, about)
    add_data_dir(parser, default=argparse.SUPPRESS)
    return parser


def add_data_dir(parser: argparse.ArgumentParser, default: object = None) -> None:
    """Let the user name the data folder."""
    parser.add_argument(
        "--data-dir", type=Path, default=default, metavar="FOLDER", help="data folder of the service (MULTIPLANE_DATA)"
    )


@contextmanager
def opened(options: argparse.Namespace) -> "Iterator[Service]":
    """The service of the data folder, and refusals as those of a command line.

    Raises:
        OptionError: what was asked for makes no sense, or is not there.
    """
    from api.service import open_service

    service = open_service(options.data_dir)
    try:
        yield service
    except (BadRequest, NoSuchObject) as error:
        raise OptionError(error.message) from error
    finally:
        service.close()


def find_user(session: "Session", wanted: str) -> "User":
    """A user by id or e-mail address; an anonymous one that was bound stands for its account.

    Raises:
        OptionError: there is none.
    """
    from sqlalchemy import or_, select

    from api.store.rows import User

    user = session.scalar(select(User).where(or_(User.id == wanted, User.email == wanted.strip().lower())))
    if user is None:
        raise OptionError(f"There is no user {wanted!r}: give an id or the e-mail address of an account.")
    return user if user.merged_into is None else session.get_one(User, user.merged_into)
