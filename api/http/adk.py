"""Events as the wire wants them: those of Google's Agent Development Kit, in three modes.

``default``: an ADK event with two members more, ``type`` and (of words) ``text``. ``adk``: nothing but ADK, and of that
only what the strict models of ADK 1.x know too. ``typed``: flat objects, ``{"type": "text", "content": ...}``. Names
are in camel case and nothing is null.
"""

import json
from typing import Any, Literal

from api.store.clock import SECOND, now_ms
from api.store.turns import Body

AUTHOR = "nemo_agent"

Mode = Literal["default", "adk", "typed"]

MODES: tuple[Mode, ...] = ("default", "adk", "typed")

TYPES = {"text": "text", "call": "tool_call", "result": "tool_result", "error": "error"}

HEARTBEAT = b"event: heartbeat\ndata:\n\n"

TYPED_HEARTBEAT = b'data: {"type":"heartbeat"}\n\n'


def frame(value: dict[str, Any]) -> bytes:
    """One event on the wire: a single line of JSON."""
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n\n"


def heartbeat(mode: Mode) -> bytes:
    """A frame that only says that the work goes on."""
    return TYPED_HEARTBEAT if mode == "typed" else HEARTBEAT


def progress_frame(turn_id: str, number: int, share: float, stage: str, mode: Mode) -> bytes:
    """That a tool is so far: an event without content, which adds nothing to what a client puts together.

    Args:
        turn_id: the turn.
        number: of this frame in its stream; it makes the event's id its own.
        share: 0 to 1.
        stage: what is being done.
        mode: how it is written.
    """
    percent = round(100 * share)
    if mode == "typed":
        return frame({"type": "tool_progress", "progress": percent, "stage": stage})
    whole = event({"kind": "progress"}, turn_id, 0, now_ms(), mode)
    whole |= {"id": f"{whole['id']}-{number}", "customMetadata": {"progress": percent, "stage": stage}}
    return frame(whole | ({"type": "tool_progress"} if mode == "default" else {}))


def frames(body: Body, turn_id: str, seq: int, when: int, mode: Mode, *, streaming: bool) -> list[bytes]:
    """The frames of one event of a turn.

    Args:
        body: see :mod:`api.store.turns`.
        turn_id, seq: the turn and the event's number in it: they give the event its id, the same at every reading.
        when: ms since 1970.
        mode: how it is written.
        streaming: whether words come in parts first, as ADK does it when it is asked to.
    """
    if mode == "typed":
        return [frame(typed(body))]
    whole = event(body, turn_id, seq, when, mode)
    out = []
    if streaming and body["kind"] == "text":
        for part in parts_of(body["text"]):
            partial = event({"kind": "text", "text": part}, turn_id, seq, when, mode) | {"partial": True}
            partial.pop("finishReason", None)
            out.append(frame(partial | ({"type": "text"} if mode == "default" else {})))
    if mode == "default":
        whole |= {"type": TYPES[body["kind"]]}
        if "text" in body:
            whole |= {"text": body["text"]}
    return [*out, frame(whole)]


def event(body: Body, turn_id: str, seq: int, when: int, mode: Mode) -> dict[str, Any]:
    """An event of ADK."""
    kind = body["kind"]
    out: dict[str, Any] = {}
    if kind == "text":
        out |= {"content": {"parts": [{"text": body["text"]}], "role": "model"}}
    elif kind == "call":
        part = {"functionCall": {"id": body["id"], "args": body["args"], "name": body["name"]}}
        out |= {"content": {"parts": [part], "role": "model"}, "longRunningToolIds": []}
    elif kind == "result":
        part = {"functionResponse": {"id": body["id"], "name": body["name"], "response": body["response"]}}
        out |= {"content": {"parts": [part], "role": "user"}}
    elif kind == "error":
        out |= {
            "content": {"parts": [{"text": body["text"]}], "role": "model"},
            "errorCode": body["code"],
            "errorMessage": body["message"],
        }
    actions = {"stateDelta": body.get("delta", {}), "artifactDelta": {}, "requestedAuthConfigs": {}}
    newer: dict[str, Any] = {}
    if mode == "default":
        # ADK 1.x refuses an event with members that it does not know, and 2.x misses none of these.
        actions["requestedToolConfirmations"] = {}
        newer["nodeInfo"] = {"path": f"{AUTHOR}@1"}
        if kind == "text":
            newer["finishReason"] = "STOP"
    return out | {
        "invocationId": turn_id,
        "author": AUTHOR,
        "actions": actions,
        **newer,
        "id": f"{turn_id[2:10]}-{seq:04d}",
        "timestamp": when / SECOND,
    }


def typed(body: Body) -> dict[str, Any]:
    """An event in the flat form."""
    kind = body["kind"]
    if kind == "text":
        return {"type": "text", "content": body["text"]}
    if kind == "call":
        return {"type": "tool_call", "name": body["name"], "args": body["args"]}
    if kind == "result":
        return {"type": "tool_result", "name": body["name"], "result": body["response"]}
    return {"type": "error", "code": body["code"], "content": body["text"]}


def parts_of(text: str) -> list[str]:
    """A text in pieces of a few words, which put together are the text."""
    words = text.split(" ")
    step = 4
    pieces = [" ".join(words[index : index + step]) for index in range(0, len(words), step)]
    return [piece + (" " if place + 1 < len(pieces) else "") for place, piece in enumerate(pieces)]
