"""Running labelled conversations, and the table of how many came out fully right.

python -m tests.director.run_labels [en|zh|es] [CATEGORY] [--show]
python -m tests.director.run_labels --table
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from engine.timeline import History, apply_all
from pipelines.director import Conversation, converse
from tests.director.compare import differences
from tests.director.facts import facts_of
from tests.director.starts import LABELS, assets_of, draft_of


@dataclass(frozen=True)
class Label:
    id: str
    category: str
    start: str
    turns: tuple[str, ...]
    expect: dict[str, Any]
    reply: dict[str, Any]
    set: str


def load_labels(language: str) -> list[Label]:
    found = []
    for path in sorted((LABELS / language).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                item = json.loads(line)
                found.append(
                    Label(
                        item["id"], path.stem, item["start"], tuple(item["turns"]), item.get("expect", {}),
                        item.get("reply", {}), item["set"],
                    )
                )  # fmt: skip
    return found


def problems_of(label: Label) -> list[str]:
    """In what the answer to a conversation differs from its label; empty when it is fully right."""
    assets = assets_of(label.start)
    conversation = Conversation(History(draft_of(label.start)))
    before = last = facts_of(conversation.draft)
    plan = None
    for turn in label.turns:
        last = facts_of(conversation.draft)
        old = conversation.draft
        plan, conversation = converse(turn, conversation, assets)
        assert apply_all(old, plan.operations) == conversation.draft
    assert plan is not None
    found = differences(label.expect, before, last, facts_of(conversation.draft))
    return found + _reply_problems(label, plan)


def _reply_problems(label: Label, plan: Any) -> list[str]:
    reply = label.reply
    out = []
    refused = " | ".join(plan.not_understood)
    for key in ("not_understood", "impossible"):
        if reply.get(key) and not plan.not_understood and reply.get("kind") not in ("outside", "export", "ask"):
            out.append(f"nothing refused, expected {reply[key]}")
    for words in reply.get("not_understood", []):
        if words.casefold() not in refused.casefold() and plan.not_understood:
            out.append(f"refused {refused}, expected {words}")
    if not any(reply.get(key) for key in ("not_understood", "impossible", "kind")) and refused:
        out.append(f"refused: {refused}")
    if "kind" in reply and reply["kind"] not in (plan.kind, "any"):
        out.append(f"kind {plan.kind}, expected {reply['kind']}")
    for words in reply.get("says", []):
        if str(words).casefold() not in plan.said.casefold():
            out.append(f"said {plan.said!r}, expected {words!r}")
    if reply.get("chosen") and not plan.chosen:
        out.append("no choice was said")
    language = reply.get("language")
    if language and plan.language != language:
        out.append(f"answered in {plan.language}")
    return out


LANGUAGES = ("en", "zh", "es")


def table() -> str:
    """The accuracy by category and by set as a table in Markdown: right of all."""
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for language in LANGUAGES:
        for label in load_labels(language):
            right = not problems_of(label)
            for row in (label.category, f"*written {label.set} the code*", "**all**"):
                counts[row][language][0] += right
                counts[row][language][1] += 1
    lines = ["| | English | Chinese | Spanish |", "|---|---|---|---|"]
    for row in sorted(counts, key=lambda name: (name.startswith("*"), name.startswith("**"), name)):
        cells = [
            " of ".join(map(str, counts[row][language])) if language in counts[row] else "" for language in LANGUAGES
        ]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    if "--table" in sys.argv:
        print(table(), end="")
        return
    arguments = [each for each in sys.argv[1:] if not each.startswith("--")]
    languages = [arguments[0]] if arguments else list(LANGUAGES)
    for language in languages:
        right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for label in load_labels(language):
            if len(arguments) > 1 and label.category != arguments[1]:
                continue
            try:
                found = problems_of(label)
            except Exception as error:
                found = [f"{type(error).__name__}: {error}"]
            right[label.category][0] += not found
            right[label.category][1] += 1
            if found and "--show" in sys.argv:
                print(f"{label.id} {' // '.join(label.turns)}")
                for line in found[:4]:
                    print(f"      {line}")
        for category, (good, count) in sorted(right.items()):
            print(f"{language} {category:14} {good:4}/{count}")
        print(language, sum(good for good, _ in right.values()), "of", sum(count for _, count in right.values()))


if __name__ == "__main__":
    main()
