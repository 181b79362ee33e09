"""Accounts: what an anonymous user had is the account's, all of it; a password is known to nobody else."""

import pytest
from argon2 import PasswordHasher

from api.store import accounts
from api.store.accounts import bind_anonymous, check_password, register, sign_in, sign_out, site_user
from api.store.anonymous import issue_anonymous
from api.store.assets import add_asset
from api.store.database import Database
from api.store.jobs import submit
from api.store.ledger import Credits, credits_of, errors_of_the_books, grant, release, reserve, settle
from api.store.projects import create_project, own_session, sessions_of
from api.store.renders import order_render, own_render
from api.store.rows import Asset, EditSession, Job, Render, Task, Token, Turn, User
from api.store.tokens import authenticate, create_claim, list_tokens, revoke
from api.store.turns import begin_turn
from engine.core.errors import BadRequest, NoSuchSession, NotAuthenticated
from tests.store.people import add_session

PASSWORD = "correct horse"


def test_an_account_is_opened_by_its_password_alone(database: Database) -> None:
    with database.write() as session:
        user = register(session, " Anna@Example.org ", PASSWORD)
        assert (user.email, user.kind) == ("anna@example.org", "registered")
        assert user.password is not None
        assert user.password.startswith("$argon2id$")
        assert PASSWORD not in user.password
        assert credits_of(session, user.id).available == 100
    with database.write() as session:
        found, secret = sign_in(session, "ANNA@example.org", PASSWORD)
        assert found.id == user.id
    with database.read() as session:
        holder = authenticate(session, secret, ("web",))
        assert (holder.user_id, holder.may("render")) == (user.id, True)
        with pytest.raises(NotAuthenticated):
            authenticate(session, secret)  # a browser's secret is no token of the API
        assert check_password(session, "anna@example.org", PASSWORD).id == user.id
    with database.write() as session:
        sign_out(session, holder.token_id)
    with database.read() as session, pytest.raises(NotAuthenticated):
        authenticate(session, secret, ("web",))


def test_a_wrong_address_costs_as_much_work_as_a_wrong_password(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of the answer would tell who has an account."""
    with database.write() as session:
        register(session, "anna@example.org", PASSWORD)
        site_user(session)
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            verified.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return bool(super().verify(hash, password))

    monkeypatch.setattr(accounts, "_HASHER", Counting())
    tries = [("anna@example.org", "wrong"), ("ben@example.org", PASSWORD), ("ben@example.org", "nobody"), ("\0", "x")]
    sentences = set()
    for email, password in tries:
        with pytest.raises(NotAuthenticated) as caught, database.write() as session:
            sign_in(session, email, password)
        sentences.add(caught.value.message)
    assert len(sentences) == 1
    assert len(verified) == len(tries)
    assert len(set(verified)) == 1  # the same cost parameters


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        ("anna", PASSWORD),
        ("a b@c", PASSWORD),
        ("a@b\0", PASSWORD),
        ("a@b", "short"),
        ("a@b", "x" * 1001),
    ],
)
def test_what_will_not_do_is_refused(database: Database, email: str, password: str) -> None:
    with pytest.raises(BadRequest), database.write() as session:
        register(session, email, password)


def test_an_address_has_one_account(database: Database) -> None:
    with database.write() as session:
        register(session, "anna@example.org", PASSWORD)
    with database.write() as session:
        with pytest.raises(BadRequest, match="sign in"):
            register(session, "Anna@example.org", "another password")
        register(session, "ben@example.org", PASSWORD)  # the transaction goes on


def test_all_that_an_anonymous_user_had_is_the_account_s(database: Database) -> None:
    with database.write() as session:
        issued = issue_anonymous(session, "client", "127.0.0.1")
        anonymous = issued.user_id
        row = add_session(session, anonymous)
        asset = add_asset(session, row, "a" * 64, 1, filename="a.png", kind="image", content_type="image/png")
        turn = begin_turn(session, row.id, anonymous, "zoom in")
        job = submit(session, "generate", "render", anonymous, {}, session_id=row.id, turn_id=turn.id)
        render, _ = order_render(session, "render", anonymous, row.id, {}, {})
        _, claim = create_claim(session, anonymous, row.id)
        for reference in ("spent", "back", "open"):
            reserve(session, anonymous, 20, "generate", reference)
        settle(session, "spent")
    with database.write() as session:
        user = register(session, "anna@example.org", PASSWORD, anonymous)
        assert credits_of(session, user.id) == Credits(140, 40, 200, 20)
        assert credits_of(session, anonymous).total == 0
    with database.write() as session:
        # What was in work ends at the account.
        assert release(session, "back") == settle(session, "open") == 20
        assert credits_of(session, user.id) == Credits(160, 0, 200, 40)
        # So does what a request begins that was let in before.
        reserve(session, anonymous, 10, "edit", "late")
        grant(session, anonymous, 5, "gift", "late")
        assert create_project(session, anonymous, "late", "en").user_id == user.id
        assert credits_of(session, user.id) == Credits(155, 10, 205, 40)
        assert errors_of_the_books(session) == []
    with database.read() as session:
        holder = authenticate(session, issued.token)
        assert (holder.user_id, holder.kind) == (user.id, "registered")
        assert not holder.may("*")  # it may what it might before
        assert own_session(session, user.id, row.id).id == row.id
        assert {each.id for each in sessions_of(session, user.id)} > {row.id}
        assert own_render(session, user.id, "render")[0].id == render.id
        rows = [
            session.get_one(Asset, asset.id), session.get_one(Turn, turn.id), session.get_one(Job, job),
            session.get_one(Task, row.task_id), session.get_one(EditSession, row.id), session.get_one(Render, "render"),
        ]  # fmt: skip
        assert {each.user_id for each in rows} == {user.id}
        assert authenticate(session, claim, ("claim",)).user_id == user.id
        with pytest.raises(NoSuchSession):
            own_session(session, anonymous, row.id)
    with database.write() as session:
        # Whoever has the account sees that token, and can make an end of it.
        (token,) = list_tokens(session, user.id)
        revoke(session, user.id, token.id)
    with database.read() as session, pytest.raises(NotAuthenticated):
        authenticate(session, issued.token)


def test_nobody_is_bound_twice_and_no_account_is_bound(database: Database) -> None:
    with database.write() as session:
        anonymous = issue_anonymous(session, "client", "127.0.0.1").user_id
        anna = register(session, "anna@example.org", PASSWORD)
        ben = register(session, "ben@example.org", PASSWORD)
        assert bind_anonymous(session, anonymous, anna.id)
        for source in (anonymous, anna.id, "unknown", "\0"):
            assert not bind_anonymous(session, source, ben.id)
        assert credits_of(session, anna.id).available == 200
        assert credits_of(session, ben.id).available == 100


def test_the_user_of_the_site_is_made_once(database: Database) -> None:
    for _ in range(2):
        with database.write() as session:
            assert site_user(session).id == "site"
    with database.read() as session:
        assert session.get_one(User, "site").kind == "site"
        assert session.query(Token).count() == 0
