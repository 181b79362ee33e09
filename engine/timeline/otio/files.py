"""Files of OpenTimelineIO (``.otio``)."""

import os
from pathlib import Path

from engine.core.errors import DraftError, OutputError
from engine.timeline.draft import Draft
from engine.timeline.otio.library import library
from engine.timeline.otio.reading import OtioDraft, from_otio
from engine.timeline.otio.writing import to_otio

MAX_BYTES = 256 * 1024 * 1024
"""No timeline is larger."""

_ADAPTER = "otio_json"


def write_otio(draft: Draft, path: Path | str, base: Path | None = None) -> None:
    """Write a draft as an ``.otio`` file; a file of that name is replaced when the new one is complete.

    Args:
        draft: what is written.
        path: the file.
        base: what relative sources are relative to; see ``to_otio``.

    Raises:
        OutputError: the file cannot be written.
    """
    path = Path(path)
    text = library().adapters.write_to_string(to_otio(draft, base), _ADAPTER)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"{path.name} cannot be written: check the folder.", detail=str(error)) from error


def read_otio(path: Path | str) -> OtioDraft:
    """Read an ``.otio`` file, of ours or of another tool.

    Raises:
        DraftError: it cannot be read, or holds no timeline.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DraftError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB: no timeline is.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DraftError(f"{path.name} cannot be read: check that it is an .otio file.", detail=str(error)) from error
    return parse_otio(text, path.name)


def parse_otio(text: str, name: str) -> OtioDraft:
    """Read the text of an ``.otio`` file; ``name`` is what the file is called in a sentence.

    Raises:
        DraftError: it holds no timeline.
    """
    try:
        timeline = library().adapters.read_from_string(text, _ADAPTER)
    except (library().exceptions.OTIOError, ValueError, LookupError, TypeError, RuntimeError) as error:
        # What the library raises depends on which of its members is wrong.
        raise DraftError(f"{name} is not an OpenTimelineIO file.", detail=str(error)) from error
    return from_otio(timeline, name)
