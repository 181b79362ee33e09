"""The cache: what is kept is found again, is never half there, and stays within its budget."""

import os
from pathlib import Path

import pytest

from engine.core.errors import OptionError
from pipelines.render.cache import BUDGET, FOLDER, STALE_SECONDS, Cache

KEY, OTHER = "ab" + "0" * 38, "cd" + "1" * 38


def put(cache: Cache, key: str, size: int = 10, age: float = 0) -> Path:
    path = cache.keep("gop", key, lambda part: _write(part, size))
    assert path is not None
    if age:
        os.utime(path, (1e9 - age, 1e9 - age))
    return path


def _write(path: Path, size: int) -> None:
    path.write_bytes(b"x" * size)


def test_what_is_kept_is_found_and_nothing_else(tmp_path: Path):
    cache = Cache(tmp_path, 1000)
    assert cache.find("gop", KEY) is None
    path = put(cache, KEY)
    assert cache.find("gop", KEY) == path
    assert path.read_bytes() == b"x" * 10
    assert cache.find("mix", KEY) is None
    assert cache.find("gop", OTHER) is None


@pytest.mark.parametrize("damage", [b"x" * 9 + b"y", b"x" * 9, b""], ids=["changed", "cut", "empty"])
def test_a_damaged_part_is_noticed_and_goes(tmp_path: Path, damage: bytes):
    cache = Cache(tmp_path, 1000)
    path = put(cache, KEY)
    path.write_bytes(damage)
    assert cache.find("gop", KEY) is None
    assert not path.exists()
    assert cache.find("gop", KEY) is None
    assert cache.find("gop", put(cache, KEY).stem) == path


def test_a_part_can_be_forgotten(tmp_path: Path):
    cache = Cache(tmp_path, 1000)
    put(cache, KEY)
    put(cache, OTHER)
    cache.discard("gop", KEY)
    assert cache.find("gop", KEY) is None
    assert cache.find("gop", OTHER) is not None


def test_a_part_that_fails_to_be_written_leaves_nothing(tmp_path: Path):
    cache = Cache(tmp_path, 1000)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    assert cache.keep("gop", KEY, fail) is None
    assert cache.find("gop", KEY) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_not_used_longest_goes_first(tmp_path: Path):
    cache = Cache(tmp_path, 25)
    old, middle, new = (put(cache, f"{index:02d}" + "0" * 38, age=100 - index) for index in range(3))
    used = cache.find("gop", old.stem)
    assert used == old
    cache.trim(1e9)
    assert [path.exists() for path in (old, middle, new)] == [True, False, True]


def test_a_file_of_a_process_that_died_goes_after_a_day(tmp_path: Path):
    cache = Cache(tmp_path, 1000)
    put(cache, KEY)
    for name, age in (("fresh.part", 10), ("stale.part", STALE_SECONDS + 10)):
        path = tmp_path / "gop" / name
        path.write_bytes(b"half")
        os.utime(path, (1e9 - age, 1e9 - age))
    cache.trim(1e9)
    assert sorted(path.name for path in (tmp_path / "gop").glob("*.part")) == ["fresh.part"]


def test_without_a_budget_or_a_place_nothing_is_kept(tmp_path: Path):
    assert Cache(tmp_path, 0).keep("gop", KEY, lambda part: _write(part, 1)) is None
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    assert Cache(blocked, 1000).keep("gop", KEY, lambda part: _write(part, 1)) is None
    Cache(blocked, 1000).trim(1e9)


def test_the_site_says_where_and_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER.variable, str(tmp_path / "here"))
    monkeypatch.setenv(BUDGET.variable, "12")
    assert Cache.of_site() == Cache(tmp_path / "here", 12_000_000)
    monkeypatch.setenv(BUDGET.variable, "much")
    with pytest.raises(OptionError, match="MULTIPLANE_CACHE_MB"):
        Cache.of_site()
