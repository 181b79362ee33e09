"""Easing, camera moves and camera paths."""

from engine.motion.path import CameraPath
from engine.motion.plan import FITS, plan_camera, required_scale
from engine.motion.saliency import SaliencyFinder
from engine.motion.subject import WHOLE_PHOTO, Subject, SubjectFinder
from engine.motion.vocabulary import EASES, FOCUS_WORDS, METHODS, MOVES, SPEEDS, Motion, Move, flattened, in_depth

__all__ = [
    "EASES",
    "FITS",
    "FOCUS_WORDS",
    "METHODS",
    "MOVES",
    "SPEEDS",
    "WHOLE_PHOTO",
    "CameraPath",
    "Motion",
    "Move",
    "SaliencyFinder",
    "Subject",
    "SubjectFinder",
    "flattened",
    "in_depth",
    "plan_camera",
    "required_scale",
]
