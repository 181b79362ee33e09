"""``multiplane users``: who uses the service, and what plan they are on."""

import argparse
import json

from api.cli.below import run_below
from api.cli.operating import add_data_dir, add_operating, find_user, opened

PLANS = ("free", "paid")

MOST = 1000
"""Users that are listed."""

run = run_below


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command and the commands below it."""
    parser = commands.add_parser("users", help="users of the service: list them, set their plan")
    add_data_dir(parser)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = add_operating(below, "list", _list, f"the {MOST} newest users")
    command.add_argument("--accounts", action="store_true", help="only those that registered")

    command = add_operating(below, "plan", _plan, "put a user on a plan; paid users export without a skill's headers")
    command.add_argument("user", metavar="USER", help="id or e-mail address")
    command.add_argument("plan", choices=PLANS)
    return parser


def _list(options: argparse.Namespace) -> int:
    from sqlalchemy import select

    from api.store.clock import iso
    from api.store.ledger import balance_of
    from api.store.rows import User

    query = select(User).where(User.merged_into.is_(None)).order_by(User.created_at.desc(), User.id).limit(MOST)
    if options.accounts:
        query = query.where(User.kind == "registered")
    with opened(options) as service, service.database.read() as session:
        rows = [
            {
                "id": user.id, "kind": user.kind, "plan": user.plan, "email": user.email,
                "created_at": iso(user.created_at), "available": balance_of(session, user.id).available,
            }
            for user in session.scalars(query)
        ]  # fmt: skip
    for row in rows:
        if options.json:
            print(json.dumps({"event": "user", **row}, ensure_ascii=False))
        else:
            print(
                f"{row['id']}  {row['kind']}  {row['plan']}  {row['available']} credits  {row['email'] or ''}".rstrip()
            )
    if not rows and not options.json:
        print("There are no users.")
    return 0


def _plan(options: argparse.Namespace) -> int:
    with opened(options) as service, service.database.write() as session:
        user = find_user(session, options.user)
        user.plan = options.plan
        user_id = user.id
    print(json.dumps({"event": "plan", "user_id": user_id, "plan": options.plan}) if options.json else
          f"{user_id} is on the plan {options.plan} now")  # fmt: skip
    return 0
