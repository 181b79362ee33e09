"""Structured logs on stderr: one JSON object a line for machines, plain lines for a terminal; never a secret in either.

Members of a JSON line: ``time`` (RFC 3339, UTC, milliseconds), ``level``, ``logger``, ``process``, ``pid``,
``message``; ``request_id``, ``job_id``, ``user_id`` where there are any; ``error`` (the type), ``error_code``,
``detail`` and ``traceback`` of an exception; and whatever ``extra`` of the call held.
"""

import json
import logging
import sys
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from api.ops.context import current_work
from api.ops.redact import redact, redact_value
from engine.core.errors import MultiplaneError
from engine.core.settings import ChoiceSetting

LOG_FORMAT = ChoiceSetting(
    "MULTIPLANE_LOG_FORMAT", "auto", ("auto", "json", "text"), "form of the log; auto: text on a terminal, else JSON"
)
LOG_LEVEL = ChoiceSetting(
    "MULTIPLANE_LOG_LEVEL", "info", ("debug", "info", "warning", "error"), "the least weighty lines that are logged"
)

MAX_TEXT = 32_000
"""Characters of one member of a line: a stranger's text must not fill the disk, nor one line a collector's buffer."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""Attributes of every record, and ``color_message``, which is uvicorn's; what is beside them came with ``extra``."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
    0x0A: "\\n",
    0x0D: "\\r",
}


def set_up_logging(process: str) -> None:
    """Send every log line, warning and uncaught exception of this process to stderr, in the form that the site wants.

    Args:
        process: what this process is: ``web``, ``supervisor``, ``worker cpu-0``.

    Raises:
        OptionError: a setting of the log is not usable.
    """
    style = LOG_FORMAT.value()
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = _Handler(sys.stderr)
    handler.setFormatter(TextFormatter(process) if text else JsonFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LOG_LEVEL.value().upper())
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda given: _uncaught(given.exc_type, given.exc_value, given.exc_traceback)
    sys.unraisablehook = lambda given: _uncaught(given.exc_type, given.exc_value, given.exc_traceback)


class _ProcessFormatter(logging.Formatter):
    """What both forms know.

    Args:
        process: what this process is.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process


class JsonFormatter(_ProcessFormatter):
    """One JSON object in ASCII for a record; see the module for its members."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without the line break."""
        # ASCII, because some collectors break lines at U+2028 too, and because a lone surrogate is no UTF-8.
        return json.dumps(line_of(record, self._process))


class TextFormatter(_ProcessFormatter):
    """A line to be read on a terminal; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines, without the last line break."""
        line = line_of(record, self._process)
        told = {"time", "level", "logger", "process", "pid", "message", "traceback"}
        more = " ".join(f"{name}={value}" for name, value in line.items() if name not in told)
        head = f"{str(line['time'])[11:23]} {record.levelname:7} {self._process} {line['message']}"
        # A message may hold a stranger's text: it must neither forge a line nor steer the terminal.
        head = f"{head} {more}".rstrip().translate(_CONTROL)
        trace = str(line.get("traceback", ""))
        return "\n".join([head, *(part.translate(_CONTROL) for part in trace.splitlines())])


def line_of(record: logging.LogRecord, process: str) -> dict[str, object]:
    """The members of a record's line, with every secret redacted and every text cut at :data:`MAX_TEXT`."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    work = current_work()
    line: dict[str, object] = {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "process": process,
        "pid": record.process,
        "message": _shortened(redact(_message(record))),
    }
    ids = {"request_id": work.request_id, "job_id": work.job_id, "user_id": work.user_id}
    line |= {name: _shortened(redact(value)) for name, value in ids.items() if value}
    line |= _exception(record)
    for name, value in vars(record).items():
        if name not in _STANDARD and name not in line:
            cleaned = redact_value(value, name)
            line[name] = _shortened(cleaned) if isinstance(cleaned, str) else cleaned
    return line


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:
        # A slip in a call that logs must not lose what it had to say.
        return f"{record.msg} {record.args!r} (the line could not be formatted: {error})"


def _exception(record: logging.LogRecord) -> dict[str, object]:
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    found: dict[str, object] = {"error": type(error).__name__}
    if isinstance(error, MultiplaneError):
        found["error_code"] = error.code
        if error.detail:
            found["detail"] = _shortened(redact(error.detail))
    lines = "".join(traceback.format_exception(*record.exc_info))
    # The end of a long traceback says what happened.
    found["traceback"] = redact(lines)[-MAX_TEXT:].rstrip()
    return found


def _shortened(text: str) -> str:
    # After redaction: half a token would not be recognised as one.
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}... ({len(text):,} characters)"


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; what goes wrong meanwhile costs that line and prints nothing that was not redacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        line = {"level": "error", "logger": record.name, "message": "a line of the log was lost"}
        with suppress(OSError, ValueError):
            self.stream.write(json.dumps(line) + self.terminator)


def _uncaught(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or kind is None:
        return
    if issubclass(kind, KeyboardInterrupt):
        logging.getLogger("multiplane").info("interrupted")
        return
    logging.getLogger("multiplane").critical("uncaught exception", exc_info=(kind, error, trace))
