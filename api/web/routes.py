"""Which page lies at which address."""

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from api.web import accounts, billing, keys, paths, projects, static_files


class Page(Route):
    """A route whose template stands in the log and the metrics: Starlette's own does not say which route it was."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is this route's, and what its endpoint is told."""
        match, told = super().matches(scope)
        return match, {**told, "route": self}


def routes() -> list[BaseRoute]:
    """All pages, for ``create_app(service, routes())``."""
    asked_and_sent = ["GET", "POST"]
    return [
        Page(paths.HOME, projects.home),
        Page(paths.CLAIM, projects.claim),
        Page("/workspace/project/{task_id}/{session_id}", projects.by_session),
        Page("/workspace/task/{task_id}/{session_id}", projects.by_session),
        Page("/task/{task_id}", projects.by_task),
        Page(paths.LOGIN, accounts.login, methods=asked_and_sent),
        Page(paths.LOGOUT, accounts.logout, methods=["POST"]),
        Page(paths.REGISTER, accounts.register, methods=asked_and_sent),
        Page(paths.KEYS, keys.keys, methods=asked_and_sent),
        Page(paths.KEYS + "/{token_id}/revoke", keys.revoked, methods=["POST"]),
        Page("/dashboard/api-tokens", keys.old_address),
        Page(paths.BILLING, billing.billing),
        Page(paths.PRICING, billing.pricing),
        Page(paths.STYLE, static_files.style),
        Page(paths.ICON, static_files.icon),
    ]
