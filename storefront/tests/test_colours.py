"""Colours have names, and each is defined in one place."""

import re

import pytest

from common.email_styles import DARK, LIGHT
from tests.sources import ROOT, sources

RAW = re.compile(r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(", re.IGNORECASE)
NAMED = re.compile(r"\s*--[\w-]+:")
# Code that may contain colours: the palette of emails, the notation of the owner's accent, the demo's pictures.
IN_CODE = re.compile(r"common/email_styles\.py|storefront/(accent|models)\.py|storefront/demo/generator/")
SHEETS = [
    path
    for pattern in ("storefront/css/**/*.css", "products/static/**/*.css", "orders/gateways/**/*.css")
    for path in ROOT.glob(pattern)
]
TOKENS = (ROOT / "storefront/css/tokens.css").read_text()


def token(name: str) -> tuple[str, str]:
    """Return the light and the dark value of a token, as six digits."""
    light, dark = re.findall(rf"--z-{name}: light-dark\(([^,]+), ([^)]+)\)", TOKENS)[0]
    return _long(light), _long(dark)


def _long(colour: str) -> str:
    return "#" + "".join(digit * 2 for digit in colour[1:]) if len(colour) == 4 else colour


def test_style_sheets_contain_colours_only_where_they_name_them():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in SHEETS
        for line in path.read_text().splitlines()
        if RAW.search(line) and not NAMED.match(line) and "@supports" not in line
    ]

    assert SHEETS
    assert found == []


def test_components_of_the_shop_define_no_colours_of_their_own():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in ROOT.glob("storefront/css/**/*.*css")
        if path.name != "tokens.css"
        for line in path.read_text().splitlines()
        if RAW.search(line)
    ]

    assert found == []


def test_templates_contain_no_colours():
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
        for match in RAW.findall(re.sub(r'&#\w+;|="#[^"]*"', "", path.read_text()))
    ]

    assert found == []


def test_code_contains_no_colours_but_those_of_emails_accent_and_demo_pictures():
    found = [source.name for source in sources() if RAW.search(source.text) and not IN_CODE.match(source.name)]

    assert found == []


@pytest.mark.parametrize("name", LIGHT)
def test_emails_have_the_light_colours_of_the_pages(name):
    assert LIGHT[name] == token(name)[0]


@pytest.mark.parametrize("name", DARK)
def test_emails_have_the_dark_colours_of_the_pages(name):
    assert DARK[name] == token(name)[1]


def test_older_browsers_get_the_light_value_of_every_token():
    """They do not know light-dark(): without its copy a token would have no value at all."""
    first, _, older = TOKENS.partition("@supports not")
    light = dict(re.findall(r"(--z-[\w-]+): light-dark\((.+?), (?:#|rgb)", first))
    copies = dict(re.findall(r"(--z-[\w-]+): ([^;]+);", older))

    assert light
    assert {name: copies.get(name) for name in light} == light
