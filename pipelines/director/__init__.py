"""The director: plain language to edit operations."""

from pipelines.director.abilities import Abilities
from pipelines.director.converse import Conversation, converse
from pipelines.director.direct import direct
from pipelines.director.leftovers import use_the_rest
from pipelines.director.plan import Asset, Plan, Understood

__all__ = ["Abilities", "Asset", "Conversation", "Plan", "Understood", "converse", "direct", "use_the_rest"]
