"""Splitting an instruction into words, numbers, signs and quoted texts, each with its place in the original."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "sign", "quote", "name", "handle"]

_QUOTES = {
    "“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "《": "》", "‘": "’", '"': '"', "'": "'", "`": "`", "”": "”",
    "＂": "＂",
}  # fmt: skip
"""Opening quotation marks and what may close them."""

COLOR = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-zA-Z])")

HANDLE = re.compile(
    r"[@#](?=\w*[^\W\d])\w+(?:\.\w+)*|(?:https?://|www\.)[^\s,，。]+"
    r"|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})(?!\d)|\d{4}[-./]\d{1,2}[-./]\d{1,2}(?!\d)"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}[日号號])?"
)
"""A name, a tag or an address of the social networks, or a date: words to be shown, as a whole."""

_SPLIT = re.compile(
    r"(?P<color>#[0-9a-fA-F]{6}(?![0-9a-zA-Z]))|(?P<number>[0-9０-９]+(?:[.,．][0-9０-９]+)?)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*['’]?)|(?P<space>[^\S\n]+)|(?P<sign>->|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, sign or quoted text.

    Attributes:
        kind: what it is; the text of a ``quote`` is never looked at, a ``name`` is that of a file.
        text: folded for comparison: compatibility forms and case removed, straight apostrophes.
        start, end: its place in the original, in code points.
    """

    kind: Kind
    text: str
    start: int
    end: int


def tokenize(text: str, names: Sequence[str] = ()) -> list[Token]:
    """The tokens of an instruction. A hyphen inside a compound ("cross-dissolve") only separates its words.

    Args:
        text: the instruction.
        names: file names; where one stands in the text it is one token of the kind ``name``.
    """
    return _turn_times(list(_drop_hyphens(list(_split(text, _names_in(text, names))), text)))


def _turn_times(tokens: list[Token]) -> list[Token]:
    """ "x2" as "2x": the sign behind the number, where no other number stands before it."""
    out = tokens[:]
    for index in range(len(out) - 1):
        sign, number = out[index], out[index + 1]
        after_number = index > 0 and out[index - 1].kind == "number"
        if sign.text in ("x", "×") and number.kind == "number" and sign.end == number.start and not after_number:
            out[index], out[index + 1] = (
                Token("number", number.text, sign.start, sign.start),
                Token("word", sign.text, sign.start, number.end),
            )
    return out


def fold(text: str) -> str:
    """A text as it is compared: NFKC, lower case, straight apostrophes, Latin letters without their accents."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFD", folded)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


def _names_in(text: str, names: Sequence[str]) -> dict[int, Token]:
    """The tokens of file names by where they start; the longest where several fit."""
    found: dict[int, Token] = {}
    for name in sorted({name for name in names if "." in name.strip(".")}, key=len):
        # A name may stand right beside Chinese characters, but not inside a longer word of letters.
        for match in re.finditer(rf"(?<![0-9A-Za-z_]){re.escape(name)}(?![0-9A-Za-z_])", text, re.IGNORECASE):
            found[match.start()] = Token("name", name, match.start(), match.end())
    return found


def _split(text: str, names: Mapping[int, Token]) -> Iterator[Token]:
    position = 0
    unspaced = any(map(is_unspaced, text))
    starts = sorted(names)
    # A mark that nothing closes from here on is not closed from further on either.
    unclosed: set[str] = set()
    while position < len(text):
        if position in names:
            yield names[position]
            position = names[position].end
            continue
        handle = HANDLE.match(text, position) if not COLOR.match(text, position) else None
        before = text[position - 1] if position else " "
        if handle is not None and (not before.isalnum() or is_unspaced(before)):
            yield Token("handle", text[position : handle.end()], position, handle.end())
            position = handle.end()
            continue
        end = None if text[position] in unclosed else _quote_end(text, position)
        if end is not None:
            yield Token("quote", text[position:end], position, end)
            position = end
            continue
        if _opens(text, position):
            unclosed.add(text[position])
        match = _SPLIT.match(text, position)
        assert match is not None  # the last alternative takes any character
        apostrophe = match.group().find("'") if unspaced and match.lastgroup == "word" else 0
        if apostrophe > 0 and is_unspaced(text[position + apostrophe - 1]):
            # 标题'山': what looks like an apostrophe opens a quotation.
            match = _SPLIT.match(text, position, position + apostrophe)
            assert match is not None
        beyond = next((start for start in starts if start > position), len(text))
        if match.end() > beyond:
            # A file name stands right behind, with no space between.
            match = _SPLIT.match(text, position, beyond)
            assert match is not None
        position = match.end()
        match match.lastgroup:
            case "number" if unspaced and "," in match.group():
                # Where words have no spaces a comma has none either: "4比3,25帧".
                position = match.start() + match.group().index(",")
                yield Token("number", fold(text[match.start() : position]), match.start(), position)
            case "number":
                yield Token("number", fold(match.group()), match.start(), match.end())
            case "word":
                yield from _words(match.group(), match.start())
            case "color":
                yield Token("word", match.group().lower(), match.start(), match.end())
            case "sign":
                yield Token("sign", fold(match.group()), match.start(), match.end())


def _words(text: str, start: int) -> Iterator[Token]:
    """Words; in scripts that do not put spaces between words, every character stands alone."""
    if not text.isascii() and any(map(is_unspaced, text)):
        begin = 0
        for end in range(1, len(text) + 1):
            if is_unspaced(text[begin]) or end == len(text) or is_unspaced(text[end]):
                yield Token("word", fold(text[begin:end]), start + begin, start + end)
                begin = end
        return
    # The apostrophe of "the photos'" belongs to no word of the lexicon.
    yield Token("word", fold(text).rstrip("'"), start, start + len(text))


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script that puts no spaces between words."""
    return "⺀" <= character <= "鿿" or "豈" <= character <= "﫿" or "\U00020000" <= character <= "\U0003ffff"


def _opens(text: str, start: int) -> bool:
    """Whether a character is a quotation mark that may open a quoted text."""
    opener = text[start]
    before = text[start - 1] if start else " "
    # An apostrophe or an inch sign inside a word or after a number opens nothing.
    inside = opener in "\"'`‘”＂" and ((before.isalnum() and not is_unspaced(before)) or before in "'\"")
    return opener in _QUOTES and not inside


def _quote_end(text: str, start: int) -> int | None:
    """Where the quoted text that opens at ``start`` ends, None where none opens there or nothing closes it."""
    if not _opens(text, start):
        return None
    opener = text[start]
    for end in range(start + 1, len(text)):
        if text[end] not in _QUOTES[opener]:
            continue
        after = text[end + 1] if end + 1 < len(text) else " "
        if text[end] in "'’" and after.isalnum() and not is_unspaced(after):
            continue
        return end + 1
    return None


def _drop_hyphens(tokens: list[Token], text: str) -> Iterator[Token]:
    for index, token in enumerate(tokens):
        is_hyphen = token.text in ("-", "‐", "‑") and 0 < index < len(tokens) - 1
        if is_hyphen:
            left, right = tokens[index - 1], tokens[index + 1]
            glued = left.end == token.start and token.end == right.start
            # "10-15" is a range, "cross-dissolve" and "10-second" are compounds.
            is_sign = right.kind == "number" and is_unspaced(left.text[-1:] or " ")  # 亮度-20%
            if glued and "word" in (left.kind, right.kind) and not is_sign:
                continue
        yield token
