"""What a page loads before it can be used: few bytes, in files whose names hash all they do. No node is needed here."""

import gzip
import re

import pytest

from products.tests.factories import make_category, make_product
from tests.sources import ROOT, files

STATIC = ROOT / "storefront/static"
STYLES = ("css/storefront.css",)
SCRIPTS = ("js/early.js", "js/storefront.js")
# `import "./cart.js"`, `from"./cart.js"`, `import("./cart.js")`: collectstatic does not put the hashed name there.
IMPORTED = re.compile(r"""\b(?:from|import)\s*\(?\s*["'`]""")


def served() -> dict[str, str]:
    """Return our scripts that browsers can load."""
    found = {path.relative_to(ROOT).as_posix(): path.read_text() for path in files("*/static/**/*.js")}
    return {name: text for name, text in found.items() if "/vendor/" not in name}


@pytest.mark.parametrize(("names", "most"), [(STYLES, 14_000), (SCRIPTS, 12_000)])
def test_the_files_of_a_first_view_are_small(names, most):
    sizes = {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names}

    assert sum(sizes.values()) <= most, sizes


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/catalogue/bread/", "/products/loaf/", "/search/?q=loaf", "/cart/"])
def test_a_page_loads_these_files_and_no_others(client, path):
    make_product(title="Loaf", codes=("LOAF",), categories=[make_category("Bread")])

    response = client.get(path)

    html = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'<link[^>]* rel="?stylesheet"?[^>]* href="([^"]+)"|<style', html) == [
        "/static/css/storefront.css"
    ]
    assert re.findall(r'<script[^>]* src="([^"]+)"', html) == [f"/static/{name}" for name in SCRIPTS]


def test_a_script_imports_nothing_that_has_another_name_once_it_is_hashed():
    assert [name for name, text in served().items() if IMPORTED.search(text)] == []


def test_every_script_is_built_from_its_source():
    built = dict(
        re.findall(r'"(\w+/static/[\w/]+)": "(\w+/js/[\w/]+\.js)"', (ROOT / "storefront/esbuild.config.js").read_text())
    )

    assert set(served()) == {f"{name}.js" for name in built}
    assert [source for source in built.values() if not (ROOT / source).is_file()] == []
