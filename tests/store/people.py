"""Users, sessions and other rows that tests begin with."""

from sqlalchemy.orm import Session

from api.store.assets import add_asset, know_blob
from api.store.clock import now_ms
from api.store.projects import create_project
from api.store.rows import Asset, EditSession, User


def add_user(session: Session, user_id: str, kind: str = "registered") -> User:
    user = User(id=user_id, kind=kind, created_at=now_ms())
    session.add(user)
    session.flush()
    return user


def add_session(session: Session, user_id: str) -> EditSession:
    """A session of a user, who is made where there is none."""
    if session.get(User, user_id) is None:
        add_user(session, user_id)
    return create_project(session, user_id, "project", "en")


def add_file(session: Session, owner: EditSession, ref: str, size: int = 1) -> Asset:
    know_blob(session, ref, size)
    return add_asset(session, owner, ref, size, filename="a.png", kind="image", content_type="image/png")
