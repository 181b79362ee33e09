"""A program of its own that looks at one uploaded file: ``python -m api.intake.inspect_file``.

It reads one line of JSON, gives up its rights, and only then loads the engine's readers, opens the file and decodes
enough to be sure of it. It answers with one line, ``{"ok": true, ...}`` or ``{"ok": false, "code": ..., "message":
...}``; ``confined`` says whether connections were made impossible.

The request's members: ``path``, ``name`` (how messages call the file), ``memory_bytes``, ``cpu_seconds``, ``parent``
(the process that must not be outlived).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from api.intake.confine import confine
from engine.core.errors import MultiplaneError

LONGEST_REQUEST = 16_384
"""Characters of the line that asks."""

MEMORY_BYTES = 4_096_000_000
CPU_SECONDS = 60
"""Limits of a request that names none."""

TOO_DEAR = "too_dear"
"""The code of a file that needs more memory than there is."""

DAMAGED = "damaged"
"""The code of a file on which a reader fails in a way that it does not foresee."""


def main() -> None:
    """Answer one request, and end at once: libraries that saw a hostile file are not asked to tidy up."""
    request = json.loads(sys.stdin.readline(LONGEST_REQUEST))
    path, name = Path(request["path"]), str(request["name"])
    confined = confine(
        memory_bytes=int(request.get("memory_bytes", MEMORY_BYTES)),
        cpu_seconds=int(request.get("cpu_seconds", CPU_SECONDS)),
        parent=int(request.get("parent", 0)),
        file=path,
    )
    answer = {**_answer(path, name), "confined": confined.without_network}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _answer(path: Path, name: str) -> dict[str, Any]:
    try:
        # Loaded under the limits already: what they load could be made to misbehave only by a file.
        from api.intake.look import look

        return {"ok": True, **look(path)}
    except MultiplaneError as error:
        # The file lies under a name of ours; people know it by theirs.
        problem = error.message.removeprefix(f"{path.name}: ")
        return {"ok": False, "code": error.code, "message": f"{name}: {problem}", "detail": error.detail}
    except MemoryError:
        return {"ok": False, "code": TOO_DEAR, "message": ""}
    except Exception as error:
        # Decoders raise nearly anything on hostile bytes.
        return {"ok": False, "code": DAMAGED, "message": "", "detail": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
