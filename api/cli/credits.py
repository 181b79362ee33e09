"""``multiplane credits``: what a user has, giving more, and whether the books are right."""

import argparse
import json

from api.cli.below import run_below
from api.cli.operating import add_data_dir, add_operating, find_user, opened
from engine.core.errors import OptionError

MOST = 1_000_000_000
"""Credits that can be given at once."""

run = run_below


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command and the commands below it."""
    parser = commands.add_parser("credits", help="credits of the service's users: show, grant, books")
    add_data_dir(parser)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = add_operating(below, "show", _show, "what a user has")
    command.add_argument("user", metavar="USER", help="id or e-mail address")

    command = add_operating(below, "grant", _grant, "give a user credits")
    command.add_argument("user", metavar="USER", help="id or e-mail address")
    command.add_argument("amount", metavar="N", type=int, help="how many")
    command.add_argument("--reason", default="operator", help="what the books say of it")

    add_operating(below, "books", _books, "whether every balance is the sum of its movements; 1 where not")
    return parser


def _show(options: argparse.Namespace) -> int:
    from api.store.ledger import credits_of

    with opened(options) as service, service.database.read() as session:
        user_id = find_user(session, options.user).id
        held = credits_of(session, user_id)
    said = {
        "user_id": user_id, "available": held.available, "frozen": held.frozen, "granted": held.granted,
        "spent": held.spent,
    }  # fmt: skip
    if options.json:
        print(json.dumps({"event": "credits", **said}))
    else:
        print(
            f"{user_id}: {held.available} available, {held.frozen} frozen, {held.granted} granted so far, "
            f"{held.spent} spent so far"
        )
    return 0


def _grant(options: argparse.Namespace) -> int:
    from api.store.ids import new_id
    from api.store.ledger import credits_of, grant

    if not 0 < options.amount <= MOST:
        raise OptionError(f"{options.amount} credits cannot be given: give 1 to {MOST}.")
    with opened(options) as service, service.database.write() as session:
        user_id = find_user(session, options.user).id
        grant(session, user_id, options.amount, options.reason, new_id("grant_"))
        available = credits_of(session, user_id).available
    if options.json:
        print(json.dumps({"event": "granted", "user_id": user_id, "amount": options.amount, "available": available}))
    else:
        print(f"{user_id} has {available} credits available now")
    return 0


def _books(options: argparse.Namespace) -> int:
    from api.store.ledger import errors_of_the_books

    with opened(options) as service, service.database.read() as session:
        errors = errors_of_the_books(session)
    if options.json:
        print(json.dumps({"event": "books", "errors": errors}, ensure_ascii=False))
    else:
        print("\n".join(errors) or "The books are right.")
    return 1 if errors else 0
