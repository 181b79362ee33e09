"""What a session keeps: the conversation, its files, one turn at a time, and what each turn said."""

import json
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from api.store.assets import add_asset, asset_by_key, assets_of, know_blob, used_bytes
from api.store.database import Database
from api.store.projects import own_session, read_conversation, sessions_of, write_conversation
from api.store.rows import Blob, EditSession, Turn
from api.store.turns import begin_turn, end_turn, events_after, say
from engine.core.errors import FileTooLarge, NoSuchSession, SessionBusy
from pipelines.director import Asset, converse
from tests.store.people import add_file, add_session, add_user
from tests.store.processes import start_all, wait_all
from tests.store.work import begin_one_turn

TURNS = ("zoom in slowly", 'a title "Hello 汉字"', "make it 8 seconds long", "undo", "undo", "redo", "make it bigger")


@pytest.fixture
def anna(database: Database) -> tuple[Database, str]:
    """A user's session."""
    with database.write() as session:
        add_user(session, "ben")
        return database, add_session(session, "anna").id


def test_a_conversation_goes_on_as_if_it_had_never_been_written_down(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    assets = (Asset("a.png", 1600, 900, src="asset:f_0123456789abcdef"),)
    with database.read() as session:
        spoken = read_conversation(own_session(session, "anna", session_id))
    versions = [0]
    for text in TURNS:
        _, spoken = converse(text, spoken, assets)
        with database.write() as session:
            row = own_session(session, "anna", session_id, lock=True)
            _, kept = converse(text, read_conversation(row), assets)
            write_conversation(row, kept)
        with database.read() as session:
            row = own_session(session, "anna", session_id)
            assert read_conversation(row) == spoken
            versions.append(row.version)
    assert versions == sorted(versions)
    assert versions[-1] > 3
    with database.write() as session:
        row = own_session(session, "anna", session_id)
        write_conversation(row, spoken)
        assert row.version == versions[-1]  # nothing is other than before


def test_a_memory_of_another_version_is_read(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    with database.write() as session:
        row = session.get_one(EditSession, session_id)
        row.memory = json.dumps({"topic": "camera", "texts": ["a"], "not_known_any_more": 1})
    with database.read() as session:
        memory = read_conversation(session.get_one(EditSession, session_id)).memory
    assert (memory.topic, memory.texts, memory.shots) == ("camera", ("a",), ())


@pytest.mark.parametrize("wanted", ["unknown", "", "\0", "\ud800", "9" * 300])
def test_a_session_is_nobody_else_s(anna: tuple[Database, str], wanted: str) -> None:
    database, session_id = anna
    with database.read() as session:
        for user, name in (("ben", session_id), ("anna", wanted)):
            with pytest.raises(NoSuchSession):
                own_session(session, user, name)
        assert sessions_of(session, "ben") == []
        assert [row.id for row in sessions_of(session, "anna")] == [session_id]


def test_files_come_in_their_order_and_change_the_session(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    with database.write() as session:
        row = session.get_one(EditSession, session_id)
        first, second = add_file(session, row, "a" * 64, 5), add_file(session, row, "a" * 64, 5)
        assert row.version == 2
    with database.read() as session:
        assert {asset.id for asset in assets_of(session, session_id)} == {first.id, second.id}
        assert used_bytes(session, "anna") == 10
        found = asset_by_key(session, first.key)
        assert found is not None
        assert found.id == first.id
        assert asset_by_key(session, "\0") is None


def test_a_user_has_room_for_so_much(anna: tuple[Database, str], monkeypatch: pytest.MonkeyPatch) -> None:
    database, session_id = anna
    monkeypatch.setenv("MULTIPLANE_QUOTA_MB", "1")
    with database.write() as session:
        add_file(session, session.get_one(EditSession, session_id), "a" * 64, 900_000)
    with pytest.raises(FileTooLarge, match="no room"), database.write() as session:
        add_file(session, session.get_one(EditSession, session_id), "b" * 64, 100_001)
    with database.write() as session:
        row = session.get_one(EditSession, session_id)
        add_file(session, row, "b" * 64, 100_000)
        add_asset(
            session, row, "c" * 64, 999_999, filename="x" * 400, kind="video", content_type="video/mp4",
            origin="generated",
        )  # fmt: skip
        session.get_one(Blob, "b" * 64)


def test_a_blob_is_noted_by_two_at_once(database: Database) -> None:
    with database.write() as first:
        know_blob(first, "a" * 64, 3)
    with database.write() as second:
        know_blob(second, "a" * 64, 3)
    with database.read() as session:
        assert session.query(Blob).count() == 1


def test_a_session_has_one_turn_at_a_time(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    with database.write() as session:
        turn = begin_turn(session, session_id, "anna", "zoom\0 in \ud800")
    with pytest.raises(SessionBusy), database.write() as session:
        begin_turn(session, session_id, "anna", "zoom out")
    with database.write() as session:
        end_turn(session, turn.id, "failed")
        end_turn(session, turn.id)  # it has ended
        begin_turn(session, session_id, "anna", "zoom out")
        assert session.get_one(Turn, turn.id).state == "failed"


def test_of_processes_that_begin_a_turn_at_once_one_does(anna: tuple[Database, str], tmp_path: Path) -> None:
    database, session_id = anna
    files = [tmp_path / str(number) for number in range(4)]
    codes = wait_all(start_all(begin_one_turn, [(database.url, session_id, "anna", file) for file in files]))
    assert codes == [0] * 4
    assert sorted(file.read_text() for file in files) == ["begun", "busy", "busy", "busy"]


def test_the_database_itself_keeps_a_second_turn_out(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    with database.write() as session:
        turn = begin_turn(session, session_id, "anna", "zoom in")
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Turn(id="other", session_id=session_id, user_id="anna", text="", state="running", created_at=0))
    with database.write() as session:
        end_turn(session, turn.id)


def test_what_a_turn_says_can_be_read_from_any_place_again(anna: tuple[Database, str]) -> None:
    database, session_id = anna
    bodies = [{"kind": "text", "text": text} for text in ("one", "汉 🌼", 'a "quote"\n')]
    with database.write() as session:
        turn = begin_turn(session, session_id, "anna", "zoom in")
        say(session, turn.id, *bodies[:2])
        say(session, turn.id)
    with database.write() as session:
        say(session, turn.id, bodies[2])
    with database.read() as session:
        events, over = events_after(session, turn.id, -1)
        assert [(seq, body) for seq, body, _ in events] == list(enumerate(bodies))
        assert not over
        assert [seq for seq, _, _ in events_after(session, turn.id, 1)[0]] == [2]
    with database.write() as session:
        end_turn(session, turn.id)
    with database.read() as session:
        assert events_after(session, turn.id, 2) == ([], True)
