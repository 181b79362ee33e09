"""Reads the settings that the environment gives once, so that a wrong one stops the start and not a request."""

import os
from importlib import import_module

from api.config.declared import sources_with_settings
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
        for name, source in sources_with_settings():
            if any(f'"{variable}"' in source for variable in given):
                import_module(name)
    for setting in all_settings():
        if setting.variable in given:
            setting.value()
