"""What follows a generation: the video becomes a file of the session, credits are spent or given back, stage two is
done.

Each function runs in the transaction that ends the job, so it is done once or not at all.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from api.editing.clips import keep_clips
from api.editing.planning import GENERATED
from api.editing.sources import timeline_in_words
from api.editing.tools import edit_call, error_body, result_body, text_body
from api.store import ledger
from api.store.assets import add_asset, assets_of, know_blob
from api.store.ids import new_id
from api.store.projects import read_conversation, touch, write_conversation
from api.store.rows import EditSession, Turn
from api.store.turns import end_turn, say
from engine.timeline import read_history, read_operation, write_draft

KIND = "generate"
"""Of its jobs."""

FAILED = "GENERATION_FAILED"

CANCELLED = "CANCELLED"


def succeed(session: Session, turn_id: str, payload: dict[str, Any], result: dict[str, Any]) -> None:
    """Keep the video, spend the credits, say so; then do stage two and say that.

    Args:
        session: the transaction that ends the job.
        turn_id: the turn.
        payload: of the job, see :mod:`api.editing.turn`.
        result: of the task: ``blob``, ``size``, ``width``, ``height``, ``duration``, ``fps``, ``poster``, and the
            clips that models made for it in ``generated``.
    """
    turn = session.get_one(Turn, turn_id)
    row = session.get_one(EditSession, turn.session_id)
    know_blob(session, result["blob"], result["size"])
    clips = keep_clips(session, row, result.get("generated", ()), payload["prompt"])
    asset = add_asset(
        session, row, result["blob"], result["size"], filename=f"{new_id('generated_', 4)}.mp4", kind="video",
        content_type="video/mp4", width=result["width"], height=result["height"], duration=result["duration"],
        fps=result["fps"], origin=GENERATED, prompt=payload["prompt"], poster=result.get("poster"),
    )  # fmt: skip
    # The video stands behind the clips that it was made of, whatever the clock says.
    asset.created_at = max(asset.created_at, *(clip.created_at + 1 for clip in clips), 0)
    turn.charged = ledger.settle(session, turn_id)
    row.edits_paid = True
    draft = read_conversation(row).draft
    made = {"status": "ok", "asset_id": asset.id, "duration": result["duration"]}
    if result.get("notes"):
        made["notes"] = result["notes"]
    first = result_body(payload["call"], made, {"draft": write_draft(draft)})
    say(session, turn_id, first, text_body(payload["said"]))
    second = tuple(read_operation(item) for item in payload["second"])
    if second:
        # The memory of the turn stands already; the history had stage one alone.
        conversation = replace(read_conversation(row), history=read_history(payload["after"]))
        write_conversation(row, conversation)
        draft = conversation.draft
        call = edit_call(second)
        result_of = result_body(call, {"status": "ok"}, {"draft": write_draft(draft)})
        say(session, turn_id, call, result_of, text_body(timeline_in_words(draft, assets_of(session, row.id))))
    end_turn(session, turn_id)


def fail(session: Session, turn_id: str, payload: dict[str, Any], sentence: str, *, cancelled: bool = False) -> None:
    """Give the credits back, take the draft back, and say why."""
    turn = session.get_one(Turn, turn_id)
    row = session.get_one(EditSession, turn.session_id)
    ledger.release(session, turn_id)
    row.history, row.memory = payload["rollback"]["history"], payload["rollback"]["memory"]
    touch(row)
    failed = result_body(payload["call"], {"status": "error", "message": sentence})
    say(session, turn_id, failed, error_body(CANCELLED if cancelled else FAILED, sentence))
    end_turn(session, turn_id, "failed")
