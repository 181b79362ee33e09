"""Which page lies at which address."""

from starlette.routing import BaseRoute, Route

from api.web import accounts, billing, keys, paths, projects, static_files


def routes() -> list[BaseRoute]:
    """All pages, for ``create_app(service, routes())``."""
    asked_and_sent = ["GET", "POST"]
    return [
        Route(paths.HOME, projects.home),
        Route(paths.CLAIM, projects.claim),
        Route("/workspace/project/{task_id}/{session_id}", projects.by_session),
        Route("/workspace/task/{task_id}/{session_id}", projects.by_session),
        Route("/task/{task_id}", projects.by_task),
        Route(paths.LOGIN, accounts.login, methods=asked_and_sent),
        Route(paths.LOGOUT, accounts.logout, methods=["POST"]),
        Route(paths.REGISTER, accounts.register, methods=asked_and_sent),
        Route(paths.KEYS, keys.keys, methods=asked_and_sent),
        Route(paths.KEYS + "/{token_id}/revoke", keys.revoked, methods=["POST"]),
        Route("/dashboard/api-tokens", keys.old_address),
        Route(paths.BILLING, billing.billing),
        Route(paths.PRICING, billing.pricing),
        Route(paths.STYLE, static_files.style),
        Route(paths.ICON, static_files.icon),
    ]
