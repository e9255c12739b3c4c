"""The project's own Python files, parsed once for the tests that read code."""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_IMPORTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
# The list of layers is import-linter's contract. Lower layers first; apps of one layer do not import each other; those
# in brackets do not exist yet.
LAYERS = tuple(
    tuple(name.strip(" ()") for name in row.split("|")) for row in reversed(_IMPORTS["contracts"][0]["layers"])
)
# Ignored by git: a copy of every static file stands in var/ once a shop was started here.
MADE = frozenset({"var", "node_modules", ".venv"})
APPS = tuple(_IMPORTS["root_packages"])


@dataclass(frozen=True)
class Source:
    """One file: `name` is its path from the root with forward slashes."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")


def layer(app: str) -> int:
    """Return the number of an app's layer; common is 0."""
    return next(number for number, apps in enumerate(LAYERS) if app in apps)


@cache
def sources(*, tests: bool = False) -> tuple[Source, ...]:
    """Return every file of the apps except migrations; with `tests` also tests and bench."""
    folders = (*APPS, "tests", "bench") if tests else APPS
    return tuple(_read(path) for path in _paths(folders) if tests or "tests" not in path.relative_to(ROOT).parts)


def files(*patterns: str) -> list[Path]:
    """Return the project's files that match: without what `make run` and npm put beside them."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if not MADE & set(path.relative_to(ROOT).parts))


def _paths(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _read(path: Path) -> Source:
    text = path.read_text()
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every dotted name in a tree with its line: `transaction.atomic`, `csrf_exempt`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.name, node.lineno
