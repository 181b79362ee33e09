"""``multiplane convert``: a draft for other editing tools, and their timelines for us (OpenTimelineIO)."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.render_options import check_target

if TYPE_CHECKING:
    from engine.timeline import Draft, Segment

OTIO_SUFFIX, DRAFT_SUFFIX = ".otio", ".json"


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser(
        "convert",
        help="turn a draft into an OpenTimelineIO file, or one into a draft",
        description="Example: multiplane convert draft.json draft.otio. What comes back is the same draft, "
        "but for what another tool has edited.",
    )
    parser.add_argument("source", type=Path, metavar="IN", help="a draft (.json) or a timeline (.otio)")
    parser.add_argument("target", type=Path, metavar="OUT", help="the other of the two")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    return parser


def run(options: argparse.Namespace) -> int:
    """Convert and say what was dropped."""
    from api.cli.draft_file import read_draft_file
    from engine.media.pending_file import PendingFile
    from engine.timeline import draft_text
    from engine.timeline.otio import read_otio, write_otio

    notes: tuple[str, ...] = ()
    if options.source.suffix.lower() == OTIO_SUFFIX:
        check_target(options.target, (DRAFT_SUFFIX,), overwrite=options.overwrite)
        read = read_otio(options.source)
        notes = read.notes
        folders = [folder for folder in (read.base, options.source.parent.resolve()) if folder is not None]
        moved = _with_found_files(read.draft, options.target.parent, folders)
        with PendingFile(options.target, overwrite=options.overwrite) as file:
            file.path.write_text(draft_text(moved), encoding="utf-8")
    else:
        check_target(options.target, (OTIO_SUFFIX,), overwrite=options.overwrite)
        draft = read_draft_file(str(options.source))
        write_otio(draft.draft, options.target, draft.base.resolve())
    if options.json:
        print(json.dumps({"event": "done", "output": str(options.target), "notes": notes}, ensure_ascii=False))
        return 0
    for note in notes:
        print(f"Note: {note}")
    print(options.target)
    return 0


def _with_found_files(draft: "Draft", home: Path, folders: Sequence[Path]) -> "Draft":
    """The draft, with full paths for relative names of files that are not below its new home but in other folders."""
    from api.cli.drafting import there

    def found(name: str | None) -> str | None:
        if name and not there(home / name):
            return next((str(folder / name) for folder in folders if there(folder / name)), name)
        return name

    def moved(segment: "Segment") -> "Segment":
        style = None if segment.style is None else replace(segment.style, font=found(segment.style.font))
        motion = None if segment.motion is None else replace(segment.motion, depth=found(segment.motion.depth))
        effects = tuple(replace(effect, src=found(effect.src)) for effect in segment.effects)
        return replace(segment, src=found(segment.src), motion=motion, style=style, effects=effects)

    tracks = (replace(track, segments=tuple(map(moved, track.segments))) for track in draft.tracks)
    return replace(draft, tracks=tuple(tracks))
