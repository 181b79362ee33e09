"""Every setting of the project: the modules that declare some are found by what they import, so none is forgotten."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from engine.core.settings import AnySetting, all_settings

HOUSES = ("engine", "models", "pipelines", "api")

_ROOT = Path(__file__).resolve().parent.parent.parent
_SETTINGS = "engine.core.settings"


def declared_settings() -> list[AnySetting]:
    """Import every module that declares settings; returns them all, sorted by variable."""
    for name in modules_with_settings():
        import_module(name)
    return all_settings()


def modules_with_settings() -> list[str]:
    """Dotted names of the modules that import a kind of setting, sorted."""
    return sorted(name for name, _ in sources_with_settings())


def sources_with_settings() -> Iterator[tuple[str, str]]:
    """The same modules, each with its source."""
    for name, path in _modules():
        source = path.read_text(encoding="utf-8")
        if _declares(source):
            yield name, source


def _modules() -> Iterator[tuple[str, Path]]:
    for house in HOUSES:
        for path in (_ROOT / house).rglob("*.py"):
            parts = path.relative_to(_ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _declares(source: str) -> bool:
    # Most modules do not name the package at all, and reading their trees would take a second.
    if _SETTINGS not in source:
        return False
    kinds = {
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == _SETTINGS
        for alias in node.names
    }
    return any(kind.endswith("Setting") and kind != "AnySetting" for kind in kinds)
