"""``multiplane packs``: list, pull, import, verify and remove what is not ours to ship: music, fonts, model weights."""

import argparse
from pathlib import Path

from api.cli.below import add_below, run_below
from api.cli.packs_report import PackReporter, make_pack_reporter, print_error, print_list, print_problems
from engine.core.errors import Cancelled, MultiplaneError, OptionError
from engine.packs import (
    Pack,
    find_pack,
    import_pack,
    installed_packs,
    licence_problem,
    registry,
    remove,
    to_verify,
    verify,
)

run = run_below


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command and the commands below it."""
    parser = commands.add_parser("packs", help="music, fonts and model weights: list, pull, import, verify, remove")
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = add_below(below, "list", _list, "say what is known and what is installed")
    command.add_argument("packs", nargs="*", metavar="ID", help="only these")
    command.add_argument("--files", action="store_true", help="name the files of installed packs too")

    command = add_below(
        below, "pull", _pull, "fetch packs and install them; the only command that reaches for a network"
    )
    command.add_argument("packs", nargs="*", metavar="ID", help="which, with those that they need")
    command.add_argument("--all-default", action="store_true", help="those that a usual set-up has")
    command.add_argument("--again", action="store_true", help="fetch what is installed too: mends a damaged pack")
    command.add_argument(
        "--if-possible", action="store_true", help="what cannot be reached is said in one line, and is no failure"
    )

    command = add_below(
        below, "import", _import, "install a pack from a folder or a downloaded archive on this machine"
    )
    command.add_argument("pack", metavar="ID")
    command.add_argument("path", metavar="FILE_OR_FOLDER", type=Path)
    command.add_argument("--link", action="store_true", help="leave the files where they are, and link to them")

    command = add_below(below, "verify", _verify, "compare the files of installed packs with what was installed")
    command.add_argument("packs", nargs="*", metavar="ID", help="which; all by default")

    command = add_below(below, "remove", _remove, "take installed packs away")
    command.add_argument("packs", nargs="+", metavar="ID")
    return parser


def _list(options: argparse.Namespace) -> int:
    packs = registry()
    wanted = options.packs or [*packs, *(name for name in installed_packs() if name not in packs)]
    for pack_id in options.packs:
        if pack_id not in installed_packs():
            find_pack(pack_id)
    print_list(wanted, files=options.files, as_json=options.json)
    return 0


def _pull(options: argparse.Namespace) -> int:
    from engine.packs.fetch import Unreachable, pull

    if not options.packs and not options.all_default:
        raise OptionError("No pack was named: give ids (multiplane packs list shows them) or --all-default.")
    reporter = make_pack_reporter(as_json=options.json)
    failures: list[MultiplaneError] = []
    unreached: list[Unreachable] = []
    for pack in _wanted(options, reporter):
        # A machine without network would wait for every pack anew: one failure speaks for all of its source.
        place = getattr(pack.source, "tool", "hub")
        if known := next((error for error in unreached if error.offline and error.place == place), None):
            unreached.append(Unreachable(pack.id, place, known.problem, offline=True))
            continue
        try:
            with reporter.pack(pack):
                if not pull(pack, again=options.again, on_progress=reporter.progress):
                    reporter.note(pack.id, "already_installed", "is installed already")
        except KeyboardInterrupt:
            raise Cancelled("Stopped: complete packs are installed, and no half pack is left.") from None
        except Unreachable as error:
            unreached.append(error)
        except MultiplaneError as error:
            failures.append(error)
    if unreached and options.if_possible:
        ids = " ".join(error.pack_id for error in unreached)
        reporter.unreached(ids, unreached[0].problem, "--all-default" if options.all_default else ids)
        unreached = []
    return _fail([*failures, *unreached], options)


def _wanted(options: argparse.Namespace, reporter: PackReporter) -> list[Pack]:
    """The named packs and the default ones, each after those that it needs."""
    packs = registry()
    named = [find_pack(pack_id) for pack_id in options.packs]
    if options.all_default:
        for pack in packs.values():
            problem = licence_problem(pack.licence)
            if pack.default and problem and pack not in named:
                reporter.note(pack.id, "refused", f"is left out: {problem}")
            elif pack.default:
                named.append(pack)
    ordered: dict[str, Pack] = {}

    def add(pack: Pack, above: tuple[str, ...]) -> None:
        if pack.id in above:
            raise OptionError(f"Pack {pack.id} needs itself, by way of {above[-1]}: mend the registry.")
        for needed in pack.needs:
            add(packs[needed], (*above, pack.id))
        ordered[pack.id] = pack

    for pack in named:
        add(pack, ())
    return list(ordered.values())


def _import(options: argparse.Namespace) -> int:
    pack = find_pack(options.pack)
    reporter = make_pack_reporter(as_json=options.json)
    try:
        with reporter.pack(pack):
            import_pack(pack, options.path, link=options.link, on_progress=reporter.progress)
    except KeyboardInterrupt:
        raise Cancelled("Stopped: no half pack is left.") from None
    return 0


def _verify(options: argparse.Namespace) -> int:
    wanted = options.packs or to_verify()
    found = {pack_id: verify(pack_id) for pack_id in wanted}
    print_problems(found, as_json=options.json)
    return 1 if any(found.values()) else 0


def _remove(options: argparse.Namespace) -> int:
    reporter = make_pack_reporter(as_json=options.json)
    for pack_id in options.packs:
        remove(pack_id)
        reporter.note(pack_id, "removed", "is removed")
    return 0


def _fail(errors: list[MultiplaneError], options: argparse.Namespace) -> int:
    """Say all errors but the last, which the entry point says."""
    if not errors:
        return 0
    for error in errors[:-1]:
        print_error(error, as_json=options.json)
    raise errors[-1]
