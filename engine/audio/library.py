"""Music that lies on this machine: installed packs and the studio's own folders, chosen by mood."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from engine.audio.library_folder import Track, normal, read_folder
from engine.core.errors import OptionError

_OFFERED = 12
"""How many of a studio's own folders or tags a sentence names."""


@dataclass(frozen=True, slots=True)
class Mood:
    """One mood, from ``moods.toml``.

    Attributes:
        name: ``lo-fi``, ``calm``, ``upbeat``, ``cinematic`` or ``acoustic``.
        words: what a user may call it, in normal form.
        tags: what marks a track as exactly this mood, in normal form.
        near: sets of tags that will do where no track is marked so.
    """

    name: str
    words: frozenset[str]
    tags: frozenset[str]
    near: tuple[frozenset[str], ...]


@cache
def moods() -> tuple[Mood, ...]:
    """The moods that we know."""
    text = resources.files(__package__).joinpath("moods.toml").read_text(encoding="utf-8")
    return tuple(
        Mood(
            name,
            frozenset(map(normal, entry["words"])),
            frozenset(map(normal, entry["tags"])),
            tuple(frozenset(map(normal, tags)) for tags in entry["near"]),
        )
        for name, entry in tomllib.loads(text).items()
    )


def find_moods(text: str) -> list[Mood]:
    """The moods that a user's words name, those named by longer words of ``moods.toml`` first."""
    said = f" {normal(text)} "
    found: dict[str, int] = {}
    for mood in moods():
        # Chinese is written without spaces; words of letters must stand alone.
        lengths = [len(word) for word in mood.words if (f" {word} " if word.isascii() else word) in said]
        if lengths:
            found[mood.name] = max(lengths)
    return sorted((mood for mood in moods() if mood.name in found), key=lambda mood: -found[mood.name])


class MusicLibrary:
    """The tracks of some folders.

    Args:
        folders: folders of music (see :mod:`engine.audio.library_folder`); one that is not there is passed over.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(folders)

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """Every track, folder by folder, by name."""
        return tuple(track for folder in self.folders if folder.is_dir() for track in read_folder(folder))

    def choose(self, mood: str, *, seed: int, duration: Fraction | None = None) -> Track:
        """A track for a mood.

        The same seed chooses the same track, and mostly still does when tracks are added: each track draws a number
        from the seed and its own name, and the largest wins.

        Args:
            mood: what the user called it: one of our moods, a synonym in English or Chinese, or a tag of a track.
            seed: another one chooses another track.
            duration: seconds to fill; a track that is long enough is preferred, then one that loops.

        Raises:
            OptionError: there is no music, or none that fits; it says what is there.
        """
        if not self.tracks:
            raise OptionError(
                "There is no music on this machine yet: fetch a pack (see `multiplane packs list`), "
                "or put MP3, M4A, WAV, FLAC or OGG files into the folder that MULTIPLANE_MUSIC names."
            )
        fitting = self.fitting(mood)
        if not fitting:
            raise OptionError(
                f"No music here fits {mood!r}: there is {self._offer()}. Choose one of these, or add music: fetch a "
                "pack (see `multiplane packs list`), or put files into a subfolder of your music folder that is named "
                "after the mood."
            )
        if duration is not None:
            fitting = (
                [track for track in fitting if (track.length() or 0) >= duration]
                or [track for track in fitting if track.loopable]
                or fitting
            )
        return max(fitting, key=lambda track: _draw(seed, track.name))

    def remark(self, mood: str, track: Track) -> str:
        """A sentence for the user where a track is only near the mood that was asked for; else empty."""
        known = find_moods(mood)
        if not known or normal(mood) in track.tags or any(self._is_exactly(track, each) for each in known):
            return ""
        return f"No music here is tagged {known[0].name}: {track.name} was taken, which comes near it."

    def fitting(self, mood: str) -> list[Track]:
        """The tracks that fit: a track's own tag before our moods; of two moods, tracks that have both if there are."""
        word = normal(mood)
        own = [track for track in self.tracks if word in track.tags]
        if own and all(word != normal(known.name) for known in moods()):
            return own
        fitting: list[Track] = []
        for known in find_moods(mood):
            these = self._of(known)
            fitting = [track for track in fitting if track in these] or fitting or these
        return fitting

    def _of(self, mood: Mood) -> list[Track]:
        """The tracks that are marked with a mood, else those near it."""
        exact = [track for track in self.tracks if self._is_exactly(track, mood)]
        return exact or [track for track in self.tracks if any(tags <= track.tags for tags in mood.near)]

    @staticmethod
    def _is_exactly(track: Track, mood: Mood) -> bool:
        if track.tags & (mood.tags | {normal(mood.name)}):
            return True
        # A folder that is named in Chinese: what people call the mood, in any company, as in find_moods.
        names = [tag for tag in track.tags if not tag.isascii()]
        return any(word in name for name in names for word in mood.words if not word.isascii())

    def moods(self) -> dict[str, int]:
        """How many tracks each of our moods finds; those without any are left out."""
        found = {mood.name: len(self.fitting(mood.name)) for mood in moods()}
        return {name: count for name, count in found.items() if count}

    def _offer(self) -> str:
        """Our moods, and the folders in which none of them finds anything; where there is neither, every tag."""
        folders = Counter(_folder(track) for track in self.tracks)
        for known in moods():
            for track in self.fitting(known.name):
                folders.pop(_folder(track), None)
        folders.pop("", None)
        offered = self.moods() | dict(folders.most_common(_OFFERED)) or dict(
            Counter(tag for track in self.tracks for tag in track.tags).most_common(_OFFERED)
        )
        return ", ".join(f"{name} ({count})" for name, count in sorted(offered.items())) or "music without any tags"


def _folder(track: Track) -> str:
    """The folder that a track lies in, below the music folder, as a tag; empty where it lies in none."""
    folder, slash, _ = track.name.partition("/")
    return normal(folder) if slash else ""


def _draw(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}/{name}".encode()).digest()
