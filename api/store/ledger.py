"""Credits as double-entry book-keeping: every movement is a transfer between two accounts, with a cause.

Accounts: ``available:USER`` and ``frozen:USER`` never fall below nothing; ``granted`` and ``spent`` are the outer
world. ``reserve`` freezes, ``settle`` spends what is frozen, ``release`` gives it back. A reference is opened once and
closed once, whatever is retried after a crash; the sum of all entries is always nothing.

What an anonymous user does after it was bound to an account counts for the account.
"""

from dataclasses import dataclass, replace

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.owners import lock_owner
from api.store.rows import Balance, Entry, Transfer, User
from engine.core.errors import NotEnoughCredits

GRANTED, SPENT = "granted", "spent"

LONGEST_CAUSE = 64
"""Characters that are kept of a cause."""

UNLIMITED = "site"
"""Kind of the users that pay nothing: where accounts are switched off."""


@dataclass(frozen=True, slots=True)
class Credits:
    """What a user has: ``available`` to spend, ``frozen`` for work in progress, ``granted`` and ``spent`` so far."""

    available: int
    frozen: int
    granted: int = 0
    spent: int = 0

    @property
    def total(self) -> int:
        """All that is not spent."""
        return self.available + self.frozen


def grant(session: Session, user_id: str, amount: int, cause: str, reference: str) -> bool:
    """Give credits; False where that reference was granted before, or nothing is given."""
    owner = lock_owner(session, user_id)
    return _transfer(session, owner, "grant", reference, cause, amount, GRANTED, _available(owner))


def reserve(session: Session, user_id: str, amount: int, cause: str, reference: str) -> bool:
    """Freeze credits for some work; False where that reference was reserved before, or the work costs nothing.

    Raises:
        NotEnoughCredits: the user has not that many.
    """
    if amount == 0 or _is_unlimited(session, user_id):
        return False
    owner = lock_owner(session, user_id)
    return _transfer(session, owner, "open", reference, cause, amount, _available(owner), _frozen(owner))


def settle(session: Session, reference: str) -> int:
    """Spend what was reserved for a reference; how much, 0 where nothing is open."""
    return _close(session, reference, "settle")


def release(session: Session, reference: str) -> int:
    """Give back what was reserved for a reference; how much, 0 where nothing is open."""
    return _close(session, reference, "release")


def balance_of(session: Session, user_id: str) -> Credits:
    """What a user has now, without what was granted and spent so far: two rows, however long the books are."""
    rows = session.execute(
        select(Balance.account, Balance.amount).where(Balance.account.in_((_available(user_id), _frozen(user_id))))
    )
    held = {row.account: row.amount for row in rows}
    return Credits(held.get(_available(user_id), 0), held.get(_frozen(user_id), 0))


def credits_of(session: Session, user_id: str) -> Credits:
    """The balance of a user; nothing at all for one that never had any.

    What an anonymous user was granted and spent counts for the account that it was bound to.
    """
    held = balance_of(session, user_id)
    bound = select(User.id).where(User.merged_into == user_id)
    sums = session.execute(
        select(Entry.account, func.sum(Entry.amount))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(or_(Transfer.user_id == user_id, Transfer.user_id.in_(bound)), Entry.account.in_((GRANTED, SPENT)))
        .group_by(Entry.account)
    )
    outer: dict[str, int] = {account: int(amount) for account, amount in sums}
    return replace(held, granted=-outer.get(GRANTED, 0), spent=outer.get(SPENT, 0))


def move_all(session: Session, source_id: str, target_id: str) -> None:
    """Give one user's credits to another, those of work in progress too: an anonymous user gets an account.

    Both users must be locked (:func:`api.store.owners.lock_owner`), and ``merged_into`` set: work that ends later is
    paid from the account.
    """
    for name, account in (("merge", _available), ("merge_frozen", _frozen)):
        amount = session.scalar(select(Balance.amount).where(Balance.account == account(source_id)))
        if amount:
            reference = f"{source_id}>{target_id}"
            _transfer(session, target_id, name, reference, "bind", amount, account(source_id), account(target_id))


def errors_of_the_books(session: Session) -> list[str]:
    """What is wrong with the books, as sentences; empty when all is well."""
    found = []
    if session.scalar(select(func.coalesce(func.sum(Entry.amount), 0))) != 0:
        found.append("The entries do not sum to nothing.")
    odd = session.execute(select(Entry.transfer_id).group_by(Entry.transfer_id).having(func.sum(Entry.amount) != 0))
    found += [f"Transfer {transfer_id} does not sum to nothing." for (transfer_id,) in odd]
    sums = select(Entry.account, func.sum(Entry.amount)).group_by(Entry.account)
    sum_of: dict[str, int] = {account: int(amount) for account, amount in session.execute(sums)}
    for account, amount in session.execute(select(Balance.account, Balance.amount)):
        if sum_of.pop(account, 0) != amount:
            found.append(f"The balance of {account} is not the sum of its entries.")
        if amount < 0:
            found.append(f"{account} is below nothing.")
    found += [f"{account} has entries and no balance." for account, held in sum_of.items() if held and ":" in account]
    frozen = session.scalar(
        select(func.coalesce(func.sum(Balance.amount), 0)).where(Balance.account.startswith("frozen:"))
    )
    if frozen != _still_open(session):
        found.append("What is frozen is not what was reserved and neither spent nor given back.")
    return found


def _available(user_id: str) -> str:
    return f"available:{user_id}"


def _frozen(user_id: str) -> str:
    return f"frozen:{user_id}"


def _is_unlimited(session: Session, user_id: str) -> bool:
    return session.scalar(select(User.kind).where(User.id == user_id)) == UNLIMITED


def _still_open(session: Session) -> int:
    """The sum of all reservations that are not closed."""
    closed = aliased(Transfer)
    is_closed = exists().where(closed.slot == "close", closed.reference == Transfer.reference)
    found = session.scalar(
        select(func.coalesce(func.sum(Entry.amount), 0))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Transfer.slot == "open", Entry.amount > 0, ~is_closed)
    )
    return int(found or 0)


def _close(session: Session, reference: str, cause: str) -> int:
    opened = session.scalar(select(Transfer).where(Transfer.slot == "open", Transfer.reference == reference))
    if opened is None:
        return 0
    amount = session.scalar(select(Entry.amount).where(Entry.transfer_id == opened.id, Entry.amount > 0))
    assert amount is not None  # an opening has two sides
    owner = lock_owner(session, opened.user_id)
    target = SPENT if cause == "settle" else _available(owner)
    cause_of = f"{opened.cause}:{cause}"
    done = _transfer(session, owner, "close", reference, cause_of, amount, _frozen(owner), target)
    return amount if done else 0


def _transfer(
    session: Session, user_id: str, slot: str, reference: str, cause: str, amount: int, source: str, target: str
) -> bool:
    """Move credits of a user who is locked; False where it was done before."""
    if amount < 0:
        raise ValueError("Credits move forward: a negative amount would take from the target.")
    known = session.scalar(select(Transfer.id).where(Transfer.slot == slot, Transfer.reference == reference))
    if known is not None or amount == 0:
        return False
    if ":" in source:
        _take(session, source, amount)
    if ":" in target:
        _add(session, target, amount)
    transfer_id = new_id("tr_")
    session.execute(
        insert(Transfer).values(
            id=transfer_id, user_id=user_id, slot=slot, reference=reference, cause=cause[:LONGEST_CAUSE],
            created_at=now_ms(),
        )
    )  # fmt: skip
    session.execute(
        insert(Entry),
        [
            {"transfer_id": transfer_id, "account": source, "amount": -amount},
            {"transfer_id": transfer_id, "account": target, "amount": amount},
        ],
    )
    return True


def _take(session: Session, account: str, amount: int) -> None:
    change = (
        update(Balance)
        .where(Balance.account == account, Balance.amount >= amount)
        .values(amount=Balance.amount - amount)
        .returning(Balance.account)
    )
    if session.scalar(change) is None:
        held = session.scalar(select(Balance.amount).where(Balance.account == account)) or 0
        raise NotEnoughCredits("Insufficient credits", data={"required": amount, "available": held})


def _add(session: Session, account: str, amount: int) -> None:
    """Add to a balance, which is made where there is none."""
    change = (
        update(Balance)
        .where(Balance.account == account)
        .values(amount=Balance.amount + amount)
        .returning(Balance.account)
    )
    if session.scalar(change) is None:
        # Nobody else makes it in this moment: its user is locked.
        session.execute(insert(Balance).values(account=account, amount=amount))
