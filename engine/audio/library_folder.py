"""A folder of music, and what is known about its tracks.

The folder is searched with its subfolders; what is hidden there, such as the ``._`` files that macOS leaves beside each
one, is passed over. What is known about a file comes from, the earlier the better:

* ``music.toml`` (or ``music.json`` with the same keys) in the folder::

      licence = "CC0-1.0"            # of all tracks that do not say otherwise

      [[track]]
      file = "sunrise.mp3"           # relative to the folder; everything else is optional
      title = "Sunrise"
      moods = ["calm", "acoustic"]
      bpm = 72
      key = "D major"
      licence = "CC-BY-4.0"
      loopable = true

* ``LICENSE-MUSIC``, the list of the music pack: tempo, key and style of each file, and the licence of all;
* the names of subfolders and files: their words are tags;
* genre, title and tempo written inside the file.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.core.errors import MediaError, OptionError

EXTENSIONS = frozenset({".mp3", ".m4a", ".aac", ".wav", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".wma"})
"""What is taken for music, by extension, lower case."""

MAX_TRACKS = 20_000
"""Files of one folder; a folder with more was named by mistake."""

LISTS = ("music.toml", "music.json")
PACK_LIST = "LICENSE-MUSIC"

_PACK_LINE = re.compile(
    r"^\s+(?P<file>\S+\.opus)\s+(?P<bpm>\d+) bpm\s+(?P<key>[A-G][b#]? (?:major|minor))\s+seed \d+\s+"
    r"\[(?P<style>[\w ]+)\]"
)


@dataclass(frozen=True, slots=True)
class Track:
    """One piece of music.

    Attributes:
        path: the file.
        name: its path below the music folder, with forward slashes: the same on every machine.
        title: for people.
        tags: moods, genres, instruments, in the form of :func:`normal`.
        bpm: beats per minute; None where nobody says.
        key: ``C major``; empty where nobody says.
        licence: SPDX expression or a name; empty where nobody says.
        loopable: made to be repeated; None where nobody says.
    """

    path: Path
    name: str
    title: str
    tags: frozenset[str]
    bpm: float | None = None
    key: str = ""
    licence: str = ""
    loopable: bool | None = None

    def length(self) -> Fraction | None:
        """Seconds, read from the file's header; None where it does not say or cannot be read."""
        from engine.audio.container import probe_audio

        try:
            info = probe_audio(self.path)
        except MediaError:
            return None
        return info.duration if info is not None and info.duration > 0 else None


def normal(text: str) -> str:
    """A tag or a word in the form in which they are compared: lower case, single spaces for ``-`` and ``_``."""
    return " ".join(re.sub(r"[-_/,.;!?()\s]+", " ", text.casefold()).split())


def read_folder(folder: Path) -> Iterator[Track]:
    """The tracks of a folder and its subfolders, by name.

    Raises:
        OptionError: its list cannot be used, or it holds more than :data:`MAX_TRACKS` files.
    """
    listed = _listed(folder)
    packed, licence = _packed(folder)
    files = sorted(path for path in folder.rglob("*") if _is_music(path.relative_to(folder)) and path.is_file())
    if len(files) > MAX_TRACKS:
        raise OptionError(
            f"{folder.name}: more than {MAX_TRACKS} sound files are in this music folder: name a smaller one."
        )
    for path in files:
        name = path.relative_to(folder).as_posix()
        entry = listed.get(name)
        if entry is None and path.name in packed:
            entry = {"licence": licence, **packed[path.name]}
        yield _track(path, name, entry if entry is not None else _inside(path, path.stat().st_mtime_ns))


def _is_music(path: Path) -> bool:
    return path.suffix.lower() in EXTENSIONS and not any(part.startswith(".") for part in path.parts)


def _track(path: Path, name: str, entry: Mapping[str, Any]) -> Track:
    tags = {normal(str(tag)) for tag in entry.get("moods", ())}
    if not tags or not entry.get("listed"):
        for part in Path(name).with_suffix("").parts:
            words = normal(part).split()
            tags.update(word for word in words if not word.isdigit())
            tags.add(normal(part))
            tags.update(" ".join(pair) for pair in pairwise(words))
    bpm = entry.get("bpm")
    return Track(
        path=path,
        name=name,
        title=str(entry.get("title") or path.stem.replace("_", " ").strip()),
        tags=frozenset(tag for tag in tags if tag),
        bpm=float(bpm) if bpm else None,
        key=str(entry.get("key") or ""),
        licence=str(entry.get("licence") or ""),
        loopable=entry.get("loopable"),
    )


def _listed(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of ``music.toml`` or ``music.json`` by file."""
    for name in LISTS:
        try:
            text = (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(
                f"{name}: it cannot be read: save it as a text file in UTF-8.", detail=str(error)
            ) from error
        try:
            data = tomllib.loads(text) if name.endswith("toml") else json.loads(text)
        except ValueError as error:
            raise OptionError(f"{name}: it is not valid {name[6:].upper()}: {error}.") from error
        return _checked(name, data)
    return {}


def _checked(name: str, data: object) -> dict[str, dict[str, Any]]:
    """Refuse what is not a list of tracks, in a sentence that says which entry."""
    entries = data.get("track", []) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(entries, list):
        raise OptionError(f"{name}: it must hold a list `track`, one entry for each file.")
    found: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
            raise OptionError(f"{name}: track {number} needs `file`, the name of its file.")
        moods, bpm, loopable = entry.get("moods", []), entry.get("bpm"), entry.get("loopable")
        if not isinstance(moods, list) or not all(isinstance(mood, str) for mood in moods):
            raise OptionError(f"{name}: `moods` of track {number} must be a list of words.")
        if bpm is not None and (isinstance(bpm, bool) or not isinstance(bpm, int | float) or not 0 < bpm < 1000):
            raise OptionError(f"{name}: `bpm` of track {number} must be a number of beats per minute.")
        if loopable is not None and not isinstance(loopable, bool):
            raise OptionError(f"{name}: `loopable` of track {number} must be true or false.")
        found[Path(entry["file"]).as_posix()] = {"licence": data.get("licence", ""), "listed": True, **entry}
    return found


def _packed(folder: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """What the pack's list says of each file, by file name, and the licence of all."""
    with suppress(OSError, UnicodeDecodeError):
        text = (folder / PACK_LIST).read_text(encoding="utf-8")
        lines = filter(None, map(_PACK_LINE.match, text.splitlines()))
        found = {
            line["file"]: {"bpm": float(line["bpm"]), "key": line["key"], "moods": [line["style"]]} for line in lines
        }
        return found, "MIT" if "MIT licence" in text else ""
    return {}, ""


@lru_cache(maxsize=MAX_TRACKS)
def _inside(path: Path, changed: int) -> Mapping[str, Any]:
    """Title, genre and tempo that are written in the file; nothing where it cannot be read. Opened once, until
    ``changed``, its time, is another one."""
    import av

    from engine.media.demuxers import open_local

    try:
        with open_local(path) as container:
            tags = {key.lower(): value for key, value in container.metadata.items()}
            for stream in container.streams.audio:
                tags |= {key.lower(): value for key, value in stream.metadata.items()}
    except (av.FFmpegError, OSError):
        return {}
    entry: dict[str, Any] = {"title": tags.get("title", ""), "licence": tags.get("license", tags.get("copyright", ""))}
    entry["moods"] = [*re.split(r"[/,;]", tags.get("genre", "")), *re.split(r"[/,;]", tags.get("mood", ""))]
    with suppress(ValueError):
        entry["bpm"] = float(tags.get("bpm", tags.get("tbpm", "")))
    return entry
