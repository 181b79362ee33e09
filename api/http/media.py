"""Files of a session as clients see them."""

import json
from typing import Any

from api.editing.sources import file_url
from api.store.clock import SECOND, iso
from api.store.rows import Asset
from api.store.signing import Signer

MILLI = 1000


def file_json(asset: Asset, base_url: str, signer: Signer) -> dict[str, Any]:
    """An uploaded or generated file, with every member that some client reads."""
    url = file_url(asset, base_url, signer)
    return {
        "id": asset.id,
        "file_id": asset.id,
        "filename": asset.filename,
        "file_type": asset.kind,
        "content_type": asset.content_type,
        "cdn_url": url,
        "url": url,
        "duration": asset.duration_ms / SECOND,
        "width": asset.width,
        "height": asset.height,
        "fps": asset.fps_milli / MILLI,
        "hash": asset.blob,
        "size": asset.size,
    }


MADE = ("seed", "preset", "model", "licence")
"""What is told of how a model made a clip; null for a video that was rendered without one."""


def generated_json(asset: Asset, base_url: str, signer: Signer) -> dict[str, Any]:
    """A video that was made here: a rendered one, or the clip that a model made for one of its shots."""
    url = file_url(asset, base_url, signer)
    made = json.loads(asset.made or "{}")
    return {
        "id": asset.id,
        "type": asset.kind,
        "url": url,
        "cdn_url": url,
        "prompt": asset.prompt,
        "duration": asset.duration_ms / SECOND,
        "width": asset.width,
        "height": asset.height,
        "created_at": iso(asset.created_at),
        **{name: made.get(name) for name in MADE},
    }
