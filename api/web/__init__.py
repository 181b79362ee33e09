"""The pages: what a person opens in a browser, without scripts and without anything from elsewhere."""

from api.web.routes import routes

__all__ = ["routes"]
