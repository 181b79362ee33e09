"""The tasks of files that come in: looking into those that were sent, and fetching those that are elsewhere.

A file that is not taken is no failure of the job: the result says ``refused``, with the number of the wire protocol.
All files of one upload are taken, or none.
"""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from api.intake.display_names import display_name
from api.intake.fetch import fetch_url
from api.intake.multipart import limit_bytes
from api.intake.sandbox import Inspected, inspect
from api.work.task import POSTER, Json, TaskContext
from engine.core.errors import (
    BadRequest,
    Cancelled,
    FileNotSupported,
    FileTooLarge,
    MediaError,
    MediaLimitExceeded,
    ServiceError,
)
from engine.core.settings import Setting

LOG = logging.getLogger("multiplane.worker")

MOST_SECONDS = Setting(
    "MULTIPLANE_UPLOAD_JOB_S", 300, "s", 1, 86_400, "time after which no further file of one upload is begun"
)

FETCHING, LOOKING, STORING = "fetching", "analysing", "storing"

KINDS = {"photo": "image", "animation": "image", "video": "video", "audio": "audio"}
"""What the wire protocol calls the kinds of files."""


def analyse(context: TaskContext, payload: Json) -> Json:
    """Look into files that were sent.

    Args:
        context: of the job.
        payload: ``files``, each with ``blob``, ``size``, ``name``, ``type`` (declared, or null).

    Returns:
        ``files``, see :func:`_entry`, or ``refused``.
    """

    def look() -> Iterator[Json]:
        for given in payload["files"]:
            with context.waiting():
                path = context.blobs.local_path(given["blob"])
            seen = _look(context, path, given["name"], given.get("type"))
            yield _entry(context, given["blob"], given["size"], given["name"], seen)

    return _all_or_none(context, look(), len(payload["files"]), LOOKING)


def fetch(context: TaskContext, payload: Json) -> Json:
    """Fetch files and look into them.

    Args:
        context: of the job.
        payload: ``urls``.

    Returns:
        As :func:`analyse`.
    """

    def report(done: int, total: int | None) -> None:
        context.report(0.0, FETCHING)

    def get() -> Iterator[Json]:
        for number, url in enumerate(payload["urls"]):
            path = context.folder / f"{number}"
            fetched = fetch_url(url, path, limit_bytes=limit_bytes(), is_cancelled=context.is_unwanted, report=report)
            seen = _look(context, path, fetched.name, fetched.declared_type)
            with context.waiting():
                ref, size = context.blobs.put(path)
            yield _entry(context, ref, size, fetched.name, seen)

    return _all_or_none(context, get(), len(payload["urls"]), FETCHING)


def _all_or_none(context: TaskContext, files: Iterator[Json], count: int, stage: str) -> Json:
    """The result of a job: all of its files, or why one of them is not taken."""
    found: list[Json] = []
    until = time.monotonic() + MOST_SECONDS.value()
    try:
        while len(found) < count:
            _check_time(until)
            context.report(len(found) / count, stage)
            found.append(next(files))
    except Cancelled:
        context.check()  # the service may only be ending: another worker will do it then
        raise
    except (ServiceError, MediaError) as error:
        return {"refused": refusal(error)}
    return {"files": found}


def refusal(error: ServiceError | MediaError) -> Json:
    """Why a file is not taken, as the wire protocol numbers it."""
    LOG.info("a file was refused: %s", error.message, extra={"detail": error.detail})
    if isinstance(error, MediaLimitExceeded):
        told: ServiceError = FileTooLarge(error.message)
    elif isinstance(error, MediaError):
        told = FileNotSupported(error.message)
    else:
        told = error
    kinds = {FileTooLarge: "too_large", FileNotSupported: "not_supported", BadRequest: "bad_request"}
    return {"kind": kinds.get(type(told), "not_supported"), "message": told.message}


def _check_time(until: float) -> None:
    """Refuse the rest of an upload that keeps a worker from others for too long."""
    if time.monotonic() > until:
        raise FileTooLarge(f"These files take longer than {MOST_SECONDS.value():g} s together: send fewer at a time.")


def _look(context: TaskContext, path: Path, name: str, declared: str | None) -> Inspected:
    seen = inspect(path, name, declared, is_cancelled=context.is_unwanted, poster=context.folder / POSTER)
    context.report(0.0, LOOKING)
    return seen


def _entry(context: TaskContext, ref: str, size: int, name: str, seen: Inspected) -> Json:
    """A file as the ending of the job wants it."""
    return {
        "blob": ref,
        "size": size,
        "filename": display_name(name),
        "kind": KINDS[seen.kind],
        "content_type": seen.mime,
        "width": seen.width,
        "height": seen.height,
        "duration": seen.seconds,
        "fps": seen.fps,
        "poster": context.put_poster(),
    }
