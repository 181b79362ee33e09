"""Local accounts: an address, a password (argon2id), and what an anonymous user had, taken over."""

import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.ledger import grant, move_all
from api.store.owners import lock_owner
from api.store.rows import Asset, EditSession, Job, Render, Task, Token, Turn, User
from api.store.tokens import create_token
from engine.core.errors import BadRequest, NotAuthenticated
from engine.core.settings import Setting

REGISTER_CREDITS = Setting(
    "MULTIPLANE_REGISTER_CREDITS", 100, "credits", 0, 1_000_000, "what an account gets when it is made"
)

WEB_DAYS = Setting("MULTIPLANE_WEB_DAYS", 14, "days", 0.01, 365, "how long a browser stays signed in")

SHORTEST_PASSWORD = 8

LONGEST_PASSWORD = 1000

SITE_USER = "site"
"""The one user of a site without accounts: unlimited credits, everything allowed."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")

_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """What a password is compared with where there is no such account: the answer takes as long."""
    return _HASHER.hash("nobody")


def register(session: Session, email: str, password: str, bind: str = "") -> User:
    """A new account; with ``bind``, what that anonymous user had is its own from now on.

    Raises:
        BadRequest: the address or the password will not do, or the address has an account.
    """
    address, hashed = prepare(email, password)
    user = add_account(session, address, hashed)
    if bind:
        bind_anonymous(session, bind, user.id)
    return user


def prepare(email: str, password: str) -> tuple[str, str]:
    """What is kept of an address and a password. It is slow on purpose: call it where no transaction waits for it.

    Raises:
        BadRequest: the address or the password will not do.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise BadRequest("Give an e-mail address.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadRequest(f"The password must have {SHORTEST_PASSWORD} characters or more.")
    return address, _HASHER.hash(password)


def add_account(session: Session, address: str, hashed: str) -> User:
    """A new account of what :func:`prepare` made.

    Raises:
        BadRequest: the address has an account.
    """
    user = User(id=new_id("usr_", 8), kind="registered", email=address, password=hashed, created_at=now_ms())
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise BadRequest("There is an account with that address: sign in.") from error
    amount = REGISTER_CREDITS.int_value()
    if amount:
        grant(session, user.id, amount, "register", f"register:{user.id}")
    return user


def bind_anonymous(session: Session, anonymous_id: str, user_id: str) -> bool:
    """Give an account what an anonymous user has; False where there is no such user, or it was bound before.

    Tokens of the anonymous user stay good, open the account with what they were good for, and stand in its list, where
    they can be revoked.
    """
    lock_owner(session, anonymous_id)
    anonymous = session.get(User, anonymous_id, populate_existing=True)
    if anonymous is None or anonymous.kind != "anonymous" or anonymous.merged_into is not None:
        return False
    lock_owner(session, user_id)
    anonymous.merged_into = user_id
    session.flush()
    move_all(session, anonymous_id, user_id)
    for table in (Task, EditSession, Asset, Render, Turn, Job, Token):
        session.execute(update(table).where(table.user_id == anonymous_id).values(user_id=user_id))
    return True


def sign_in(session: Session, email: str, password: str) -> tuple[User, str]:
    """The account, and a secret for the browser's cookie.

    Raises:
        NotAuthenticated: the address or the password is wrong; which of them is not said.
    """
    user = check_password(session, email, password)
    return user, browser_secret(session, user.id)


def check_password(session: Session, email: str, password: str) -> User:
    """The account of an address; a reading transaction will do, and nobody waits for the slow comparison then.

    Raises:
        NotAuthenticated: see :func:`sign_in`.
    """
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _HASHER.verify(user.password if user is not None and user.password else _nobody(), password[:LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError) as error:
        raise NotAuthenticated("The address or the password is wrong.") from error
    if user is None or not user.password:
        raise NotAuthenticated("The address or the password is wrong.")
    return user


def browser_secret(session: Session, user_id: str) -> str:
    """A secret for a browser's cookie."""
    _, secret = create_token(session, user_id, "browser", ("*",), WEB_DAYS.value(), kind="web")
    return secret


def site_user(session: Session) -> User:
    """The user of a site without accounts, made where there is none yet."""
    user = session.get(User, SITE_USER)
    if user is None:
        user = User(id=SITE_USER, kind="site", plan="paid", created_at=now_ms())
        try:
            with session.begin_nested():
                session.add(user)
        except IntegrityError:  # another process made it in this moment
            user = session.get_one(User, SITE_USER)
    return user


def sign_out(session: Session, token_id: str) -> None:
    """Make a browser's secret worthless."""
    session.execute(update(Token).where(Token.id == token_id, Token.revoked_at.is_(None)).values(revoked_at=now_ms()))
