"""The exception tree.

::

    MultiplaneError                 code, public message, private detail
    ├── InputError                  the caller can mend it: exit code 2
    │   ├── OptionError             a flag or argument is wrong or contradicts another
    │   ├── DraftError              a draft, or an edit operation on one, is not valid
    │   ├── OutputError             the target cannot be written, or exists and may not be replaced
    │   └── MediaError              about one media file; its name is in the message
    │       ├── UnreadableMedia     missing, a directory, no permission, empty
    │       ├── UnsupportedMedia    a format or a feature that we do not read
    │       ├── CorruptMedia        the bytes do not hold what they promise
    │       └── MediaLimitExceeded  larger than a limit of this site
    ├── EngineError                 we failed, or this machine cannot do it: exit code 1
    │   ├── DeviceUnavailable       the asked device or encoder is not on this machine
    │   ├── EncodeError             the encoder or muxer failed
    │   └── WorkerDied              a process of ours was ended from outside, or crashed
    └── Cancelled                   the user stopped it: exit code 130
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

LONGEST_QUOTE = 40
"""Characters of a text of the caller's in a sentence of ours."""


def quoted(text: str) -> str:
    """A text of the caller's, in quotation marks and short whatever it holds: a sentence must stay one."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "...")


class MultiplaneError(Exception):
    """Base of all errors that we raise on purpose.

    Args:
        message: one sentence for the user: which file or option, what is wrong, what to do. Never a path that the
            user did not give, never a stack trace.
        detail: what an engineer needs (the decoder's own words, numbers). Shown with ``--debug`` and in logs only.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def __reduce__(self) -> tuple[Any, ...]:
        # An error crosses from a worker process to its parent whole, whatever its constructor takes.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[MultiplaneError], args: tuple[object, ...], state: dict[str, object]) -> MultiplaneError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InputError(MultiplaneError):
    """The caller gave something that we cannot use, and can mend it."""

    code = "bad_input"
    exit_code = 2


class OptionError(InputError):
    """A flag or an argument is wrong, or contradicts another."""

    code = "bad_option"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a draft.

    Attributes:
        path: where it stands in the draft's JSON, such as ``t[0].sg[2].s``; empty for the draft as a whole.
        text: what is wrong and what would do; with the path before it, a sentence.
    """

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class DraftError(InputError):
    """A draft, or an edit operation on one, is not valid.

    Args:
        message: see :class:`MultiplaneError`.
        detail: see :class:`MultiplaneError`.
        problems: everything that is wrong, where a whole draft was read; the message names the first.
    """

    code = "bad_draft"

    def __init__(self, message: str, *, detail: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, detail=detail)
        self.problems = tuple(problems)


class OutputError(InputError):
    """The target cannot be written, or exists and may not be replaced."""

    code = "bad_output"


class MediaError(InputError):
    """Something is wrong with one media file.

    Args:
        path: the file; the message starts with its name.
        problem: the rest of the sentence: what is wrong and what would work.
        detail: see :class:`MultiplaneError`.
    """

    code = "bad_media"

    def __init__(self, path: Path | str, problem: str, *, detail: str = "") -> None:
        name = Path(path).name or str(path)
        super().__init__(f"{name}: {problem}", detail=detail)
        self.path = Path(path)


class UnreadableMedia(MediaError):
    """The file is missing, empty, a directory, or may not be read."""

    code = "unreadable_media"


class UnsupportedMedia(MediaError):
    """A format, or a feature of a format, that we do not read."""

    code = "unsupported_media"


class CorruptMedia(MediaError):
    """The bytes do not hold what the format promises."""

    code = "corrupt_media"


class MediaLimitExceeded(MediaError):
    """The file is larger than a limit of this site allows."""

    code = "media_too_large"


class EngineError(MultiplaneError):
    """We failed, or this machine cannot do what was asked."""

    code = "engine_error"


class DeviceUnavailable(EngineError):
    """The asked device or encoder is not usable on this machine."""

    code = "device_unavailable"


class EncodeError(EngineError):
    """The encoder or the muxer failed."""

    code = "encode_failed"


class WorkerDied(EngineError):
    """A process that worked for us was ended from outside, or crashed."""

    code = "worker_died"


class Cancelled(MultiplaneError):
    """The user stopped the work."""

    code = "cancelled"
    exit_code = 130
