"""Anonymous users: a token and credits for whoever asks, within limits for each client and each address."""

import ipaddress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.store.clock import DAY, iso, now_ms
from api.store.database import Turns, take_turns
from api.store.ids import new_id
from api.store.ledger import balance_of, grant
from api.store.rows import Issue, User
from api.store.tokens import ANONYMOUS_SCOPES, create_token, digest, revoke_all
from engine.core.errors import BadRequest, TooManyRequests
from engine.core.settings import FlagSetting, Setting

CREDITS = Setting("MULTIPLANE_ANON_CREDITS", 100, "credits", 0, 1_000_000, "what an anonymous user begins with")

TOKEN_DAYS = Setting(
    "MULTIPLANE_ANON_DAYS", 7, "days", 0.001, 3650, "how long an anonymous token works, and the window of its limits"
)

PER_ADDRESS = Setting(
    "MULTIPLANE_ANON_PER_ADDRESS", 10, "tokens", 0, 1_000_000,
    "anonymous tokens for one address in that window; 0 for no limit. Loopback has none",
)  # fmt: skip

REISSUE = FlagSetting(
    "MULTIPLANE_ANON_REISSUE", False,
    "on: a client that asks again gets a new token of the same user instead of 429; the old one is revoked",
)  # fmt: skip

LONGEST_CLIENT_ID = 64

RETRY_AFTER_S = 30


@dataclass(frozen=True, slots=True)
class Issued:
    """An anonymous token, just made."""

    token: str
    user_id: str
    credits: int
    expires_at: str


def issue_anonymous(session: Session, client_id: str, address: str) -> Issued:
    """A token for a client: of a new user, or of the same where the client had one before and has no account.

    Raises:
        BadRequest: the client's id is missing or too long.
        TooManyRequests: the client or the address had its share.
    """
    if not client_id.strip() or len(client_id) > LONGEST_CLIENT_ID:
        raise BadRequest(f"The header X-Client-Id is needed: any text of at most {LONGEST_CLIENT_ID} characters.")
    client = digest(client_id.strip())
    now = now_ms()
    since = now - round(TOKEN_DAYS.value() * DAY)
    take_turns(session, Turns.ANONYMOUS)  # two requests at once must not both find that there was none before
    last = session.scalar(select(Issue).where(Issue.client == client).order_by(Issue.id.desc()).limit(1))
    if last is not None and last.issued_at > since and not REISSUE.value():
        raise TooManyRequests("This client has a token already: use it until it expires.", retry_after=RETRY_AFTER_S)
    if last is not None and session.get_one(User, last.user_id).merged_into is not None:
        last = None  # whoever knows a client's id must not get into an account by it: a new user
    most = PER_ADDRESS.int_value()
    if last is None and most and not _is_loopback(address):
        count = session.scalar(
            select(func.count()).select_from(Issue).where(Issue.address == address, Issue.issued_at > since)
        )
        if (count or 0) >= most:
            raise TooManyRequests("Too many tokens were given to this address.", retry_after=RETRY_AFTER_S)
    user_id = new_id("anon_", 8) if last is None else last.user_id
    if last is None:
        session.add(User(id=user_id, kind="anonymous", created_at=now))
        session.flush()
        amount = CREDITS.int_value()
        if amount:
            grant(session, user_id, amount, "welcome", f"welcome:{user_id}")
    else:
        revoke_all(session, user_id)
    session.add(Issue(client=client, address=address, user_id=user_id, issued_at=now))
    row, secret = create_token(session, user_id, "anonymous", ANONYMOUS_SCOPES, TOKEN_DAYS.value())
    assert row.expires_at is not None
    return Issued(secret, user_id, balance_of(session, user_id).available, iso(row.expires_at))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
