"""Clips that models made: files of the session that asked for them, each once, and there for its later renderings."""

import json
from typing import Any

from sqlalchemy import select

from api.editing.clips import MOST_OF_SHOT, clips_for_worker, keep_clips
from api.store.assets import assets_of
from api.store.clock import now_ms
from api.store.database import Database
from api.store.jobs import claim
from api.store.renders import order_render
from api.store.rows import Asset, Blob, EditSession
from api.work.endings import end_well
from engine.timeline import Draft, read_draft
from tests.store.people import add_session

Json = dict[str, Any]


def clip(key: str, shot: str = "p1", prompt: str = "") -> Json:
    """What a worker says of a clip."""
    made = {
        "shot": shot, "key": key, "prompt": prompt, "seed": 7, "preset": "exact", "model": "svd-xt",
        "licence": "LicenseRef-Stability-AI-Community", "way": "plain", "motion_bucket": 127, "noise": 0.02,
        "notes": ["As it was."],
    }  # fmt: skip
    return {
        "blob": f"b-{key}", "size": 10, "poster": [f"p-{key}", 3], "width": 64, "height": 36, "duration": 0.5,
        "fps": 30.0, "made": made,
    }  # fmt: skip


def draft(*shots: str, method: str = "diffusion") -> Draft:
    segments = [
        {"s": 500 * number, "d": 500, "id": shot, "src": "a.jpg", "mo": {"move": "hold", "with": method}}
        for number, shot in enumerate(shots)
    ]
    return read_draft({"v": 2, "w": 64, "h": 36, "fps": 30, "t": [{"tt": 0, "sg": segments}]})


def test_a_clip_is_a_file_of_its_session_once(database: Database) -> None:
    with database.write() as session:
        row = add_session(session, "anna")
        keep_clips(session, row, [clip("k1"), clip("k2", prompt="the waves roll")], "bring it to life")
        assert keep_clips(session, row, [clip("k1")], "again") == []
        first, second = sorted(assets_of(session, row.id), key=lambda asset: asset.blob)
        assert (first.prompt, second.prompt) == ("bring it to life", "the waves roll")
        assert (first.origin, first.kind, first.poster, first.duration_ms) == ("generated", "video", "p-k1", 500)
        assert json.loads(first.made or "") == clip("k1")["made"]
        other = add_session(session, "ben")
        (again,) = keep_clips(session, other, [clip("k1")])
        assert again.blob == first.blob, "another session has the same bytes"


def test_a_rendering_takes_along_the_clips_of_its_session_that_it_may_need(database: Database) -> None:
    with database.write() as session:
        row, other = add_session(session, "anna"), add_session(session, "anna")
        stranger = add_session(session, "ben")
        for number, (owner, key, shot) in enumerate([
            (row, "k1", "p1"), (row, "k2", "p2"), (other, "k3", "p1"), (stranger, "k4", "p1"),
            *((row, f"old{number}", "p3") for number in range(MOST_OF_SHOT + 2)),
        ]):  # fmt: skip
            (made,) = keep_clips(session, owner, [clip(key, shot)])
            made.created_at = number
    with database.read() as session:

        def found(session_id: str | None, *shots: str, method: str = "diffusion") -> set[str]:
            return set(clips_for_worker(session, "anna", session_id, draft(*shots, method=method)))

        assert clips_for_worker(session, "anna", row.id, draft("p1")) == {
            "k1": {"blob": "b-k1", "made": clip("k1")["made"]}
        }
        assert found(row.id, "p1", "p2") == {"k1", "k2"}
        assert found(row.id, "p1", method="parallax") == set()
        assert found(None, "p1") == {"k1", "k3"}, "without a session those of the user, and nobody else's"
        assert found(row.id, "p3") == {f"old{number}" for number in range(2, MOST_OF_SHOT + 2)}, "the newest"


def test_the_clips_of_an_export_go_to_its_session_if_that_is_still_there(database: Database) -> None:
    def export(session_id: str | None, key: str) -> None:
        with database.write() as session:
            order_render(session, f"r-{key}", "anna", session_id, {}, {}, "gpu", {"k": {}})
        claimed = claim(database, ("gpu",), "worker")
        assert claimed is not None
        assert claimed.payload["clips"] == {"k": {}}
        with database.write() as session:
            end_well(session, claimed, {"blob": f"v-{key}", "size": 1, "poster": None, "generated": [clip(key)]})

    with database.write() as session:
        kept, gone = add_session(session, "anna").id, add_session(session, "anna").id
        session.get_one(EditSession, gone).deleted_at = now_ms()
    for session_id, key in ((kept, "k1"), (gone, "k2"), (None, "k3")):
        export(session_id, key)
    with database.read() as session:
        assert [(asset.session_id, asset.blob) for asset in session.scalars(select(Asset))] == [(kept, "b-k1")]
        known = set(session.scalars(select(Blob.ref)))
    assert {"b-k1", "b-k2", "b-k3", "p-k3"} <= known, "the sweeper knows all of them"
