"""Fonts for the tests of text."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.packs import font_folders
from engine.text import FontLibrary
from tests.text.font_maker import make_font

HEBREW = "".join(map(chr, range(0x5D0, 0x5EB)))
ARABIC = "".join(map(chr, (*range(0x620, 0x64B), *range(0x660, 0x66A))))
IDEOGRAPHS = "".join(map(chr, range(0x4E00, 0x4E80))) + "、。，「」・"
THAI = "".join(map(chr, range(0xE01, 0xE3B)))


@pytest.fixture(scope="session")
def library() -> FontLibrary:
    """Only the fonts that we ship."""
    return FontLibrary(system=False)


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> FontLibrary:
    """The shipped fonts, and squares for Hebrew, Arabic, some ideographs, Thai and one emoji in red."""
    folder = tmp_path_factory.mktemp("squares")
    for family, characters in (("Hebrew", HEBREW), ("Arabic", ARABIC), ("Han", IDEOGRAPHS), ("Thai", THAI)):
        make_font(folder / f"{family}.ttf", characters, f"Square {family}")
    make_font(folder / "Emoji.ttf", "\U0001f600\u2764", "Square Emoji", color=True)
    return FontLibrary([folder], system=False)


@pytest.fixture(scope="session")
def pack_font() -> Callable[[str, str], Path]:
    """A font file of a pack by its name and SHA-256; skips where the pack is not installed."""

    def find(name: str, sha256: str) -> Path:
        for folder in font_folders():
            for path in sorted(folder.rglob(name)):
                if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
                    return path
        pytest.skip(f"{name} is not installed: multiplane packs pull --all-default")

    return find
