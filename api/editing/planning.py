"""What a turn will do: pure, from what a session holds to operations, an answer, and whether something is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.editing.sources import asset_src
from api.store.rows import Asset as AssetRow
from engine.core.settings import Setting
from engine.timeline import Draft, History, Operation
from pipelines.director import Asset, Conversation, Plan
from pipelines.director.beginning import VISUAL, adding, first_draft
from pipelines.planner import answer

AUTO_DRESS = Setting(
    "MULTIPLANE_AUTO_DRESS", 0, "0 or 1", 0, 1,
    "1: a first video gets calm music without being asked, unless the words say otherwise",
)  # fmt: skip

KINDS = {"image": "photo", "video": "video", "audio": "audio", "captions": "captions"}
"""What the director calls the kinds of files."""

DRESSED_TOPICS = {"music", "sound", "absent"}
"""Topics that show that the user thought of music."""

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


def director_asset(row: AssetRow) -> Asset:
    """A file as the director knows it."""
    return Asset(row.filename, row.width, row.height, KINDS[row.kind], row.duration_ms / 1000, src=asset_src(row.id))


def plan_turn(text: str, conversation: Conversation, rows: Sequence[AssetRow], language: str | None = None) -> Planned:
    """Plan a turn.

    A session that has files and no draft begins with all of them; files that came later and that the words do not place
    themselves are put behind the others, when the words ask for something.
    """
    assets = [director_asset(row) for row in rows if row.kind in KINDS and row.origin != GENERATED]
    history = conversation.history
    used = _sources(history.draft)
    fresh = [asset for asset in assets if asset.kind in VISUAL and asset.src not in used]
    if fresh and not used:
        return _first(text, conversation, assets, language)
    plan, after = answer(text, conversation, assets, language=language)
    placed = _sources(after.draft)
    left = [asset for asset in fresh if asset.src not in placed]
    if not left or not used or plan.kind != "edit" or not _wants(plan):
        return Planned(plan, history, plan.operations, after, bool(placed & {asset.src for asset in fresh}))
    added = tuple(adding(left))
    with_all = Conversation(history.do(*added), conversation.memory)
    plan, after = answer(text, with_all, assets, language=language)
    operations = (*added, *plan.operations)
    return Planned(plan, history, operations, replace(after, history=history.do(*operations)), generates=True)


def _first(text: str, conversation: Conversation, assets: Sequence[Asset], language: str | None) -> Planned:
    """Plan a turn of a session that has files and no draft."""
    begin = History(first_draft(assets))
    plan, after = answer(text, Conversation(begin, conversation.memory), assets, language=language)
    if not _wants(plan):
        # Talk is answered about the files as they are, and nothing is begun.
        return Planned(plan, conversation.history, (), replace(conversation, memory=after.memory), generates=False)
    if AUTO_DRESS.int_value() and not DRESSED_TOPICS & {item.topic for item in plan.understood}:
        more, after = answer("calm music", after, assets, language="en")
        plan = replace(plan, operations=(*plan.operations, *more.operations))
    history = begin.do(*plan.operations) if plan.operations else begin
    return Planned(plan, begin, plan.operations, replace(after, history=history), generates=True)


def changes(planned: Planned) -> bool:
    """Whether the draft is another afterwards."""
    return planned.after.draft != planned.before.draft


def _wants(plan: Plan) -> bool:
    """Whether the words ask for a video: an edit, even one that changes nothing of the first draft."""
    return plan.kind == "edit" and (bool(plan.operations) or bool(plan.understood) or not plan.not_understood)


def _sources(draft: Draft) -> set[str]:
    return {segment.src for segment in draft.video_segments() if segment.src}
