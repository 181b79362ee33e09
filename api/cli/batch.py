"""``multiplane plan --batch``: many conversations, a JSON object a line in, one a line out."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from api.cli.draft_file import STANDARD_INPUT
from api.cli.drafting import FLAGS, there
from api.cli.inputs import probe_medium
from engine.core.errors import MediaError, MultiplaneError, OptionError
from engine.timeline import Draft, History, describe, read_draft, write_draft, write_operation
from pipelines.director import Asset, Conversation
from pipelines.director.beginning import first_draft
from pipelines.planner import answer

MEMBERS = ("photos", "turns", "draft", "language")

ASSET_MEMBERS = tuple(field.name for field in fields(Asset))

KINDS = ("photo", "video", "audio", "captions")

MAX_TURNS = 1000
"""Turns of one conversation."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of a batch.

    Attributes:
        assets: the files of the session.
        draft: what it begins with.
        turns: what is typed, one after the other.
        language: of all turns; None finds out.
        notes: sentences about what was assumed.
    """

    assets: tuple[Asset, ...]
    draft: Draft
    turns: tuple[str, ...]
    language: str | None
    notes: tuple[str, ...]


class Reader:
    """Reads jobs; each file is looked at once.

    Args:
        base: folder of the batch file: where a file is looked for that is not there from here.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._known: dict[str, tuple[Asset, str]] = {}

    def read(self, line: str) -> Job:
        """One job.

        Raises:
            OptionError: the line is not of the form; the sentence says what is wrong.
            MediaError: a file cannot be used.
            DraftError: the draft is none.
        """
        try:
            item = json.loads(line)
        except ValueError as error:
            raise OptionError("the line is no JSON.", detail=str(error)) from error
        if not isinstance(item, dict):
            raise OptionError('the line must be an object: {"photos": [...], "turns": [...]}.')
        unknown = [name for name in item if name not in MEMBERS]
        if unknown:
            raise OptionError(f"{unknown[0]!r} is not known: use {', '.join(MEMBERS)}.")
        turns = _texts(item, "turns")
        if len(turns) > MAX_TURNS:
            raise OptionError(f"there are {len(turns)} turns; at most {MAX_TURNS} are planned.")
        language = item.get("language")
        if language is not None and not isinstance(language, str):
            raise OptionError("'language' must be a text such as \"en\".")
        _check_language(language)
        photos = item.get("photos", [])
        if not isinstance(photos, list):
            raise OptionError("'photos' must be a list of file names.")
        found = [self._asset(each) for each in photos]
        assets = tuple(asset for asset, _ in found)
        draft = read_draft(item["draft"]) if "draft" in item else first_draft(assets)
        return Job(assets, draft, turns, language, tuple(dict.fromkeys(note for _, note in found if note)))

    def _asset(self, item: object) -> tuple[Asset, str]:
        if isinstance(item, dict):
            return _described(item), ""
        if not isinstance(item, str) or not item.strip():
            raise OptionError("'photos' holds file names, or objects that describe a file.")
        if item not in self._known:
            self._known[item] = self._look(item)
        return self._known[item]

    def _look(self, name: str) -> tuple[Asset, str]:
        """A file, looked at; one that is not there can be planned with all the same, but for its size."""
        path = next((path for path in (Path(name), self._base / name) if there(path)), None)
        if path is None:
            base = Path(name).name or name
            return Asset(base, src=name), f"{base}: there is no such file; it was planned as a photo of unknown size."
        return probe_medium(path, name).asset, ""


def run_batch(options: argparse.Namespace) -> int:
    """Plan every line; a line that cannot be planned gives an error in its place, and the others go on.

    Raises:
        OptionError: the batch cannot be read, or comes with what it has no use for.
    """
    useless = [flag for flag in FLAGS if getattr(options, flag) is not None]
    if options.inputs or useless:
        what = options.inputs[0] if options.inputs else f"--{useless[0].replace('_', '-')}"
        raise OptionError(f"{what} has no place beside --batch: photos and words stand in the batch's lines.")
    failed = 0
    base = Path() if options.batch == STANDARD_INPUT else Path(options.batch).parent
    reader = Reader(base)
    for number, line in enumerate(_lines(options.batch), start=1):
        if not line.strip():
            continue
        try:
            line_answer = _answer(reader.read(line))
        except MultiplaneError as error:
            failed = max(failed, error.exit_code)
            message = error.message if isinstance(error, MediaError) else f"line {number}: {error.message}"
            line_answer = {"error": {"code": error.code, "message": message}, "line": number}
        print(json.dumps(line_answer, ensure_ascii=False), flush=True)
    return failed


def _lines(name: str) -> Iterator[str]:
    if name == STANDARD_INPUT:
        data = sys.stdin.buffer
        yield from (raw.decode("utf-8-sig", "replace") for raw in data)
        return
    path = Path(name)
    try:
        with path.open("rb") as file:
            yield from (raw.decode("utf-8-sig", "replace") for raw in file)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        raise OptionError(f"{path.name or path}: {reason}. Give a file of JSON lines.", detail=str(error)) from error


def _answer(job: Job) -> dict[str, Any]:
    conversation = Conversation(History(job.draft))
    turns = []
    for text in job.turns:
        plan, conversation = answer(text, conversation, job.assets, language=job.language)
        turns.append(
            {
                "said": plan.said,
                "not_understood": list(plan.not_understood),
                "kind": plan.kind,
                "language": plan.language,
                "chosen": plan.chosen,
                "operations": [write_operation(operation) for operation in plan.operations],
            }
        )
    last = turns[-1] if turns else {"said": "", "not_understood": []}
    found = {
        "draft": write_draft(conversation.draft),
        "timeline": describe(conversation.draft),
        "said": last["said"],
        "not_understood": last["not_understood"],
        "turns": turns,
    }
    return found | {"notes": list(job.notes)} if job.notes else found


def _texts(item: dict[str, Any], name: str) -> tuple[str, ...]:
    texts = item.get(name)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise OptionError(f"'{name}' must be a list of texts.")
    return tuple(texts)


def _check_language(language: str | None) -> None:
    from pipelines.director.lexicon import languages

    if language is not None and language not in languages():
        raise OptionError(f"there is no lexicon for the language {language!r}: use {', '.join(languages())}.")


def _described(item: dict[str, Any]) -> Asset:
    """A file that is only described."""
    unknown = [name for name in item if name not in ASSET_MEMBERS]
    if unknown:
        raise OptionError(f"a file has no {unknown[0]!r}: use {', '.join(ASSET_MEMBERS)}.")
    name = item.get("name")
    if not isinstance(name, str) or not name.strip():
        raise OptionError("a file that is described needs a 'name'.")
    if item.get("kind", "photo") not in KINDS:
        raise OptionError(f"{name}: its 'kind' must be one of {', '.join(KINDS)}.")
    for member in ("width", "height", "faces", "duration"):
        value = item.get(member, 0)
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST
        if not good or (member != "duration" and value != int(value)):
            raise OptionError(f"{name}: its {member!r} must be a number, 0 or more.")
    if not isinstance(item.get("src", ""), str):
        raise OptionError(f"{name}: its 'src' must be a text.")
    if item.get("kind") == "video" and not item.get("duration"):
        raise OptionError(f"{name}: a video needs its 'duration' in seconds.")
    return Asset(**item)


MOST = 1_000_000
"""No side, count or length of a file that is described is more."""
