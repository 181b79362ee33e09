"""Tokens: who holds one gets what it is for, until it expires or is revoked."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from api.store.clock import DAY, now_ms
from api.store.database import Database
from api.store.rows import Token
from api.store.tokens import (
    MAX_TOKENS,
    SCOPES,
    authenticate,
    create_claim,
    create_token,
    find_token,
    list_tokens,
    revoke,
    token_json,
)
from engine.core.errors import BadRequest, NoSuchObject, NotAuthenticated, ScopeMissing
from tests.store.people import add_session, add_user

SetClock = Callable[[int], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Moves the clock of tokens on, by milliseconds."""

    def move(by: int) -> None:
        monkeypatch.setattr("api.store.tokens.now_ms", lambda: now_ms() + by)

    return move


@pytest.fixture
def anna(database: Database) -> Database:
    with database.write() as session:
        add_user(session, "anna")
        add_user(session, "ben")
    return database


def make(database: Database, *scopes: str, days: float | None = 1, user: str = "anna") -> tuple[str, str]:
    with database.write() as session:
        row, secret = create_token(session, user, "name", scopes or ("*",), days)
        return row.id, secret


def test_a_token_opens_what_it_is_for_and_nothing_of_it_is_kept(anna: Database) -> None:
    token_id, secret = make(anna, "read", "render", "read")
    assert re.fullmatch(r"nmv_usr_[A-Za-z0-9_-]{43}", secret)
    with anna.read() as session:
        holder = authenticate(session, secret)
        row = session.get_one(Token, token_id)
        kept = " ".join(str(value) for value in vars(row).values())
        assert token_json(row)["scopes"] == ["read", "render"]
    assert secret.removeprefix("nmv_usr_") not in kept
    assert (holder.user_id, holder.kind, holder.token_id) == ("anna", "registered", token_id)
    holder.need("render")
    with pytest.raises(ScopeMissing) as caught:
        holder.need("write")
    assert caught.value.data == {"required_scope": "write"}


def test_the_star_may_do_everything(anna: Database) -> None:
    _, secret = make(anna, "*")
    with anna.read() as session:
        assert all(authenticate(session, secret).may(scope) for scope in SCOPES)


@pytest.mark.parametrize("secret", ["", "nmv_usr_", "nmv_usr_" + "A" * 43, "\0", "\ud800", "x" * 10_000])
def test_no_other_text_opens_anything(anna: Database, secret: str) -> None:
    make(anna)
    with anna.read() as session, pytest.raises(NotAuthenticated):
        authenticate(session, secret)


def test_a_token_ends(anna: Database, set_clock: SetClock) -> None:
    _, secret = make(anna, days=1)
    _, forever = make(anna, days=None)
    set_clock(DAY - 10_000)
    with anna.read() as session:
        assert authenticate(session, secret).user_id == "anna"
    set_clock(DAY + 1)
    with anna.read() as session:
        with pytest.raises(NotAuthenticated, match="expired"):
            authenticate(session, secret)
        assert authenticate(session, forever).user_id == "anna"


def test_a_revoked_token_opens_nothing_and_only_its_owner_can_revoke_it(anna: Database) -> None:
    token_id, secret = make(anna)
    for stranger, wanted in (("ben", token_id), ("anna", "tok_unknown"), ("anna", "\0")):
        with pytest.raises(NoSuchObject), anna.write() as session:
            revoke(session, stranger, wanted)
    with anna.write() as session:
        assert [row.id for row in list_tokens(session, "anna")] == [token_id]
        revoke(session, "anna", token_id)
        revoke(session, "anna", token_id)
        assert list_tokens(session, "anna") == []
    with anna.read() as session, pytest.raises(NotAuthenticated, match="revoked"):
        authenticate(session, secret)


@pytest.mark.parametrize(
    ("scopes", "days"),
    [((), 1), (("admin",), 1), (("read",), 0), (("read",), -1), (("read",), 1e9), (("read",), float("nan"))],
)
def test_what_makes_no_sense_is_refused(anna: Database, scopes: tuple[str, ...], days: float) -> None:
    with pytest.raises(BadRequest), anna.write() as session:
        create_token(session, "anna", "name", scopes, days)


def test_a_user_has_so_many_tokens_and_no_more(anna: Database) -> None:
    with anna.write() as session:
        for _ in range(MAX_TOKENS):
            create_token(session, "anna", "x" * 1000, ("read",), 1)
    with pytest.raises(BadRequest, match="revoke one"):
        make(anna)
    make(anna, user="ben")


def test_a_claim_shows_one_session_for_a_while_and_opens_nothing_else(anna: Database, set_clock: SetClock) -> None:
    with anna.write() as session:
        owner = add_session(session, "anna")
        _, secret = create_claim(session, "anna", owner.id)
    assert re.fullmatch(r"clm_[A-Za-z0-9_-]{43}", secret)
    with anna.read() as session:
        assert find_token(session, secret, ("claim",)).session_id == owner.id
        assert list_tokens(session, "anna") == []
        for kinds in (("api",), ("web",), ("api", "web")):
            with pytest.raises(NotAuthenticated):
                authenticate(session, secret, kinds)
        assert not authenticate(session, secret, ("claim",)).scopes
    set_clock(7 * DAY + 1)
    with anna.read() as session, pytest.raises(NotAuthenticated, match="expired"):
        find_token(session, secret, ("claim",))


def test_secrets_never_repeat(anna: Database) -> None:
    assert len({make(anna)[1] for _ in range(20)}) == 20
    with anna.read() as session:
        assert len(set(session.scalars(select(Token.digest)))) == 20
