"""Cards: a colour or a gradient as a source of frames."""

from pipelines.card.source import CardSource, open_card

__all__ = ["CardSource", "open_card"]
