"""The sweeper: what is old goes, and nothing that a draft, a job, an export or a link still needs."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from api.store.assets import know_blob
from api.store.blobs import BlobStore
from api.store.clock import DAY, now_ms
from api.store.database import Database
from api.store.jobs import claim, finish, submit
from api.store.renders import order_render
from api.store.rows import Asset, Blob, EditSession, Job, Render, Token, Turn
from api.store.sweep import Swept, adopt_strays, sweep
from api.store.tokens import create_claim, revoke
from api.store.turns import begin_turn
from tests.store.databases import MakeDatabase
from tests.store.people import add_file, add_session, add_user

OLD = 100 * DAY


@dataclass
class World:
    """Sessions of one user, each with a file, and what names the files."""

    database: Database
    store: BlobStore
    sessions: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)

    def blob(self, content: bytes) -> str:
        path = self.store.new_file()
        path.write_bytes(content)
        ref, size = self.store.put(path)
        with self.database.write() as session:
            know_blob(session, ref, size)
        return ref

    def add(self, name: str) -> int:
        """A session with a file; its number."""
        ref = self.blob(name.encode())
        with self.database.write() as session:
            row = add_session(session, "anna")
            asset = add_file(session, row, ref, len(name))
            self.sessions.append(row.id)
            self.assets.append(asset.id)
            self.refs.append(ref)
        return len(self.sessions) - 1

    def draft(self, number: int, *names: str) -> None:
        """Let a session's draft name files."""
        history = {"draft": {"t": [{"sg": [{"src": name} for name in names]}]}}
        with self.database.write() as session:
            session.get_one(EditSession, self.sessions[number]).history = json.dumps(history)

    def age(self) -> None:
        """Everything that is there becomes old."""
        with self.database.write() as session:
            for column in (EditSession.updated_at, Asset.deleted_at, Blob.created_at, Render.created_at, Job.ended_at):
                session.execute(update(column.class_).where(column.is_not(None)).values({column: column - OLD}))
        memory = self.store.fs
        for entry in memory.store.values():
            entry.modified = entry.modified.replace(year=2000)

    def touch(self, number: int) -> None:
        """Somebody works in a session."""
        with self.database.write() as session:
            session.get_one(EditSession, self.sessions[number]).updated_at = now_ms()

    def sweep(self, times: int = 1) -> Swept:
        """Sweep so many days."""
        found = [sweep(self.database, self.store)]
        for _ in range(times - 1):
            self.age_of_what_is_removed()
            found.append(sweep(self.database, self.store))
        return Swept(
            *(sum(getattr(each, name) for each in found) for name in ("sessions", "renders", "blobs", "bytes"))
        )

    def age_of_what_is_removed(self) -> None:
        with self.database.write() as session:
            session.execute(
                update(Asset).where(Asset.deleted_at.is_not(None)).values(deleted_at=Asset.deleted_at - OLD)
            )

    def there(self) -> set[int]:
        """The numbers of the files that can be had: their rows and their blobs."""
        with self.database.read() as session:
            known = set(session.scalars(select(Asset.id).where(Asset.deleted_at.is_(None))))
        found = {number for number, ref in enumerate(self.refs) if self.store.exists(ref)}
        assert {number for number, asset in enumerate(self.assets) if asset in known} == found
        return found


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path)


def make_world(database: Database, folder: Path) -> World:
    memory = fsspec.filesystem("memory")
    if memory.exists("/swept"):
        memory.rm("/swept", recursive=True)
    with database.write() as session:
        add_user(session, "anna")
    return World(database, BlobStore("memory://swept", folder))


def test_an_old_session_goes_with_its_files(world: World) -> None:
    world.add("old")
    world.age()
    world.add("young")
    assert world.sweep() == Swept(sessions=1)
    assert world.store.exists(world.refs[0])  # a day of grace
    assert world.sweep(2) == Swept(blobs=1, bytes=3)
    assert world.there() == {1}
    with world.database.read() as session:
        assert session.scalars(select(Blob.ref)).all() == [world.refs[1]]
        assert session.scalars(select(Asset.id)).all() == [world.assets[1]]
        row = session.get_one(EditSession, world.sessions[0])
        assert (row.history, row.deleted_at is not None) == (None, True)
    assert world.sweep(3) == Swept()


def test_a_site_may_keep_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_KEEP_SESSIONS_DAYS", "0")
    monkeypatch.setenv("MULTIPLANE_KEEP_RENDERS_DAYS", "0")
    world.add("old")
    finished_render(world)
    world.age()
    assert world.sweep(3) == Swept()


@pytest.mark.parametrize("form", ["asset:{id}", "https://site/files/{key}/a.png?e=1&s=2", "asset:{ref}", "{ref}"])
def test_a_file_that_another_session_s_draft_names_stays(world: World, form: str) -> None:
    number = world.add("named")
    world.age()
    with world.database.read() as session:
        asset = session.get_one(Asset, world.assets[number])
    other = world.add("young")
    world.draft(other, form.format(id=asset.id, key=asset.key, ref=asset.blob))
    assert world.sweep(3).sessions == 1
    assert world.there() == {0, 1}
    world.draft(other)
    world.sweep(3)
    assert world.there() == {1}


def test_uploads_that_no_draft_names_may_go_before_their_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    used, unused = world.add("used"), world.add("unused")
    world.draft(used, f"asset:{world.assets[used]}")
    world.age()
    with world.database.write() as session:
        session.execute(update(Asset).values(created_at=Asset.created_at - OLD))
    world.touch(used)
    world.touch(unused)
    assert world.sweep(3) == Swept()
    monkeypatch.setenv("MULTIPLANE_KEEP_UPLOADS_DAYS", "30")
    assert world.sweep(3).blobs == 1
    assert world.there() == {used}


def test_a_poster_stays_as_long_as_what_it_shows(world: World) -> None:
    world.add("old")
    poster, of_video = world.blob(b"poster"), world.blob(b"poster of a video")
    finished_render(world)
    with world.database.write() as session:
        session.execute(update(Asset).values(poster=poster))
        session.execute(update(Render).values(poster=of_video))
    world.age()
    world.touch(0)
    with world.database.write() as session:
        session.execute(update(Job).values(ended_at=now_ms()))
    world.sweep(3)
    assert world.store.exists(poster)
    assert world.store.exists(of_video)
    world.age()
    world.sweep(3)
    assert not world.store.exists(poster)
    assert not world.store.exists(of_video)


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_what_a_job_that_is_to_be_done_names_stays(world: World, state: str) -> None:
    number, kept = world.add("named"), world.blob(b"nobody's")
    with world.database.write() as session:
        payload = {"draft": {"t": [{"src": f"asset:{world.refs[number]}"}]}, "after": {"deep": [{"blob": kept}]}}
        job_id = submit(session, "render", "render", "anna", payload)
    if state != "queued":
        claimed = claim(world.database, ("render",), "worker")
        assert claimed is not None
    if state == "succeeded":
        with world.database.write() as session:
            finish(session, claimed, {})
    world.age()
    world.sweep(3)
    assert world.there() == (set() if state == "succeeded" else {0})
    assert world.store.exists(kept) == (state != "succeeded")
    with world.database.read() as session:
        assert session.get_one(Job, job_id).state == state


def test_a_session_that_works_or_talks_or_is_shown_stays(world: World) -> None:
    works, talks, shown, hidden = (world.add(name) for name in ("works", "talks", "shown", "hidden"))
    with world.database.write() as session:
        submit(session, "fetch", "media", "anna", {}, session_id=world.sessions[works])
        begin_turn(session, world.sessions[talks], "anna", "zoom in")
        create_claim(session, "anna", world.sessions[shown])
        revoke(session, "anna", create_claim(session, "anna", world.sessions[hidden])[0].id)
    world.age()
    assert world.sweep(3).sessions == 1
    assert world.there() == {works, talks, shown}
    with world.database.write() as session:
        session.execute(update(Token).values(expires_at=1))
        session.execute(update(Job).values(state="succeeded"))
        session.execute(update(Turn).values(state="done"))
    world.sweep(3)
    assert world.there() == set()


def finished_render(world: World, session_id: str | None = None) -> str:
    """An export; its blob."""
    with world.database.write() as session:
        order_render(session, f"r{now_ms()}", "anna", session_id, {"t": []}, {})
    claimed = claim(world.database, ("render",), "worker")
    assert claimed is not None
    ref = world.blob(claimed.job_id.encode())
    with world.database.write() as session:
        finish(session, claimed, {})
        session.execute(update(Render).where(Render.job_id == claimed.job_id).values(blob=ref))
    return ref


def test_videos_go_when_they_are_old(world: World) -> None:
    number = world.add("shown")
    old, shown = finished_render(world), finished_render(world, world.sessions[number])
    with world.database.write() as session:
        create_claim(session, "anna", world.sessions[number])
    world.age()
    young = finished_render(world)
    swept = world.sweep()
    assert (swept.renders, swept.blobs) == (1, 1)
    assert [world.store.exists(ref) for ref in (old, shown, young)] == [False, True, True]


def test_a_video_that_waited_long_is_not_old(world: World) -> None:
    ref = finished_render(world)
    with world.database.write() as session:
        session.execute(update(Render).values(created_at=1))
    assert world.sweep().renders == 0
    assert world.store.exists(ref)


def test_what_was_just_put_stays_though_nothing_names_it_yet(world: World) -> None:
    ref = world.blob(b"young")
    world.sweep(2)
    assert world.store.exists(ref)
    world.age()
    again = world.store.new_file()
    again.write_bytes(b"young")
    world.store.put(again)  # an upload of the same bytes, before it has come to its row
    world.sweep()
    assert world.store.exists(ref)
    assert adopt_strays(world.database, world.store) == 1
    world.age()
    assert world.sweep() == Swept(blobs=1, bytes=5)
    assert not world.store.exists(ref)


def test_strays_are_noted_once_and_with_their_size(world: World) -> None:
    path = world.store.new_file()
    path.write_bytes(b"stray")
    ref, _ = world.store.put(path)
    assert [adopt_strays(world.database, world.store) for _ in range(2)] == [1, 0]
    with world.database.read() as session:
        assert session.get_one(Blob, ref).size == 5


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[tuple[bool, list[int]]], list[tuple[str, list[int]]]]:
    """Sessions (old or not, and the files that their drafts name), and jobs (state, and the files that they name)."""
    count = draw(st.integers(1, 5))
    some = st.lists(st.integers(0, count - 1), max_size=3)
    sessions = [(draw(st.booleans()), draw(some)) for _ in range(count)]
    return sessions, draw(st.lists(st.tuples(st.sampled_from(("queued", "running", "failed")), some), max_size=3))


@given(world_of=worlds(), data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sweeper_never_takes_what_is_needed_and_leaves_nothing_else(
    make_database: MakeDatabase,
    tmp_path: Path,
    world_of: tuple[list[tuple[bool, list[int]]], list[tuple[str, list[int]]]],
    data: st.DataObject,
) -> None:
    database = make_database()
    world = make_world(database, tmp_path)
    sessions, jobs = world_of
    for number in range(len(sessions)):
        world.add(f"file {number}")
    for number, (_, named) in enumerate(sessions):
        world.draft(number, *(f"asset:{world.assets[each]}" for each in named))
    for state, named in jobs:
        texts = [data.draw(st.sampled_from((world.refs[each], f"asset:{world.assets[each]}"))) for each in named]
        with database.write() as session:
            job_id = submit(session, "render", "render", "anna", {"blobs": [{"blob": text} for text in texts]})
            session.execute(update(Job).where(Job.id == job_id).values(state=state))
    world.age()
    for number, (is_old, _) in enumerate(sessions):
        if not is_old:
            world.touch(number)
    world.sweep(3)
    young = {number for number, (is_old, _) in enumerate(sessions) if not is_old}
    named = {each for number in young for each in sessions[number][1]}
    wanted = {each for state, names in jobs if state != "failed" for each in names}
    assert world.there() == young | named | wanted
    with database.read() as session:
        kept = set(session.scalars(select(Blob.ref)))
    assert kept == {world.refs[number] for number in world.there()}
    assert all(sha256(f"file {number}".encode()).hexdigest() == world.refs[number] for number in young)
    database.close()
