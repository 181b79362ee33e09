"""Reads the settings that the environment gives once, so that a wrong one stops the start and not a request."""

import os
from importlib import import_module
from pathlib import Path

from api.config.declared import modules_with_settings
from engine.core.settings import all_settings

PREFIX = "MULTIPLANE_"


def check_environment() -> None:
    """Parse every setting that is set.

    Raises:
        OptionError: one of them is not usable.
    """
    given = {name for name, text in os.environ.items() if name.startswith(PREFIX) and text.strip()}
    if given - {setting.variable for setting in all_settings()}:
        # Modules that nobody has imported yet declare the rest; only those are loaded that name one of them.
        for name in modules_with_settings():
            path = Path(__file__).resolve().parent.parent.parent.joinpath(*name.split("."))
            source = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
            if any(f'"{variable}"' in source.read_text(encoding="utf-8") for variable in given):
                import_module(name)
    for setting in all_settings():
        if setting.variable in given:
            setting.value()
