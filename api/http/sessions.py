"""Projects and sessions."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.http.bodies import body_schema, read_body
from api.http.envelope import envelope
from api.http.requests import APP, Writes, check_path, service_of
from api.service import Service
from api.store.projects import create_project

router = APIRouter(tags=["sessions"])

DEFAULT_NAME, DEFAULT_LANGUAGE = "project", "en"


class ProjectBody(BaseModel):
    """What a project is called, and the language of its user."""

    task_name: str | None = None
    language: str | None = None


@router.post(
    "/api/tasks/{user}/with-session/{app}",
    summary="Begin a project",
    openapi_extra=body_schema(ProjectBody, one={"task_name": "project", "language": "en"}),
)
async def create(request: Request, user: str, app: str, holder: Writes) -> dict[str, Any]:
    """A new project with one session, at every call."""
    await check_path(request, holder, app, user)
    body = await read_body(request, ProjectBody)
    data = await run_in_threadpool(_create, service_of(request), holder.user_id, body)
    return envelope(data)


def _create(service: Service, user_id: str, body: ProjectBody) -> dict[str, Any]:
    with service.database.write() as session:
        row = create_project(session, user_id, body.task_name or DEFAULT_NAME, body.language or DEFAULT_LANGUAGE)
        return {
            "task_id": row.task_id,
            "session_id": row.id,
            "user_id": user_id,
            "bind_id": user_id,
            "task_name": body.task_name or DEFAULT_NAME,
            "app_name": APP,
        }
