"""Looking at an uploaded file in a process that can do nothing else.

The file is hostile until it is shown to be a medium, and the decoders are large programs in C. So they run in a child
without network, without keys, with limits on memory and time (:mod:`api.intake.confine`), and all that comes back is
one line of JSON, whose every member is checked.
"""

import logging
import os
import stat
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api.intake.confined_child import ChildDied, Outcome, run_child
from api.intake.display_names import display_name, visible
from api.intake.inspect_file import DAMAGED, TOO_DEAR
from api.intake.kinds import SOUND_TYPES, judge
from api.intake.sandbox_limits import SandboxLimits, child_environment
from engine.core.errors import EngineError, FileNotSupported, FileTooLarge

PROGRAM = ("-m", "api.intake.inspect_file")
"""The child, as Python's command line names it."""

POSTER = "poster.jpg"
"""As :mod:`api.intake.look` leaves it, which is not imported here: it brings the decoders along."""

MOST_POSTER_BYTES = 1_000_000

LONGEST_MESSAGE = 600
"""Characters of a sentence from the child."""

MOST = 10**9
"""More than any number in an honest answer."""

_KINDS = ("photo", "animation", "video", "audio")
_MEDIA_CODES = frozenset({"unreadable_media", "unsupported_media", "corrupt_media", "bad_media"})
_TOO_LARGE = "media_too_large"

_log = logging.getLogger(__name__)
_warned = threading.Event()


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an uploaded file is.

    Attributes:
        kind: what it becomes.
        mime: its media type by content.
        width, height: upright pixels; 0 for a sound.
        seconds: how long it lasts; 0 for a photo.
        fps: pictures a second, the mean where it varies; 0 where nothing moves.
        has_audio: there is sound in it.
        frames: how many pictures; 0 for a sound.
    """

    kind: Literal["photo", "animation", "video", "audio"]
    mime: str
    width: int
    height: int
    seconds: float
    fps: float
    has_audio: bool
    frames: int


def inspect(
    path: Path,
    name: str,
    declared: str | None = None,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
    poster: Path | None = None,
) -> Inspected:
    """Find out what an uploaded file is, and that it can be decoded.

    Args:
        path: where it lies.
        name: what its sender calls it; for messages.
        declared: the media type that its sender gives.
        is_cancelled: asked many times a second; true ends the child.
        poster: where a small JPEG of the picture shall lie, where one could be made; None makes nobody take it.

    Raises:
        FileNotSupported: of no kind that we take, damaged, or dearer to read than this site allows.
        FileTooLarge: more pixels, seconds or bytes than this site allows.
        Cancelled: ``is_cancelled`` said so.
        EngineError: the child could not be started or did not do its work.
    """
    shown = display_name(name)
    mime = judge(path, name, declared).mime
    limits = SandboxLimits.from_settings()
    request = {
        "path": str(path.absolute()),
        "name": shown,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
    }
    with tempfile.TemporaryDirectory(prefix="multiplane-intake-") as folder:
        outcome = run_child(
            PROGRAM, request, Path(folder), child_environment(Path(folder)), limits.seconds, is_cancelled
        )
        found = _checked(_answer(outcome, shown), mime, shown)
        if poster is not None:
            _take_poster(Path(folder) / POSTER, poster)
    return found


def _take_poster(made: Path, target: Path) -> None:
    """Take over what the child left, if it is what it should be: a small file that begins as a JPEG does."""
    try:
        descriptor = os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    with os.fdopen(descriptor, "rb") as stream:
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        data = stream.read(MOST_POSTER_BYTES + 1) if is_file else b""
    if data.startswith(b"\xff\xd8\xff") and len(data) <= MOST_POSTER_BYTES:
        target.write_bytes(data)


def _answer(outcome: Outcome, shown: str) -> dict[str, Any]:
    """The child's answer, when it is a good one."""
    if isinstance(outcome, ChildDied):
        if outcome.limited:
            raise _too_dear(shown, outcome.detail)
        if outcome.crashed:
            raise _damaged(shown, outcome.detail)
        raise EngineError("Files cannot be looked at just now: try again later.", detail=outcome.detail)
    if outcome.get("confined") is not True and not _warned.is_set():
        _warned.set()
        _log.warning("Uploaded files are looked at without a wall to the network: this system has neither kind.")
    if outcome.get("ok") is True:
        return outcome
    code = str(outcome.get("code"))
    message, detail = (visible(str(outcome.get(member, "")))[:LONGEST_MESSAGE] for member in ("message", "detail"))
    if code == TOO_DEAR:
        raise _too_dear(shown, detail)
    if code == DAMAGED:
        raise _damaged(shown, detail)
    if code == _TOO_LARGE:
        raise FileTooLarge(message, detail=detail)
    if code in _MEDIA_CODES:
        raise FileNotSupported(message, detail=detail)
    raise EngineError("Files cannot be looked at just now: try again later.", detail=f"{code}: {message}")


def _checked(answer: dict[str, Any], mime: str, shown: str) -> Inspected:
    """A child that a file has taken over may answer anything."""
    kind = answer.get("kind")
    whole = all(_is_number(answer.get(member), int) for member in ("width", "height", "frames"))
    real = all(_is_number(answer.get(member), int, float) for member in ("seconds", "fps"))
    if kind not in _KINDS or not whole or not real or not isinstance(answer.get("has_audio"), bool):
        raise _damaged(shown, f"answer: {answer!r:.{LONGEST_MESSAGE}}")
    return Inspected(
        kind,
        SOUND_TYPES.get(mime, mime) if kind == "audio" else mime,
        answer["width"],
        answer["height"],
        float(answer["seconds"]),
        float(answer["fps"]),
        answer["has_audio"],
        answer["frames"],
    )


def _is_number(value: object, *kinds: type) -> bool:
    """Whether an honest child could have said that; true and false are integers too, to ``isinstance``."""
    return type(value) in kinds and isinstance(value, int | float) and 0 <= value <= MOST


def _too_dear(shown: str, detail: str) -> FileNotSupported:
    return FileNotSupported(
        f"{shown}: reading it needs more memory or time than this site allows; export it smaller or shorter.",
        detail=detail,
    )


def _damaged(shown: str, detail: str) -> FileNotSupported:
    return FileNotSupported(f"{shown}: the file is damaged and cannot be read; copy or export it again.", detail=detail)
