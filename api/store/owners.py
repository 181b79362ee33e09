"""Who owns what somebody does, and the lock that everything takes which must not happen twice at once for one user.

The row of the user is that lock: credits, the queue and the binding to an account all take it, and nothing else first
that they could meet over, so no two of them wait for each other. SQLite has one writer and needs none.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.store.rows import User


def lock_owner(session: Session, user_id: str) -> str:
    """Lock a user until the transaction ends: an anonymous one that was bound meanwhile, and the account it opens.

    Returns:
        Whose everything is: the user, or the account.
    """
    merged = session.scalar(_locked(user_id))
    if merged is None:
        return user_id
    session.scalar(_locked(merged))
    return merged


def _locked(user_id: str) -> Select[str | None]:
    # Weaker than FOR UPDATE: rows that refer to the user may be written meanwhile.
    return select(User.merged_into).where(User.id == user_id).with_for_update(key_share=True)
