"""Pages of projects: by a link that carries a claim token, and for those who are signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.requests import service_of
from api.service import Service
from api.store.ids import CLAIM_TOKEN
from api.store.projects import own_session
from api.store.rows import EditSession, Task, User
from api.store.tokens import find_token
from api.web import paths
from api.web.cookies import visit_of
from api.web.pages import FOUND, as_page, need_accounts, notice, page, send_to
from api.web.project import Project, show
from engine.core.errors import NoSuchObject, NoSuchSession, NotAuthenticated

LONGEST_CLAIM = 200

GONE = 410

BAD_LINK = "This link is not valid or has expired: ask for a new one where you got it."

OLD_LINK = (
    "Links that carry an access token are not accepted any more: ask for a new link where you got this one, and do not "
    "pass the old one on."
)

MOST_PROJECTS = 50
"""In the list of the first page."""

Find = Callable[[Session, str], EditSession]


@dataclass(frozen=True, slots=True)
class Entry:
    """A project in the list of its owner."""

    name: str
    path: str
    updated_at: int


@as_page
async def claim(request: Request) -> Response:
    """The project that a link opens, without a login."""
    visit = await visit_of(request)
    token = request.query_params.get("ct", "")
    if not token and "token" in request.query_params:
        return notice(request, visit, "This link is too old", OLD_LINK, GONE)
    project = await run_in_threadpool(_claimed, service_of(request), token)
    return page(request, visit, "project", project.name, secret_address=True, project=project)


def _claimed(service: Service, secret: str) -> Project:
    if not secret.startswith(CLAIM_TOKEN) or len(secret) > LONGEST_CLAIM:
        raise NoSuchObject(BAD_LINK)
    with service.database.read() as session:
        try:
            token = find_token(session, secret, ("claim",))
            # The session must still be that of whoever made the link; a bound user's things are the account's.
            owner = session.get_one(User, token.user_id)
            row = own_session(session, owner.merged_into or owner.id, token.session_id or "")
        except (NotAuthenticated, NoSuchSession) as error:
            raise NoSuchObject(BAD_LINK) from error
        return show(service, session, row)


@as_page
async def by_session(request: Request) -> Response:
    """A session by the ids of its project and its own."""
    task_id, session_id = request.path_params["task_id"], request.path_params["session_id"]

    def find(session: Session, user_id: str) -> EditSession:
        row = own_session(session, user_id, session_id)
        if row.task_id != task_id:
            raise NoSuchSession("Session not found.")
        return row

    return await _own(request, find)


@as_page
async def by_task(request: Request) -> Response:
    """The session of a project that was touched last."""
    task_id = request.path_params["task_id"]

    def find(session: Session, user_id: str) -> EditSession:
        found = session.scalar(
            select(EditSession)
            .where(EditSession.task_id == task_id, EditSession.user_id == user_id, EditSession.deleted_at.is_(None))
            .order_by(EditSession.updated_at.desc(), EditSession.id)
            .limit(1)
        )
        if found is None:
            raise NoSuchSession("Session not found.")
        return found

    return await _own(request, find)


async def _own(request: Request, find: Find) -> Response:
    need_accounts()
    visit = await visit_of(request)
    service = service_of(request)

    def read(user_id: str) -> Project | None:
        with service.database.read() as session:
            try:
                row = find(session, user_id)
            except NoSuchSession:
                return None
            return show(service, session, row)

    project = await run_in_threadpool(read, visit.visitor.user_id) if visit.visitor is not None else None
    if project is None:
        # The same whether it is somebody else's or not there; what stood behind the path is left away with its tokens.
        back = paths.safe_next(quote(request.url.path))
        return send_to(f"{paths.LOGIN}?{urlencode({'next': back})}", FOUND)
    return page(request, visit, "project", project.name, project=project)


@as_page
async def home(request: Request) -> Response:
    """What this is; for those who are signed in, their projects."""
    visit = await visit_of(request)
    entries: list[Entry] = []
    if visit.visitor is not None:
        entries = await run_in_threadpool(_entries, service_of(request), visit.visitor.user_id)
    described = getattr(request.app, "openapi_url", None)
    return page(
        request, visit, "home", "Multiplane", entries=entries, most=MOST_PROJECTS, described=described
    )  # fmt: skip


def _entries(service: Service, user_id: str) -> list[Entry]:
    with service.database.read() as session:
        rows = session.execute(
            select(Task.name, Task.id, EditSession.id, EditSession.updated_at)
            .join(EditSession, EditSession.task_id == Task.id)
            .where(EditSession.user_id == user_id, EditSession.deleted_at.is_(None))
            .order_by(EditSession.updated_at.desc(), EditSession.id)
            .limit(MOST_PROJECTS)
        )
        return [
            Entry(name, f"/workspace/project/{quote(task, safe='')}/{quote(row, safe='')}", when)
            for name, task, row, when in rows
        ]
