"""``python -m api.cli`` is ``multiplane``."""

from api.cli import program

program()
