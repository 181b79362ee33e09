"""The Core dialect over HTTP: what programs written for the hosted service speak."""

from api.http.app import create_app

__all__ = ["create_app"]
