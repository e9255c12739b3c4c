"""The accent: whatever colour an owner chooses is readable in both themes."""

import itertools
import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from storefront import accent
from storefront.accent import (
    DARK_GROUND,
    DARK_RAISED,
    LIGHT_SURFACE,
    TEXT,
    WHITE,
    contrast,
    palette,
    parse,
    style_sheet,
)
from storefront.look import look_of
from storefront.models import DEFAULT_ACCENT, Identity

GRID = list(itertools.product((0, 64, 128, 192, 255), repeat=3))


def test_contrast_is_as_defined_by_wcag():
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(WHITE, WHITE) == 1


@pytest.mark.parametrize("accent", GRID, ids=str)
def test_every_accent_is_readable(accent):
    chosen = palette(accent)
    light, dark = chosen.light, chosen.dark

    pairs = [
        *(
            (parse(light.main), ground)
            for ground in (WHITE, LIGHT_SURFACE, parse(light.tint), parse(light.tint_strong))
        ),
        (parse(light.on_main), parse(light.main)),
        (parse(light.on_main), parse(light.strong)),
        (WHITE, parse(light.plate)),
        *(
            (parse(dark.main), ground)
            for ground in (DARK_GROUND, DARK_RAISED, parse(dark.tint), parse(dark.tint_strong))
        ),
        (parse(dark.on_main), parse(dark.main)),
        (parse(dark.on_main), parse(dark.strong)),
        (WHITE, parse(dark.plate)),
    ]
    assert min(contrast(*pair) for pair in pairs) >= TEXT


@pytest.mark.parametrize(("accent", "is_kept"), [("#2340c4", True), ("#B3202C", True), ("#ffd400", False)])
def test_a_readable_colour_is_kept(accent, is_kept):
    chosen = palette(parse(accent))

    assert chosen.is_kept is is_kept
    assert (chosen.light.main == accent.lower()) is is_kept


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345g", "#1234567", "2340c4", "#2340c4 ", "#2340c4;}"])
def test_anything_but_a_colour_is_refused(text):
    with pytest.raises(ValueError, match="Not a colour"):
        parse(text)


def test_the_style_sheet_sets_the_tokens_for_both_themes():
    css = style_sheet(palette(parse("#b3202c")))

    assert css.startswith(":root{--z-cobalt:#b3202c;")
    assert "--z-cobalt:light-dark(#b3202c," in css
    assert css.count("light-dark(") == 7


@pytest.mark.parametrize(
    ("token", "light", "dark"),
    [
        ("surface", accent.write(accent.LIGHT_SURFACE), None),
        ("ground", "#fff", accent.write(accent.DARK_GROUND)),
        ("raised", "#fff", accent.write(accent.DARK_RAISED)),
        ("cobalt", DEFAULT_ACCENT, None),
    ],
)
def test_its_background_colours_are_those_of_the_style_sheet(token, light, dark):
    tokens = (settings.BASE_DIR / "storefront/css/tokens.css").read_text()

    found = re.search(rf"--z-{token}: light-dark\((#\w+), (#\w+)\)", tokens).groups()

    assert (found[0], dark and found[1]) == (light, dark)


def test_the_bar_of_a_dark_browser_has_the_dark_background():
    head = render_to_string("components/look.html", {"look": look_of(Identity())})

    assert '<meta name="theme-color" content="#0d1220" media="(prefers-color-scheme: dark)">' in head


def test_the_address_of_the_sheet_changes_with_its_contents(monkeypatch):
    before = accent.version_of(accent.palette(accent.parse("#b3202c")))
    monkeypatch.setattr(accent, "style_sheet", lambda chosen: "changed")

    assert accent.version_of(accent.palette(accent.parse("#b3202c"))) != before
