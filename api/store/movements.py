"""What happened to the credits of a user, for the user to read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.rows import Entry, Transfer, User


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer as its user sees it.

    Attributes:
        at: when, in ms.
        slot: of the transfer: ``grant``, ``open``, ``close``, ``merge`` or ``merge_frozen``.
        cause: why.
        available, frozen: by how much these are more (or less) than before.
    """

    at: int
    slot: str
    cause: str
    available: int
    frozen: int


def movements_of(session: Session, user_id: str, most: int) -> Sequence[Movement]:
    """The last movements of a user, and of the anonymous users that were bound to it, newest first."""
    owners = [user_id, *session.scalars(select(User.id).where(User.merged_into == user_id))]
    transfers = session.scalars(
        select(Transfer)
        .where(Transfer.user_id.in_(owners))
        .order_by(Transfer.created_at.desc(), Transfer.id)
        .limit(most)
    ).all()
    sums = {(transfer.id, kind): 0 for transfer in transfers for kind in ("available", "frozen")}
    entries = session.execute(
        select(Entry.transfer_id, Entry.account, Entry.amount).where(
            Entry.transfer_id.in_([transfer.id for transfer in transfers])
        )
    )
    for transfer_id, account, amount in entries:
        kind, _, owner = account.partition(":")
        if owner in owners:
            sums[transfer_id, kind] += amount
    return [
        Movement(
            transfer.created_at, transfer.slot, transfer.cause, sums[transfer.id, "available"],
            sums[transfer.id, "frozen"],
        )
        for transfer in transfers
    ]  # fmt: skip
