"""From the command line's words to a draft: photos, instruction, flags."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from api.cli.arguments import parse_canvas, parse_color, parse_duration, parse_fit, parse_focus, parse_fps
from engine.core.errors import OptionError, UnreadableMedia
from engine.media import PhotoInfo, probe_photo
from engine.motion import Motion
from engine.timeline import (
    Draft,
    Fit,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    apply_all,
    canvas_for_photos,
    slideshow,
)
from pipelines.director import Asset, Plan, direct

_FILE_SUFFIX_LENGTH = range(2, 6)  # ".gif" to ".jpeg": what makes a missing file's name look like one


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of the command line.

    Attributes:
        draft: ready to render.
        plan: the director's answer to the instruction.
        photos: the headers of the photos, in order.
    """

    draft: Draft
    plan: Plan
    photos: tuple[PhotoInfo, ...]


def split_inputs(inputs: list[str]) -> tuple[list[Path], str]:
    """Tell photos from words: what is a file is a photo, the rest is the instruction.

    Raises:
        UnreadableMedia: a word has the form of a file name, but no such file is there.
        OptionError: there is no photo.
    """
    photos: list[Path] = []
    words: list[str] = []
    for text in inputs:
        path = Path(text)
        # Very long words cannot be file names and make the file system complain.
        if len(text) < 1000 and path.exists():
            photos.append(path)
        elif _looks_like_a_file(text):
            raise UnreadableMedia(path, "there is no such file. Check the name and the folder.")
        else:
            words.append(text)
    if not photos:
        raise OptionError(
            'No photo was given: name at least one photo file, then the instruction in quotes: "zoom in".'
        )
    return photos, " ".join(words)


def make_draft(options: argparse.Namespace) -> Drafted:
    """Read the photos' headers, follow the instruction, apply the flags.

    Raises:
        MediaError, OptionError, DraftError: something of it cannot be used.
    """
    paths, instruction = split_inputs(options.inputs)
    changes = _flag_operations(options)
    photos = tuple(probe_photo(path) for path in paths)
    canvas = canvas_for_photos([(photo.width, photo.height) for photo in photos])
    draft = slideshow([str(path) for path in paths], canvas=canvas, title=options.title or paths[0].stem)
    assets = [Asset(path.name, photo.width, photo.height) for path, photo in zip(paths, photos, strict=True)]
    plan = direct(instruction, draft, assets)
    draft = _with_background(apply_all(draft, [*plan.operations, *changes]), options)
    return Drafted(_with_motion_flags(draft, options), plan, photos)


def _looks_like_a_file(text: str) -> bool:
    suffix = Path(text).suffix
    return " " not in text and len(suffix) in _FILE_SUFFIX_LENGTH and suffix[1:].isalnum() and suffix[1:2].isalpha()


def _flag_operations(options: argparse.Namespace) -> list[Operation]:
    operations: list[Operation] = []
    canvas = parse_canvas(options.size, options.aspect)
    if canvas is not None:
        operations.append(SetCanvas(canvas))
    if options.fps is not None:
        operations.append(SetFrameRate(parse_fps(options.fps)))
    if options.duration is not None:
        operations.append(SetDuration(parse_duration(options.duration)))
    if options.fit is not None:
        operations.append(SetFit(parse_fit(options.fit)))
    return operations


def _with_background(draft: Draft, options: argparse.Namespace) -> Draft:
    """Give every photo the colour behind it and keep how it fills the frame."""
    if options.background is None:
        return draft
    if options.fit is not None and ":" in options.fit:
        raise OptionError(f"--background and --fit {options.fit} both name a colour: give it once.")
    color = parse_color(options.background)
    return apply_all(draft, [SetFit(Fit(segment.fit.mode, color), (segment.id,)) for segment in draft.photos])


def _with_motion_flags(draft: Draft, options: argparse.Namespace) -> Draft:
    """Each camera flag replaces that part of every segment's motion and leaves the rest as the instruction had it."""
    if all(getattr(options, flag) is None for flag in ("move", "amount", "speed", "focus", "ease")):
        return draft
    moves = None if options.move is None else tuple(name.strip() for name in options.move.split(","))
    focus = None if options.focus is None else parse_focus(options.focus)
    operations = []
    for segment in draft.photos:
        had = segment.motion or Motion(("hold",))
        # An amount counts in the unit of its moves: one that the instruction gave means nothing to other moves.
        had_amount = had.amount if moves is None else None
        motion = Motion(
            moves or had.moves,
            had_amount if options.amount is None else options.amount,
            options.speed or had.speed,
            focus or had.focus,
            options.ease or had.ease,
        )
        operations.append(SetMotion(motion, (segment.id,)))
    return apply_all(draft, operations)
