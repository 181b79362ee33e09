"""Clips that models made: files of the session whose rendering asked for them, and there for its later ones.

The cache of the renderer has a clip as long as it has room; a file of a session stays. So a job takes the session's
clips along, by the hash of all that they depend on, and nothing is generated a second time.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.store.assets import GENERATED, add_asset, know_blob
from api.store.ids import new_id
from api.store.rows import Asset, EditSession
from engine.motion import generated
from engine.timeline import Draft

Json = dict[str, Any]

MOST_OF_SHOT = 4
"""Clips of one shot that a job takes along, the newest first: that of now, and a few that it was changed from."""


def generated_shots(draft: Draft) -> list[str]:
    """The ids of the segments that ask for a generated clip."""
    segments = (segment for track in draft.tracks for segment in track.segments)
    return [segment.id for segment in segments if segment.motion is not None and generated(segment.motion)]


def keep_clips(session: Session, owner: EditSession, made: Sequence[Json], prompt: str = "") -> list[Asset]:
    """Make the clips of a rendering files of its session; one that it has already is not added again.

    Args:
        session: a writing transaction.
        owner: the session, locked.
        made: of the task's result, see :func:`api.work.clips.stored`.
        prompt: what is told of a clip whose model takes no text: what the user wrote.
    """
    known = {clip["key"] for _, clip in _clips(session, Asset.session_id == owner.id)}
    added = []
    for clip in made:
        facts = clip["made"]
        if facts["key"] in known:
            continue
        known.add(facts["key"])
        poster = clip.get("poster")
        added.append(
            add_asset(
                session, owner, clip["blob"], clip["size"], filename=f"{new_id('generated_', 4)}.mp4", kind="video",
                content_type="video/mp4", width=clip["width"], height=clip["height"], duration=clip["duration"],
                fps=clip["fps"], origin=GENERATED, prompt=facts["prompt"] or prompt,
                poster=None if poster is None else (str(poster[0]), int(poster[1])), made=facts,
            )
        )  # fmt: skip
    return added


def know_clips(session: Session, made: Sequence[Json]) -> None:
    """Note the blobs of clips that no session has: the sweeper removes them after a while."""
    for clip in made:
        know_blob(session, clip["blob"], clip["size"])
        if clip.get("poster"):
            know_blob(session, *clip["poster"])


def clips_for_worker(session: Session, user_id: str, session_id: str | None, draft: Draft) -> Mapping[str, Json]:
    """The clips that a rendering of a draft may need: ``blob`` and ``made`` by the hash of what they depend on.

    Args:
        session: a transaction.
        user_id: whose rendering it is.
        session_id: the session that it belongs to; None looks at all files of the user.
        draft: with the ids of its segments.
    """
    shots = dict.fromkeys(generated_shots(draft), 0)
    if not shots:
        return {}
    whose = (Asset.user_id == user_id, *(() if session_id is None else (Asset.session_id == session_id,)))
    found: dict[str, Json] = {}
    for blob, made in _clips(session, *whose):
        if shots.get(made["shot"], MOST_OF_SHOT) < MOST_OF_SHOT and made["key"] not in found:
            shots[made["shot"]] += 1
            found[made["key"]] = {"blob": blob, "made": made}
    return found


def _clips(session: Session, *whose: ColumnElement[bool]) -> list[tuple[str, Json]]:
    """Blobs of generated clips and how they were made, the newest first."""
    rows = session.execute(
        select(Asset.blob, Asset.made)
        .where(Asset.made.is_not(None), Asset.deleted_at.is_(None), *whose)
        .order_by(Asset.created_at.desc(), Asset.id)
    )
    return [(blob, json.loads(made)) for blob, made in rows if made is not None]
