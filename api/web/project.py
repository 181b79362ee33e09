"""What the page of a project shows: read at one moment, with signed addresses, so that no login is needed for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editing.sources import file_url, timeline_in_words
from api.http.files import RENDERS, poster_url
from api.http.state import canvas_json
from api.service import Service
from api.store.assets import assets_of
from api.store.clock import SECOND
from api.store.ledger import UNLIMITED, balance_of
from api.store.projects import read_conversation
from api.store.rows import Asset, Blob, EditSession, Job, Render, Task, User

SHOWN_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"})
"""Pictures that browsers draw."""

MOST_RENDERS = 10
"""Finished videos that can be loaded down from the page, newest first."""

MB, KB = 1_000_000, 1000

MINUTE = 60
"""Seconds."""

HERE = ""
"""In place of the site's own address: the pages name files by path, whatever name the browser knows the site by."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a session: how it is called, what it is in a few words, and how it is shown (``image``, ``video``,
    ``audio`` or not at all).
    """

    name: str
    facts: str
    shown_as: str
    url: str
    poster: str


@dataclass(frozen=True, slots=True)
class Video:
    """A finished export."""

    id: str
    facts: str
    url: str
    ended_at: int | None
    poster: str


@dataclass(frozen=True, slots=True)
class Project:
    """One session as its page shows it.

    Attributes:
        name: of the project.
        updated_at: when it was last touched, in ms.
        words: the draft, a line for each track.
        canvas: its size and rate; empty for a session without a draft.
        files: what was uploaded and generated.
        videos: finished exports, the newest first.
        under_way: exports that are not finished.
        available, frozen: credits of the owner; None where nothing is charged.
        is_anonymous: whether it belongs to an anonymous user; whose id is not shown here: who knows it may take over
            all that is that user's.
    """

    name: str
    updated_at: int
    words: tuple[str, ...]
    canvas: str
    files: tuple[File, ...]
    videos: tuple[Video, ...]
    under_way: int
    available: int | None
    frozen: int | None
    is_anonymous: bool


def show(service: Service, session: Session, row: EditSession) -> Project:
    """What there is to see of a session. The page is for whoever may see it: that is checked before."""
    task = session.get_one(Task, row.task_id)
    owner = session.get_one(User, row.user_id)
    assets = assets_of(session, row.id)
    draft = read_conversation(row).draft
    canvas = canvas_json(draft)
    held = None if owner.kind == UNLIMITED else balance_of(session, owner.id)
    videos, under_way = _renders(service, session, row.id)
    return Project(
        name=task.name,
        updated_at=row.updated_at,
        words=_lines(timeline_in_words(draft, assets), len(draft.tracks)),
        canvas=f"{canvas['width']} × {canvas['height']}, {canvas['fps']} frames per second" if canvas else "",
        files=tuple(_file(service, asset) for asset in assets),
        videos=videos,
        under_way=under_way,
        available=None if held is None else held.available,
        frozen=None if held is None else held.frozen,
        is_anonymous=owner.kind == "anonymous",
    )  # fmt: skip


def _lines(words: str, tracks: int) -> tuple[str, ...]:
    """The one line about a draft, a piece for each track: ``1. Video: ... 2. Title: ...`` is cut before the numbers."""
    if not tracks:
        return ()
    rest = words.partition("): ")[2].removeprefix("1. ")
    lines = []
    for number in range(2, tracks + 1):
        line, _, rest = rest.partition(f" {number}. ")
        lines.append(line)
    return (*lines, rest)


def _file(service: Service, asset: Asset) -> File:
    shown_as = {"image": "image" if asset.content_type in SHOWN_TYPES else "", "video": "video", "audio": "audio"}
    facts = [size_in_words(asset.size)]
    if asset.width and asset.height:
        facts.insert(0, f"{asset.width} × {asset.height}")
    if asset.duration_ms:
        facts.insert(0, duration_in_words(asset.duration_ms / SECOND))
    url = file_url(asset, HERE, service.signer)
    return File(asset.filename, ", ".join(facts), shown_as.get(asset.kind, ""), url, poster_url(service, asset))


def _renders(service: Service, session: Session, session_id: str) -> tuple[tuple[Video, ...], int]:
    rows = session.execute(
        select(Render, Job, Blob)
        .join(Job, Job.id == Render.job_id)
        .join(Blob, Blob.ref == Render.blob, isouter=True)
        .where(Render.session_id == session_id)
        .order_by(Render.created_at.desc(), Render.id)
    ).all()
    done = [_video(service, render, job, blob) for render, job, blob in rows if job.state == "succeeded" and blob]
    done.sort(key=lambda video: video.ended_at or 0, reverse=True)
    return tuple(done[:MOST_RENDERS]), sum(job.state in ("queued", "running") for _, job, _ in rows)


def _video(service: Service, render: Render, job: Job, blob: Blob) -> Video:
    path = f"{RENDERS}/{render.key}.mp4"
    result: Mapping[str, Any] = json.loads(job.result or "{}")
    facts = [size_in_words(blob.size)]
    if result.get("width") and result.get("height"):
        facts.insert(0, f"{result['width']} × {result['height']}")
    if result.get("duration"):
        facts.insert(0, duration_in_words(float(result["duration"])))
    return Video(
        render.id, ", ".join(facts), f"{path}?{service.signer.sign(path)}", job.ended_at, poster_url(service, render)
    )


def size_in_words(size: int) -> str:
    """Bytes for people."""
    if size < KB:
        return f"{size} bytes"
    return f"{size / MB:.1f} MB" if size >= MB else f"{size / KB:.0f} kB"


def duration_in_words(seconds: float) -> str:
    """A length for people."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s"
