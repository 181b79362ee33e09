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
    │   └── EncodeError             the encoder or muxer failed
    └── Cancelled                   the user stopped it: exit code 130
"""

from pathlib import Path
from typing import ClassVar


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


class InputError(MultiplaneError):
    """The caller gave something that we cannot use, and can mend it."""

    code = "bad_input"
    exit_code = 2


class OptionError(InputError):
    """A flag or an argument is wrong, or contradicts another."""

    code = "bad_option"


class DraftError(InputError):
    """A draft, or an edit operation on one, is not valid."""

    code = "bad_draft"


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


class Cancelled(MultiplaneError):
    """The user stopped the work."""

    code = "cancelled"
    exit_code = 130
