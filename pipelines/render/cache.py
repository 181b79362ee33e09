"""Finished parts of renderings on disk, by content hash, within a budget.

Whatever is kept is named by the hash of everything that it depends on, so that it can be taken instead of made again
and never has to be invalidated. A part is written beside its place and renamed into it; what has not been used for the
longest time goes first when the budget is full.

The checksum of a part is the suffix of its name, so that bytes that a disk has lost or changed are noticed when the
part is looked for, whatever its format: it is made again then.
"""

import os
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import OptionError
from engine.core.settings import PathSetting, Setting

BUDGET = Setting(
    variable="MULTIPLANE_CACHE_MB",
    default=4000,
    unit="MB",
    minimum=0,
    maximum=10_000_000,
    about="disk space for finished parts of renderings; 0 keeps none",
)


PARTIAL = ".part"
"""Suffix of a file that is being written."""

STALE_SECONDS = 24 * 3600
"""A partial file that is older was left by a process that died."""

_BLOCK = 1 << 20


def _home_cache() -> Path:
    """``$XDG_CACHE_HOME/multiplane``, else ``~/.cache/multiplane`` (XDG Base Directory Specification 0.8)."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given, "multiplane")
    try:
        return Path.home() / ".cache" / "multiplane"
    except RuntimeError as error:
        raise OptionError(
            f"{FOLDER.variable}: no home folder is known here: set it to a folder for the cache, or use --no-cache."
        ) from error


FOLDER = PathSetting("MULTIPLANE_CACHE", _home_cache, "folder for finished parts of renderings", "~/.cache/multiplane")


@dataclass(frozen=True, slots=True)
class Cache:
    """Parts of renderings in one folder; any number of processes may share it.

    A cache never makes a rendering fail: what cannot be read is made again, what cannot be written is not kept.

    Attributes:
        folder: made when the first part is kept.
        budget: bytes.
    """

    folder: Path
    budget: int

    @classmethod
    def of_site(cls) -> "Cache":
        """The cache of this site's settings.

        Raises:
            OptionError: a setting is not usable.
        """
        return cls(FOLDER.value() or _home_cache(), int(BUDGET.value() * 1e6))

    def find(self, kind: str, key: str) -> Path | None:
        """The file of a finished part; None where there is none, or its bytes are damaged. It counts as used now.

        Args:
            kind: what sort of part, such as ``gop``: a word.
            key: the hash of everything that the part depends on.
        """
        for path in self._paths(kind, key):
            try:
                if path.suffix == _checksum(path):
                    os.utime(path)
                    return path
                path.unlink()
            except OSError:
                continue
        return None

    def keep(self, kind: str, key: str, write: Callable[[Path], object]) -> Path | None:
        """Keep a part.

        Args:
            kind, key: see :meth:`find`.
            write: writes the part to the file that it is given.

        Returns:
            where it is kept; None where it could not be.
        """
        if self.budget <= 0:
            return None
        folder = self._folder(kind, key)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=PARTIAL, dir=folder)
        except OSError:
            return None
        os.close(handle)
        partial = Path(name)
        try:
            write(partial)
            return partial.replace(folder / f"{key}{_checksum(partial)}")
        except OSError:
            return None
        finally:
            partial.unlink(missing_ok=True)

    def replace(self, kind: str, key: str, write: Callable[[Path], object]) -> Path | None:
        """Keep a part in place of what was kept under its key before; see :meth:`keep`.

        Between the two both are there, so that a crash loses neither.
        """
        before = self._paths(kind, key)
        kept = self.keep(kind, key, write)
        if kept is not None:
            for path in before:
                if path != kept:
                    path.unlink(missing_ok=True)
        return kept

    def discard(self, kind: str, key: str) -> None:
        """Forget a part that turned out to be unusable."""
        for path in self._paths(kind, key):
            with suppress(OSError):
                path.unlink()

    def trim(self, now: float) -> None:
        """Remove what was not used for the longest time until the rest fits the budget.

        Args:
            now: seconds since the epoch.
        """
        found: list[tuple[float, int, Path]] = []
        for root, _, names in os.walk(self.folder):
            for name in names:
                path = Path(root, name)
                with suppress(OSError):
                    status = path.stat()
                    if name.endswith(PARTIAL):
                        if now - status.st_mtime > STALE_SECONDS:
                            path.unlink()
                        continue
                    found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.budget:
                break
            with suppress(OSError):
                path.unlink()
                total -= size

    def _folder(self, kind: str, key: str) -> Path:
        # Two letters as a folder: no folder ever holds more names than a file system likes.
        return self.folder / kind / key[:2]

    def _paths(self, kind: str, key: str) -> list[Path]:
        """Where a part is: one file, or none; two where the same part came out in two ways."""
        try:
            return sorted(self._folder(kind, key).glob(f"{key}.*"))
        except OSError:
            return []


def _checksum(path: Path) -> str:
    """The suffix that a file's bytes ask for: their CRC-32, which costs 0.15 s a GB."""
    state = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            state = zlib.crc32(block, state)
    return f".{state:08x}"
