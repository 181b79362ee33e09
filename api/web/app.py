"""The whole application of a web process: what programs speak, and the pages beside it."""

from fastapi import FastAPI

from api.http import create_app
from api.service import Service
from api.web.routes import routes


def whole_app(service: Service) -> FastAPI:
    """The application over an opened service, with its pages."""
    return create_app(service, routes())
