"""Media as addresses: a file of the draft is a URL in OpenTimelineIO."""

from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from engine.timeline.otio.metadata import clean

_SAFE = "/:@!$&'()*+,;=~"


def url_of(src: str, base: Path | None) -> str:
    """The URL of a source: an absolute file URL where ``base`` says what relative names are relative to."""
    if "://" in src or src.startswith("pack:"):
        return clean(src)
    path = Path(src)
    if not path.is_absolute():
        if base is None:
            return quote(clean(PurePosixPath(path).as_posix()), safe=_SAFE)
        path = Path(base).absolute() / path
    return "file://" + quote(clean(path.as_posix()), safe=_SAFE)


def src_of(url: str) -> str:
    """The source that a URL names: the path of a file URL or of a relative one, every other URL as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # "http://[" is none: rendering will say that it names nothing
    if parts.scheme == "file":
        path = unquote(parts.path)
        # file:///C:/x is a path on a Windows drive.
        return path[1:] if len(path) > 2 and path[2] == ":" else path
    return url if parts.scheme else unquote(url)
