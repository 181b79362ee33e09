"""Easing, camera moves and camera paths."""

from engine.motion.path import CameraPath
from engine.motion.plan import FITS, plan_camera, required_scale
from engine.motion.saliency import SaliencyFinder
from engine.motion.subject import WHOLE_PHOTO, Subject, SubjectFinder
from engine.motion.vocabulary import (
    EASES,
    EXTENDS,
    FAMILIES,
    FOCUS_WORDS,
    METHODS,
    MOVES,
    PROMPT_LENGTH,
    QUALITIES,
    SPEEDS,
    Motion,
    Move,
    flattened,
    generated,
    in_depth,
)

__all__ = [
    "EASES",
    "EXTENDS",
    "FAMILIES",
    "FITS",
    "FOCUS_WORDS",
    "METHODS",
    "MOVES",
    "PROMPT_LENGTH",
    "QUALITIES",
    "SPEEDS",
    "WHOLE_PHOTO",
    "CameraPath",
    "Motion",
    "Move",
    "SaliencyFinder",
    "Subject",
    "SubjectFinder",
    "flattened",
    "generated",
    "in_depth",
    "plan_camera",
    "required_scale",
]
