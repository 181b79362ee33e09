"""Credits: whatever happens at once, and wherever it breaks off, the books are right."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from api.store import ledger
from api.store.database import Database
from api.store.ledger import Credits, credits_of, errors_of_the_books, grant, release, reserve, settle
from api.store.rows import Balance, Entry, Transfer
from engine.core.errors import NotEnoughCredits
from tests.store.databases import MakeDatabase
from tests.store.people import add_user
from tests.store.processes import start_all, wait_all
from tests.store.work import CRASHED, Movement, move, move_each

USERS = ("anna", "ben")

REFERENCES = tuple(f"turn{number}" for number in range(6))
"""Few, so that the same is done again and again; each is of one user."""


def movements(crashes: tuple[str, ...]) -> st.SearchStrategy[list[Movement]]:
    one = st.builds(
        lambda kind, amount, number, crash: Movement(kind, USERS[number % 2], amount, REFERENCES[number], crash),
        st.sampled_from(("grant", "reserve", "settle", "release", "edit")),
        st.integers(0, 60), st.integers(0, len(REFERENCES) - 1), st.sampled_from(crashes),
    )  # fmt: skip
    return st.lists(one, min_size=4, max_size=14)


def begin(database: Database) -> None:
    with database.write() as session:
        for user in USERS:
            add_user(session, user)
            grant(session, user, 100, "welcome", f"welcome:{user}")


def check(database: Database) -> None:
    with database.read() as session:
        assert errors_of_the_books(session) == []
        for user in USERS:
            held = credits_of(session, user)
            assert min(held.available, held.frozen) >= 0
            assert held.total == held.granted - held.spent
        # Nothing twice: a reference is opened once, and either spent or given back.
        most = select(func.count()).select_from(Transfer).group_by(Transfer.slot, Transfer.reference)
        assert set(session.scalars(most)) <= {1}


def only(movements: Iterable[Movement], **wanted: str) -> list[Movement]:
    return [each for each in movements if all(getattr(each, name) == value for name, value in wanted.items())]


@given(parts=st.lists(movements(("", "", "", "raise")), min_size=2, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_threads_leave_the_books_in_order(make_database: MakeDatabase, parts: list[list[Movement]]) -> None:
    database = make_database()
    begin(database)
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(lambda part: [move(database, each) for each in part], part) for part in parts]:
            done.result()
    check(database)
    done_again = [each for part in parts for each in part if each.kind in ("grant", "edit") and not each.crash]
    with database.read() as session:
        before = [credits_of(session, user) for user in USERS]
        known = {(row.slot, row.reference) for row in session.scalars(select(Transfer))}
    for each in done_again:
        if {("grant", each.reference), ("open", each.reference)} <= known:
            move(database, each)  # after a crash nobody knows whether it was done: it is done again
    with database.read() as session:
        after = [credits_of(session, user) for user in USERS]
    assert [(each.granted, each.total + each.spent) for each in before] == [
        (each.granted, each.total + each.spent) for each in after
    ]
    database.close()


@given(parts=st.lists(movements(("", "", "", "", "raise", "exit", "after")), min_size=3, max_size=4))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_processes_that_die_in_the_middle_leave_the_books_in_order(
    make_database: MakeDatabase, parts: list[list[Movement]]
) -> None:
    database = make_database()
    begin(database)
    codes = wait_all(start_all(move_each, [(database.url, part) for part in parts]))
    assert set(codes) <= {0, CRASHED}
    check(database)
    # A new process goes on where the dead ones stopped.
    for reference in REFERENCES:
        with database.write() as session:
            settle(session, reference)
    check(database)
    with database.read() as session:
        assert [credits_of(session, user).frozen for user in USERS] == [0, 0]
    database.close()


def test_opposite_movements_of_one_user_do_not_block_each_other(database: Database) -> None:
    begin(database)
    rounds = 40
    # Enough in any order of the processes: all that is reserved and spent may come before all that is given.
    move(database, Movement("grant", "anna", rounds, "enough"))
    for number in range(rounds):
        move(database, Movement("reserve", "anna", 1, f"old{number}"))
    parts = [
        [Movement("release", "anna", 1, f"old{number}") for number in range(rounds)],
        [Movement("reserve", "anna", 1, f"new{number}") for number in range(rounds)],
        [Movement("edit", "anna", 1, f"edit{number}") for number in range(rounds)],
        [Movement("grant", "anna", 1, f"gift{number}") for number in range(rounds)],
    ]
    assert wait_all(start_all(move_each, [(database.url, part) for part in parts])) == [0] * 4
    check(database)
    with database.read() as session:
        assert credits_of(session, "anna") == Credits(100, rounds, 100 + 2 * rounds, rounds)


def test_a_reservation_is_spent_or_given_back_once(database: Database) -> None:
    begin(database)
    with database.write() as session:
        assert reserve(session, "anna", 30, "generate", "turn")
        assert not reserve(session, "anna", 30, "generate", "turn")
        assert credits_of(session, "anna") == Credits(70, 30, 100, 0)
    with database.write() as session:
        assert settle(session, "turn") == 30
        assert settle(session, "turn") == release(session, "turn") == 0
        assert release(session, "unknown") == 0
        assert not reserve(session, "anna", 30, "generate", "turn")
        assert credits_of(session, "anna") == Credits(70, 0, 100, 30)
        causes = set(session.scalars(select(Transfer.cause).where(Transfer.reference == "turn")))
        assert causes == {"generate", "generate:settle"}
    check(database)


def test_who_has_too_little_is_told_how_much_and_keeps_it(database: Database) -> None:
    begin(database)
    with pytest.raises(NotEnoughCredits) as caught, database.write() as session:
        reserve(session, "anna", 101, "generate", "turn")
    assert caught.value.data == {"required": 101, "available": 100}
    with database.read() as session:
        assert credits_of(session, "anna") == Credits(100, 0, 100, 0)
        assert credits_of(session, "nobody") == Credits(0, 0)


def test_work_that_costs_nothing_and_the_user_of_the_site_pay_nothing(database: Database) -> None:
    begin(database)
    with database.write() as session:
        add_user(session, "site", "site")
        assert not reserve(session, "anna", 0, "export", "free")
        assert not reserve(session, "site", 1000, "generate", "turn")
        assert settle(session, "turn") == 0
    check(database)


def test_credits_never_run_backwards(database: Database) -> None:
    begin(database)
    for call in (grant, reserve):
        with pytest.raises(ValueError, match="negative"), database.write() as session:
            call(session, "anna", -1, "theft", "turn")


def test_books_that_were_meddled_with_are_told(database: Database) -> None:
    begin(database)
    with database.write() as session:
        reserve(session, "anna", 10, "generate", "turn")
    meddlings = [
        (update(Balance).where(Balance.account == "available:ben").values(amount=99), "not the sum of its entries"),
        (update(Balance).where(Balance.account == "available:ben").values(amount=-1), "below nothing"),
        (update(Balance).where(Balance.account == "frozen:anna").values(amount=0), "neither spent nor given back"),
        (update(Entry).where(Entry.account == "available:ben").values(amount=50), "does not sum to nothing"),
    ]
    for meddling, told in meddlings:
        session = database._write()
        session.execute(meddling)
        assert any(told in sentence for sentence in errors_of_the_books(session))
        session.rollback()
        session.close()
    check(database)


def test_a_long_cause_is_cut(database: Database) -> None:
    begin(database)
    with database.write() as session:
        reserve(session, "anna", 1, "x" * 100, "turn")
        settle(session, "turn")
        assert {len(cause) for cause in session.scalars(select(Transfer.cause))} <= {7, ledger.LONGEST_CAUSE}
