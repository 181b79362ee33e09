"""The data of packs: what the registry says of them. Algorithms stand in the modules beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PackKind(StrEnum):
    """What a pack holds."""

    MUSIC = "music"
    FONT = "font"
    WEIGHTS = "weights"


class Tool(StrEnum):
    """The client that fetches an archive: Python's pip, or npm."""

    WHEEL = "wheel"
    NPM = "npm"


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which terms a pack's files may be used.

    Attributes:
        spdx: identifier of the SPDX list, or ``LicenseRef-...``; several that all hold are joined by `` AND ``.
        name: for people.
        limits: what it forbids or asks for, in a few words; empty where it lets every use pass.
    """

    spdx: str
    name: str
    limits: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The identifiers that must all be accepted."""
        return tuple(self.spdx.split(" AND "))


@dataclass(frozen=True, slots=True)
class Member:
    """Which files of an archive become files of the pack.

    Attributes:
        take: path inside the archive; in each of its parts ``*`` and ``?`` stand for any characters.
        to: a file of the pack, or, with ``/`` at its end (or empty), a folder that receives what ``take`` finds, with
            the folders below the last part before the first ``*``.
    """

    take: str
    to: str


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A wheel or an npm package, taken for the files inside; it is never installed, and nothing of it is run.

    Attributes:
        tool: who fetches it.
        package: its name.
        version: exactly.
        sha256: of the archive, 64 hexadecimal digits.
        size: of the archive, in bytes.
        members: what to take out.
    """

    tool: Tool
    package: str
    version: str
    sha256: str
    size: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of a model hub.

    Attributes:
        repository: ``owner/name``.
        revision: the commit, 40 hexadecimal digits: a branch could change under us.
        files: patterns of the paths to take.
    """

    repository: str
    revision: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder that the studio has, and imports.

    Attributes:
        files: patterns of the paths to take; each must find something.
    """

    files: tuple[str, ...]


Source = ArchiveSource | HubSource | FolderSource


@dataclass(frozen=True, slots=True)
class Pack:
    """One entry of the registry.

    Attributes:
        id: name on the command line and in ``pack:ID/FILE``.
        kind: what it holds.
        title: for lists.
        about: what is missing without it; follows the word "for".
        source: where it comes from.
        licence: its terms.
        size: of all files when installed, in bytes; 0 where the registry does not know it.
        contents: sha256 of each file of the installed pack, by its path in it; empty where the registry does not
            know them.
        default: whether ``--all-default`` takes it.
        needs: ids of packs that are pulled with it.
    """

    id: str
    kind: PackKind
    title: str
    about: str
    source: Source
    licence: Licence
    size: int
    contents: Mapping[str, str]
    default: bool
    needs: tuple[str, ...]

    @property
    def version(self) -> str:
        """What changes when the source does; empty for a folder."""
        if isinstance(self.source, ArchiveSource):
            return self.source.version
        return self.source.revision if isinstance(self.source, HubSource) else ""
