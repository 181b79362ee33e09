"""``multiplane animate``: the main job."""

import argparse
from pathlib import Path

from api.cli.arguments import add_draft_options
from api.cli.render_options import add_render_options, check_target, render_options


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser(
        "animate",
        help="turn photos and an instruction into an MP4",
        description='Example: multiplane animate photo.jpg "slow zoom in, 10 seconds" -o clip.mp4',
    )
    add_draft_options(parser)
    add_render_options(parser, "the photo's name with .mp4")
    return parser


def run(options: argparse.Namespace) -> int:
    """Render, with progress, and say what was made."""
    from api.cli.drafting import make_draft, split_inputs, there
    from api.cli.reporting import make_reporter
    from engine.core.errors import OutputError
    from pipelines.render import render_draft

    photos, _ = split_inputs(options.inputs)
    target = options.output or Path(photos[0].stem + ".mp4")
    if there(target) and any(target.samefile(photo) for photo in photos):
        raise OutputError(f"{target.name} is one of the photos: give the video another name with -o.")
    check_target(target, (".mp4",), overwrite=options.overwrite)
    drafted = make_draft(options, rendered_here=True)
    order = render_options(options, Path())
    with make_reporter(drafted, as_json=options.json) as reporter:
        report = render_draft(drafted.draft, target, order, reporter.progress)
    reporter.finished(report)
    return 0
