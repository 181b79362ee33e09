"""The state of a session: its draft, its files, what was generated."""

from math import gcd
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.editing.planning import GENERATED
from api.editing.sources import outward
from api.http.envelope import envelope
from api.http.media import file_json, generated_json
from api.http.requests import Reads, base_url, check_path, service_of
from api.service import Service
from api.store.assets import assets_of
from api.store.clock import iso
from api.store.projects import own_session, read_conversation
from api.store.rows import Task
from engine.timeline import Draft, write_draft
from engine.timeline.codec import write_frame_rate

router = APIRouter(tags=["state"])


@router.get("/api/state/{app}/{user}/{session_id}/latest", summary="The state of a session")
async def latest(request: Request, app: str, user: str, session_id: str, holder: Reads) -> dict[str, Any]:
    """The draft, the files, the canvas. ``version`` grows with every change."""
    await check_path(request, holder, app, user)
    data = await run_in_threadpool(session_state, service_of(request), holder.user_id, session_id, base_url(request))
    return envelope(data)


def session_state(service: Service, user_id: str, session_id: str, base: str) -> dict[str, Any]:
    """What is known of a session.

    Raises:
        NoSuchSession: the user has no such session.
    """
    with service.database.read() as session:
        row = own_session(session, user_id, session_id)
        task = session.get_one(Task, row.task_id)
        assets = assets_of(session, session_id)
        draft = read_conversation(row).draft
    signer = service.signer
    shown = outward(write_draft(draft), {asset.id: asset for asset in assets}, base, signer) if draft.tracks else {}
    return {
        "session_id": row.id,
        "task_id": row.task_id,
        "task_name": task.name,
        "user_id": user_id,
        "bind_id": user_id,
        "version": row.version,
        "updated_at": iso(row.updated_at),
        "state": {
            "draft": shown,
            "video_infos": [file_json(asset, base, signer) for asset in assets],
            "canvas_config": canvas_json(draft),
            "generated_media": [generated_json(asset, base, signer) for asset in assets if asset.origin == GENERATED],
            "video_analyses": {},
        },
    }


def canvas_json(draft: Draft) -> dict[str, Any]:
    """The canvas in the words of the protocol; empty for a session without a draft."""
    if not draft.tracks:
        return {}
    width, height = draft.canvas.width, draft.canvas.height
    part = gcd(width, height)
    return {
        "width": width,
        "height": height,
        "ratio": f"{width // part}:{height // part}",
        "fps": write_frame_rate(draft.frame_rate),
    }
