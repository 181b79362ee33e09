"""Which models are in memory: loaded once, kept while there is room, dropped in order of their last use.

::

    with models_in_memory().lease(ModelKey("u2netp", str(folder), "cpu"), load, size) as model:
        matte = model.find(rgb)

While a lease is open its model stays. Models that nobody leases make room for others, the least recently used first. A
thread that needs room which leases of other threads hold waits for it; one that holds a lease itself is refused
instead, because two such threads could wait for one another for ever.

A model that can (:class:`Parkable`) makes room on a GPU by moving into memory of the processor, where that has room for
it beside what was used after it; its next lease copies it back in place of a load. What a use of a model takes beside
its weights is said with the lease (``workspace``), and counts until the lease ends.
"""

from functools import lru_cache

from models.residency.budgets import GPU_SHARE, MEGABYTE, MODEL_GPU_MEMORY, MODEL_MEMORY, megabytes, model_budget
from models.residency.key import ModelKey, Resident
from models.residency.parking import Parkable, park, unpark
from models.residency.pool import ModelPool

__all__ = [
    "GPU_SHARE",
    "MEGABYTE",
    "MODEL_GPU_MEMORY",
    "MODEL_MEMORY",
    "ModelKey",
    "ModelPool",
    "Parkable",
    "Resident",
    "megabytes",
    "model_budget",
    "models_in_memory",
    "park",
    "unpark",
]


@lru_cache(maxsize=1)
def models_in_memory() -> ModelPool:
    """The pool of this process, within the site's budgets."""
    return ModelPool(model_budget)
