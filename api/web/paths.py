"""Addresses of ours that a browser may be sent to."""

HOME, LOGIN, LOGOUT, REGISTER = "/", "/login", "/logout", "/register"

CLAIM = "/workspace/claim"

KEYS = "/workspace/api-keys"

BILLING, PRICING = "/dashboard/billing", "/pricing"

STYLE, ICON = "/web/style.css", "/web/icon.svg"

LONGEST_NEXT = 500
"""Characters of an address that a sign-in leads back to."""


def safe_next(wanted: str) -> str:
    """Where a sign-in leads: a path of this site, else the first page.

    Browsers read ``//host`` and ``/\\host`` as another site, and drop tabs and line breaks before they look.
    """
    printable = all("!" <= sign <= "~" for sign in wanted)
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if printable and is_local and len(wanted) <= LONGEST_NEXT else HOME
