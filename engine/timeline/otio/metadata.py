"""Our JSON as metadata of OpenTimelineIO objects, and the texts that its objects can hold."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

KEY = "multiplane"
"""Under which our metadata stands, on every object."""

_AS_TEXT = "json"
_LARGEST = 2**63 - 1
_SCHEMA_KEY = "OTIO_SCHEMA"


def attach(item: Any, value: Mapping[str, Any]) -> None:  # noqa: ANN401 - of the library
    """Give an object our metadata: as an object that other tools can look into, or as one text where it holds what the
    library would change: a NUL, half a surrogate pair, a number of more than 64 bits or of more than 15 digits."""
    item.metadata[KEY] = dict(value) if _survives(value) else {_AS_TEXT: json.dumps(value)}


def attached(item: Any) -> dict[str, Any]:  # noqa: ANN401 - of the library
    """Our metadata of an object as plain Python values; empty where it has none, or none that we can read."""
    value = _plain(item.metadata.get(KEY))
    if not isinstance(value, dict):
        return {}
    if set(value) != {_AS_TEXT}:
        return value
    try:
        parsed = json.loads(value[_AS_TEXT])
    except (TypeError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def clean(text: str) -> str:
    """A text that an OpenTimelineIO object can hold as its name or address."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _survives(value: object) -> bool:
    if isinstance(value, str):
        return clean(value) == value
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    if isinstance(value, float):
        # Its reader is exact where the digits and the power of ten are both exact as floats, and rounds elsewhere.
        return isfinite(value) and float(f"{value:.15g}") == value and (value == 0 or 1e-7 <= abs(value) <= 1e15)
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _survives(key) and key != _SCHEMA_KEY for key in value) and all(
            _survives(item) for item in value.values()
        )
    return isinstance(value, list | tuple) and all(_survives(item) for item in value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The library's containers as dicts and lists."""
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if hasattr(value, "__iter__") else None
