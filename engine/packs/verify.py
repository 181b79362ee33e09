"""Whether the files of installed packs are still what was installed."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.errors import OptionError
from engine.packs.folders import files_folder, pack_folder, packs_folder
from engine.packs.manifest import MANIFEST, Manifest, files_below, hash_file, read_manifest
from engine.packs.registry import registry


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One file that is not as it was installed.

    Attributes:
        path: in the pack.
        problem: ``missing``, ``differs``, ``strange`` (no file of the pack) or ``unreadable``.
    """

    path: str
    problem: str


def to_verify() -> tuple[str, ...]:
    """The ids of what is installed, sorted, those of broken manifests among them."""
    return tuple(sorted(path.parent.name for path in packs_folder().glob(f"*/{MANIFEST}")))


def verify(pack_id: str) -> tuple[FileProblem, ...]:
    """Read every file of an installed pack and compare it with the registry, or with the manifest where the registry
    does not know its files.

    Returns:
        What is wrong, sorted by path; empty when all is well.

    Raises:
        OptionError: the pack is not installed.
    """
    place = pack_folder(pack_id)
    manifest = read_manifest(place)
    if manifest is None or manifest.id != pack_id:
        if (place / MANIFEST).exists():
            return (FileProblem(MANIFEST, "differs"),)
        raise OptionError(f"Pack {pack_id} is not installed: multiplane packs pull {pack_id}.")
    expected = _expected(manifest)
    found = files_below(files_folder(manifest))
    problems = [FileProblem(path, "strange") for path in found if path not in expected]
    for path, sha256 in expected.items():
        if path not in found:
            problems.append(FileProblem(path, "missing"))
            continue
        try:
            if hash_file(found[path]).sha256 != sha256:
                problems.append(FileProblem(path, "differs"))
        except OSError:
            problems.append(FileProblem(path, "unreadable"))
    return tuple(sorted(problems, key=lambda problem: problem.path))


def _expected(manifest: Manifest) -> Mapping[str, str]:
    """sha256 of each file: the registry's for this version, so that a changed manifest deceives nobody."""
    pack = registry().get(manifest.id)
    if pack is not None and pack.contents and pack.version == manifest.version:
        return pack.contents
    return {path: file.sha256 for path, file in manifest.files.items()}
