"""``multiplane token``: create, list and revoke what programs show to be let in."""

import argparse
import json
from typing import TYPE_CHECKING

from api.cli.below import run_below
from api.cli.operating import add_data_dir, add_operating, find_user, opened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.store.rows import User

run = run_below


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command and the commands below it."""
    parser = commands.add_parser("token", help="tokens of the service: create, list, revoke")
    add_data_dir(parser)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about_user = "id or e-mail address; the user of a site without accounts by default"

    command = add_operating(below, "create", _create, "make a token; its secret is shown this once")
    command.add_argument("--user", metavar="USER", help=about_user)
    command.add_argument("--name", default="command line", help="what the list of tokens says of it")
    command.add_argument("--scopes", default="*", metavar="A,B", help="some of read, write, upload, render; * for all")
    command.add_argument("--days", type=float, help="how long it works; for ever by default")

    command = add_operating(below, "list", _list, "the tokens that are not revoked")
    command.add_argument("--user", metavar="USER", help=about_user)

    command = add_operating(below, "revoke", _revoke, "make a token worthless")
    command.add_argument("token", metavar="ID", help="as token list shows it")
    command.add_argument("--user", metavar="USER", help=about_user)
    return parser


def _create(options: argparse.Namespace) -> int:
    from api.store.tokens import create_token, token_json

    scopes = [part.strip() for part in options.scopes.split(",")]
    with opened(options) as service, service.database.write() as session:
        user = _user(session, options)
        row, secret = create_token(session, user.id, options.name, scopes, options.days)
        said = {"event": "created", "user_id": user.id, "token": secret, **token_json(row)}
    # Only now: what is shown is on disk.
    print(json.dumps(said, ensure_ascii=False) if options.json else secret)
    return 0


def _list(options: argparse.Namespace) -> int:
    from api.store.tokens import list_tokens, token_json

    with opened(options) as service, service.database.write() as session:
        rows = [token_json(row) for row in list_tokens(session, _user(session, options).id)]
    for row in rows:
        if options.json:
            print(json.dumps({"event": "token", **row}, ensure_ascii=False))
        else:
            until = f"until {row['expires_at']}" if row["expires_at"] else "for ever"
            scopes = row["scopes"]
            assert isinstance(scopes, list)
            print(f"{row['id']}  {','.join(scopes)}  {until}  {row['name']}")
    if not rows and not options.json:
        print("There are no tokens.")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from api.store.tokens import revoke

    with opened(options) as service, service.database.write() as session:
        revoke(session, _user(session, options).id, options.token)
    print(json.dumps({"event": "revoked", "id": options.token}) if options.json else f"{options.token} is revoked")
    return 0


def _user(session: "Session", options: argparse.Namespace) -> "User":
    from api.store.accounts import site_user

    return site_user(session) if options.user is None else find_user(session, options.user)
