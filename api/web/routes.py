"""Which page lies at which address."""

from starlette.routing import BaseRoute, Route

from api.web import paths, projects, static_files


def routes() -> list[BaseRoute]:
    """All pages, for ``create_app(service, routes())``."""
    return [
        Route(paths.HOME, projects.home),
        Route(paths.CLAIM, projects.claim),
        Route("/workspace/project/{task_id}/{session_id}", projects.by_session),
        Route("/workspace/task/{task_id}/{session_id}", projects.by_session),
        Route("/task/{task_id}", projects.by_task),
        Route(paths.STYLE, static_files.style),
        Route(paths.ICON, static_files.icon),
    ]
