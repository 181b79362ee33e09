"""What is kept of a generation: its pictures, a denoising that was interrupted, the finished clip.

All lie in the site's cache under the hash of their order. Our source files do not count there, as they do for frames
(:mod:`pipelines.render.stages`): a clip costs minutes of a GPU, and :data:`pipelines.diffusion.order.VERSION` says when
it would come out otherwise.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.image_to_video.interface import Checkpoint

PICTURES = "generated"
CLIP = "generated-clip"
FACTS = "generated-facts"
ABOUT = "generated-about"
DENOISING = "denoising"

Pictures = NDArray[np.uint8]


class Store(Protocol):
    """Files by kind and key: the cache of the renderer is one."""

    def find(self, kind: str, key: str) -> Path | None:
        """The file; None where there is none."""
        ...

    def replace(self, kind: str, key: str, write: "Writer") -> Path | None:
        """Keep a file, and forget what was kept under its key before; None where it could not be kept."""
        ...

    def discard(self, kind: str, key: str) -> None:
        """Forget a file."""
        ...


class Writer(Protocol):
    """Writes to a file that it is given."""

    def __call__(self, path: Path) -> object:
        """Write."""
        ...


@dataclass(frozen=True, slots=True)
class Paused:
    """A denoising that was interrupted.

    Attributes:
        checkpoint: where it stood.
        facts: what else its continuation depends on, such as the rung of the ladder.
    """

    checkpoint: Checkpoint | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """Pictures of a clip, and what is to be said of them whenever they are shown.

    Attributes:
        pictures: (N, H, W, 3) uint8; they stay on the disk until they are looked at.
        preset: that they were made with: a lower one than asked for, where memory ended.
        notes: sentences for the user.
    """

    pictures: Pictures
    preset: str
    notes: tuple[str, ...]


def find_pictures(store: Store | None, key: str) -> KeptPictures | None:
    """Pictures that were kept; None where there are none, or nobody knows how they were made."""
    path, about = (None, None) if store is None else (store.find(PICTURES, key), store.find(ABOUT, key))
    if store is None or path is None or about is None:
        return None
    try:
        pictures: Pictures = np.load(path, mmap_mode="r", allow_pickle=False)
        facts = json.loads(about.read_text(encoding="utf-8"))
        return KeptPictures(pictures, str(facts["preset"]), tuple(facts["notes"]))
    except (OSError, ValueError, EOFError, KeyError):
        store.discard(PICTURES, key)
        return None


def keep_pictures(store: Store | None, key: str, made: KeptPictures) -> None:
    """Keep them, where there is a store with room."""
    if store is None:
        return
    facts = json.dumps({"preset": made.preset, "notes": made.notes})
    store.replace(ABOUT, key, lambda path: path.write_text(facts, encoding="utf-8"))  # first: no pictures without it

    def write(path: Path) -> None:
        with path.open("wb") as stream:
            np.save(stream, made.pictures, allow_pickle=False)

    store.replace(PICTURES, key, write)


def find_paused(store: Store | None, key: str) -> Paused | None:
    """A denoising that was interrupted; None where there is none that can be read."""
    path = None if store is None else store.find(DENOISING, key)
    if store is None or path is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            arrays = {name.removeprefix("a."): archive[name] for name in archive.files if name.startswith("a.")}
    except (OSError, ValueError, EOFError, KeyError):
        store.discard(DENOISING, key)
        return None
    step, total = facts.pop("step"), facts.pop("total")
    return Paused(Checkpoint(step, total, arrays) if arrays else None, facts)


def keep_paused(store: Store | None, key: str, paused: Paused) -> None:
    """Keep how far a denoising is, in place of what was kept before."""
    if store is None:
        return
    state = paused.checkpoint
    facts = {**paused.facts, "step": state.step if state else 0, "total": state.total if state else 0}
    arrays: dict[str, Any] = {f"a.{name}": array for name, array in state.arrays.items()} if state else {}

    def write(path: Path) -> None:
        with path.open("wb") as stream:
            np.savez(stream, facts=np.array(json.dumps(facts)), **arrays)

    store.replace(DENOISING, key, write)


def forget_paused(store: Store | None, key: str) -> None:
    """It is done."""
    if store is not None:
        store.discard(DENOISING, key)


def has_clip(store: Store, key: str) -> bool:
    """Whether a finished clip and its facts are there."""
    return store.find(CLIP, key) is not None and store.find(FACTS, key) is not None


def find_clip(store: Store | None, key: str, target: Path) -> dict[str, Any] | None:
    """Put a finished clip that was kept at ``target``; its facts, None where there is none."""
    if store is None:
        return None
    clip, facts = store.find(CLIP, key), store.find(FACTS, key)
    if clip is None or facts is None:
        return None
    try:
        read: dict[str, Any] = json.loads(facts.read_text(encoding="utf-8"))
        # Whoever reads an older file of this name goes on with that.
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
            shutil.copyfile(clip, part.name)
        Path(part.name).replace(target)
    except (OSError, ValueError):
        return None
    return read


def keep_clip(store: Store | None, key: str, clip: Path, facts: Mapping[str, Any]) -> None:
    """Keep a finished clip and its facts."""
    if store is not None:
        text = json.dumps(facts)
        store.replace(CLIP, key, lambda path: shutil.copyfile(clip, path))
        store.replace(FACTS, key, lambda path: path.write_text(text, encoding="utf-8"))
