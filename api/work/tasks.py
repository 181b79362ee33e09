"""The tasks by the kinds of their jobs; each is imported when its first job comes."""

from collections.abc import Callable, Mapping
from importlib import import_module

from api.work.task import Json, Task, TaskContext


def _later(module: str, name: str) -> Task:
    def task(context: TaskContext, payload: Json) -> Json:
        found: Callable[[TaskContext, Json], Json] = getattr(import_module(module), name)
        return found(context, payload)

    return task


TASKS: Mapping[str, Task] = {
    "render": _later("api.work.rendering", "render"),
    "generate": _later("api.work.rendering", "render"),
    "analyse": _later("api.work.arriving", "analyse"),
    "fetch": _later("api.work.arriving", "fetch"),
}
