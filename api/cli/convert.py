"""``multiplane convert``: a draft for other editing tools, and their timelines for us (OpenTimelineIO)."""

import argparse
import json
from pathlib import Path

from api.cli.render_options import check_target

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
        with PendingFile(options.target, overwrite=options.overwrite) as file:
            file.path.write_text(draft_text(read.draft), encoding="utf-8")
    else:
        check_target(options.target, (OTIO_SUFFIX,), overwrite=options.overwrite)
        draft = read_draft_file(str(options.source))
        write_otio(draft.draft, options.target, draft.base.absolute())
    if options.json:
        print(json.dumps({"event": "done", "output": str(options.target), "notes": notes}, ensure_ascii=False))
        return 0
    for note in notes:
        print(f"Note: {note}")
    print(options.target)
    return 0
