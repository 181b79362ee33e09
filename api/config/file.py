"""The site's file: TOML whose keys are the settings' variables in small letters, without ``MULTIPLANE_``.

Tables (``[section]``) group keys as the site likes and mean nothing. The environment wins over the file.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from api.config.declared import declared_settings
from api.config.names import key_of, near_miss
from engine.core.errors import OptionError, quoted
from engine.core.settings import (
    AnySetting,
    FlagSetting,
    FoldersSetting,
    PathSetting,
    Setting,
    TextSetting,
)

CONFIG_FILE = PathSetting(
    "MULTIPLANE_CONFIG", lambda: None, "the site's file of settings (TOML); it cannot be named in itself"
)

MAX_CONFIG_BYTES = 1_000_000
"""A file of settings is a page or two; whatever is larger is another file."""


def use_config(path: Path | None = None) -> None:
    """Set the variables of the site's file in the environment where it does not set them, for child processes too.

    Args:
        path: the file; by default the one that ``MULTIPLANE_CONFIG`` names, if it names one.

    Raises:
        OptionError: see :func:`load_config`.
    """
    path = CONFIG_FILE.value() if path is None else path
    if path is None:
        return
    for variable, text in load_config(path).items():
        # A blank variable counts as not set, as it does for the settings themselves.
        if not os.environ.get(variable, "").strip():
            os.environ[variable] = text


def load_config(path: Path) -> dict[str, str]:
    """Read the site's file.

    Returns:
        environment variables and their texts, as :meth:`Setting.parse` reads them.

    Raises:
        OptionError: the file cannot be read or is no TOML; a key is unknown or there twice, or its value is of the
            wrong type or out of range. One sentence that names file and key, and never a secret.
    """
    settings = {key_of(setting.variable): setting for setting in declared_settings() if setting is not CONFIG_FILE}
    found: dict[str, str] = {}
    for place, key, value in _leaves(_read(path), ""):
        setting = settings.get(key)
        if setting is None:
            raise OptionError(_unknown(path, place, key, list(settings)))
        if setting.variable in found:
            raise OptionError(f"{path.name}: {place} is given twice: leave one of them.")
        found[setting.variable] = _text(path, place, setting, value)
    return found


def _read(path: Path) -> Mapping[str, object]:
    try:
        if not path.is_file():
            raise OptionError(f"{path.name}: there is no such file of settings: mend the name, or leave it out.")
        with path.open("rb") as file:
            data = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise OptionError(f"{path.name}: the file of settings cannot be read ({error.strerror}).") from error
    if len(data) > MAX_CONFIG_BYTES:
        raise OptionError(f"{path.name}: this is no file of settings: it has more than {MAX_CONFIG_BYTES:,} bytes.")
    try:
        # "utf-8-sig": editors on Windows put a mark at the beginning.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise OptionError(f"{path.name}: the file of settings is not UTF-8: save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        # The parser's words quote the file, and what it quotes may be a secret: only the place is told.
        where = str(error).rpartition("(at ")[2].rstrip(")") if "(at " in str(error) else ""
        raise OptionError(
            f"{path.name}: the file of settings is no TOML{f' (at {where})' if where else ''}: mend it there.",
            detail=str(error),
        ) from None


def _leaves(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str, object]]:
    """Place in the file, key and value of everything that is no table."""
    for key, value in table.items():
        place = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from _leaves(value, place)
        else:
            yield place, key, value


def _unknown(path: Path, place: str, key: str, known: list[str]) -> str:
    if key == key_of(CONFIG_FILE.variable):
        return f"{path.name}: {place} cannot stand in the file that it names: remove it."
    hint = near_miss(key_of(key.upper()), known)
    return f"{path.name}: {quoted(place)} is no setting.{hint or ' See docs/configuration.md.'}"


def _text(path: Path, place: str, setting: AnySetting, value: object) -> str:
    """The value as the environment would give it."""
    text = _typed(setting, value)
    if text is None or "\0" in text:
        raise OptionError(f"{path.name}: {place} must be {_wanted(setting)}.")
    if text.strip():
        try:
            setting.parse(text)
        except OptionError as error:
            # The setting's own sentence begins with its variable.
            reason = error.message.removeprefix(setting.variable).lstrip(":=")
            raise OptionError(f"{path.name}: {place}={reason}") from error
    return text


def _typed(setting: AnySetting, value: object) -> str | None:
    """None: a value of the wrong type."""
    match setting:
        case Setting():
            return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case FlagSetting():
            return ("on" if value else "off") if isinstance(value, bool) else None
        case FoldersSetting() if isinstance(value, list):
            folders = [part for part in value if isinstance(part, str) and part.strip() and os.pathsep not in part]
            return os.pathsep.join(folders) if len(folders) == len(value) else None
        case _:
            return value if isinstance(value, str) else None


def _wanted(setting: AnySetting) -> str:
    match setting:
        case Setting():
            return (
                f"a number of {setting.unit} from {setting.minimum:g} to {setting.maximum:g}, without quotation marks"
            )
        case FlagSetting():
            return "true or false, without quotation marks"
        case FoldersSetting():
            return "a list of folders in quotation marks"
        case TextSetting():
            return "a text in quotation marks"
        case PathSetting():
            return "a path in quotation marks"
        case _:
            return f"{' or '.join(map(repr, setting.choices))}"
