"""Files that were given and of which no word was said: a sound becomes the music, captions are shown."""

from collections.abc import Sequence
from dataclasses import replace

from engine.core.errors import InputError
from engine.timeline import AddCaptions, AddMusic, Draft, Operation, apply, apply_all
from pipelines.director.lexicon import lexicon
from pipelines.director.outcome import as_written
from pipelines.director.plan import Asset, Plan

SPOKEN_OF = {"audio": ("music", "sound", "absent"), "captions": ("text",)}
"""Topics that show that the user thought of such files."""


def use_the_rest(plan: Plan, draft: Draft, assets: Sequence[Asset]) -> Plan:
    """The plan with what whoever gives a sound or captions surely expects of them, and a sentence that says so.

    Args:
        plan: the answer to the instruction.
        draft: what it is about, before the plan.
        assets: the files that were given.
    """
    words = lexicon(plan.language)
    topics = {item.topic for item in plan.understood}
    now = apply_all(draft, plan.operations)
    operations: list[Operation] = list(plan.operations)
    said = [plan.said]
    for kind, key in (("audio", "say.rest_music"), ("captions", "say.rest_captions")):
        found = next((asset for asset in assets if asset.kind == kind), None)
        if found is None or topics & set(SPOKEN_OF[kind]):
            continue
        source = found.src or found.name
        operation = as_written(AddMusic(source) if kind == "audio" else AddCaptions(source))
        try:
            now = apply(now, operation)
        except InputError:
            continue
        operations.append(operation)
        said.append(words.say(key, name=found.name))
    if len(operations) == len(plan.operations):
        return plan
    if not plan.operations and plan.kind == "edit" and not plan.not_understood:
        said = said[1:]  # "nothing to change" is not true any more
    text = words.say("say.between").join(said)
    return replace(plan, operations=tuple(operations), said=text, kind="edit", chosen=True)
