"""Colours of a draft: ``#rrggbb``, sRGB."""

from engine.core.errors import DraftError, quoted


def is_color(text: str) -> bool:
    """Whether a text is a colour of the form ``#rrggbb``."""
    return len(text) == 7 and text[0] == "#" and all(digit in "0123456789abcdef" for digit in text[1:].lower())


def check_color(text: str) -> None:
    """Refuse what is not a colour.

    Raises:
        DraftError: with the form that would do.
    """
    if not is_color(text):
        raise DraftError(f"{quoted(text)} is not a colour: write it as #rrggbb, such as #000000 for black.")
