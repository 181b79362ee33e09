"""``multiplane jobs``: what the service is at, and stopping some of it."""

import argparse
import json

from api.cli.below import run_below
from api.cli.operating import add_data_dir, add_operating, opened
from engine.core.errors import NoSuchObject

STATES = ("queued", "running", "succeeded", "failed", "cancelled")

DEFAULT_COUNT = 50

run = run_below


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the command and the commands below it."""
    parser = commands.add_parser("jobs", help="jobs of the service: list, cancel")
    add_data_dir(parser)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = add_operating(below, "list", _list, "the newest jobs")
    command.add_argument("--state", choices=STATES, help="only those in this state")
    command.add_argument("--count", type=int, default=DEFAULT_COUNT, metavar="N", help=f"default: {DEFAULT_COUNT}")

    command = add_operating(below, "cancel", _cancel, "stop a job that waits or runs")
    command.add_argument("job", metavar="ID", help="as jobs list shows it")
    return parser


def _list(options: argparse.Namespace) -> int:
    from sqlalchemy import select

    from api.store.clock import iso
    from api.store.rows import Job

    query = select(Job).order_by(Job.created_at.desc(), Job.id).limit(max(1, options.count))
    if options.state:
        query = query.where(Job.state == options.state)
    with opened(options) as service, service.database.read() as session:
        rows = [
            {
                "id": job.id, "kind": job.kind, "state": job.state, "progress": round(job.progress, 3),
                "attempts": job.attempts, "user_id": job.user_id, "created_at": iso(job.created_at), "error": job.error,
            }
            for job in session.scalars(query)
        ]  # fmt: skip
    for row in rows:
        if options.json:
            print(json.dumps({"event": "job", **row}, ensure_ascii=False))
        else:
            words = (row["id"], row["kind"], row["state"], row["progress"], row["created_at"], row["error"] or "")
            print("{}  {:8} {:9} {:>4.0%}  {}  {}".format(*words).rstrip())
    if not rows and not options.json:
        print("There are no jobs.")
    return 0


def _cancel(options: argparse.Namespace) -> int:
    from api.store.jobs import request_cancel
    from api.store.owners import lock_owner
    from api.store.rows import Job
    from api.work.endings import ended

    with opened(options) as service, service.database.write() as session:
        job = session.get(Job, options.job)
        if job is None:
            raise NoSuchObject(f"There is no job {options.job!r}: see multiplane jobs list.")
        lock_owner(session, job.user_id)
        before = job.state
        state = request_cancel(session, job.id)
        if before == "queued":
            session.flush()
            ended(session, job)  # nobody else will: no worker has it
    said = {"queued": "is cancelled", "running": "is being stopped"}.get(before, f"had ended before: {state}")
    print(
        json.dumps({"event": "cancel", "job": options.job, "before": before})
        if options.json
        else f"{options.job} {said}"
    )
    return 0
