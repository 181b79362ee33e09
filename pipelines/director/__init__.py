"""The director: plain language to edit operations."""

from pipelines.director.converse import Conversation, converse
from pipelines.director.direct import direct
from pipelines.director.plan import Asset, Plan, Understood

__all__ = ["Asset", "Conversation", "Plan", "Understood", "converse", "direct"]
