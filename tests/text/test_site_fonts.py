"""The fonts of a site, in a process that outlives them."""

from pathlib import Path

import pytest

from pipelines.render.fonts import font_library, fonts_key
from tests.text.font_maker import make_font


def test_a_font_that_was_added_changes_the_key_and_is_used_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.render.fonts._held", None)
    monkeypatch.setenv("MULTIPLANE_FONTS", str(tmp_path))
    before, library = fonts_key(), font_library()
    assert library.find("Latecomer")[1] != ()
    assert fonts_key() == before
    assert font_library() is library, "as long as nothing changes"

    make_font(tmp_path / "late.ttf", "ab", "Latecomer")
    assert fonts_key() != before
    assert font_library().find("Latecomer")[1] == ()
