"""``multiplane plan``: the draft and its timeline in words; renders nothing."""

import argparse
import json

from api.cli.arguments import add_draft_options


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    parser = commands.add_parser("plan", help="show what would be made, without making it")
    add_draft_options(parser, needs_inputs=False)
    parser.add_argument(
        "--batch",
        metavar="FILE",
        help='plan conversations, a JSON object a line: {"photos": [...], "turns": [...]}; - is standard input',
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the operations, the timeline and the answer, as text or as JSON; of a batch, one object a line."""
    if options.batch is not None:
        from api.cli.batch import run_batch

        return run_batch(options)
    from api.cli.drafting import headline, make_draft
    from engine.timeline import describe, write_draft, write_operation

    drafted = make_draft(options)
    operations = [write_operation(operation) for operation in drafted.operations]
    plan = drafted.plan
    if options.json:
        answer = {
            "draft": write_draft(drafted.draft),
            "timeline": describe(drafted.draft),
            "said": plan.said,
            "not_understood": list(plan.not_understood),
            "operations": operations,
        }
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    print(headline(drafted.draft))
    for operation in operations:
        print(f"  {json.dumps(operation, ensure_ascii=False)}")
    print(describe(drafted.draft))
    if plan.said:
        print(plan.said)
    for words in plan.not_understood:
        print(f"Not done: {words}")
    for note in dict.fromkeys(f"{medium.path.name}: {note}" for medium in drafted.media for note in medium.notes):
        print(f"Note: {note}")
    return 0
