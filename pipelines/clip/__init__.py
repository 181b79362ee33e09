"""Clips: video files and animations as sources of frames."""

from pipelines.clip.source import ClipSource, open_clip
from pipelines.clip.timing import source_time

__all__ = ["ClipSource", "open_clip", "source_time"]
