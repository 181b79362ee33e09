"""The optional planner: a language model on the studio's network, held to the operations of the timeline.

Off by default: without ``MULTIPLANE_PLANNER_URL`` no socket is opened and the rules of the director answer alone.
"""

from pipelines.planner.answer import answer

__all__ = ["answer"]
