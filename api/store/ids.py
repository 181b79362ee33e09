"""Names of things: unguessable where they open something, in the forms of the wire protocol."""

import secrets

TOKEN_BYTES = 32
"""256 random bits."""

USER_TOKEN = "nmv_usr_"

CLAIM_TOKEN = "clm_"

SESSION_DIGITS = 19


def user_token() -> str:
    """A bearer token: the prefix and 43 url-safe characters."""
    return USER_TOKEN + secrets.token_urlsafe(TOKEN_BYTES)


def claim_token() -> str:
    """A token that opens one project's page and nothing else."""
    return CLAIM_TOKEN + secrets.token_urlsafe(TOKEN_BYTES)


def session_id() -> str:
    """A decimal number of 19 digits, always handled as text: it is beyond what a double holds."""
    return str(10 ** (SESSION_DIGITS - 1) + secrets.randbelow(8 * 10 ** (SESSION_DIGITS - 1)))


def new_id(prefix: str, count: int = 12) -> str:
    """``prefix`` and random hexadecimal digits of ``count`` bytes."""
    return f"{prefix}{secrets.token_hex(count)}"
