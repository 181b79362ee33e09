"""What a turn will do: pure, from what a session holds to operations, an answer, and whether something is made."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.editing.sources import asset_src
from api.store.rows import Asset as AssetRow
from engine.core.settings import FlagSetting
from engine.timeline import AddMusic, Draft, History, Operation, write_history
from pipelines.director import Asset, Conversation, Plan
from pipelines.director.abilities import ALL, Abilities
from pipelines.director.beginning import VISUAL, adding, first_draft
from pipelines.director.lexicon import lexicon
from pipelines.director.outcome import as_written
from pipelines.director.shots import main_shots
from pipelines.planner import answer

AUTO_DRESS = FlagSetting(
    "MULTIPLANE_AUTO_DRESS", False,
    "on: a first video gets calm music without being asked, unless the words say otherwise",
)  # fmt: skip

KINDS = {"image": "photo", "video": "video", "audio": "audio", "captions": "captions"}
"""What the director calls the kinds of files."""

DRESSED_TOPICS = {"music", "sound", "absent"}
"""Topics that show that the user thought of music."""

UNASKED_MOOD = "calm"

GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a turn will do.

    Attributes:
        plan: the director's answer.
        before: the draft that the operations start from, with what was done to it.
        operations: all that is done to it as one step: new photos that are put in first, then the plan's.
        after: the conversation after all of it.
        generates: whether new photos or clips come into motion.
    """

    plan: Plan
    before: History
    operations: tuple[Operation, ...]
    after: Conversation
    generates: bool


def warm() -> None:
    """Load what the first turn would load: whoever sends it, and everybody else, would wait."""
    nothing = Conversation(History(Draft()))
    photo = Asset("photo.jpg", 640, 360, "photo", 0.0, src=asset_src("f_0"))
    for text in ("hello", "slow zoom in, calm music", "你好", "hola"):
        plan, _ = answer(text, nothing, (photo,))
        assert plan.said


def director_asset(row: AssetRow) -> Asset:
    """A file as the director knows it."""
    return Asset(row.filename, row.width, row.height, KINDS[row.kind], row.duration_ms / 1000, src=asset_src(row.id))


def plan_turn(
    text: str,
    conversation: Conversation,
    rows: Sequence[AssetRow],
    language: str | None = None,
    abilities: Abilities = ALL,
) -> Planned:
    """Plan a turn.

    A session that has files and no draft begins with all of them; files that came later and that the words do not place
    themselves are put behind the others, when the words ask for something.
    """
    assets = [director_asset(row) for row in rows if row.kind in KINDS and row.origin != GENERATED]
    history = conversation.history
    fresh = _never_used(assets, history)
    if fresh and not main_shots(history.draft):
        return _first(text, conversation, assets, language, abilities)
    plan, after = answer(text, conversation, assets, language=language, abilities=abilities)
    left = _never_used(fresh, after.history)
    if not left or not _wants(plan):
        shown = {shot.src for shot in main_shots(after.draft)}
        return Planned(plan, history, plan.operations, after, any(asset.src in shown for asset in fresh))
    added = tuple(adding(left))
    with_all = Conversation(history.do(*added), conversation.memory)
    plan, after = answer(text, with_all, assets, language=language, abilities=abilities)
    operations = (*added, *plan.operations)
    return Planned(plan, history, operations, replace(after, history=history.do(*operations)), generates=True)


def _first(
    text: str, conversation: Conversation, assets: Sequence[Asset], language: str | None, abilities: Abilities
) -> Planned:
    """Plan a turn of a session that has files and no draft."""
    begin = History(first_draft(assets))
    begun = Conversation(begin, conversation.memory)
    plan, after = answer(text, begun, assets, language=language, abilities=abilities)
    if not _wants(plan):
        # Talk is answered about the files as they are, and nothing is begun.
        return Planned(plan, conversation.history, (), replace(conversation, memory=after.memory), generates=False)
    if AUTO_DRESS.value() and not DRESSED_TOPICS & {item.topic for item in plan.understood}:
        plan = _with_music(plan)
    history = begin.do(*plan.operations) if plan.operations else begin
    return Planned(plan, begin, plan.operations, replace(after, history=history), generates=True)


def _with_music(plan: Plan) -> Plan:
    """The plan with calm music, said in its language."""
    words, music = lexicon(plan.language), AddMusic(mood=UNASKED_MOOD)
    name = words.say(f"phrase.mood.{UNASKED_MOOD}")
    things = words.say("say.music", name=name, volume=f"{100 * music.volume:.0f}")
    said = (plan.said, words.say("say.will", things=things[0].upper() + things[1:]))
    return replace(plan, operations=(*plan.operations, as_written(music)), said=words.say("say.between").join(said))


def changes(planned: Planned) -> bool:
    """Whether the draft is another afterwards."""
    return planned.after.draft != planned.before.draft


def _wants(plan: Plan) -> bool:
    """Whether the words ask for a video: an edit, even one that changes nothing of the first draft."""
    return plan.kind == "edit" and (bool(plan.operations) or bool(plan.understood) or not plan.not_understood)


def _never_used(assets: Sequence[Asset], history: History) -> list[Asset]:
    """Photos and clips that the draft never held: one that was removed, or taken back, is not new."""
    text = json.dumps(write_history(history))
    return [asset for asset in assets if asset.kind in VISUAL and f'"{asset.src}"' not in text]
