"""Site settings from the environment: a number with a unit and a range, a text, a choice, a flag, a path, folders.

Each package declares its own settings beside the code that obeys them; ``multiplane doctor`` lists them all, and
``docs/configuration.md`` describes them. Every kind has the same members: ``parse`` reads a text as the environment or
the site's file gives it, ``value`` is what holds now, ``shown`` is that for people, and never a secret.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import OptionError, quoted

HIDDEN = "set (hidden)"
"""Stands for a secret wherever settings are shown."""

_ON, _OFF = frozenset({"1", "on", "yes", "true"}), frozenset({"0", "off", "no", "false"})

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
        return self.parse(text) if text else self.default

    def parse(self, text: str) -> float:
        """Read a text as this setting; raises as :meth:`value` does."""
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
        secret: whether it is a key or a password: nobody may see it in a list or a log.
    """

    variable: str
    default: str
    about: str
    secret: bool = False

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> str:
        """Read the setting now, without the space around it."""
        return _given(self.variable) or self.default

    def parse(self, text: str) -> str:
        """Read a text as this setting: every text is one."""
        return text.strip()

    def shown(self) -> str:
        """The value now, for the list of settings; of a secret only whether it is set."""
        if self.secret:
            return HIDDEN if self.value() else "not set"
        return self.value()


@dataclass(frozen=True, slots=True)
class ChoiceSetting:
    """One of several words; small and capital letters are the same.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: the word when the variable is not set.
        choices: the words, in small letters.
        about: one line for the list of settings.
    """

    variable: str
    default: str
    choices: tuple[str, ...]
    about: str

    def __post_init__(self) -> None:
        if self.default not in self.choices:
            raise ValueError(f"{self.variable}: the default {self.default!r} is none of {self.choices}")
        _REGISTRY[self.variable] = self

    def value(self) -> str:
        """Read the setting now.

        Raises:
            OptionError: the variable holds none of the words.
        """
        text = _given(self.variable)
        return self.parse(text) if text else self.default

    def parse(self, text: str) -> str:
        """Read a text as this setting; raises as :meth:`value` does."""
        word = text.strip().casefold()
        if word not in self.choices:
            words = f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
            raise OptionError(f"{self.variable}={quoted(text)} is not usable: give {words}.")
        return word

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        return self.value()


@dataclass(frozen=True, slots=True)
class FlagSetting:
    """On or off: ``1``, ``on``, ``yes``, ``true`` and ``0``, ``off``, ``no``, ``false``.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: what holds when the variable is not set.
        about: one line for the list of settings.
    """

    variable: str
    default: bool
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> bool:
        """Read the setting now.

        Raises:
            OptionError: the variable holds none of the words.
        """
        text = _given(self.variable)
        return self.parse(text) if text else self.default

    def parse(self, text: str) -> bool:
        """Read a text as this setting; raises as :meth:`value` does."""
        word = text.strip().casefold()
        if word not in _ON and word not in _OFF:
            raise OptionError(f"{self.variable}={quoted(text)} is not usable: give on or off.")
        return word in _ON

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        return "on" if self.value() else "off"


@dataclass(frozen=True, slots=True)
class PathSetting:
    """One file or folder that a site can name. ``~`` stands for the home folder.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: gives the path when the variable is not set; None: there is none then.
        about: one line for the list of settings.
        default_about: the default in words, for documents that know no machine.
    """

    variable: str
    default: Callable[[], Path | None]
    about: str
    default_about: str = "none"

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> Path | None:
        """Read the setting now. Whether anything is there is not looked at.

        Raises:
            OptionError: the path is not absolute: which folder it starts from would depend on who runs the program.
        """
        text = _given(self.variable)
        return self.parse(text) if text else self.default()

    def parse(self, text: str) -> Path:
        """Read a text as this setting; raises as :meth:`value` does."""
        return _absolute(self.variable, text.strip())

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
        return self.parse(_given(self.variable))

    def parse(self, text: str) -> tuple[Path, ...]:
        """Read a text as this setting; raises as :meth:`value` does."""
        parts = (part.strip() for part in text.split(os.pathsep))
        folders = tuple(_absolute(self.variable, part) for part in parts if part)
        for folder in folders:
            if not folder.is_dir():
                raise OptionError(f"{self.variable}: there is no folder {folder}: create it, or mend the setting.")
        return folders

    def shown(self) -> str:
        """The value now, for the list of settings; raises as :meth:`value` does."""
        return os.pathsep.join(map(str, self.value())) or "none"


AnySetting = Setting | TextSetting | ChoiceSetting | FlagSetting | PathSetting | FoldersSetting
"""Each has a ``variable``, an ``about``, a ``value()``, a ``parse(text)`` and a ``shown()``."""


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
