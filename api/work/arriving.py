"""The tasks of files that come in: looking into those that were sent, and fetching those that are elsewhere.

A file that is not taken is no failure of the job: the result says ``refused``, with the number of the wire protocol.
All files of one upload are taken, or none.
"""

import logging
import time
from pathlib import Path
from typing import Any

from api.intake.display_names import display_name
from api.intake.fetch import fetch_url
from api.intake.kinds import judge
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
    found, until = [], time.monotonic() + MOST_SECONDS.value()
    try:
        for number, given in enumerate(payload["files"]):
            _check_time(until)
            context.report(number / len(payload["files"]), LOOKING)
            with context.waiting():
                path = context.blobs.local_path(given["blob"])
            seen = _look(context, path, given["name"], given.get("type"))
            found.append(_entry(context, given["blob"], given["size"], given["name"], seen))
    except Cancelled:
        context.check()  # the service is ending: another worker will do it
        raise
    except (ServiceError, MediaError) as error:
        return {"refused": refusal(error)}
    return {"files": found}


def fetch(context: TaskContext, payload: Json) -> Json:
    """Fetch files and look into them.

    Args:
        context: of the job.
        payload: ``urls``.

    Returns:
        As :func:`analyse`.
    """
    urls = payload["urls"]
    found, until = [], time.monotonic() + MOST_SECONDS.value()
    try:
        for number, url in enumerate(urls):
            _check_time(until)
            context.report(number / len(urls), FETCHING)
            path = context.folder / f"{number}"
            fetched = fetch_url(
                url, path, limit_bytes=limit_bytes(), is_cancelled=context.is_unwanted, report=_reporter(context)
            )
            seen = _look(context, path, fetched.name, fetched.declared_type)
            with context.waiting():
                ref, size = context.blobs.put(path)
            found.append(_entry(context, ref, size, fetched.name, seen))
    except Cancelled:
        context.check()
        raise
    except (ServiceError, MediaError) as error:
        context.check()
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
    judge(path, name, declared)
    seen = inspect(path, name, is_cancelled=context.is_unwanted, poster=context.folder / POSTER)
    context.report(0.0, LOOKING)
    return seen


def _reporter(context: TaskContext) -> Any:  # noqa: ANN401
    def report(done: int, total: int | None) -> None:
        context.report(0.0, FETCHING)

    return report


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
