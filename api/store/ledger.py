"""Credits as double-entry book-keeping: every movement is a transfer between two accounts, with a cause.

Accounts: ``available:USER`` and ``frozen:USER`` never fall below nothing; ``granted``, ``spent`` and ``expired`` are
the outer world. ``reserve`` freezes, ``settle`` spends what is frozen, ``release`` gives it back. A reference is
opened once and closed once, whatever is retried after a crash; the sum of all entries is always nothing.
"""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.rows import Balance, Entry, Transfer, User
from engine.core.errors import NotEnoughCredits

GRANTED, SPENT = "granted", "spent"

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
    """Give credits; False where that reference was granted before."""
    return _transfer(session, user_id, "grant", reference, cause, amount, GRANTED, _available(user_id))


def reserve(session: Session, user_id: str, amount: int, cause: str, reference: str) -> bool:
    """Freeze credits for some work; False where that reference was reserved before, or the work costs nothing.

    Raises:
        NotEnoughCredits: the user has not that many.
    """
    if amount == 0 or _is_unlimited(session, user_id):
        return False
    return _transfer(session, user_id, "open", reference, cause, amount, _available(user_id), _frozen(user_id))


def settle(session: Session, reference: str) -> int:
    """Spend what was reserved for a reference; how much, 0 where nothing is open."""
    return _close(session, reference, "settle")


def release(session: Session, reference: str) -> int:
    """Give back what was reserved for a reference; how much, 0 where nothing is open."""
    return _close(session, reference, "release")


def credits_of(session: Session, user_id: str) -> Credits:
    """The balance of a user; nothing at all for one that never had any."""
    rows = session.execute(
        select(Balance.account, Balance.amount).where(Balance.account.in_((_available(user_id), _frozen(user_id))))
    )
    held: dict[str, int] = dict(rows.tuples().all())
    sums = session.execute(
        select(Entry.account, func.sum(Entry.amount))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Transfer.user_id == user_id, Entry.account.in_((GRANTED, SPENT)))
        .group_by(Entry.account)
    )
    outer: dict[str, int] = {account: int(amount) for account, amount in sums}
    return Credits(
        held.get(_available(user_id), 0), held.get(_frozen(user_id), 0), -outer.get(GRANTED, 0), outer.get(SPENT, 0)
    )


def move_all(session: Session, source_id: str, target_id: str) -> None:
    """Give one user's available credits to another: an anonymous user gets an account."""
    amount = credits_of(session, source_id).available
    if amount:
        _transfer(
            session, target_id, "merge", f"{source_id}>{target_id}", "bind", amount, _available(source_id),
            _available(target_id),
        )  # fmt: skip


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
        if amount < 0 and ":" in account:
            found.append(f"{account} is below nothing.")
    return found + [f"{account} has entries and no balance." for account, amount in sum_of.items() if amount]


def _available(user_id: str) -> str:
    return f"available:{user_id}"


def _frozen(user_id: str) -> str:
    return f"frozen:{user_id}"


def _is_unlimited(session: Session, user_id: str) -> bool:
    return session.scalar(select(User.kind).where(User.id == user_id)) == UNLIMITED


def _close(session: Session, reference: str, cause: str) -> int:
    opened = session.scalar(select(Transfer).where(Transfer.slot == "open", Transfer.reference == reference))
    if opened is None:
        return 0
    amount = session.scalar(
        select(Entry.amount).where(Entry.transfer_id == opened.id, Entry.account == _frozen(opened.user_id))
    )
    if not amount:
        return 0
    target = SPENT if cause == "settle" else _available(opened.user_id)
    cause_of = f"{opened.cause}:{cause}"
    done = _transfer(session, opened.user_id, "close", reference, cause_of, amount, _frozen(opened.user_id), target)
    return amount if done else 0


def _transfer(
    session: Session, user_id: str, slot: str, reference: str, cause: str, amount: int, source: str, target: str
) -> bool:
    # The balances are locked first: whoever moves the same credits waits here, and then sees what was done.
    _add(session, source, 0)
    known = session.scalar(select(Transfer.id).where(Transfer.slot == slot, Transfer.reference == reference))
    if known is not None:
        return False
    _take(session, source, amount)
    _add(session, target, amount)
    transfer_id = new_id("tr_")
    session.execute(
        insert(Transfer).values(
            id=transfer_id, user_id=user_id, slot=slot, reference=reference, cause=cause, created_at=now_ms()
        )
    )
    session.execute(
        insert(Entry),
        [
            {"transfer_id": transfer_id, "account": source, "amount": -amount},
            {"transfer_id": transfer_id, "account": target, "amount": amount},
        ],
    )
    return True


def _take(session: Session, account: str, amount: int) -> None:
    change = update(Balance).where(Balance.account == account).values(amount=Balance.amount - amount)
    if ":" in account:
        change = change.where(Balance.amount >= amount)
    if session.execute(change).rowcount == 0:  # type: ignore[attr-defined]  # of an update it has one
        held = session.scalar(select(Balance.amount).where(Balance.account == account)) or 0
        raise NotEnoughCredits("Insufficient credits", data={"required": amount, "available": held})


def _add(session: Session, account: str, amount: int) -> None:
    """Add to a balance, which is made where there is none; the row is locked from here on."""
    values = {"account": account, "amount": amount}
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        pg = pg_insert(Balance).values(values)
        session.execute(pg.on_conflict_do_update(index_elements=["account"], set_={"amount": Balance.amount + amount}))
        return
    from sqlalchemy.dialects.sqlite import insert as lite_insert

    lite = lite_insert(Balance).values(values)
    session.execute(lite.on_conflict_do_update(index_elements=["account"], set_={"amount": Balance.amount + amount}))
