"""From the command line's words to a draft: files, instruction, flags."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from api.cli.arguments import AI_MOVE, parse_canvas, parse_color, parse_duration, parse_fit, parse_focus, parse_moves
from api.cli.inputs import CAPTION_SUFFIXES, PHOTO_SUFFIXES, Medium, probe_medium
from engine.core.errors import OptionError, UnreadableMedia
from engine.core.time import frame_rate_name, parse_frame_rate
from engine.media import PhotoLimits
from engine.media.source import open_photo_source
from engine.motion import Motion, generated
from engine.timeline import (
    Draft,
    Fit,
    History,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetTitle,
    apply_all,
)
from pipelines.diffusion.abilities import abilities_of_site, asks_for_generation
from pipelines.director import Asset, Conversation, Plan, use_the_rest
from pipelines.director.abilities import ALL
from pipelines.director.beginning import VISUAL, first_draft
from pipelines.planner import answer

FLAGS = (
    "duration", "aspect", "size", "fps", "fit", "background", "title", "move", "amount", "speed", "focus", "ease",
    "with", "depth", "prompt", "strength", "extend", "ai_quality", "ai_model",
)  # fmt: skip
"""The options that change the draft."""

GENERATED_FLAGS = {
    "prompt": "prompt", "strength": "strength", "extend": "extend", "ai_quality": "quality", "ai_model": "model",
}  # fmt: skip
"""The options about generated motion, and the members of a motion that they set."""

FILLING_FLAGS = ("duration", "with", "depth", *GENERATED_FLAGS)
"""The options on which it depends what fills a shot that is longer than a generated clip."""

_FILE_SUFFIX_LENGTH = range(2, 6)  # ".gif" to ".jpeg": what makes a missing file's name look like one


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of the command line.

    Attributes:
        draft: ready to render.
        plan: the director's answer to the instruction.
        operations: all that led to the draft from the one of the files alone: the plan's, and those of the flags.
        media: the files, in order, with what their headers say.
    """

    draft: Draft
    plan: Plan
    operations: tuple[Operation, ...] = ()
    media: tuple[Medium, ...] = ()


def split_inputs(inputs: list[str]) -> tuple[list[Path], str]:
    """Tell files from words: what is a file is a medium, the rest is the instruction.

    A bare word that happens to name a folder ("zoom out" beside a folder ``out``) is a word.

    Raises:
        UnreadableMedia: an argument has the form of a file name, but no such file is there, or it may not be looked at.
        OptionError: there is no file.
    """
    files: list[Path] = []
    words: list[str] = []
    for text in filter(str.strip, inputs):
        path = Path(text)
        if there(path) and not (path.is_dir() and text.isalpha()):
            files.append(path)
        elif _looks_like_a_file(text):
            raise UnreadableMedia(path, "there is no such file. Check the name and the folder.")
        else:
            words.append(text)
    if not files:
        raise OptionError(
            'No photo was given: name at least one photo file, then the instruction in quotes: "zoom in".'
        )
    return files, " ".join(words)


def there(path: Path) -> bool:
    """Whether something is at a path; words too long for a name are nowhere.

    Raises:
        UnreadableMedia: a folder on the way may not be searched.
    """
    try:
        return path.exists()
    except PermissionError as error:
        raise UnreadableMedia(path, "its folder may not be read. Check the permissions.", detail=str(error)) from error
    except (OSError, ValueError):
        return False


def make_draft(options: argparse.Namespace, *, rendered_here: bool = False) -> Drafted:
    """Read the files' headers, follow the instruction, apply the flags.

    Args:
        options: of the command line.
        rendered_here: this machine will render it: motion that it cannot generate becomes depth, and the answer says
            so; what fills a long shot is left to the renderer's notes. A plan is of any machine.

    Raises:
        MediaError, OptionError, DraftError: something of it cannot be used.
    """
    paths, instruction = split_inputs(options.inputs)
    changes = _flag_operations(options)
    media = tuple(probe_medium(path) for path in paths)
    assets = [medium.asset for medium in media]
    if not any(asset.kind in VISUAL for asset in assets):
        raise OptionError(f"{paths[0].name} shows no picture: give a photo or a video too.")
    first = next(medium.path for medium in media if medium.asset.kind in VISUAL)
    draft = first_draft(assets, _text(first.stem))
    method = _asked_method(options)
    plan = use_the_rest(_answered(instruction, draft, assets, options, method, rendered_here), draft, assets)
    operations = [*plan.operations, *changes]
    draft = apply_all(draft, operations)
    if options.depth and method not in (None, "parallax"):
        raise OptionError(f"--depth is for a photo in depth, not for --with {method}: leave one of them out.")
    depth_maps = _depth_maps(options.depth or [], media)
    is_told = any(isinstance(operation, SetMotion) for operation in plan.operations)
    found_motions = _motion_operations(draft, options, depth_maps, method, is_told=is_told)
    for found in (_background_operations(draft, options), found_motions):
        draft = apply_all(draft, found)
        operations += found
    return Drafted(draft, _with_flags_said(plan, instruction, options), tuple(operations), media)


def _answered(
    instruction: str,
    draft: Draft,
    assets: Sequence[Asset],
    options: argparse.Namespace,
    method: str | None,
    rendered_here: bool,
) -> Plan:
    """The answer to the instruction: what it claims holds after the flags, and on this machine if it renders."""
    # The words know neither what flags will change nor which of several models will make a shot; the renderer does.
    is_open = rendered_here or any(getattr(options, flag) is not None for flag in FILLING_FLAGS)
    clip = None if is_open else ALL.clip
    anywhere = replace(ALL, clip=clip)
    plan, _ = answer(instruction, Conversation(History(draft)), assets, abilities=anywhere)
    if not rendered_here or method not in (None, "diffusion") or not asks_for_generation(plan.operations):
        return plan
    here = replace(abilities_of_site(), clip=clip)
    if method == "diffusion" and not here.generated:
        return plan  # whoever asks by a flag gets generated motion or the renderer's refusal, nothing else instead
    if here != anywhere:
        plan, _ = answer(instruction, Conversation(History(draft)), assets, abilities=here)
    return plan


def headline(draft: Draft) -> str:
    """What will be made: size, time, rate and the camera's moves, flags and defaults included."""
    cameras = dict.fromkeys(_camera(segment.motion) for segment in draft.photos)
    size = f"{draft.canvas.width}x{draft.canvas.height}"
    rate = frame_rate_name(draft.frame_rate)
    return f"{size}, {float(draft.duration):g} s, {rate} fps, camera: {', '.join(cameras)}"


def _camera(motion: Motion | None) -> str:
    if motion is None:
        return "hold"
    moves = " + ".join(motion.moves)
    if not generated(motion):
        return moves
    return AI_MOVE if motion.moves == ("hold",) else f"{AI_MOVE} + {moves}"


def _text(name: str) -> str:
    """A file name as text: bytes that are none become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _with_flags_said(plan: Plan, instruction: str, options: argparse.Namespace) -> Plan:
    """The plan with an answer that does not claim what the flags have changed."""
    used = [flag for flag in FLAGS if getattr(options, flag) is not None]
    said = [plan.said] if instruction or plan.operations else []
    if used:
        said.append(f"Flags win over words: {', '.join(_flag_said(flag, getattr(options, flag)) for flag in used)}.")
    return replace(plan, said=" ".join(said))


def _flag_said(flag: str, value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return " ".join(f"--{flag.replace('_', '-')} {each}" for each in values)


def _looks_like_a_file(text: str) -> bool:
    suffix = Path(text).suffix.lower()
    if suffix in PHOTO_SUFFIXES | CAPTION_SUFFIXES:
        return True
    return " " not in text and len(suffix) in _FILE_SUFFIX_LENGTH and suffix[1:].isalnum() and suffix[1:2].isalpha()


def _flag_operations(options: argparse.Namespace) -> list[Operation]:
    operations: list[Operation] = []
    canvas = parse_canvas(options.size, options.aspect)
    if canvas is not None:
        operations.append(SetCanvas(canvas))
    if options.fps is not None:
        operations.append(SetFrameRate(parse_frame_rate(options.fps)))
    if options.duration is not None:
        operations.append(SetDuration(parse_duration(options.duration)))
    if options.fit is not None:
        operations.append(SetFit(parse_fit(options.fit)))
    if options.title is not None:
        operations.append(SetTitle(options.title))
    return operations


def _background_operations(draft: Draft, options: argparse.Namespace) -> list[Operation]:
    """Give every photo the colour behind it and keep how it fills the frame."""
    if options.background is None:
        return []
    if options.fit is not None and ":" in options.fit:
        raise OptionError(f"--background and --fit {options.fit} both name a colour: give it once.")
    color = parse_color(options.background)
    return [SetFit(Fit(segment.fit.mode, color), (segment.id,)) for segment in draft.photos]


def _depth_maps(files: list[Path], media: Sequence[Medium]) -> dict[str, str]:
    """By the photo's source, the depth maps, which stand in the order of the photos.

    Raises:
        OptionError: there are more than photos.
        MediaError: one is missing, or no file that can be read.
    """
    photos = [medium.asset for medium in media if medium.asset.kind == "photo"]
    if len(files) > len(photos):
        count = "1 photo" if len(photos) == 1 else f"{len(photos)} photos"
        raise OptionError(f"There are {len(files)} depth maps for {count}: give --depth once for each photo, in order.")
    found: dict[str, str] = {}
    for photo, path in zip(photos, files, strict=False):
        with open_photo_source(path, PhotoLimits.none()):
            found.setdefault(photo.src or photo.name, str(path))
    return found


def _asked_method(options: argparse.Namespace) -> str | None:
    """What the flags say shall make the picture move.

    Raises:
        OptionError: one flag asks for generated motion, another for something else.
    """
    named: str | None = getattr(options, "with")
    asking = [f"--{flag.replace('_', '-')}" for flag in GENERATED_FLAGS if getattr(options, flag) is not None]
    if options.move is not None and parse_moves(options.move)[1]:
        asking.insert(0, f"--move {AI_MOVE}")
    if asking and named not in (None, "diffusion"):
        raise OptionError(f"{asking[0]} is for generated motion, not for --with {named}: leave one of them out.")
    return "diffusion" if asking else named


def _motion_operations(
    draft: Draft, options: argparse.Namespace, depth_maps: Mapping[str, str], asked: str | None, *, is_told: bool
) -> list[Operation]:
    """Each camera flag replaces that part of every segment's motion and leaves the rest as the instruction had it.

    ``is_told``: whether the instruction said how the camera moves. Otherwise it stands still over generated motion.
    """
    flags = ("move", "amount", "speed", "focus", "ease", "with", "depth", *GENERATED_FLAGS)
    if all(getattr(options, flag) is None for flag in flags):
        return []
    moves = None if options.move is None else parse_moves(options.move)[0]
    focus = None if options.focus is None else parse_focus(options.focus)
    told = {
        name: getattr(options, flag) for flag, name in GENERATED_FLAGS.items() if getattr(options, flag) is not None
    }
    operations: list[Operation] = []
    for segment in draft.photos:
        had = segment.motion or Motion(("hold",))
        depth = depth_maps.get(segment.src or "", had.depth)
        method = asked or ("parallax" if depth != had.depth else had.method)
        shown = moves or had.moves
        if moves is None and method == "parallax" and shown == ("hold",):
            shown = ("dolly_in",)
        if moves is None and method == "diffusion" and not is_told and not generated(had):
            shown = ("hold",)
        # An amount counts in the unit of its moves: one that the instruction gave means nothing to other moves.
        had_amount = had.amount if shown == had.moves else None
        motion = Motion(
            shown,
            had_amount if options.amount is None else options.amount,
            options.speed or (had.speed if shown != ("hold",) or shown == had.moves else None),
            focus or had.focus,
            options.ease or had.ease,
            method,
            depth=depth,
        )
        if method == "diffusion":
            kept = {name: getattr(had, name) for name in GENERATED_FLAGS.values()} if generated(had) else {}
            motion = replace(motion, **(kept | told))
        if motion != had:
            operations.append(SetMotion(motion, (segment.id,)))
    return operations
