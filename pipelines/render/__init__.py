"""From a draft to an MP4."""

from pipelines.render.options import Progress, ProgressCallback, RenderOptions, RenderReport
from pipelines.render.renderer import render_draft

__all__ = ["Progress", "ProgressCallback", "RenderOptions", "RenderReport", "render_draft"]
