"""What is tidied up now and then: ``python -m api.work.housekeeping --data-dir DIR``. Ends when it is done."""

import argparse
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path

from api.ops.logs import set_up_logging
from api.ops.parent import die_with_parent
from api.service import open_service
from api.store.purge import purge
from api.store.sweep import adopt_strays, sweep
from api.work.worker import NICE

LOG = logging.getLogger("multiplane.housekeeping")


def main(arguments: list[str] | None = None) -> int:
    """Tidy up once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    os.nice(NICE.int_value())
    set_up_logging("housekeeping")
    service = open_service(options.data_dir)
    try:
        swept = sweep(service.database, service.blobs)
        strays = adopt_strays(service.database, service.blobs)
        purged = purge(service.database)
    finally:
        service.close()
    LOG.info("tidied up", extra={**asdict(swept), "strays": strays, **asdict(purged)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
