"""The end of an upload: its files become files of the session, all of them or none."""

from typing import Any

from sqlalchemy.orm import Session

from api.store.assets import add_asset
from api.store.projects import own_session
from engine.core.errors import FileTooLarge, NoSuchSession

Json = dict[str, Any]

MEMBERS = ("filename", "kind", "content_type", "width", "height", "duration", "fps")


def keep(session: Session, user_id: str, payload: Json, result: Json) -> Json:
    """Give the session its files.

    Args:
        session: the transaction that ends the job.
        user_id: whose upload it is.
        payload: of the job: ``session_id`` and ``origin``.
        result: of the task, see :mod:`api.work.arriving`.

    Returns:
        The result with ``assets``, the ids of the new files, or with ``refused``.
    """
    if "refused" in result:
        return result
    try:
        with session.begin_nested():
            owner = own_session(session, user_id, payload["session_id"], lock=True)
            added = [
                add_asset(
                    session, owner, each["blob"], each["size"], origin=payload.get("origin", "upload"),
                    poster=_pair(each.get("poster")),
                    **{name: each[name] for name in MEMBERS},
                )
                for each in result["files"]
            ]  # fmt: skip
            return {**result, "assets": [asset.id for asset in added]}
    except FileTooLarge as error:
        return {"refused": {"kind": "too_large", "message": error.message}}
    except NoSuchSession as error:
        return {"refused": {"kind": "no_session", "message": error.message}}


def _pair(poster: list[Any] | None) -> tuple[str, int] | None:
    """A blob and its size, as JSON has it."""
    return None if poster is None else (str(poster[0]), int(poster[1]))
