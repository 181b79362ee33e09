"""Taking over what an anonymous user has: whoever has its id may, once; a site can ask for one of its tokens too."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.store.accounts import bind_anonymous
from api.store.owners import lock_owner
from api.store.rows import User
from api.store.tokens import authenticate, revoke_all
from engine.core.errors import BadRequest, NotAuthenticated
from engine.core.settings import FlagSetting

BIND_PROOF = FlagSetting(
    "MULTIPLANE_BIND_PROOF", False,
    "on: taking over an anonymous user's projects needs one of its tokens, not only its id as links carry it",
)  # fmt: skip

TAKEN = "That anonymous user is not known here, or belongs to an account already."

_ID = re.compile(r"anon_[0-9a-f]{1,58}")


@dataclass(frozen=True, slots=True)
class Wish:
    """That somebody wants what an anonymous user has.

    Attributes:
        anonymous_id: of the anonymous user; empty for no wish.
        proof: one of its tokens, where the site asks for one.
        revoke: whether the programs that hold its tokens shall lose them.
    """

    anonymous_id: str
    proof: str = ""
    revoke: bool = False


def is_free(session: Session, anonymous_id: str) -> bool:
    """Whether there is such an anonymous user, and no account has it yet."""
    if not _ID.fullmatch(anonymous_id):
        return False
    user = session.get(User, anonymous_id)
    return user is not None and user.kind == "anonymous" and user.merged_into is None


def fulfil(session: Session, wish: Wish, user_id: str) -> None:
    """Give an account what an anonymous user has, in a writing transaction.

    Raises:
        BadRequest: it cannot be had; nothing of the transaction may stay.
    """
    if not wish.anonymous_id:
        return
    if BIND_PROOF.value() and not _is_proven(session, wish):
        raise BadRequest("Give a token of that anonymous user: this site asks for it before anybody takes over.")
    if not _ID.fullmatch(wish.anonymous_id):
        raise BadRequest(TAKEN)
    if wish.revoke:
        lock_owner(session, wish.anonymous_id)  # before its tokens, as everybody does who changes them
        revoke_all(session, wish.anonymous_id)
    if not bind_anonymous(session, wish.anonymous_id, user_id):
        raise BadRequest(TAKEN)


def _is_proven(session: Session, wish: Wish) -> bool:
    try:
        return authenticate(session, wish.proof.strip()).user_id == wish.anonymous_id
    except NotAuthenticated:
        return False
