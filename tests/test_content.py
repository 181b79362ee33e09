"""Content hashes: by content, not by name."""

from pathlib import Path

import pytest

from engine.core.content import digest, file_digest, tree_digest
from engine.core.errors import UnreadableMedia


def test_a_file_is_its_bytes_whatever_its_name(tmp_path: Path):
    a, b, c = (tmp_path / name for name in "abc")
    a.write_bytes(b"same")
    b.write_bytes(b"same")
    c.write_bytes(b"else")
    assert file_digest(a) == file_digest(b) != file_digest(c)
    a.write_bytes(b"else, and longer")
    assert file_digest(a) != file_digest(b)


def test_a_missing_file_is_one_sentence(tmp_path: Path):
    with pytest.raises(UnreadableMedia, match=r"^gone\.jpg: "):
        file_digest(tmp_path / "gone.jpg")


def test_values_do_not_run_together():
    assert digest("a", "bc") != digest("ab", "c")
    assert digest(1, None) == digest(1, None)
    assert digest("\ud800") != digest("x")  # a lone surrogate: what a file name may hold


def test_a_tree_changes_with_its_files(tmp_path: Path):
    (tmp_path / "a.py").write_text("1")
    before = tree_digest(tmp_path, ".py")
    (tmp_path / "b.txt").write_text("1")
    assert tree_digest(tmp_path, ".py") == before
    (tmp_path / "c.py").write_text("1")
    assert tree_digest(tmp_path, ".py") != before


@pytest.mark.parametrize("name", ["/dev/zero", "."])
def test_what_is_no_file_is_refused_and_never_read(name: str):
    with pytest.raises(UnreadableMedia, match="it is no file"):
        file_digest(Path(name))
