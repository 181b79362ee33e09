"""What a fetched file is called where it is shown, and what its server says it is."""

import re
from email.message import Message
from urllib.parse import unquote, urlsplit

from api.intake.display_names import LONGEST_NAME, display_name, visible
from api.intake.links import Link

LONGEST_TYPE = 100
"""Characters of a media type."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def shown_name(headers: Message, link: Link) -> str:
    """The file's name as Content-Disposition gives it, else the last part of the path, else the host.

    It is for people: no part of a path, nothing invisible and nothing that turns the reading order over.
    """
    given = headers.get_filename("") if headers.get("Content-Disposition") else ""
    path = unquote(urlsplit(link.target).path, errors="replace")
    return _plain(_as_utf8(given)) or _plain(path) or link.host[:LONGEST_NAME]


def declared_type(headers: Message) -> str | None:
    """The media type of Content-Type in small letters, without parameters; None where there is none."""
    text = str(headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    return text if len(text) <= LONGEST_TYPE and _MEDIA_TYPE.fullmatch(text) else None


def _plain(text: str) -> str:
    """A display name; empty where the text holds none."""
    last = visible(re.split(r"[/\\]", text)[-1]).strip(". ")
    return display_name(last) if last else ""


def _as_utf8(text: str) -> str:
    """``http.client`` reads headers as Latin-1; most servers write UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
