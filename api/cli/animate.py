"""``multiplane animate``: the main job."""

import argparse
from pathlib import Path

from api.cli.arguments import add_draft_options


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command."""
    from engine.media.presets import DEFAULT_PRESET, PRESETS

    parser = commands.add_parser(
        "animate",
        help="turn photos and an instruction into an MP4",
        description='Example: multiplane animate photo.jpg "slow zoom in, 10 seconds" -o clip.mp4',
    )
    add_draft_options(parser)
    out = parser.add_argument_group("the file")
    out.add_argument("-o", "--output", type=Path, metavar="OUT.mp4", help="the photo's name with .mp4 by default")
    out.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    out.add_argument(
        "--quality", choices=list(PRESETS), default=DEFAULT_PRESET.name, help=f"default: {DEFAULT_PRESET.name}"
    )
    out.add_argument("--encoder", choices=("auto", "x264", "nvenc"), default="x264", help="default: x264")
    out.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where frames are sampled")
    out.add_argument("--seed", type=int, default=0, help="of everything random; the same seed makes the same frames")
    return parser


def run(options: argparse.Namespace) -> int:
    """Render, with progress, and say what was made."""
    from api.cli.drafting import make_draft, split_inputs, there
    from api.cli.reporting import make_reporter
    from engine.core.errors import OutputError
    from engine.media import preset_named
    from pipelines.render import RenderOptions, render_draft

    photos, _ = split_inputs(options.inputs)
    target = options.output or Path(photos[0].stem + ".mp4")
    if target.suffix.lower() != ".mp4":
        raise OutputError(f"{target.name}: the output is an MP4, so its name must end in .mp4.")
    if there(target) and any(target.samefile(photo) for photo in photos):
        raise OutputError(f"{target.name} is one of the photos: give the video another name with -o.")
    if there(target) and not options.overwrite:
        raise OutputError(f"{target.name} exists already: give another name with -o, or --overwrite to replace it.")
    drafted = make_draft(options)
    render_options = RenderOptions(
        preset=preset_named(options.quality),
        encoder=options.encoder,
        device=options.device,
        seed=options.seed,
        overwrite=options.overwrite,
    )
    with make_reporter(drafted, as_json=options.json) as reporter:
        report = render_draft(drafted.draft, target, render_options, reporter.progress)
    reporter.finished(report)
    return 0
