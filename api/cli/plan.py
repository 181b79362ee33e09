"""``multiplane plan``: the draft and its timeline in words; renders nothing."""

import argparse
import json

from api.cli.arguments import add_draft_options


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser("plan", help="show what would be made, without making it")
    add_draft_options(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the timeline, or all of it as JSON."""
    from api.cli.drafting import headline, make_draft
    from engine.timeline import describe, write_draft

    drafted = make_draft(options)
    if options.json:
        answer = {
            "draft": write_draft(drafted.draft),
            "timeline": describe(drafted.draft),
            "said": drafted.plan.said,
            "not_understood": list(drafted.plan.not_understood),
        }
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    print(headline(drafted.draft))
    print(describe(drafted.draft))
    if drafted.plan.said:
        print(drafted.plan.said)
    for note in dict.fromkeys(f"{photo.path.name}: {note}" for photo in drafted.photos for note in photo.notes):
        print(f"Note: {note}")
    return 0
