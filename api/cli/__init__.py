"""The command line: ``multiplane``."""

from api.cli.main import main

__all__ = ["main"]
