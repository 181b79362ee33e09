"""``multiplane render``: a draft becomes an MP4."""

import argparse
from pathlib import Path

from api.cli.render_options import add_render_options, check_target, render_options


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser(
        "render",
        help="render a draft, a timeline in JSON, into an MP4",
        description="Example: multiplane render draft.json -o out.mp4. Files that the draft names are found beside it.",
    )
    parser.add_argument("draft", metavar="DRAFT.json", help="the draft; - reads it from standard input")
    add_render_options(parser, "the draft's name with .mp4")
    return parser


def run(options: argparse.Namespace) -> int:
    """Render, with progress, and say what was made."""
    from api.cli.draft_file import check_keeps_sources, read_draft_file
    from api.cli.drafting import Drafted
    from api.cli.reporting import make_reporter
    from pipelines.director import Plan
    from pipelines.render import render_draft

    file = read_draft_file(options.draft)
    target = options.output or Path(f"{file.stem}.mp4")
    check_target(target, (".mp4",), overwrite=options.overwrite)
    check_keeps_sources(target, file)
    order = render_options(options, file.base)
    with make_reporter(Drafted(file.draft, Plan((), "")), as_json=options.json) as reporter:
        report = render_draft(file.draft, target, order, reporter.progress)
    reporter.finished(report)
    return 0
