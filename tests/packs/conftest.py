"""A site of its own for each test: an empty folder of packs, and a registry with packs that the test made."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.packs import Pack, find_pack
from tests.packs.archives import ArchiveMaker

VARIABLES = ("PACKS", "PACKS_REGISTRY", "LICENCES", "FONTS", "MUSIC")


@pytest.fixture(autouse=True)
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of packs of this test; nothing in it yet."""
    for name in VARIABLES:
        monkeypatch.delenv(f"MULTIPLANE_{name}", raising=False)
    monkeypatch.setenv("MULTIPLANE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "packs"


@pytest.fixture
def archives(tmp_path: Path) -> ArchiveMaker:
    """Builds wheels and npm packages in a folder of the test."""
    return ArchiveMaker(tmp_path / "archives")


@pytest.fixture
def know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pack]:
    """Adds a pack to the site's registry: its keys, on top of some that every pack has; gives it as it was read."""
    lines = ['schema = 1\n[licences.MIT]\nname = "MIT License"\n[licences."CC-BY-NC-4.0"]\nname = "CC BY-NC 4.0"\n']
    lines += ['limits = "non-commercial only"\n']
    path = tmp_path / "site.toml"

    def add(pack_id: str, **keys: object) -> Pack:
        whole = {"kind": "font", "title": "A title", "about": "a test", "licence": "MIT", **keys}
        lines.append(f'[[pack]]\nid = "{pack_id}"\n' + "".join(f"{key} = {toml(whole[key])}\n" for key in whole))
        path.write_text("".join(lines), encoding="utf-8")
        monkeypatch.setenv("MULTIPLANE_PACKS_REGISTRY", str(path))
        return find_pack(pack_id)

    return add


def toml(value: object) -> str:
    """A value as TOML writes it inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)
