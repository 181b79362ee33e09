"""The golden images: what they show, with which fonts, and how they are made again.

``python -m tests.text.golden_texts`` writes those whose fonts are installed. Look at each before committing it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.packs import font_folders
from engine.text import FontLibrary, open_text
from engine.timeline.text_style import TextStyle
from tests.text.view import box_of, on_grey

FOLDER = Path(__file__).parent / "golden"
CANVAS = (640, 360)

CHINESE = ("NotoSansHans-Bold.otf", "9e7729ef993ca4c647882f798644f4bbf6da69bd822eac593fc68717dd6c8e2a")
TRADITIONAL = ("NotoSansHant-Bold.otf", "31cad711fe815243664b16fe9f38d39585cffb6db0613c02f38e0bcf4917010b")
JAPANESE = ("NotoSansJP-Bold.otf", "f9dccc1ed9cf1c6c431cf7b29d884ae745f1db6477bf00503a3714f627599f40")
KOREAN = ("NotoSansKR-Bold.otf", "4c42058a372749625eeda2dc8c2e54716abd197eeae8249c877cec6ca188c729")
ARABIC = ("NotoNaskhArabic-Bold.ttf", "e73a55d7d7cb3a9cbcf8a153347879dc8b2bd7571c9c5dade65aa7422d58272c")
HEBREW = ("NotoSansHebrew-Bold.ttf", "be57277fb1c1f5c39b5ed10416c742d07100174f4d8fab0a981f07948c09aa07")
EMOJI = ("NotoColorEmoji_400Regular.ttf", "7fb39738ab18f10612d6f4595e2e8e47a0afdf34738460442d99cd0c344a4d90")
"""Font files of packs, and their SHA-256."""

Font = tuple[str, str]


@dataclass(frozen=True)
class Golden:
    """A text, its style, and the fonts of packs that it needs."""

    text: str
    style: TextStyle = field(default_factory=TextStyle)
    fonts: tuple[Font, ...] = ()


GOLDEN: Mapping[str, Golden] = {
    "latin": Golden("Café Größe\nfi AVATAR & Łódź"),
    "greek_cyrillic": Golden("Ελληνικά και\nКириллица", TextStyle(italic=True, weight=500)),
    "lower_third": Golden("Anna Müller\nHead of Research", TextStyle(role="lower_third")),
    "caption": Golden("A caption with an outline,\nin two lines.", TextStyle(role="caption")),
    "chinese": Golden("城市之梦，你好。“引号”", fonts=(CHINESE,)),
    "traditional_chinese": Golden("臺灣的夜晚，直到海角。", fonts=(TRADITIONAL, CHINESE)),
    "japanese": Golden("夜の東京、静かな街。", fonts=(JAPANESE, CHINESE)),
    "korean": Golden("서울의 밤, 조용한 거리", fonts=(KOREAN, CHINESE)),
    "arabic": Golden("لَيَالِي الشَّرْقِ الهادِئة", fonts=(ARABIC,)),
    "hebrew": Golden("לילות של תל אביב", fonts=(HEBREW,)),
    "bidi": Golden("Trip to תל אביב (2024), تقرير 25 pages", TextStyle(role="caption"), (HEBREW, ARABIC)),
    "emoji": Golden("Go 👨‍👩‍👧 🇯🇵 ❤️ 1️⃣ 👍🏽 ❤ done", TextStyle(outline=True), (EMOJI,)),
}


def make(golden: Golden, find: Callable[[str, str], Path], folder: Path) -> NDArray[np.uint8]:
    """The picture of a golden text, cropped to its ink: sRGB, shape (H, W, 3).

    Args:
        golden: what is shown.
        find: a font file by name and SHA-256.
        folder: an empty one, where links to exactly these fonts are put.
    """
    for name, sha256 in golden.fonts:
        (folder / name).symlink_to(find(name, sha256))
    library = FontLibrary([folder], system=False)
    source = open_text(golden.text, golden.style, CANVAS, Fraction(4), library)
    assert source.notes == ()
    picture = on_grey(source.patches(Fraction(2)), CANVAS)
    left, top, right, bottom = box_of((picture != picture[0, 0]).any(axis=2))
    return picture[max(top - 4, 0) : bottom + 4, max(left - 4, 0) : right + 4]


def read(name: str) -> NDArray[np.uint8]:
    """The golden image."""
    with Image.open(FOLDER / f"{name}.png") as image:
        return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    import tempfile

    def installed(name: str, sha256: str) -> Path:
        return next(path for folder in font_folders() for path in folder.rglob(name))

    FOLDER.mkdir(exist_ok=True)
    for name, golden in GOLDEN.items():
        with tempfile.TemporaryDirectory() as folder:
            Image.fromarray(make(golden, installed, Path(folder))).save(FOLDER / f"{name}.png", optimize=True)
