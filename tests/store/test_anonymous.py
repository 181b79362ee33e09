"""Anonymous users: a token and credits for whoever asks, once for a client, so many for an address."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.store.accounts import bind_anonymous
from api.store.anonymous import Issued, issue_anonymous
from api.store.clock import DAY, now_ms
from api.store.database import Database
from api.store.ledger import credits_of, reserve
from api.store.rows import User
from api.store.tokens import authenticate
from engine.core.errors import BadRequest, NotAuthenticated, TooManyRequests
from tests.store.people import add_user

HOME = "127.0.0.1"


@pytest.fixture
def week_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and the tokens that were given have expired."""

    def move() -> None:
        for module in ("tokens", "anonymous"):
            monkeypatch.setattr(f"api.store.{module}.now_ms", lambda: now_ms() + 7 * DAY + 1)

    return move


def ask(database: Database, client: str, address: str = HOME) -> Issued:
    with database.write() as session:
        return issue_anonymous(session, client, address)


def holder_of(database: Database, token: str) -> str:
    with database.read() as session:
        return authenticate(session, token).user_id


def test_a_client_gets_a_user_with_credits(database: Database) -> None:
    issued = ask(database, "client")
    assert issued.user_id.startswith("anon_")
    assert issued.credits == 100
    with database.read() as session:
        holder = authenticate(session, issued.token)
        assert (holder.user_id, holder.kind) == (issued.user_id, "anonymous")
        assert holder.scopes == {"read", "write", "upload"}
        assert credits_of(session, issued.user_id).available == 100


@pytest.mark.parametrize("client", ["", "   ", "x" * 65])
def test_a_client_must_have_a_name(database: Database, client: str) -> None:
    with pytest.raises(BadRequest, match="X-Client-Id"):
        ask(database, client)


@pytest.mark.parametrize("client", ["x" * 64, "汉\0\ud800"])
def test_any_name_will_do(database: Database, client: str) -> None:
    assert ask(database, client).credits == 100


def test_who_has_a_token_gets_no_other(database: Database) -> None:
    issued = ask(database, "client")
    with pytest.raises(TooManyRequests) as caught:
        ask(database, " client ", "10.0.0.1")
    assert caught.value.retry_after
    assert holder_of(database, issued.token) == issued.user_id


def test_a_site_may_give_a_new_token_of_the_same_user(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_ANON_REISSUE", "1")
    old, new = ask(database, "client"), ask(database, "client")
    assert (new.user_id, new.credits) == (old.user_id, 100)
    assert holder_of(database, new.token) == old.user_id
    with pytest.raises(NotAuthenticated):
        holder_of(database, old.token)


def test_after_a_week_the_same_client_is_the_same_user_without_new_credits(
    database: Database, week_later: Callable[[], None]
) -> None:
    old = ask(database, "client")
    with database.write() as session:
        reserve(session, old.user_id, 60, "generate", "turn")
    week_later()
    with pytest.raises(NotAuthenticated):
        holder_of(database, old.token)
    new = ask(database, "client")
    assert (new.user_id, new.credits) == (old.user_id, 40)
    assert holder_of(database, new.token) == old.user_id


def test_an_address_has_its_share(
    database: Database, monkeypatch: pytest.MonkeyPatch, week_later: Callable[[], None]
) -> None:
    monkeypatch.setenv("MULTIPLANE_ANON_PER_ADDRESS", "2")
    for client in "ab":
        ask(database, client, "203.0.113.7")
    with pytest.raises(TooManyRequests, match="address"):
        ask(database, "c", "203.0.113.7")
    ask(database, "c", "203.0.113.8")
    for client in "defgh":
        ask(database, client, HOME)
        ask(database, client + "6", "::1")
    week_later()
    ask(database, "i", "203.0.113.7")


def test_an_address_may_have_no_limit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_ANON_PER_ADDRESS", "0")
    assert len({ask(database, str(number), "203.0.113.7").user_id for number in range(12)}) == 12


def test_requests_at_once_get_one_token(database: Database) -> None:
    def try_it(_: int) -> bool:
        try:
            ask(database, "client")
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, range(8))) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_the_name_of_a_client_opens_no_account(database: Database, week_later: Callable[[], None]) -> None:
    """It is no secret: whoever reads it somewhere must not get into what was bound to an account since."""
    old = ask(database, "client")
    with database.write() as session:
        add_user(session, "anna")
        assert bind_anonymous(session, old.user_id, "anna")
    with pytest.raises(TooManyRequests):
        ask(database, "client")
    week_later()
    new = ask(database, "client")
    assert new.user_id not in (old.user_id, "anna")
    assert holder_of(database, new.token) == new.user_id
