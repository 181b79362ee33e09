"""JSON text to values: strict about what JSON is, tolerant about how it was packed."""

import json
from collections.abc import Mapping
from math import isfinite

from engine.core.errors import DraftError

MAX_PACKING = 3
"""How often a draft may be packed as JSON in JSON; some clients encode twice."""


def parse_json(source: object) -> object:
    """The value that JSON text holds, unpacked where it is JSON in JSON; an object in memory is copied.

    Raises:
        DraftError: it is not JSON, or holds a number or a text that JSON cannot carry back.
    """
    value = source
    if isinstance(source, Mapping | list):
        # An object in memory may hold what JSON cannot (infinity), and what is kept must be written back one day.
        try:
            value = json.dumps(source)
        except (TypeError, ValueError) as error:
            raise DraftError("The draft holds something that JSON cannot.", detail=str(error)) from error
        except RecursionError as error:
            raise DraftError("The draft is nested too deeply to be read.", detail=str(error)) from error
    for _ in range(MAX_PACKING):
        if isinstance(value, str | bytes | bytearray):
            value = _parse(value)
    return value


def _parse(text: str | bytes | bytearray) -> object:
    def refuse(name: str) -> None:
        raise DraftError(f"The draft holds {name}, which is not a JSON number: write a finite number.")

    def finite(digits: str) -> float:
        number = float(digits)
        if not isfinite(number):
            raise DraftError(f"The draft holds {digits[:40]}, which is too large for a number: write a smaller one.")
        return number

    try:
        value: object = json.loads(
            text.removeprefix("\ufeff") if isinstance(text, str) else text, parse_constant=refuse, parse_float=finite
        )
        # Half of a surrogate pair, "\\ud800", can be read but never written as UTF-8.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise DraftError("The draft is not UTF-8 text: save it as UTF-8.", detail=str(error)) from error
    except UnicodeEncodeError as error:
        raise DraftError("The draft holds half a character, which is no valid text.", detail=str(error)) from error
    except ValueError as error:
        raise DraftError(f"The draft is not valid JSON: {error}.", detail=str(error)) from error
    except RecursionError as error:
        raise DraftError("The draft is nested too deeply to be read.", detail=str(error)) from error
    return value
