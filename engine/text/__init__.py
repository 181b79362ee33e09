"""Titles, lower thirds and captions: fonts, shaping, layout, painting, animation."""

from engine.text.captions import Cue, read_captions, without_overlaps, write_srt
from engine.text.library import FontLibrary
from engine.text.source import TextSource, open_text

__all__ = ["Cue", "FontLibrary", "TextSource", "open_text", "read_captions", "without_overlaps", "write_srt"]
