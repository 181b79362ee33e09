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
    │   ├── WeightsError            files of a model are missing, damaged or another model's
    │   ├── ModelMemoryError        models may not take as much memory as this one needs
    │   ├── DeviceMemoryError       a device ran out of memory while a model was at work
    │   ├── MotionUnavailable       generated motion needs weights, libraries or a GPU that are not here
    │   └── WorkerDied              a process of ours was ended from outside, or crashed
    ├── ServiceError                an answer of the HTTP service: number of the wire protocol and HTTP status
    │   ├── BadRequest              400: a header or a member is missing or makes no sense
    │   ├── NotAuthenticated        1001: no token, or none that is good (any more)
    │   ├── NoSuchSession           1002: there is no such session, or it is somebody else's
    │   ├── ScopeMissing            1003: the token may not do this
    │   ├── NoSuchObject            1004: the same of a render, a task, a token, a file
    │   │   └── NotFinished         the same number: it is not there yet
    │   ├── SessionBusy             1005: the session is at work
    │   ├── NotEnoughCredits        2001: the balance is too small
    │   ├── FileNotSupported        4001: an upload that we do not take
    │   ├── FileTooLarge            4002: an upload over the limit
    │   ├── DuplicateId             4009: an id of the client's is taken
    │   ├── PlanBlocked             402: the plan does not allow it
    │   ├── Malformed               422: the body cannot be read
    │   ├── TooManyRequests         429: a limit of rate or of the queue
    │   └── NotReady                503: shutting down, or no worker
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


class WeightsError(EngineError):
    """Files of a model are missing, damaged, or those of another model.

    Args:
        model: its name for people; the message starts with it.
        problem: the rest of the sentence: what is wrong and what to do.
        detail: see :class:`MultiplaneError`.
    """

    code = "bad_weights"

    def __init__(self, model: str, problem: str, *, detail: str = "") -> None:
        super().__init__(f"{model}: {problem}", detail=detail)


class ModelMemoryError(EngineError):
    """Models may not take as much memory on a device as this one needs."""

    code = "model_memory"


class DeviceMemoryError(EngineError):
    """A device ran out of memory while a model was at work; the model may be used again, with less at a time.

    Args:
        message: see :class:`MultiplaneError`.
        detail: see :class:`MultiplaneError`.
        notes: what was tried before, a sentence each.
        rung: the least that was tried, as JSON (``models/image_to_video/ladder.py``); None: nothing but the full model.
    """

    code = "device_memory"

    def __init__(
        self, message: str, *, detail: str = "", notes: Sequence[str] = (), rung: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.notes = tuple(notes)
        self.rung = rung


class MotionUnavailable(EngineError):
    """Generated motion needs weights, libraries or a GPU that this machine has not; the message offers what it has."""

    code = "motion_unavailable"


class WorkerDied(EngineError):
    """A process that worked for us was ended from outside, or crashed."""

    code = "worker_died"


class ServiceError(MultiplaneError):
    """An answer of the HTTP service that is no success (the wire protocol's table of errors).

    Args:
        message: see :class:`MultiplaneError`.
        detail: see :class:`MultiplaneError`.
        data: members for the body's ``data``.
        retry_after: seconds after which it makes sense to ask again; None where it never will.
    """

    code = "service_error"
    number: ClassVar[int] = 500
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        detail: str = "",
        data: dict[str, object] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, detail=detail)
        self.data = data
        self.retry_after = retry_after


class BadRequest(ServiceError):
    """A header or a member is missing, or makes no sense."""

    code, number, status = "bad_request", 400, 400


class NotAuthenticated(ServiceError):
    """There is no token, or none that is good."""

    code, number, status = "not_authenticated", 1001, 401


class NoSuchSession(ServiceError):
    """There is no such session for this user."""

    code, number, status = "no_such_session", 1002, 404


class ScopeMissing(ServiceError):
    """The token may not do this."""

    code, number, status = "scope_missing", 1003, 403


class NoSuchObject(ServiceError):
    """There is no such render, task, token or file for this user."""

    code, number, status = "no_such_object", 1004, 404


class NotFinished(NoSuchObject):
    """What is asked for is being made, and is not there yet."""

    code, status = "not_finished", 409


class SessionBusy(ServiceError):
    """The session is at work and takes nothing more."""

    code, number, status = "session_busy", 1005, 409


class NotEnoughCredits(ServiceError):
    """The balance is too small."""

    code, number, status = "not_enough_credits", 2001, 403


class FileNotSupported(ServiceError):
    """An upload of a kind that we do not take."""

    code, number, status = "file_not_supported", 4001, 415


class FileTooLarge(ServiceError):
    """An upload over the limit."""

    code, number, status = "file_too_large", 4002, 413


class DuplicateId(ServiceError):
    """An id that the client chose is taken."""

    code, number, status = "duplicate_id", 4009, 409


class PlanBlocked(ServiceError):
    """The plan does not allow it."""

    code, number, status = "plan_blocked", 402, 402


class Malformed(ServiceError):
    """The body cannot be read."""

    code, number, status = "malformed", 422, 422


class TooManyRequests(ServiceError):
    """A limit of rate, or of the queue, is reached."""

    code, number, status = "too_many_requests", 429, 429


class NotReady(ServiceError):
    """The service is shutting down, or has no worker."""

    code, number, status = "not_ready", 503, 503


class Cancelled(MultiplaneError):
    """The user stopped the work."""

    code = "cancelled"
    exit_code = 130
