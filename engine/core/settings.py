"""Site settings from the environment: a number with a unit and a range, a text, a path, or a list of folders.

Each package declares its own settings beside the code that obeys them; ``multiplane doctor`` lists them all.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import OptionError

_REGISTRY: dict[str, "AnySetting"] = {}


@dataclass(frozen=True, slots=True)
class Setting:
    """One number that a site can change.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: the value when the variable is not set.
        unit: what the number counts: ``MB``, ``megapixels``, ``px``, ``frames``, ...
        minimum, maximum: the accepted range, both included.
        about: one line for the list of settings.
    """

    variable: str
    default: float
    unit: str
    minimum: float
    maximum: float
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> float:
        """Read the setting now, in its unit.

        Raises:
            OptionError: the variable holds something that is not a number in the range.
        """
        text = _given(self.variable)
        if not text:
            return self.default
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not self.minimum <= number <= self.maximum:
            raise OptionError(
                f"{self.variable}={text!r} is not usable: give a number of {self.unit} "
                f"from {self.minimum:g} to {self.maximum:g}."
            )
        return number

    def int_value(self) -> int:
        """Read the setting as a whole number, in its unit."""
        return int(self.value())

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        return f"{self.value():.12g} {self.unit}"


@dataclass(frozen=True, slots=True)
class TextSetting:
    """One text that a site can change.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: the value when the variable is not set.
        about: one line for the list of settings.
    """

    variable: str
    default: str
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> str:
        """Read the setting now, without the space around it."""
        return _given(self.variable) or self.default

    def shown(self) -> str:
        """The value now, for the list of settings."""
        return self.value()


@dataclass(frozen=True, slots=True)
class PathSetting:
    """One file or folder that a site can name. ``~`` stands for the home folder.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: gives the path when the variable is not set; None: there is none then.
        about: one line for the list of settings.
    """

    variable: str
    default: Callable[[], Path | None]
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> Path | None:
        """Read the setting now. Whether anything is there is not looked at.

        Raises:
            OptionError: the path is not absolute: which folder it starts from would depend on who runs the program.
        """
        text = _given(self.variable)
        return _absolute(self.variable, text) if text else self.default()

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        path = self.value()
        return "none" if path is None else str(path)


@dataclass(frozen=True, slots=True)
class FoldersSetting:
    """Folders that a site can name, with ``:`` between them as in ``PATH``; none by default.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        about: one line for the list of settings.
    """

    variable: str
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> tuple[Path, ...]:
        """Read the setting now.

        Raises:
            OptionError: a path is not absolute, or no folder is there.
        """
        parts = (part.strip() for part in _given(self.variable).split(os.pathsep))
        folders = tuple(_absolute(self.variable, part) for part in parts if part)
        for folder in folders:
            if not folder.is_dir():
                raise OptionError(f"{self.variable}: there is no folder {folder}: create it, or mend the setting.")
        return folders

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        return os.pathsep.join(map(str, self.value())) or "none"


AnySetting = Setting | TextSetting | PathSetting | FoldersSetting
"""Each has a ``variable``, an ``about``, a ``value()`` and a ``shown()``."""


def all_settings() -> list[AnySetting]:
    """Every setting declared so far, sorted by name."""
    return [_REGISTRY[name] for name in sorted(_REGISTRY)]


def _given(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _absolute(variable: str, text: str) -> Path:
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise OptionError(f"{variable}={text!r}: the home folder is not known here: write the path out.") from error
    if not path.is_absolute():
        raise OptionError(f"{variable}={text!r} is not usable: give a path that starts with / or ~.")
    return path
