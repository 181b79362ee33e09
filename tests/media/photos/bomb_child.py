"""Run as a process of its own: probe and load every file of a folder with hardly any memory to allocate."""

import json
import resource
import sys
from pathlib import Path

from engine.core.errors import MediaError
from engine.media import load_photo, probe_photo

SPARE_BYTES = 64 * 1024 * 1024
"""Address space left for parsing: a 60000 x 60000 canvas needs 10 GB, the smallest bomb's 0.8 GB."""


def address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def main(folder: Path) -> None:
    verdicts = {}
    limit = address_space() + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for path in sorted(folder.iterdir()):
        for read in (probe_photo, load_photo):
            try:
                read(path)
                verdict = "accepted"
            except MediaError as error:
                verdict = f"{type(error).__name__}: {error.message}"
            verdicts[f"{read.__name__} {path.name}"] = verdict
    sys.stdout.write(json.dumps(verdicts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
