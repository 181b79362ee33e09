"""``multiplane preview``: one frame, a filmstrip, or a small fast video of a draft."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.render_options import check_target

if TYPE_CHECKING:
    from engine.timeline import Draft
    from pipelines.render import RenderOptions

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser(
        "preview",
        help="look at a draft: one frame, a filmstrip, or a small fast video",
        description="Example: multiplane preview draft.json --at 3.5s -o frame.png",
    )
    parser.add_argument("draft", metavar="DRAFT.json", help="the draft; - reads it from standard input")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--at", metavar="TIME", help="the frame at this time: 3.5, 3.5s, 1m2s; the default is the start")
    what.add_argument("--filmstrip", type=int, metavar="N", help="N frames in one picture, evenly over the whole")
    what.add_argument("--video", action="store_true", help="the whole, 360 pixels on the short side")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="a .png or .jpg, with --video an .mp4; the draft's name by default",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    return parser


def run(options: argparse.Namespace) -> int:
    """Make the preview and say where it is."""
    from api.cli.draft_file import check_keeps_sources, read_draft_file
    from engine.media import preset_named
    from pipelines.render import RenderOptions

    file = read_draft_file(options.draft)
    suffix = ".mp4" if options.video else ".png"
    target = options.output or Path(f"{file.stem}-preview{suffix}")
    check_target(target, (".mp4",) if options.video else PICTURE_SUFFIXES, overwrite=options.overwrite)
    check_keeps_sources(target, file)
    order = RenderOptions(
        preset=preset_named("draft"), seed=options.seed, overwrite=options.overwrite, base=file.base, cached=True
    )
    if options.video:
        _make_video(file.draft, target, order, as_json=options.json)
    else:
        _make_picture(file.draft, target, order, options)
    return 0


def _make_video(draft: "Draft", target: Path, order: "RenderOptions", *, as_json: bool) -> None:
    from dataclasses import replace

    from api.cli.drafting import Drafted
    from api.cli.reporting import make_reporter
    from pipelines.director import Plan
    from pipelines.render import render_draft
    from pipelines.render.preview import small_draft

    small = small_draft(draft)
    with make_reporter(Drafted(small, Plan((), "")), as_json=as_json) as reporter:
        report = render_draft(small, target, replace(order, small_of=draft.canvas), reporter.progress)
    reporter.finished(report)


def _make_picture(draft: "Draft", target: Path, order: "RenderOptions", options: argparse.Namespace) -> None:
    import json

    from api.cli.arguments import parse_time
    from pipelines.render.preview import filmstrip, frame_at, save_picture

    if options.filmstrip is not None:
        picture = filmstrip(draft, order, options.filmstrip)
    else:
        picture = frame_at(draft, order, parse_time("--at", options.at or "0"))
    save_picture(picture.pixels, target, overwrite=options.overwrite)
    if options.json:
        print(json.dumps({"event": "done", "output": str(target), "notes": list(picture.notes)}, ensure_ascii=False))
        return
    for note in picture.notes:
        print(f"Note: {note}", file=sys.stderr)
    print(target)
