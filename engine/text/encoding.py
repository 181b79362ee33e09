"""Guessing the encoding of a text file: a byte order mark, UTF-8, UTF-16, or one of the old code pages."""

import codecs
from collections.abc import Callable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The mark of UTF-16 little-endian begins that of UTF-32: longer ones first."""

ZERO_SHARE = 0.2
"""Of the bytes at even, or at odd places: more zeros than that among them are UTF-16."""

COMMON_SHARE = 0.6
"""Of the double bytes of a text in GB 2312 or Big5 that are its commonest characters, by their first byte: in any other
text read that way most fall beside them."""

KANA_SHARE = 0.2
"""Of the double bytes of a Japanese text that are kana, which Chinese and Korean texts lack."""

HANGUL_BEYOND = 0.02
"""Of the double bytes of a Korean text with a first byte above C8: nearly none. Of a Chinese one it is every second."""

SURE = 8
"""Double bytes, or letters, from which such shares say something."""

SAMPLE = 100_000
"""Bytes, up to the last line's end, that are looked at."""

LETTER_RUN = 2.5
"""Mean length of runs of bytes above 7F from which a text is of an alphabet of its own: Latin texts have single ones
among ASCII."""

_SIGNS = range(0xA1, 0xA4)  # first bytes of punctuation and full-width letters in GB 2312, Big5 and KS X 1001
_GB_COMMON = range(0xB0, 0xD8)
_BIG5_COMMON = range(0xA4, 0xC7)
_HANGUL = range(0xB0, 0xC9)


def decode(data: bytes) -> str:
    """The text of a file.

    UTF-8 is certain where it decodes. Else the guess is between UTF-16 without a mark and the old code pages of Chinese
    (GB 18030, Big5), Japanese (Shift JIS, EUC-JP), Korean (949), Russian (1251), Hebrew (1255), Arabic (1256) and
    Western Europe (1252), by the patterns of their bytes; what does not decode becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    encoding = _guess(data)
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _guess(data: bytes) -> str:
    if b"\0" in data:
        even, odd = data[0::2].count(0), data[1::2].count(0)
        half = max(len(data) // 2, 1)
        if max(even, odd) / half > ZERO_SHARE:
            return "utf-16-be" if even > odd else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    head = data[: data.rfind(b"\n", 0, SAMPLE) + 1] or data
    return _double_byte(head) or _single_byte(head)


def _double_byte(data: bytes) -> str:
    """The code page of an East Asian text; nothing for any other."""
    if _share("cp932", data, lambda pair: pair[0] in (0x82, 0x83)) >= KANA_SHARE:
        return "cp932"
    if _share("euc_jp", data, lambda pair: pair[0] in (0xA4, 0xA5)) >= KANA_SHARE:
        return "euc_jp"
    pairs = _pairs("cp949", data)
    hangul = sum(pair[0] in _HANGUL and pair[1] >= 0xA1 for pair in pairs)
    if hangul >= SURE and sum(pair[0] not in _SIGNS for pair in pairs) <= (1 + HANGUL_BEYOND) * hangul:
        return "cp949"
    if _share("gb18030", data, lambda pair: (pair[0] in _SIGNS or pair[0] in _GB_COMMON) and pair[1] >= 0xA1) >= (
        COMMON_SHARE
    ):
        return "gb18030"
    pairs = _pairs("big5", data)
    common = sum(pair[0] in _SIGNS or pair[0] in _BIG5_COMMON for pair in pairs)
    # An accented capital before a small letter is such a pair too, but its second byte is never above ASCII.
    high = sum(pair[1] > 0x7F for pair in pairs)
    if len(pairs) >= SURE and common >= COMMON_SHARE * len(pairs) and high >= len(pairs) / 8:
        return "big5"
    return ""


def _single_byte(data: bytes) -> str:
    runs = _high_runs(data)
    letters = [byte for run in runs for byte in run if byte >= 0xC0]
    if not letters or sum(map(len, runs)) < LETTER_RUN * len(runs):
        return "cp1252"
    share = {byte: letters.count(byte) / len(letters) for byte in (0xC7, 0xE1, 0xE9)}
    if len(letters) >= SURE and share[0xC7] > 0.06 and share[0xE1] > 0.05:
        return "cp1256"  # alef and lam, which are a capital Ze and a be in 1251
    hebrew = sum(0xE0 <= byte <= 0xFA for byte in letters)
    if len(letters) >= SURE and share[0xE9] > 0.05 and hebrew >= 0.98 * len(letters):
        return "cp1255"  # yod, where 1251 has a short i; and none of its capitals, nor of its last letters
    return "cp1251"


def _share(encoding: str, data: bytes, fits: Callable[[bytes], bool]) -> float:
    """Of the double bytes of a text, those that fit; 0 where it has none, or is of another encoding."""
    pairs = _pairs(encoding, data)
    return sum(map(fits, pairs)) / len(pairs) if pairs else 0.0


def _pairs(encoding: str, data: bytes) -> list[bytes]:
    """The characters of two bytes; none where the text is of another encoding."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return []
    return [code for ch in text if ord(ch) > 0x7F and len(code := ch.encode(encoding)) == 2]


def _high_runs(data: bytes) -> list[bytes]:
    table = bytes(byte if byte > 0x7F else 0x20 for byte in range(256))
    return data.translate(table).split()
