"""Every imported package is named in our requirements; lock files name no index."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

from tests.sources import APPS, ROOT, sources

OURS = {*APPS, "tests", "bench"}
# Imported but not named as a separate package, and why.
BROUGHT = {
    "cryptography": "an extra of django-allauth",
    "pyjwt": "the same",
    "phonenumberslite": "an extra of django-phonenumber-field",
    "modelsearch": "written by Wagtail into a migration",
    "django-stubs-ext": "for the type checker only; comes with django-stubs",
}


@cache
def named(file: str) -> frozenset[str]:
    """Return the packages named in a requirements file and in the files it includes."""
    found = set()
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("-r "):
            found |= named(line[3:].strip())
        elif match := re.match(r"[A-Za-z0-9_.-]+", line):
            found.add(normal(match[0]))
    return frozenset(found)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(tree: ast.Module) -> set[str]:
    """Return the top-level third-party modules that a module imports."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in names} - OURS - sys.stdlib_module_names


def requirements_of(name: str) -> str:
    """Return the requirements file that must name this module's imports."""
    if "/tests/" in name or name.startswith(("tests/", "bench/")):
        return "requirements-dev.in"
    if name.startswith("storefront/demo/generator/"):
        return "requirements-demo.in"
    return "requirements-production.in" if name == "common/redis_cache.py" else "requirements.in"


def test_imported_packages_are_named():
    packages = packages_distributions()
    found = {
        f"{source.name}: {module}"
        for source in sources(tests=True)
        for module in imported(source.tree)
        if not {normal(package) for package in packages.get(module, [module])}
        & {*named(requirements_of(source.name)), *BROUGHT}
    }

    assert not found


def test_no_lock_file_names_an_index():
    texts = {path.name: path.read_text() for path in ROOT.glob("requirements*.txt")}

    assert not [name for name, text in texts.items() if re.search(r"^--|https?://", text, re.MULTILINE)]
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_a_lock_with_redis_supports_python_before_3_11_3():
    texts = {path.name: path.read_text() for path in ROOT.glob("requirements*.txt")}
    with_redis = {name for name, text in texts.items() if re.search(r"^redis==", text, re.MULTILINE)}

    assert with_redis == {"requirements-dev.txt", "requirements-production.txt"}
    assert all(re.search(r"^async-timeout==\S+ \\\n    --hash", texts[name], re.MULTILINE) for name in with_redis)
