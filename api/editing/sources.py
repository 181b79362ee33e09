"""What a draft names: inside ``asset:ID``, outside a signed URL, for a worker ``asset:BLOB``. Nothing else gets in.

Cards (``color:``, ``gradient:``) and files of installed packs (``pack:``) are nobody's and pass as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy.orm import Session

from api.store.assets import asset_by_key
from api.store.rows import Asset
from api.store.signing import Signer
from engine.core.errors import DraftError
from engine.timeline import Draft, describe, parse_card

ASSET = "asset:"

PACK = "pack:"

FILES = "/files"
"""Path below which the files of sessions are served."""

PIECES = 4
"""Of the path of a file between slashes: nothing, the folder, the key, the name."""

NAMING = ("src", "font", "depth")
"""Members of a draft that may name a file."""

Json = dict[str, Any]


def asset_src(asset_id: str) -> str:
    """How a draft of ours names a file."""
    return ASSET + asset_id


def file_path(asset: Asset) -> str:
    """The path that a file is served under: an unguessable part, and its name for people."""
    return f"{FILES}/{asset.key}/{quote(asset.filename, safe='')}"


def file_url(asset: Asset, base_url: str, signer: Signer) -> str:
    """The URL of a file, good for a while, for whoever has it."""
    path = file_path(asset)
    return f"{base_url}{path}?{signer.sign(path)}"


def outward(draft: Json, assets: Mapping[str, Asset], base_url: str, signer: Signer) -> Json:
    """A draft as clients see it: every file by its URL; one that is gone by its name."""

    def name(value: str, _key: str) -> str:
        asset = assets.get(value.removeprefix(ASSET)) if value.startswith(ASSET) else None
        return value if asset is None else file_url(asset, base_url, signer)

    return renamed(draft, name)


def with_names(text: str, assets: Iterable[Asset]) -> str:
    """A sentence that speaks of files by their names."""
    for asset in assets:
        text = text.replace(asset_src(asset.id), asset.filename)
    return text


def timeline_in_words(draft: Draft, assets: Iterable[Asset]) -> str:
    """The tracks of a draft in words, with its files by their names."""
    return with_names(describe(draft), assets)


def inward(draft: Json, session: Session, user_id: str) -> Json:
    """A draft that came from a client, with its files by their ids.

    Raises:
        DraftError: it names something that is not the user's: an address elsewhere, a path, somebody else's file.
    """

    def name(value: str, key: str) -> str:
        if _is_nobodys(value, key):
            return value
        return asset_src(_own(value, session, user_id).id)

    return renamed(draft, name)


def for_worker(draft: Json, session: Session, user_id: str) -> Json:
    """A draft with its files by their blobs: all that a worker needs to know.

    Raises:
        DraftError: see :func:`inward`.
    """

    def name(value: str, key: str) -> str:
        return value if _is_nobodys(value, key) else ASSET + _own(value, session, user_id).blob

    return renamed(draft, name)


def _own(value: str, session: Session, user_id: str) -> Asset:
    known = value.removeprefix(ASSET)
    asset = session.get(Asset, known) if value.startswith(ASSET) else _by_url(value, session)
    if asset is None or asset.user_id != user_id or asset.deleted_at is not None:
        shown = value if len(value) <= 80 else value[:77] + "..."
        raise DraftError(
            f"The draft names {shown!r}, which is no file of yours: upload it first and use the URL of the answer."
        )
    return asset


def _by_url(value: str, session: Session) -> Asset | None:
    # The host says nothing: the same service has several names. The unguessable part does.
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    pieces = unquote(parts.path).split("/")
    if parts.scheme not in ("http", "https", "") or len(pieces) < PIECES or f"/{pieces[1]}" != FILES:
        return None
    return asset_by_key(session, pieces[2])


def _is_nobodys(value: str, key: str) -> bool:
    if value.startswith(PACK):
        return ".." not in value
    if key == "font":
        # The name of a family; a file would have a folder or an ending.
        return "/" not in value and "\\" not in value and "." not in value and ":" not in value
    return value == "" or parse_card(value) is not None


def renamed(value: Json, name: Callable[[str, str], str]) -> Json:
    """A copy of a draft in which every text that may name a file is what ``name`` gives for it and its key.

    All who translate between the names of clients, rows and workers walk over the same members, by this.
    """
    found = _walk(value, name)
    assert isinstance(found, dict)
    return found


def _walk(value: object, name: Callable[[str, str], str]) -> object:
    if isinstance(value, dict):
        return {
            key: name(item, key) if key in NAMING and isinstance(item, str) else _walk(item, name)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_walk(item, name) for item in value]
    return value
