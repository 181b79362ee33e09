"""Files of sessions: what was uploaded, fetched or generated."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.orm import Session

from api.store.clock import now_ms
from api.store.ids import new_id
from api.store.projects import touch
from api.store.rows import Asset, Blob, EditSession
from engine.core.errors import FileTooLarge
from engine.core.settings import Setting

QUOTA = Setting(
    "MULTIPLANE_QUOTA_MB", 10_000, "MB", 1, 100_000_000, "room for the files of one user; more is refused (4002)"
)

MB = 1_000_000

GENERATED = "generated"

LONGEST_NAME = 255
"""Characters of a file's name that are kept."""


def know_blob(session: Session, ref: str, size: int) -> None:
    """Note a blob before anything refers to it; the sweeper spares what is noted and young."""
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else lite_insert
    values = {"size": size, "created_at": now_ms()}
    session.execute(insert(Blob).values(ref=ref, **values).on_conflict_do_update(index_elements=["ref"], set_=values))


def used_bytes(session: Session, user_id: str) -> int:
    """How much the files of a user take."""
    found = session.scalar(
        select(func.coalesce(func.sum(Asset.size), 0)).where(Asset.user_id == user_id, Asset.deleted_at.is_(None))
    )
    return int(found or 0)


def check_room(session: Session, user_id: str, size: int, filename: str) -> None:
    """Refuse a file that its user has no room for.

    Raises:
        FileTooLarge: so it is.
    """
    if used_bytes(session, user_id) + size > QUOTA.value() * MB:
        raise FileTooLarge(
            f"There is no room for {filename}: the files of one user may take {QUOTA.value():g} MB. Remove some first."
        )


def add_asset(
    session: Session,
    owner: EditSession,
    ref: str,
    size: int,
    *,
    filename: str,
    kind: str,
    content_type: str,
    width: int = 0,
    height: int = 0,
    duration: float = 0.0,
    fps: float = 0.0,
    origin: str = "upload",
    prompt: str = "",
    poster: tuple[str, int] | None = None,
    made: Mapping[str, Any] | None = None,
) -> Asset:
    """Give a session a file; its version grows.

    Args:
        session: a writing transaction.
        owner: the session.
        ref, size: the blob and its bytes.
        filename: as the user sees it.
        kind: ``image``, ``video``, ``audio``, ``captions`` or ``look``.
        content_type: as it is served.
        width, height: upright pixels.
        duration: seconds.
        fps: frames per second.
        origin: ``upload``, ``url`` or ``generated``.
        prompt: what it was generated from.
        poster: the blob of a small picture of it, and its bytes.
        made: how a model made it; None where none did.

    Raises:
        FileTooLarge: the user has no room for it.
    """
    if origin != GENERATED:
        check_room(session, owner.user_id, size, filename)
    if poster is not None:
        know_blob(session, *poster)
    know_blob(session, ref, size)  # first: it tells the sweeper that the blob is wanted
    row = Asset(
        id=new_id("f_", 8), session_id=owner.id, user_id=owner.user_id, key=new_id("", 16),
        filename=filename[:LONGEST_NAME],
        kind=kind, content_type=content_type, blob=ref, size=size, width=width, height=height,
        duration_ms=round(duration * 1000), fps_milli=round(fps * 1000), origin=origin, prompt=prompt,
        poster=None if poster is None else poster[0],
        made=None if made is None else json.dumps(made),
        created_at=now_ms(),
    )  # fmt: skip
    session.add(row)
    touch(owner)
    session.flush()
    return row


def assets_of(session: Session, session_id: str) -> Sequence[Asset]:
    """The files of a session, in the order of their coming."""
    return session.scalars(
        select(Asset)
        .where(Asset.session_id == session_id, Asset.deleted_at.is_(None))
        .order_by(Asset.created_at, Asset.id)
    ).all()


def asset_by_key(session: Session, key: str) -> Asset | None:
    """The file that a public URL names."""
    return session.scalar(select(Asset).where(Asset.key == key, Asset.deleted_at.is_(None)))
