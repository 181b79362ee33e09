"""For whom the work at hand is done: request, job and user ids that every line of the log carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class WorkContext:
    """The ids of one request or one job; empty where there is none.

    It is one object for the whole of a request, changed in place: an endpoint that runs in another thread or task
    learns the user, and the access log, written by the task that began, must know it.
    """

    request_id: str = ""
    job_id: str = ""
    user_id: str = ""


_CURRENT: ContextVar[WorkContext | None] = ContextVar("multiplane_work", default=None)


def current_work() -> WorkContext:
    """The ids of the work at hand; an empty one outside of any."""
    return _CURRENT.get() or WorkContext()


@contextmanager
def work(*, request_id: str = "", job_id: str = "", user_id: str = "") -> Iterator[WorkContext]:
    """Name the request or the job that is worked on inside; ids that are not given stay as they are outside."""
    outside = current_work()
    inside = WorkContext(request_id or outside.request_id, job_id or outside.job_id, user_id or outside.user_id)
    token = _CURRENT.set(inside)
    try:
        yield inside
    finally:
        _CURRENT.reset(token)


def note_user(user_id: str) -> None:
    """Say whose request or job this is, once that is known; nothing happens outside of any."""
    inside = _CURRENT.get()
    if inside is not None:
        inside.user_id = user_id
