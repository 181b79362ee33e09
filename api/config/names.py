"""How a setting is called: ``MULTIPLANE_CACHE_MB`` in the environment is ``cache_mb`` in the file."""

from difflib import get_close_matches

PREFIX = "MULTIPLANE_"


def key_of(variable: str) -> str:
    """The key in the site's file of an environment variable."""
    return variable.removeprefix(PREFIX).lower()


def near_miss(name: str, known: list[str]) -> str:
    """A sentence that proposes the known name which is most like this one; empty where none is."""
    close = get_close_matches(name, known, n=1, cutoff=0.7)
    return f" Did you mean {close[0]}?" if close else ""
