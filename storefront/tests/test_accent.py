"""The accent: any colour an owner may choose can be read in both themes."""

import itertools

import pytest

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

GRID = list(itertools.product((0, 64, 128, 192, 255), repeat=3))


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast(WHITE, WHITE) == 1


@pytest.mark.parametrize("accent", GRID, ids=str)
def test_every_accent_can_be_read(accent):
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
def test_a_colour_that_can_be_read_is_kept(accent, is_kept):
    chosen = palette(parse(accent))

    assert chosen.is_kept is is_kept
    assert (chosen.light.main == accent.lower()) is is_kept


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345g", "#1234567", "2340c4", "#2340c4 ", "#2340c4;}"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="not a colour"):
        parse(text)


def test_the_style_sheet_sets_the_tokens_for_both_themes():
    css = style_sheet(palette(parse("#b3202c")))

    assert css.startswith(":root{--z-cobalt:#b3202c;")
    assert "--z-cobalt:light-dark(#b3202c," in css
    assert css.count("light-dark(") == 7
