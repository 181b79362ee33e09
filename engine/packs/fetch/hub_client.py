"""The program that :mod:`engine.packs.fetch.hub` starts: one call of ``huggingface_hub``.

It runs as a file of its own, so that it can be stopped at once, and knows nothing of Multiplane. Its argument is the
JSON object of the keywords of ``snapshot_download``.
"""

import importlib
import json
import sys

if __name__ == "__main__":
    importlib.import_module("huggingface_hub").snapshot_download(**json.loads(sys.argv[1]))
