"""The director: plain language to edit operations."""

from pipelines.director.direct import direct
from pipelines.director.plan import Asset, Plan, Understood

__all__ = ["Asset", "Plan", "Understood", "direct"]
