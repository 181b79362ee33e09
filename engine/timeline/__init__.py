"""The draft: what is on the timeline, its JSON, and the operations that edit it."""

from engine.timeline.apply import apply, apply_all
from engine.timeline.canvas import ASPECTS, DEFAULT_CANVAS, Canvas, aspect_name, canvas_for_photos, canvas_of_aspect
from engine.timeline.codec import draft_text, read_draft, write_draft
from engine.timeline.draft import (
    AUDIO,
    FIT_MODES,
    TEXT,
    TRANSITIONS,
    VIDEO,
    Draft,
    Fit,
    Segment,
    Track,
    Transition,
    default_motion,
    is_color,
    on_grid,
)
from engine.timeline.layout import Layer, Shot, layers_at, shots
from engine.timeline.operation_json import read_operation, write_operation
from engine.timeline.operations import (
    AddPhotos,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
)
from engine.timeline.slideshow import slideshow
from engine.timeline.words import describe, plain_number

__all__ = [
    "ASPECTS",
    "AUDIO",
    "DEFAULT_CANVAS",
    "FIT_MODES",
    "TEXT",
    "TRANSITIONS",
    "VIDEO",
    "AddPhotos",
    "Canvas",
    "Draft",
    "Fit",
    "Layer",
    "Operation",
    "Segment",
    "SetCanvas",
    "SetDuration",
    "SetFit",
    "SetFrameRate",
    "SetMotion",
    "SetSegmentDuration",
    "SetTitle",
    "SetTransition",
    "Shot",
    "Track",
    "Transition",
    "apply",
    "apply_all",
    "aspect_name",
    "canvas_for_photos",
    "canvas_of_aspect",
    "default_motion",
    "describe",
    "draft_text",
    "is_color",
    "layers_at",
    "on_grid",
    "plain_number",
    "read_draft",
    "read_operation",
    "shots",
    "slideshow",
    "write_draft",
    "write_operation",
]
