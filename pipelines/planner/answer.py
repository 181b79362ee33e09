"""A turn of a conversation: by a model where the studio runs one, by the rules of the director in every other case."""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from engine.core.errors import InputError
from engine.motion import generated
from engine.timeline import Draft, Operation, apply_all, read_operation
from engine.timeline.operation_json import write_operation
from pipelines.director import Asset, Conversation, Plan, converse
from pipelines.director.abilities import ALL, Abilities
from pipelines.planner.prompt import messages
from pipelines.planner.schema import KINDS, MAX_NOT_DONE, MAX_OPERATIONS, MAX_SAID, operation_names, plan_schema
from pipelines.planner.site import PlannerError, endpoint

LOG = logging.getLogger("multiplane.planner")

BY_RULES = ("greeting", "help", "costs", "export", "undo", "redo", "restart")
"""Answers that need no model: the rules know them, and undo belongs to the history."""

_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


def answer(
    text: str,
    conversation: Conversation,
    assets: Sequence[Asset] = (),
    *,
    language: str | None = None,
    abilities: Abilities = ALL,
) -> tuple[Plan, Conversation]:
    """Take one turn, as ``pipelines.director.converse`` does, which also answers wherever the model fails.

    The model sees the draft, the names of the files and the text; its operations are read, checked against the draft
    and its sources against the session's files, before any of them counts. Whatever goes wrong is only logged.

    Raises:
        OptionError: a setting of the planner is not usable.
    """
    plan, after = converse(text, conversation, assets, language=language, abilities=abilities)
    where = endpoint()
    if where is None or plan.kind in BY_RULES or not text.strip():
        return plan, after
    from pipelines.planner.endpoint import complete  # no socket and no TLS where no model is asked

    try:
        written = complete(where, messages(text, conversation.draft, assets, plan.language, abilities), plan_schema())
        made = _plan(written, conversation.draft, assets, plan, abilities)
    except PlannerError as error:
        LOG.warning("The rules answer instead of the model: %s.", error)
        return plan, after
    if not made.operations:
        return made, conversation
    history = conversation.history.do(*made.operations)
    return made, replace(conversation, history=history, memory=after.memory)


def _plan(written: str, draft: Draft, assets: Sequence[Asset], rules: Plan, abilities: Abilities = ALL) -> Plan:
    """The plan that a model wrote.

    Raises:
        PlannerError: it is not of the schema, the draft refuses it, or it is empty where the rules understood.
    """
    fenced = _FENCE.match(written)
    try:
        value = json.loads(fenced[1] if fenced else written)
    except (ValueError, RecursionError) as error:
        raise PlannerError("what the model wrote is no JSON") from error
    if not isinstance(value, dict) or set(value) != set(plan_schema()["required"]):
        raise PlannerError("what the model wrote is no plan")
    said, kind = value["said"], value["kind"]
    if not isinstance(said, str) or not said.strip() or len(said) > MAX_SAID:
        raise PlannerError("the model's sentence is missing or too long")
    if kind not in KINDS:
        raise PlannerError("the kind of the model's answer is not known")
    refused = value["not_understood"]
    if not isinstance(refused, list) or len(refused) > MAX_NOT_DONE or not all(_is_short(each) for each in refused):
        raise PlannerError("what the model did not understand is no list of texts")
    operations = _operations(value["operations"], draft, assets)
    if not operations and rules.operations:
        raise PlannerError("the model does nothing where the rules understood something")
    if not abilities.generated and _generates(draft, operations):
        raise PlannerError("the model asks for generated motion, which is not possible here")
    if operations and kind != "edit":
        raise PlannerError("the model edits, and says that it does not")
    return Plan(operations, " ".join(said.split()), (), tuple(refused), kind, rules.language)


def _generates(draft: Draft, operations: Sequence[Operation]) -> bool:
    """Whether operations give generated motion to a photo that had none."""
    had = {photo.id for photo in draft.photos if photo.motion is not None and generated(photo.motion)}
    now = {p.id for p in apply_all(draft, operations).photos if p.motion is not None and generated(p.motion)}
    return not now <= had


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_SAID


def _operations(items: object, draft: Draft, assets: Sequence[Asset]) -> tuple[Operation, ...]:
    """The operations, read and tried on the draft."""
    if not isinstance(items, list) or len(items) > MAX_OPERATIONS:
        raise PlannerError("the model's operations are no list, or too many")
    allowed = {asset.src or asset.name for asset in assets}
    allowed |= {segment.src for track in draft.tracks for segment in track.segments if segment.src}
    maps = allowed | {
        segment.motion.depth for track in draft.tracks for segment in track.segments if segment.motion is not None
    }
    names = operation_names()
    operations = []
    for item in items:
        if not isinstance(item, dict) or item.get("op") not in names:
            raise PlannerError("the model uses an operation that it may not use")
        sources = item.get("src")
        sources = sources if isinstance(sources, list) else [sources]
        if any(source is not None and source not in allowed for source in sources):
            raise PlannerError("the model names a file that the session does not have")
        motion = item.get("mo")
        depth = motion.get("depth") if isinstance(motion, dict) else None
        if isinstance(depth, str) and depth not in maps:
            raise PlannerError("the model names a depth map that the session does not have")
        try:
            operations.append(read_operation(item))
        except (InputError, RecursionError) as error:
            raise PlannerError("the model wrote an operation that cannot be read") from error
    try:
        apply_all(draft, operations)
    except InputError as error:
        raise PlannerError("the draft refuses the model's operations") from error
    return tuple(read_operation(write_operation(operation)) for operation in operations)
