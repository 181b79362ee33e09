"""Ken Burns: a camera over a photo, as a source of frames."""

from pipelines.kenburns.source import KenBurnsSource, open_kenburns

__all__ = ["KenBurnsSource", "open_kenburns"]
