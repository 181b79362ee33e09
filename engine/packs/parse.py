"""A registry file (TOML, schema 1) into packs; what is wrong in it is said in one sentence.

::

    schema = 1

    [licences."OFL-1.1"]
    name = "SIL Open Font License 1.1"
    limits = ""

    [[pack]]
    id = "fonts-hebrew"
    kind = "font"                      # music, font or weights
    title = "Noto Sans Hebrew"
    about = "Hebrew text"
    licence = "OFL-1.1"                # one of the licences above; "A AND B" where several hold
    size = 51784                       # bytes, all files together; may be left out
    default = true                     # false where it is left out
    needs = []                         # other packs; may be left out
    source = { tool = "npm", package = "@scope/name", version = "1.0.0", sha256 = "...", size = 155334 }
    members = [{ take = "package/fonts/*.ttf", to = "" }]
    [pack.contents]                    # sha256 of each file; may be left out
    "NotoSansHebrew-Bold.ttf" = "..."

Other sources: ``{ tool = "wheel", ... }`` with the same fields, ``{ tool = "hub", repository = "owner/name", revision =
"40 digits" }`` and ``{ tool = "dir" }``; the last two have ``files = ["*.safetensors", ...]`` in place of ``members``.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from engine.core.errors import OptionError
from engine.packs.fields import Table
from engine.packs.model import ArchiveSource, FolderSource, HubSource, Licence, Member, Pack, PackKind, Source, Tool
from engine.packs.names import is_safe_path

SCHEMA = 1

_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PACKAGES = {
    # PEP 508, and npm's rules for names: neither lets a path, an option or an address of the web through.
    Tool.WHEEL: re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"),
    Tool.NPM: re.compile(r"(?:@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*"),
}
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+!-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

_PACK_KEYS = ("id", "kind", "title", "about", "licence", "size", "default", "needs", "source", "contents")


def read_registry(path: Path) -> tuple[Pack, ...]:
    """The packs of one registry file, in its order.

    Raises:
        OptionError: the file is not there or not readable, is no TOML, or says something that does not hold; the
            sentence names the pack and the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path.name}: this registry of packs cannot be read.", detail=str(error)) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path.name}: this registry of packs is not TOML: {error}.") from error
    return parse_registry(data, path.name)


def parse_registry(data: Mapping[str, object], name: str) -> tuple[Pack, ...]:
    """The packs of a registry that has been read.

    Args:
        data: the file's content.
        name: of the file, for sentences.

    Raises:
        OptionError: as :func:`read_registry`.
    """
    top = Table(data, name)
    top.only("schema", "licences", "pack")
    if top.integer("schema") != SCHEMA:
        raise top.wrong("schema", f"must be {SCHEMA} for this version of Multiplane")
    known = top.table("licences")
    licences = {spdx: _licence(spdx, known.table(spdx)) for spdx in known}
    packs = tuple(_pack(table, licences) for table in top.tables("pack"))
    ids = [pack.id for pack in packs]
    for pack_id in ids:
        if ids.count(pack_id) > 1:
            raise OptionError(f"{name}: two packs have the id {pack_id}.")
    return packs


def _licence(spdx: str, table: Table) -> Licence:
    table.only("name", "limits")
    return Licence(spdx, table.text("name"), table.text("limits", ""))


def _pack(table: Table, licences: Mapping[str, Licence]) -> Pack:
    pack_id = table.matching("id", _ID, "lower-case letters and digits, with - or . between")
    table = table.named(f"pack {pack_id}")
    tool = table.table("source").one_of("tool", ("wheel", "npm", "hub", "dir"))
    table.only(*_PACK_KEYS, "members" if tool in ("wheel", "npm") else "files")
    contents = table.table("contents") if "contents" in table else Table({}, "")
    for path in contents:
        contents.matching(path, _SHA256, "64 hexadecimal digits")
        if not is_safe_path(path):
            raise contents.wrong(path, "is not a path inside a pack")
    needs = table.texts("needs") if "needs" in table else ()
    return Pack(
        id=pack_id,
        kind=PackKind(table.one_of("kind", tuple(PackKind))),
        title=table.text("title"),
        about=table.text("about"),
        source=_source(table, tool),
        licence=_licences_of(table, licences),
        size=table.integer("size") if "size" in table else 0,
        contents={path: contents.text(path) for path in contents},
        default=table.flag("default"),
        needs=needs,
    )


def _licences_of(table: Table, licences: Mapping[str, Licence]) -> Licence:
    spdx = table.text("licence")
    parts = spdx.split(" AND ")
    for part in parts:
        if part not in licences:
            raise table.wrong("licence", f"names {part}, which is not among [licences]")
    found = [licences[part] for part in parts]
    return Licence(
        spdx,
        " and ".join(licence.name for licence in found),
        "; ".join(licence.limits for licence in found if licence.limits),
    )


def _source(table: Table, tool: str) -> Source:
    source = table.table("source")
    if tool == "hub":
        source.only("tool", "repository", "revision")
        return HubSource(
            source.matching("repository", _REPOSITORY, "owner/name"),
            source.matching("revision", _COMMIT, "a commit of 40 hexadecimal digits"),
            _patterns(table),
        )
    if tool == "dir":
        source.only("tool")
        return FolderSource(_patterns(table))
    source.only("tool", "package", "version", "sha256", "size")
    return ArchiveSource(
        tool=Tool(tool),
        package=source.matching("package", _PACKAGES[Tool(tool)], f"the name of a package of {tool}"),
        version=source.matching("version", _VERSION, "one exact version"),
        sha256=source.matching("sha256", _SHA256, "64 hexadecimal digits"),
        size=source.integer("size"),
        members=tuple(_member(member) for member in table.tables("members")),
    )


def _member(table: Table) -> Member:
    table.only("take", "to")
    member = Member(table.text("take"), table.text("to", ""))
    if not is_safe_path(member.take):
        raise table.wrong("take", "is not a path inside an archive")
    if member.to and not is_safe_path(member.to.removesuffix("/")):
        raise table.wrong("to", "is not a path inside a pack")
    if "*" in member.take and member.to and not member.to.endswith("/"):
        raise table.wrong("to", "must end with / because take may find several files")
    return member


def _patterns(table: Table) -> tuple[str, ...]:
    patterns = table.texts("files")
    if not patterns:
        raise table.wrong("files", "must name at least one pattern")
    return patterns
