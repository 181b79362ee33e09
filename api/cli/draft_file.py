"""Reading the draft that a command line names."""

import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from engine.core.errors import DraftError, MediaError, OptionError, OutputError
from engine.timeline import Draft, read_draft

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A draft and where it came from.

    Attributes:
        draft: read and valid.
        base: folder that its relative sources count from: the draft's own.
        stem: the draft's name without its suffix.
    """

    draft: Draft
    base: Path
    stem: str


def read_draft_file(name: str) -> DraftFile:
    """Read a draft from a file, or from standard input for ``-``.

    Raises:
        OptionError: there is no such file, or it cannot be read.
        DraftError: it is no draft; every problem is in ``problems``.
    """
    if name == STANDARD_INPUT:
        return DraftFile(_read(sys.stdin.buffer.read(), Path()), Path(), "video")
    path = Path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        raise OptionError(
            f"{path.name or path}: {reason}. Give the JSON file of a draft.", detail=str(error)
        ) from error
    try:
        return DraftFile(_read(data, path.parent), path.parent, path.stem)
    except DraftError as error:
        raise DraftError(f"{path.name}: {error.message}", detail=error.detail, problems=error.problems) from error


def check_keeps_sources(target: Path, file: DraftFile) -> None:
    """Refuse a target that would replace what the draft is made from.

    Raises:
        OutputError: it is one of the draft's files.
    """
    from api.cli.drafting import there

    if not there(target):
        return
    for track in file.draft.tracks:
        for segment in track.segments:
            font = None if segment.style is None else segment.style.font
            depth = None if segment.motion is None else segment.motion.depth
            names = (segment.src, font, depth, *(effect.src for effect in segment.effects))
            if any(there(path) and target.samefile(path) for path in (file.base / name for name in names if name)):
                raise OutputError(f"{target.name} is one of the draft's own files: give another name with -o.")


def _read(data: bytes, base: Path) -> Draft:
    return read_draft(data, partial(_length, base))


def _length(base: Path, src: str) -> Fraction | None:
    """Seconds that a medium lasts; None for a photo, and for what cannot be read: rendering will say so."""
    from engine.timeline.cards import parse_card
    from pipelines.render import media_length

    try:
        return None if parse_card(src) is not None else media_length(src, base)
    except (MediaError, DraftError):
        return None
