"""From a draft to an MP4, or to a preview of it."""

from pipelines.render.media_length import media_length
from pipelines.render.options import Progress, ProgressCallback, RenderOptions, RenderReport
from pipelines.render.renderer import render_draft

__all__ = ["Progress", "ProgressCallback", "RenderOptions", "RenderReport", "media_length", "render_draft"]
