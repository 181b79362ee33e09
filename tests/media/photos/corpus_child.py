"""Run as a process of its own: load every file of a folder; a crash, a hang or a strange error is seen from outside."""

import json
import resource
import sys
import warnings
from pathlib import Path

from engine.core.errors import MediaError
from engine.media import load_photo, probe_photo

MEMORY_BYTES = 3 << 30


def verdict(path: Path) -> str:
    try:
        info = probe_photo(path)
        photo = load_photo(path)
    except MediaError as error:
        if not error.message.startswith(f"{path.name}: ") or error.message.count("\n"):
            return f"bad sentence: {error.message}"
        return type(error).__name__
    same = photo.pixels.shape == (info.height, info.width, 3)
    return "Photo" if same else f"probed {info.width}x{info.height}, loaded {photo.pixels.shape}"


def main(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("error")
    progress = sys.stderr
    verdicts = {}
    for path in sorted(folder.iterdir()):
        print(path.name, file=progress, flush=True)  # the last line names the file of a crash
        verdicts[path.name] = verdict(path)
    sys.stdout.write(json.dumps(verdicts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
