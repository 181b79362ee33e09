"""What this machine can generate: found out in a process of its own, told to the web process by a small file.

Whether there is a GPU that models run on is known by torch alone, which takes seconds to load, much memory, and some of
the GPU's: nothing for the web process or the supervisor. So housekeeping runs ``python -m api.work.abilities`` when the
service begins, and once an hour; only where a model is installed, because otherwise the answer is known.
"""

import argparse
import json
import logging
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from api.ops.logs import set_up_logging
from api.ops.parent import die_with_parent
from api.work.executor import start_program
from api.work.slots import GPU, slots_of_site
from engine.core.errors import OptionError
from engine.packs import installed
from models.image_to_video.families import FAMILIES, Family
from pipelines.diffusion.abilities import abilities_of_site
from pipelines.director.abilities import Abilities

LOG = logging.getLogger("multiplane.worker")

FILE = "abilities.json"
"""In the data folder."""


def abilities_of(folder: Path) -> Abilities:
    """What the workers of a data folder can generate, as far as it is known; torch is not loaded.

    Until somebody has looked, an installed model is believed to run: a wish stays in the draft, and the rendering says
    what is missing.
    """
    families = installed_families()
    if not families:
        return Abilities(generated=False, follows_text=False, missing="weights")
    follows_text = any(family.follows_text for family in families)
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_bytes())
        clip = None if found["clip"] is None else Fraction(found["clip"])
        return Abilities(bool(found["generated"]), follows_text, str(found["missing"]), clip)
    except (OSError, ValueError, TypeError, KeyError, ZeroDivisionError):
        return Abilities(generated=True, follows_text=follows_text)


def installed_families() -> list[Family]:
    """The kinds of models of which a pack is installed."""
    return [family for family in FAMILIES if any(installed(pack) is not None for pack in family.packs)]


def look() -> Abilities:
    """What this process could generate. Loads torch where a model is installed."""
    try:
        return abilities_of_site()
    except OptionError as error:  # a setting: whoever renders is told in full
        return Abilities(generated=False, follows_text=False, missing=error.message.rstrip("."))


def write(folder: Path, abilities: Abilities) -> None:
    """Tell the web process.

    Raises:
        OSError: the disk is full.
    """
    clip = None if abilities.clip is None else str(abilities.clip)
    told = {"generated": abilities.generated, "missing": abilities.missing, "clip": clip}
    part = folder / f"{FILE}.part"
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(folder / FILE)


def tell_abilities(folder: Path) -> None:
    """Have a process look, and wait for it: it sees what the first of the workers that generate sees."""
    if not installed_families():
        return
    gpus = [slot.gpu for slot in slots_of_site() if GPU in slot.lanes and slot.gpu is not None]
    command = [sys.executable, "-m", "api.work.abilities", "--data-dir", str(folder), "--parent", str(os.getpid())]
    code = start_program(command, more={"CUDA_VISIBLE_DEVICES": str(gpus[0]) if gpus else ""}).wait()
    if code:
        LOG.warning("what can be generated is not known", extra={"exit_code": code})


def main(arguments: list[str] | None = None) -> int:
    """Look once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    set_up_logging("abilities")
    found = look()
    write(options.data_dir, found)
    LOG.info("looked what can be generated", extra={"possible": found.generated, "missing": found.missing})
    return 0


if __name__ == "__main__":
    sys.exit(main())
