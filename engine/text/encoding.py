"""Guessing the encoding of a text file: a byte order mark, UTF-8, UTF-16, or one of the old code pages."""

import codecs

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
"""Of the double bytes of a Chinese text that are its 3755 commonest characters: those with a first byte of B0 to D7 in
GB 2312. In Cyrillic text read that way most fall behind them."""

LETTER_RUN = 2.5
"""Mean length of runs of bytes above 7F from which a text is Cyrillic: Latin texts have single ones among ASCII."""


def decode(data: bytes) -> str:
    """The text of a file.

    UTF-8 is certain where it decodes. Else the guess is between UTF-16 without a mark, GB 18030, Windows-1251 and
    Windows-1252, by the patterns of their bytes; what does not decode becomes U+FFFD.
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
    if _is_chinese(data):
        return "gb18030"
    runs = [len(run) for run in _high_runs(data)]
    return "cp1251" if runs and sum(runs) / len(runs) >= LETTER_RUN else "cp1252"


def _is_chinese(data: bytes) -> bool:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    pairs = [code for ch in text if ord(ch) > 0x7F and len(code := ch.encode("gb18030")) == 2]
    if not pairs:
        return False
    # Punctuation and full-width letters (A1 to A3) are as common as ideographs.
    common = sum((0xB0 <= code[0] <= 0xD7 or 0xA1 <= code[0] <= 0xA3) and code[1] >= 0xA1 for code in pairs)
    return common / len(pairs) >= COMMON_SHARE


def _high_runs(data: bytes) -> list[bytes]:
    table = bytes(byte if byte > 0x7F else 0x20 for byte in range(256))
    return data.translate(table).split()
