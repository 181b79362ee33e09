"""The options of every command that makes a video, and what is checked before any work."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import OptionError, OutputError

if TYPE_CHECKING:
    from pipelines.render import RenderOptions

MAX_PROCESSES = 256

_FORMATS = {".mp4": "an MP4", ".json": "a draft", ".otio": "an OpenTimelineIO file"}


def add_render_options(parser: argparse.ArgumentParser, default_name: str) -> None:
    """Add the flags that say where the video goes and how it is made.

    Args:
        parser: of the command.
        default_name: the file's name without ``-o``, in words.
    """
    from engine.media.presets import DEFAULT_PRESET, PRESETS

    out = parser.add_argument_group("the file")
    out.add_argument("-o", "--output", type=Path, metavar="OUT.mp4", help=f"{default_name} by default")
    out.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    out.add_argument(
        "--quality", choices=list(PRESETS), default=DEFAULT_PRESET.name, help=f"default: {DEFAULT_PRESET.name}"
    )
    out.add_argument("--encoder", choices=("auto", "x264", "nvenc"), default="x264", help="default: x264")
    out.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where frames are sampled")
    out.add_argument("--seed", type=int, default=0, help="of everything random; the same seed makes the same frames")
    out.add_argument(
        "--processes", type=int, default=0, metavar="N", help="worker processes; 0 works in this one, with threads"
    )
    out.add_argument("--no-cache", action="store_true", help="neither take finished parts from the cache nor keep them")


def render_options(options: argparse.Namespace, base: Path) -> "RenderOptions":
    """What the flags ask for.

    Args:
        options: parsed.
        base: folder that relative sources of the draft count from.

    Raises:
        OptionError: a number is out of range.
    """
    from engine.media import preset_named
    from pipelines.render import RenderOptions

    if not 0 <= options.processes <= MAX_PROCESSES:
        raise OptionError(f"--processes {options.processes} is not possible: give 0 to {MAX_PROCESSES}.")
    return RenderOptions(
        preset=preset_named(options.quality),
        encoder=options.encoder,
        device=options.device,
        seed=options.seed,
        overwrite=options.overwrite,
        base=base,
        processes=options.processes,
        cached=not options.no_cache,
    )


def check_target(target: Path, suffixes: tuple[str, ...], *, overwrite: bool) -> None:
    """Refuse a target before any work.

    Raises:
        OutputError: its name does not say what it will be, or something is there that may not be replaced.
    """
    from api.cli.drafting import there

    if target.suffix.lower() not in suffixes:
        what = _FORMATS.get(suffixes[0], "a picture")
        raise OutputError(
            f"{target.name or target}: the output is {what}, so its name must end in {' or '.join(suffixes)}."
        )
    if there(target) and not overwrite:
        raise OutputError(f"{target.name} exists already: give another name with -o, or --overwrite to replace it.")
