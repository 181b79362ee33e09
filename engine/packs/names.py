"""Names inside a pack: which are safe to write, and which a pattern finds."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from engine.packs.model import Member

LONGEST_PART = 255
"""Bytes that a file system gives one name."""

CODE_SUFFIXES = frozenset({".py", ".pyc", ".so", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})
"""Loading such a file runs what its author wrote into it (Python's pickle). From a hub or a folder it is taken only
where the registry names its sha256."""


def is_safe_path(path: str) -> bool:
    """Whether a path stays inside the folder that it is joined to: relative, normal, of printable characters."""
    parts = path.split("/")
    return (
        path.isprintable()
        and "\\" not in path
        and all(part not in ("", ".", "..") and len(part.encode()) <= LONGEST_PART for part in parts)
    )


def place_of(member: Member, path: str) -> str | None:
    """Where a file of an archive goes in the pack; None: not by this member."""
    wanted, found = member.take.split("/"), path.split("/")
    if len(wanted) != len(found) or not all(map(fnmatchcase, found, wanted)):
        return None
    if member.to and not member.to.endswith("/"):
        return member.to
    fixed = next((number for number, part in enumerate(wanted) if "*" in part or "?" in part), len(wanted) - 1)
    return member.to + "/".join(found[fixed:])


def is_wanted(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns finds the path; ``*`` passes ``/`` too, as model hubs have it."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def runs_code(path: str) -> bool:
    """Whether loading the file can run code that it holds."""
    return PurePosixPath(path).suffix.lower() in CODE_SUFFIXES
