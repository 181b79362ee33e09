"""``docs/configuration.md``: every setting in one table, written by ``make config-table``."""

import sys

from api.config.declared import declared_settings
from api.config.file import CONFIG_FILE
from api.config.names import key_of
from engine.core.settings import (
    AnySetting,
    ChoiceSetting,
    FlagSetting,
    FoldersSetting,
    PathSetting,
    Setting,
    TextSetting,
)

_BEFORE = """\
# Configuration

Written by `make config-table` from the settings that the code declares; do not edit it by hand.

Every setting is an environment variable. One TOML file may give values too: name it in `MULTIPLANE_CONFIG`. A key of
that file is the variable in small letters without `MULTIPLANE_`; numbers and `true`/`false` stand without quotation
marks, texts and paths with them, folders as a list. `[sections]` may group the keys and mean nothing. The environment
wins over the file. What is unknown, of the wrong type or out of range in the file stops the program with one sentence;
`multiplane doctor` shows what holds.

```toml
[storage]
cache_mb = 20000
fonts = ["/srv/studio/fonts"]

[logs]
log_format = "json"
```

Where a file holds keys or passwords, let nobody but the service's user read it (`chmod 600`). Secrets are never
shown or logged.

"""

_HEAD = "| variable | key | default | unit, range | about |\n|---|---|---|---|---|\n"


def document() -> str:
    """The whole of ``docs/configuration.md``."""
    return _BEFORE + _HEAD + "".join(map(_row, declared_settings()))


def _row(setting: AnySetting) -> str:
    default, kind = _default_and_kind(setting)
    key = "none" if setting is CONFIG_FILE else f"`{key_of(setting.variable)}`"
    cells = (f"`{setting.variable}`", key, default, kind, setting.about)
    # A bar would end the cell, a line break the table.
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |\n"


def _default_and_kind(setting: AnySetting) -> tuple[str, str]:
    match setting:
        case Setting():
            return f"{setting.default:.12g}", f"{setting.unit}, {setting.minimum:.12g} to {setting.maximum:.12g}"
        case FlagSetting():
            return "on" if setting.default else "off", "on or off"
        case ChoiceSetting():
            return setting.default, " / ".join(setting.choices)
        case TextSetting():
            return setting.default or "none", "text, secret" if setting.secret else "text"
        case PathSetting():
            return setting.default_about, "path"
        case FoldersSetting():
            return "none", "folders, `:` between them"


if __name__ == "__main__":
    sys.stdout.write(document())
