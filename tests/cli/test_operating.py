"""``multiplane token``, ``credits``, ``users`` and ``jobs``: what whoever runs a service does at the command line."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from api.cli import main
from api.cli.doctor_service import service_findings
from api.service import Service, open_service
from api.store.accounts import bind_anonymous, register
from api.store.anonymous import issue_anonymous
from api.store.jobs import submit
from api.store.rows import Balance
from api.store.tokens import authenticate
from engine.core.errors import NotAuthenticated
from tests.conftest import ROOT

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = open_service(tmp_path / "data")
    with service.database.write() as session:
        register(session, "anna@example.org", "correct horse")
    yield service
    service.close()


@pytest.fixture
def say(service: Service, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command on the data folder: exit code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--data-dir", str(service.folder)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_life_of_a_token(service: Service, say: Say) -> None:
    code, out, _ = say("token", "create", "--name", "studio", "--scopes", "read, render", "--days", "2")
    secret = out.strip()
    assert code == 0
    assert secret.startswith("nmv_usr_")
    with service.database.read() as session:
        holder = authenticate(session, secret)
    assert (holder.user_id, holder.kind, holder.scopes) == ("site", "site", {"read", "render"})
    code, out, _ = say("token", "list")
    assert (code, secret in out) == (0, False)
    token_id, scopes, *_, name = out.split()
    assert (token_id, scopes, name) == (holder.token_id, "read,render", "studio")
    assert say("token", "revoke", token_id) == (0, f"{token_id} is revoked\n", "")
    with service.database.read() as session, pytest.raises(NotAuthenticated):
        authenticate(session, secret)
    assert say("token", "list")[1] == "There are no tokens.\n"


def test_a_token_of_an_account(service: Service, say: Say) -> None:
    _, out, _ = say("token", "create", "--user", "anna@example.org", "--json")
    (made,) = objects(out)
    assert (made["event"], made["scopes"], made["expires_at"]) == ("created", ["*"], None)
    with service.database.read() as session:
        assert authenticate(session, made["token"]).user_id == made["user_id"]
    (listed,) = objects(say("token", "--json", "list", "--user", made["user_id"])[1])
    assert listed["id"] == made["id"]
    assert "token" not in listed
    code, _, err = say("token", "revoke", made["id"])  # of the user of the site
    assert (code, err) == (2, "multiplane: There is no such token.\n")
    assert objects(say("token", "revoke", made["id"], "--user", "anna@example.org", "--json")[1]) == [
        {"event": "revoked", "id": made["id"]}
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("token", "create", "--user", "nobody"), "There is no user 'nobody'"),
        (("token", "create", "--scopes", "all"), "scopes must be some of"),
        (("token", "create", "--days", "0"), "more than 0"),
        (("credits", "show", "nobody"), "There is no user 'nobody'"),
        (("credits", "grant", "anna@example.org", "0"), "give 1 to"),
        (("credits", "grant", "anna@example.org", "-5"), "give 1 to"),
        (("credits", "grant", "anna@example.org", "many"), "invalid int value"),
    ],
)
def test_what_makes_no_sense_is_refused(say: Say, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = say(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_credits_are_shown_and_given(service: Service, say: Say) -> None:
    user = "anna@example.org"
    code, out, _ = say("credits", "grant", user, "50", "--reason", "a competition that was won")
    assert code == 0
    assert out.endswith(" has 150 credits available now\n")
    say("credits", "grant", user, "50")
    (shown,) = objects(say("credits", "show", user, "--json")[1])
    assert (shown["available"], shown["frozen"], shown["granted"], shown["spent"]) == (200, 0, 200, 0)
    assert say("credits", "show", shown["user_id"])[1].startswith(f"{shown['user_id']}: 200 available, 0 frozen")
    with service.database.write() as session:
        anonymous = issue_anonymous(session, "client", "127.0.0.1").user_id
        bind_anonymous(session, anonymous, shown["user_id"])
    assert say("credits", "show", anonymous)[1].startswith(f"{shown['user_id']}: 300 available")


def test_the_books_are_proven(service: Service, say: Say) -> None:
    assert say("credits", "books") == (0, "The books are right.\n", "")
    with service.database.write() as session:
        session.execute(update(Balance).values(amount=Balance.amount + 1))
    code, out, _ = say("credits", "books")
    assert (code, "is not the sum of its entries" in out) == (1, True)
    code, out, _ = say("credits", "books", "--json")
    assert (code, len(objects(out)[0]["errors"])) == (1, 1)


def test_the_data_folder_may_be_named_before_or_by_the_environment(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["credits", "--data-dir", str(service.folder), "show", "anna@example.org"]) == 0
    monkeypatch.setenv("MULTIPLANE_DATA", str(service.folder))
    assert main(["credits", "show", "anna@example.org"]) == 0
    assert capsys.readouterr().out.count("100 available") == 2


def test_the_commands_are_there_without_loading_the_database() -> None:
    code = """
import sys, api.cli, contextlib, io
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as said:
    api.cli.main(["token", "--help"])
assert "revoke" in said.getvalue()
print(sorted({"sqlalchemy", "alembic", "argon2", "fsspec"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_users_are_listed_and_put_on_a_plan(service: Service, say: Say) -> None:
    with service.database.write() as session:
        issue_anonymous(session, "somebody", "127.0.0.1")
    _, out, _ = say("users", "list", "--json")
    assert {row["kind"] for row in objects(out)} == {"anonymous", "registered"}
    _, out, _ = say("users", "list", "--accounts")
    assert "anna@example.org" in out
    assert "anon_" not in out
    assert say("users", "plan", "anna@example.org", "paid")[0] == 0
    _, out, _ = say("users", "list", "--accounts", "--json")
    assert objects(out)[0]["plan"] == "paid"
    code, _, err = say("users", "plan", "nobody@example.org", "paid")
    assert (code, "no user" in err) == (2, True)


def test_jobs_are_listed_and_cancelled(service: Service, say: Say) -> None:
    assert "no jobs" in say("jobs", "list")[1]
    with service.database.write() as session:
        user_id = issue_anonymous(session, "somebody", "127.0.0.1").user_id
        job_id = submit(session, "render", "render", user_id, {})
    _, out, _ = say("jobs", "list", "--state", "queued", "--json")
    assert [row["id"] for row in objects(out)] == [job_id]
    assert "is cancelled" in say("jobs", "cancel", job_id)[1]
    assert "cancelled" in say("jobs", "list")[1]
    assert "had ended before" in say("jobs", "cancel", job_id)[1]
    code, _, err = say("jobs", "cancel", "job_0")
    assert (code, "no job" in err) == (2, True)


def test_the_doctor_looks_at_the_service(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MULTIPLANE_DATA", str(service.folder))
    found = {finding.name: finding for finding in service_findings()}
    assert (
        found["service database"].status == found["service integrity"].status == found["service books"].status == "ok"
    )
    assert "not running" in found["service"].about
    with service.database.write() as session:
        user_id = issue_anonymous(session, "somebody", "127.0.0.1").user_id
        session.execute(update(Balance).where(Balance.account == f"available:{user_id}").values(amount=7))
    found = {finding.name: finding for finding in service_findings()}
    assert found["service books"].status == "problem"
    monkeypatch.setenv("MULTIPLANE_DATA", str(tmp_path / "nothing"))
    assert [finding.status for finding in service_findings()] == ["missing"]
    assert not (tmp_path / "nothing").exists()
