"""Who imports whom: the imports of every module, read with ``ast``, and the rule of ARCHITECTURE.md about them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "engine.core": ("engine.core",),
    "engine": ("engine",),
    "models": ("models", "engine.core"),
    "pipelines": ("pipelines", "models", "engine"),
    "api": ("api", "pipelines", "models", "engine"),
    "examples": ("examples", "api", "pipelines", "models", "engine"),
    "benchmarks": ("benchmarks", "api", "pipelines", "models", "engine"),
    "tests": ("tests", "examples", "benchmarks", "api", "pipelines", "models", "engine"),
}
"""What each part of the project may know of the project; the longest name that fits a module counts."""

HOUSES = tuple(sorted({name.partition(".")[0] for name in MAY_IMPORT}))


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one of our modules by another.

    Attributes:
        importer: dotted name of the importing module.
        imported: dotted name of the imported module.
        line: where it stands in the importer's file.
        at_load: whether loading the importer runs it; false inside functions and under ``TYPE_CHECKING``.
    """

    importer: str
    imported: str
    line: int
    at_load: bool


def find_modules(root: Path) -> dict[str, Path]:
    """Every module of the houses below ``root``: dotted name to file; a package stands for its ``__init__.py``."""
    modules = {}
    for house in HOUSES:
        for path in sorted((root / house).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if any(part.startswith(".") for part in parts):
                continue  # an environment that a benchmark made for itself
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def read_imports(modules: Mapping[str, Path]) -> list[Import]:
    """Every import of one module of ``modules`` by another, wherever in the file it stands."""
    found = []
    for name, path in modules.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node, at_load in _import_nodes(ast.parse(path.read_text(encoding="utf-8")), at_load=True):
            found += [Import(name, target, node.lineno, at_load) for target in _targets(node, package, modules)]
    return found


def forbidden(imports: list[Import]) -> list[str]:
    """One sentence for each import that MAY_IMPORT does not allow."""
    return [
        f"{item.importer}:{item.line} imports {item.imported}, but {rule} may import only {', '.join(MAY_IMPORT[rule])}"
        for item in imports
        for rule in [_rule_of(item.importer)]
        if not any(_inside(item.imported, allowed) for allowed in MAY_IMPORT[rule])
    ]


def cycles(imports: list[Import]) -> list[list[str]]:
    """Groups of modules that need each other while they load: the strongly connected components of the graph.

    R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1(2), 1972.
    """
    graph: dict[str, set[str]] = {}
    for item in imports:
        if item.at_load:
            graph.setdefault(item.importer, set()).add(item.imported)
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        stack.append(module)
        for target in sorted(graph.get(module, ())):
            if target not in index:
                visit(target)
                lowest[module] = min(lowest[module], lowest[target])
            elif target in stack:
                lowest[module] = min(lowest[module], index[target])
        if lowest[module] == index[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1 or module in graph.get(module, ()):
                found.append(sorted(group))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return found


def _import_nodes(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_load
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_type_checking(child)
            yield from _import_nodes(child, at_load=at_load and not later)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _targets(node: ast.Import | ast.ImportFrom, package: str, modules: Mapping[str, Path]) -> Iterator[str]:
    """The modules that an import names; names of houses that hold no such module count as they are written."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in HOUSES)
        return
    base = node.module or ""
    if node.level:
        parents = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*parents, base] if base else parents)
    if base.partition(".")[0] not in HOUSES:
        return
    for alias in node.names:
        whole = f"{base}.{alias.name}"
        yield whole if whole in modules else base


def _rule_of(module: str) -> str:
    return max((rule for rule in MAY_IMPORT if _inside(module, rule)), key=len)


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
