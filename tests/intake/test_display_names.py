"""Display names: whatever a client calls a file, what is shown is one harmless line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.intake.display_names import LONGEST_NAME, display_name
from api.intake.kinds import GIF, JPG, MP4


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\Bild.PNG", "Bild.PNG"),
        ("/a/b/", "file"),
        ("", "file"),
        (None, "file"),
        ("..", "file"),
        (" . ", "file"),
        ("\0\n\t", "file"),
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie: x.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200fb\u2066c.jpg", "abc.jpg"),
        ("e\u0301te\u0301.jpg", "\u00e9t\u00e9.jpg"),
        ("\udcff\udc00.jpg", "file.jpg"),
        (".jpg", "file.jpg"),
        ("می\u200cخواهم.jpg", "می\u200cخواهم.jpg"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
        ("a    b.png", "a b.png"),
        ("100% <b>.png", "100% <b>.png"),
    ],
)
def test_names_become_harmless(given: str | None, shown: str) -> None:
    assert display_name(given) == shown


@pytest.mark.parametrize(
    ("given", "kind", "shown"),
    [
        ("a.jpg", JPG, "a.jpg"),
        ("a.JPEG", JPG, "a.JPEG"),
        ("a.png", JPG, "a.jpg"),
        ("a", JPG, "a.jpg"),
        ("holiday v1.2", JPG, "holiday v1.2.jpg"),
        ("clip.mov", MP4, "clip.mp4"),
        ("a.jpg.exe", GIF, "a.jpg.exe.gif"),
        ("", GIF, "file.gif"),
    ],
)
def test_the_extension_is_that_of_the_kind(given: str, kind, shown: str) -> None:
    assert display_name(given, kind) == shown


def test_a_long_name_is_cut_before_its_extension() -> None:
    assert display_name("x" * 5000 + ".jpeg", JPG) == "x" * (LONGEST_NAME - 5) + ".jpeg"
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 200
    cut = display_name(family + ".png")
    assert len(cut) <= LONGEST_NAME
    assert not cut.removesuffix(".png").endswith("\u200d")


@given(st.text(alphabet=st.characters(), max_size=400), st.sampled_from([None, JPG, MP4]))
def test_every_name_is_one_safe_line(text: str, kind) -> None:
    name = display_name(text, kind)
    assert 1 <= len(name) <= LONGEST_NAME
    assert name == name.strip()
    assert not set(name) & set("/\\\n\r\0\u202e")
    assert unicodedata.is_normalized("NFC", name)
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in name)
    assert display_name(name, kind) == name
    name.encode("utf-8")
