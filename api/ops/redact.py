"""Secrets in texts that go to a log: tokens, headers, signatures and passwords are replaced wherever they stand.

No pattern knows a secret by its look alone. Recognised are our own tokens, what stands beside a telling word
(``password=``, ``"api_key": ``, ``Authorization: ``), user and password of an address, password hashes, and the values
of the secret settings. All of it takes time linear in the text, which may be a stranger's. It rather hides a word too
many than one too few.
"""

import re
from collections.abc import Mapping

from engine.core.settings import TextSetting, all_settings

REDACTED = "[redacted]"

MIN_SECRET = 6
"""Characters of a secret setting that is looked for: shorter ones would hide parts of ordinary words."""

MAX_DEPTH = 6
"""Levels of nested values that are looked at."""

_TELLING = (
    r"pass(?:word|wd|phrase|code)|secret|(?:api|access|private|planner|session)[_-]?key|token|signature|credential"
    r"|authorization|cookie"
)
_TELLING_WORD = re.compile(_TELLING, re.IGNORECASE)

_TELLING_PARAMETER = r"sig|s|ct|bind|pwd|key|code|auth|jwt|X-(?:Amz|Goog)-\w{1,30}"
"""Too short to be telling anywhere but in a query string."""

# A text in quotation marks; it may be cut off, and then it goes to the end of the line.
_STRING = r"""b?"(?:[^"\\\n]|\\.)*"?|b?'(?:[^'\\\n]|\\.)*'?"""
_ESCAPED_STRING = r"""\\["'](?:[^"'\\\n]|\\[^"'\n])*(?:\\["'])?"""
_BARE = r"""[^\s&"'<>,;)\]}]+"""
_NOT_YET = rf"(?!{re.escape(REDACTED)})"


def _rule(pattern: str, put: str) -> tuple[re.Pattern[str], str]:
    return re.compile(pattern, re.IGNORECASE), put


_RULES = (
    # Whole PEM blocks, before anything cuts them up.
    _rule(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}-----)?", REDACTED),
    _rule(r"(nmv(?:_|%5F)usr(?:_|%5F)|clm(?:_|%5F))[\w.~%-]+", rf"\1{REDACTED}"),
    _rule(r"\$(?:argon2(?:id|i|d)|2[aby]|scrypt|pbkdf2[\w-]{0,20})\$[\w$,=+/.-]+", REDACTED),
    _rule(r"(://)[^\s/?#'\"<>@:]{0,200}:[^\s/?#'\"<>]{0,500}@", rf"\1{REDACTED}@"),
    # These headers hold lists of secrets: the whole line, or what is in the quotation marks around it.
    _rule(rf"((?:authorization|cookie)\s{{0,4}}:\s{{0,4}}){_NOT_YET}[^\s\"'][^\n\"']*", rf"\1{REDACTED}"),
    _rule(rf"\b(Bearer|Basic)(\s{{1,4}}|%20|\+){_NOT_YET}[\w.~+/=%-]{{6,}}", rf"\1\2{REDACTED}"),
    # pydantic and FastAPI repeat what was sent, and name the member that it was sent for elsewhere.
    _rule(rf"(input_value=){_NOT_YET}[^\n]{{0,500}}?(?=, input_type=|\n|$)", rf"\1{REDACTED}"),
    _rule(rf"([\"']input[\"']\s?:\s?){_NOT_YET}(?:{_STRING})", rf"\1{REDACTED}"),
    # SQLAlchemy: the values that a statement was given, without their names.
    _rule(rf"(\[parameters: ){_NOT_YET}[^\n]*", rf"\1{REDACTED}]"),
    # A word, what still belongs to its name, a sign of equality (or a comma inside a tuple), and the value.
    _rule(
        rf"((?:{_TELLING})[\w-]{{0,40}}(?:\\?[\"'])?\]?\s{{0,4}}(?:=>|==?|:|%3D|(?<=[\"']),)\s{{0,4}})"
        rf"{_NOT_YET}(?:{_ESCAPED_STRING}|{_STRING}|{_BARE})",
        rf"\1{REDACTED}",
    ),
    _rule(rf"((?:[?&;]|%3F|%26)(?:{_TELLING_PARAMETER})(?:=|%3D)){_NOT_YET}[^\s&\"'<>]+", rf"\1{REDACTED}"),
)


def redact(text: str) -> str:
    """The text without the secrets in it."""
    for secret in _secret_values():
        text = text.replace(secret, REDACTED)
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text


def redact_value(value: object, key: str = "", depth: int = 0) -> object:
    """A value for JSON without the secrets in it: texts inside, and everything under a telling key.

    Numbers, truth values and None stay; what JSON has no form for becomes its ``str``.
    """
    if key and _TELLING_WORD.search(key) and value not in (None, "", True, False):
        return REDACTED
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        # JSON has no NaN and no infinity.
        return value if abs(value) <= 1e308 else str(value)
    if depth < MAX_DEPTH:
        if isinstance(value, Mapping):
            return {redact(str(name)): redact_value(item, str(name), depth + 1) for name, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [redact_value(item, "", depth + 1) for item in value]
    return redact(_text(value))


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        # Whatever the __str__ of a library's object raises, the line must be written.
        return object.__repr__(value)


def _secret_values() -> list[str]:
    """What the secret settings hold now; the longest first, where one is a part of another."""
    values = {setting.value() for setting in all_settings() if isinstance(setting, TextSetting) and setting.secret}
    return sorted((value for value in values if len(value) >= MIN_SECRET), key=len, reverse=True)
