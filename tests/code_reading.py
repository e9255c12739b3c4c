"""Reading code for the architecture tests: reads of the clock, calls to services."""

import ast
import re
from collections.abc import Iterator

NOW = {"now", "utcnow", "today", "localdate", "localtime"}
CLOCKS = ("common.clock", "django.utils.timezone")


def clock_reads(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the calls that read the clock, under whatever name they were imported."""
    bare = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in CLOCKS
        for alias in node.names
        if alias.name in NOW
    }
    always = re.compile(r"(^|\.)(clock|timezone|datetime)\.(now|utcnow)$|(^|\.)date\.today$")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            empty = not (node.args or node.keywords) and re.search(r"(^|\.)timezone\.local(date|time)$", name)
            if name in bare or always.search(name) or empty:
                yield name, node.lineno
        elif isinstance(node, ast.keyword) and always.search(ast.unparse(node.value)):
            yield ast.unparse(node.value), node.value.lineno


def service_calls(tree: ast.Module) -> dict[str, list[str]]:
    """Return the calls to services that each view makes, itself or through functions of its module.

    Views are the functions and the methods of classes; a service called in two branches counts once.
    """
    imported = service_names(tree)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def calls(function: ast.FunctionDef, seen: frozenset[str]) -> Iterator[str]:
        for node in ast.walk(function):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name.split(".")[0] in imported and name.split(".")[-1].islower():
                yield name
            elif name in functions and name not in seen:
                yield from calls(functions[name], seen | {name})

    methods = {
        f"{owner.name}.{node.name}": node
        for owner in tree.body
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef)
    }
    return {
        name: sorted({*calls(node, frozenset((name,)))})
        for name, node in (functions | methods).items()
        if not name.startswith("_")
    }


def service_names(tree: ast.Module) -> set[str]:
    """Return the names under which a module imports services and their functions."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and re.search(r"\.(services|payments)(\.|$)", node.module)
        for alias in node.names
    }
