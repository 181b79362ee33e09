"""Taking a turn: plan, then one transaction that applies, charges, says, and queues what must be generated.

The plan is made before the transaction (a language model may take its time) and is made anew where the session was
changed meanwhile. After the transaction nothing depends on this process: events are rows, generation is a job.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editing.clips import clips_for_worker
from api.editing.costs import EDIT, GENERATE
from api.editing.effort import check_effort
from api.editing.generation import KIND
from api.editing.lane import lane_of
from api.editing.planning import Planned, changes, plan_turn
from api.editing.sources import for_worker, with_names
from api.editing.stages import split
from api.editing.tools import GENERATE_TOOL, call_body, edit_call, result_body, text_body
from api.service import Service
from api.store import jobs, ledger
from api.store.assets import assets_of
from api.store.owners import lock_owner
from api.store.projects import own_session, read_conversation, write_conversation
from api.store.rows import EditSession, Turn
from api.store.tokens import Holder
from api.store.turns import RUNNING, begin_turn, end_turn, say
from api.work.abilities import abilities_of
from engine.core.errors import BadRequest, NotEnoughCredits, SessionBusy
from engine.core.settings import FlagSetting, Setting
from engine.timeline import write_draft, write_history, write_operation

MAX_TEXT = Setting("MULTIPLANE_MAX_MESSAGE", 10_000, "characters", 1, 1_000_000, "longest message of a user")

SILENT_EDITS = FlagSetting(
    "MULTIPLANE_SILENT_EDITS", False,
    "on: an edit that was understood whole is done without a word, as the hosted service does at times",
)  # fmt: skip

TRIES = 5
"""Times that a plan is made anew because the session has changed."""


@dataclass(frozen=True, slots=True)
class _PlannedAt:
    """A plan, and the version of the session that it was made from."""

    version: int
    planned: Planned


def take_turn(service: Service, holder: Holder, session_id: str, text: str) -> str:
    """Take a turn; its id. All that was done is on disk then; a generation goes on in a worker.

    Raises:
        NoSuchSession: there is no such session for this user.
        SessionBusy: a turn of it is running.
        NotEnoughCredits: the turn costs more than there is; nothing was changed.
        BadRequest: there is no text, or too much.
    """
    if not text.strip():
        raise BadRequest("The message has no text.")
    if len(text) > MAX_TEXT.int_value():
        raise BadRequest(f"The message is longer than {MAX_TEXT.int_value()} characters.")
    for _ in range(TRIES):
        made = _plan(service, holder, session_id, text)
        with service.database.write() as session:
            lock_owner(session, holder.user_id)  # the user first: see there
            row = own_session(session, holder.user_id, session_id, lock=True)
            if row.version != made.version:
                continue
            turn = begin_turn(session, session_id, holder.user_id, text)
            _carry_out(session, row, turn, made.planned)
            return turn.id
    raise SessionBusy("session busy")


def _plan(service: Service, holder: Holder, session_id: str, text: str) -> _PlannedAt:
    with service.database.read() as session:
        row = own_session(session, holder.user_id, session_id)
        if session.scalar(select(Turn.id).where(Turn.session_id == session_id, Turn.state == RUNNING)) is not None:
            raise SessionBusy("session busy")
        rows = assets_of(session, session_id)
        version, conversation = row.version, read_conversation(row)
    planned = plan_turn(text, conversation, rows, abilities=abilities_of(service.folder))
    said = with_names(planned.plan.said, rows)
    return _PlannedAt(version, replace(planned, plan=replace(planned.plan, said=said)))


def _carry_out(session: Session, row: EditSession, turn: Turn, planned: Planned) -> None:
    if planned.generates:
        _generate(session, row, turn, planned)
        return
    if not changes(planned):
        write_conversation(row, planned.after)
        say(session, turn.id, text_body(planned.plan.said))
        end_turn(session, turn.id)
        return
    if not row.edits_paid:
        _reserve(session, turn, EDIT.int_value(), "edit")
        turn.charged = ledger.settle(session, turn.id)
        row.edits_paid = True
    write_conversation(row, planned.after)
    call = edit_call(planned.plan.operations)
    result = result_body(call, {"status": "ok"}, {"draft": write_draft(planned.after.draft)})
    quiet = SILENT_EDITS.value() and not planned.plan.not_understood and not planned.plan.chosen
    say(session, turn.id, call, result, *([] if quiet else [text_body(planned.plan.said)]))
    end_turn(session, turn.id)


def _generate(session: Session, row: EditSession, turn: Turn, planned: Planned) -> None:
    first, second = split(planned.before.draft, planned.operations)
    history = planned.before.do(*first) if first else planned.before
    check_effort(history.draft)
    _reserve(session, turn, GENERATE.int_value(), "generate")
    draft = history.draft
    call = call_body(GENERATE_TOOL, {"prompt": turn.text, "duration": float(draft.duration)})
    payload = {
        "draft": for_worker(write_draft(draft), session, row.user_id),
        "output": {},
        "clips": clips_for_worker(session, row.user_id, row.id, draft),
        "call": call,
        "prompt": turn.text,
        "said": planned.plan.said,
        "second": [write_operation(operation) for operation in second],
        # Both stages are one step of the history: what it is afterwards, and what it was where nothing comes of it.
        "after": write_history(planned.after.history),
        "rollback": {"history": row.history, "memory": row.memory},
    }
    write_conversation(row, replace(planned.after, history=history))
    say(session, turn.id, call)
    jobs.submit(
        session, KIND, lane_of(draft), row.user_id, payload, session_id=row.id, turn_id=turn.id, priority="interactive",
        exclusive=f"generate:{row.id}",
    )  # fmt: skip


def _reserve(session: Session, turn: Turn, amount: int, cause: str) -> None:
    try:
        ledger.reserve(session, turn.user_id, amount, cause, turn.id)
    except NotEnoughCredits as error:
        raise NotEnoughCredits("Insufficient credits", data={**(error.data or {}), "required": amount}) from error
