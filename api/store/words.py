"""Texts as columns: whatever a client sends can be kept and looked for, on every database alike.

PostgreSQL keeps no NUL, and neither database half of a surrogate pair, both of which JSON can carry. Such characters
become U+FFFD on their way in, so that they are neither an error nor a way around a comparison.
"""

import re

from sqlalchemy import Dialect, String, Text
from sqlalchemy.types import TypeDecorator

_UNKEPT = re.compile("[\\0\ud800-\udfff]")


def kept(text: str) -> str:
    """A text as the database keeps it."""
    return _UNKEPT.sub("\ufffd", text)


class Words(TypeDecorator[str]):
    """A text of limited length."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On its way in."""
        return None if value is None else kept(value)


class LongWords(TypeDecorator[str]):
    """A text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On its way in."""
        return None if value is None else kept(value)
