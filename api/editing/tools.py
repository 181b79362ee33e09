"""What a turn says it is doing: the bodies of its events, under names that clients know from the hosted service."""

from collections.abc import Sequence
from typing import Any

from api.store.ids import new_id
from api.store.turns import Body
from engine.timeline import Operation, write_operation

GENERATE_TOOL = "generate_video"

EDIT_TOOL = "edit_multitrack"


def text_body(text: str) -> Body:
    """Words for the user."""
    return {"kind": "text", "text": text}


def error_body(code: str, message: str) -> Body:
    """That something failed, and why, for the user."""
    return {"kind": "error", "code": code, "message": message, "text": message}


def call_body(name: str, args: dict[str, Any]) -> Body:
    """That a tool begins."""
    return {"kind": "call", "id": new_id("adk-", 16), "name": name, "args": args}


def result_body(call: Body, response: dict[str, Any], delta: dict[str, Any] | None = None) -> Body:
    """That the tool of a call has ended; ``delta`` is what is other in the session's state."""
    return {"kind": "result", "id": call["id"], "name": call["name"], "response": response, "delta": delta or {}}


def edit_call(operations: Sequence[Operation]) -> Body:
    """That operations are applied."""
    return call_body(EDIT_TOOL, {"operations": [write_operation(operation) for operation in operations]})
