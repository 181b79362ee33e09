"""Look-up tables in .cube files: Adobe's *Cube LUT Specification 1.0* (2013), with the input ranges of Resolve."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import CorruptMedia, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.core.settings import Setting

MAX_CUBE_SIZE = Setting(
    "MULTIPLANE_MAX_CUBE_MB", 64, "MB", 1, 2048, "largest .cube look-up table; one of 65 x 65 x 65 has about 8 MB"
)

MAX_1D, MAX_3D = 65536, 256
"""Largest sizes of the specification; the smallest is 2."""

Colors = NDArray[np.float64]
"""(n, 3) R', G', B' in 0..1."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A look-up table.

    Attributes:
        title: what the file calls itself; empty if it does not.
        table: 1D: (N, 3), row i the outputs of each channel's i-th input. 3D: (N, N, N, 3), indexed blue, green, red.
        low, high: the inputs (R, G, B) of the first and of the last entries; inputs beyond count as these.
    """

    title: str
    table: NDArray[np.float32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def look(self, rgb: Colors) -> Colors:
        """Look colours up: linear interpolation in 1D, tetrahedral in 3D."""
        place = np.clip((rgb - self.low) / (self.high - self.low), 0, 1) * (self.table.shape[0] - 1)
        if self.table.ndim == 2:
            steps = np.arange(self.table.shape[0])
            return np.stack([np.interp(place[:, k], steps, self.table[:, k]) for k in range(3)], 1)
        return _tetrahedral(self.table, place)


def _tetrahedral(table: NDArray[np.float32], place: Colors) -> Colors:
    """J. Kasson et al., Performing Color Space Conversions with Three-Dimensional Linear Interpolation, 1995."""
    corner = np.minimum(place.astype(np.int64), table.shape[0] - 2)
    share = place - corner
    order = np.argsort(-share, axis=1, kind="stable")
    at = corner.copy()
    rows = np.arange(len(place))
    last = table[at[:, 2], at[:, 1], at[:, 0]].astype(np.float64)
    result = last.copy()
    for axis in range(3):
        along = order[:, axis]
        at[rows, along] += 1
        value = table[at[:, 2], at[:, 1], at[:, 0]].astype(np.float64)
        result += share[rows, along, None] * (value - last)
        last = value
    return np.asarray(result, np.float64)


def read_cube(path: Path) -> Cube:
    """Read a .cube file.

    Raises:
        UnreadableMedia: it is missing, a folder, or may not be read.
        MediaLimitExceeded: it is larger than this site allows.
        UnsupportedMedia: it holds a shaper and a table, or says something about its table that we do not know.
        CorruptMedia: it breaks a rule of the format; the message names the line.
    """
    try:
        size = path.stat().st_size
        limit = MAX_CUBE_SIZE.value()
        if size > limit * 1e6:
            raise MediaLimitExceeded(
                path, f"a look-up table of {size / 1e6:.0f} MB is more than {limit:g} MB ({MAX_CUBE_SIZE.variable})."
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableMedia(path, "there is no such look-up table.", detail=str(error)) from error
    except OSError as error:
        raise UnreadableMedia(path, "this look-up table cannot be read.", detail=str(error)) from error
    if b"\0" in data:
        raise CorruptMedia(path, "this is not a .cube look-up table: it is not text.")
    return _Reader(path, data.decode("utf-8-sig", "replace").splitlines()).read()


class _Reader:
    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path, self.lines = path, lines
        self.title = ""
        self.size: tuple[str, int] | None = None
        self.low, self.high = np.zeros(3), np.ones(3)
        self.given: set[str] = set()

    def read(self) -> Cube:
        count = self._header()
        if self.size is None:
            raise CorruptMedia(self.path, "this look-up table does not say its size: LUT_1D_SIZE or LUT_3D_SIZE.")
        if not (self.low < self.high).all():
            raise CorruptMedia(self.path, "the domain of this look-up table must have DOMAIN_MIN below DOMAIN_MAX.")
        kind, size = self.size
        rows = self._rows(count, size if kind == "LUT_1D_SIZE" else size**3)
        table = rows if kind == "LUT_1D_SIZE" else rows.reshape(size, size, size, 3)
        return Cube(self.title, table, self.low, self.high)

    def _header(self) -> int:
        """Read the keywords; returns the number of the first line of numbers, counted from 0."""
        for index, line in enumerate(self.lines):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if not words[0][0].isalpha():
                return index
            self._keyword(index, words[0], line.strip()[len(words[0]) :].strip())
        return len(self.lines)

    def _keyword(self, index: int, name: str, rest: str) -> None:
        readers: dict[str, Callable[[int, str, str], None]] = {
            "TITLE": self._title,
            "LUT_1D_SIZE": self._size,
            "LUT_3D_SIZE": self._size,
            "DOMAIN_MIN": self._domain,
            "DOMAIN_MAX": self._domain,
            "LUT_1D_INPUT_RANGE": self._range,
            "LUT_3D_INPUT_RANGE": self._range,
        }
        if name not in readers:
            if name.lower() in ("nan", "inf", "infinity"):
                raise self._wrong(index, f"{name!r} is not a number that a table can hold")
            raise UnsupportedMedia(self.path, f"line {index + 1}: the keyword {name!r} is unknown; remove the line.")
        if name in self.given:
            raise self._wrong(index, f"{name} is there twice")
        self.given.add(name)
        readers[name](index, name, rest)

    def _title(self, index: int, name: str, rest: str) -> None:
        if len(rest) < 2 or rest[0] != '"' or rest[-1] != '"':
            raise self._wrong(index, 'a title stands in quotes: TITLE "name"')
        self.title = rest[1:-1]

    def _size(self, index: int, name: str, rest: str) -> None:
        if self.size is not None:
            raise UnsupportedMedia(
                self.path, f"line {index + 1}: a table with a shaper is not supported; export one table, 1D or 3D."
            )
        most = MAX_1D if name == "LUT_1D_SIZE" else MAX_3D
        if not (rest.isascii() and rest.isdigit() and 2 <= int(rest) <= most):
            raise self._wrong(index, f"{name} must be a whole number from 2 to {most}")
        self.size = (name, int(rest))

    def _domain(self, index: int, name: str, rest: str) -> None:
        values = self._numbers(index, rest, 3)
        if name == "DOMAIN_MIN":
            self.low = values
        else:
            self.high = values

    def _range(self, index: int, name: str, rest: str) -> None:
        low, high = self._numbers(index, rest, 2)
        self.low, self.high = np.full(3, low), np.full(3, high)

    def _rows(self, begin: int, count: int) -> NDArray[np.float32]:
        numbered = [
            (index, line)
            for index, line in enumerate(self.lines[begin:], begin)
            if line.strip() and not line.lstrip().startswith("#")
        ]
        table, surplus = numbered[:count], numbered[count:]
        try:
            # All at once where all is well; else line by line, to name the one that is wrong.
            values = np.array([line.split() for _, line in table], np.float64)
        except ValueError:
            values = np.empty((0, 0))
        if values.shape != (len(table), 3) or not np.isfinite(values).all():
            values = np.array([self._numbers(index, line, 3) for index, line in table])
        if surplus:
            raise self._wrong(surplus[0][0], f"the table has more than the {count} lines of numbers of its size")
        if len(table) < count:
            raise CorruptMedia(
                self.path, f"the table ends after {len(table)} of the {count} lines of numbers of its size."
            )
        return values.astype(np.float32)

    def _numbers(self, index: int, text: str, count: int) -> NDArray[np.float64]:
        try:
            values = np.array([float(word) for word in text.split()])
        except ValueError:
            values = np.array([np.nan])
        if len(values) != count or not np.isfinite(values).all():
            raise self._wrong(index, f"{count} numbers are expected, not {text.strip()[:40]!r}")
        return values

    def _wrong(self, index: int, problem: str) -> CorruptMedia:
        return CorruptMedia(self.path, f"line {index + 1}: {problem}.")
