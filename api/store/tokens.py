"""Tokens: 256 random bits that a client holds, of which only the SHA-256 is kept."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.store.clock import DAY, iso, now_ms
from api.store.ids import claim_token, new_id, user_token
from api.store.rows import Token, User
from engine.core.errors import BadRequest, NoSuchObject, NotAuthenticated, ScopeMissing
from engine.core.settings import Setting

SCOPES = ("read", "write", "upload", "render", "*")
"""What a token may do: see state and credits; talk and create; upload; export; all of it."""

ANONYMOUS_SCOPES = ("read", "write", "upload")

CLAIM_DAYS = Setting("MULTIPLANE_CLAIM_DAYS", 7, "days", 0.01, 3650, "how long a link to a project's page works")

MAX_DAYS = 3650

MAX_TOKENS = 100
"""Tokens that a user may have at a time."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who sent a request: a user, and what the token may do."""

    user_id: str
    kind: str
    plan: str
    scopes: frozenset[str]
    token_id: str

    def may(self, scope: str) -> bool:
        """Whether the token has a scope."""
        return scope in self.scopes or "*" in self.scopes

    def need(self, scope: str) -> None:
        """Raise ScopeMissing where the token has not that scope."""
        if not self.may(scope):
            raise ScopeMissing(
                f"This token may not do that: it needs the scope {scope}.", data={"required_scope": scope}
            )


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so nothing slower than SHA-256 is called for."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def create_token(
    session: Session, user_id: str, name: str, scopes: Iterable[str], days: float | None, kind: str = "api"
) -> tuple[Token, str]:
    """A new token for a user: its row, and the secret, which nobody can read again.

    Raises:
        BadRequest: a scope is not known, or the time is out of its range, or the user has too many.
    """
    wanted = tuple(dict.fromkeys(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        raise BadRequest(f"scopes must be some of {', '.join(SCOPES)}.")
    if days is not None and not 0 < days <= MAX_DAYS:
        raise BadRequest(f"expires_in_days must be more than 0 and at most {MAX_DAYS}.")
    if kind == "api" and len(list_tokens(session, user_id)) >= MAX_TOKENS:
        raise BadRequest(f"There are {MAX_TOKENS} tokens already: revoke one first.")
    secret = user_token()
    now = now_ms()
    row = Token(
        id=new_id("tok_"), user_id=user_id, kind=kind, name=name[:200], digest=digest(secret), scopes=" ".join(wanted),
        created_at=now, expires_at=None if days is None else now + round(days * DAY),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def create_claim(session: Session, user_id: str, session_id: str) -> tuple[Token, str]:
    """A token that shows one session's page and opens nothing else."""
    secret = claim_token()
    now = now_ms()
    row = Token(
        id=new_id("tok_"), user_id=user_id, kind="claim", digest=digest(secret), session_id=session_id, created_at=now,
        expires_at=now + round(CLAIM_DAYS.value() * DAY),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def authenticate(session: Session, secret: str, kinds: tuple[str, ...] = ("api",)) -> Holder:
    """Who holds a token.

    Raises:
        NotAuthenticated: it is unknown, revoked or expired.
    """
    row = find_token(session, secret, kinds)
    user = session.get_one(User, row.user_id)
    if user.merged_into is not None:
        user = session.get_one(User, user.merged_into)
    return Holder(user.id, user.kind, user.plan, frozenset(row.scopes.split()), row.id)


def find_token(session: Session, secret: str, kinds: tuple[str, ...]) -> Token:
    """The row of a token that is good.

    Raises:
        NotAuthenticated: there is none.
    """
    wanted = digest(secret)
    row = session.scalar(select(Token).where(Token.digest == wanted))
    if row is None or not hmac.compare_digest(row.digest, wanted) or row.kind not in kinds:
        raise NotAuthenticated("The token is not valid.")
    if row.revoked_at is not None:
        raise NotAuthenticated("The token has been revoked.")
    if row.expires_at is not None and row.expires_at <= now_ms():
        raise NotAuthenticated("The token has expired.")
    return row


def list_tokens(session: Session, user_id: str) -> list[Token]:
    """The tokens of a user that are not revoked, newest first."""
    wanted = select(Token).where(Token.user_id == user_id, Token.kind == "api", Token.revoked_at.is_(None))
    return list(session.scalars(wanted.order_by(Token.created_at.desc(), Token.id)))


def revoked_tokens(session: Session, user_id: str, most: int) -> list[Token]:
    """The tokens of a user that were revoked last, newest first."""
    wanted = select(Token).where(Token.user_id == user_id, Token.kind == "api", Token.revoked_at.is_not(None))
    return list(session.scalars(wanted.order_by(Token.revoked_at.desc(), Token.id).limit(most)))


def revoke(session: Session, user_id: str, token_id: str) -> None:
    """Make a token worthless from now on.

    Raises:
        NoSuchObject: the user has no such token.
    """
    row = session.get(Token, token_id)
    if row is None or row.user_id != user_id:
        raise NoSuchObject("There is no such token.")
    row.revoked_at = row.revoked_at or now_ms()


def revoke_all(session: Session, user_id: str, kind: str = "api") -> None:
    """Make all tokens of a kind worthless."""
    session.execute(
        update(Token)
        .where(Token.user_id == user_id, Token.kind == kind, Token.revoked_at.is_(None))
        .values(revoked_at=now_ms())
    )


def token_json(row: Token) -> dict[str, object]:
    """What a client may know of a token."""
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes.split(),
        "expires_at": None if row.expires_at is None else iso(row.expires_at),
        "created_at": iso(row.created_at),
    }
