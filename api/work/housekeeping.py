"""What is looked at and tidied up now and then: ``python -m api.work.housekeeping --data-dir DIR``. Then it ends."""

import argparse
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path

from api.ops.logs import set_up_logging
from api.ops.parent import die_with_parent
from api.service import open_service
from api.store.assets import MB
from api.store.clock import SECOND, now_ms
from api.store.purge import purge
from api.store.sweep import adopt_strays, sweep
from api.work.abilities import tell_abilities
from api.work.worker import NICE
from engine.core.settings import Setting

LOG = logging.getLogger("multiplane.housekeeping")

COPIES = Setting(
    "MULTIPLANE_COPIES_MB",
    20_000,
    "MB",
    0,
    100_000_000,
    "disk space for copies of files that are stored elsewhere (s3)",
)

COPIES_GRACE_MS = 60 * 60 * SECOND
"""A copy that was used so lately stays: somebody may be at it."""


def main(arguments: list[str] | None = None) -> int:
    """Tidy up once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    os.nice(NICE.int_value())
    set_up_logging("housekeeping")
    tell_abilities(options.data_dir)
    service = open_service(options.data_dir)
    try:
        swept = sweep(service.database, service.blobs)
        strays = adopt_strays(service.database, service.blobs)
        purged = purge(service.database)
        copies = service.blobs.trim_copies(int(COPIES.value() * MB), now_ms() - COPIES_GRACE_MS)
    finally:
        service.close()
    LOG.info("tidied up", extra={**asdict(swept), "strays": strays, "copies": copies, **asdict(purged)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
