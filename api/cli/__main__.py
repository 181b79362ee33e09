"""``python -m api.cli`` is ``multiplane``."""

import sys

from api.cli import main

sys.exit(main())
