"""A site's accent colour, adjusted for light and dark so that text stays readable whatever the owner chooses.

A colour is three numbers from 0 to 255. Contrast is as defined by WCAG 2, which asks for 4.5 for text.
"""

import hashlib
import re
from dataclasses import dataclass

TEXT = 4.5
STEPS = 50
HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
# The backgrounds in storefront/css/tokens.css on which coloured text appears.
LIGHT_SURFACE: Colour = (243, 246, 250)
DARK_GROUND: Colour = (13, 18, 32)
DARK_RAISED: Colour = (27, 35, 56)


@dataclass(frozen=True)
class Shades:
    """The shades of the accent in one theme, named as in the style sheet."""

    main: str
    strong: str
    on_main: str
    tint: str
    tint_strong: str
    plate: str


@dataclass(frozen=True)
class Palette:
    """The accent in both themes; `is_kept` if the light one is exactly the colour chosen."""

    light: Shades
    dark: Shades
    is_kept: bool


def parse(text: str) -> Colour:
    """Return a colour written as #2340c4. Raises ValueError for anything else."""
    if not HEX.fullmatch(text):
        raise ValueError(f"Not a colour: {text!r}")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def write(colour: Colour) -> str:
    """Return a colour in the notation of the style sheet."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, from 1 (identical) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """Return a colour mixed with `share` (0 to 1) of another."""
    red, green, blue = (round(mine + (theirs - mine) * share) for mine, theirs in zip(colour, other, strict=True))
    return red, green, blue


def palette(accent: Colour) -> Palette:
    """Return the accent darkened until readable on light backgrounds, and lightened until readable on dark ones."""
    light_tint, light_tint_strong = mix(accent, WHITE, 0.9), mix(accent, WHITE, 0.82)
    dark_tint, dark_tint_strong = mix(DARK_GROUND, accent, 0.22), mix(DARK_GROUND, accent, 0.34)
    light = _readable(accent, BLACK, (LIGHT_SURFACE, light_tint, light_tint_strong, WHITE))
    dark = _readable(accent, WHITE, (DARK_RAISED, dark_tint, dark_tint_strong, DARK_GROUND))
    plate = _readable(mix(accent, BLACK, 0.1), BLACK, (WHITE,))
    return Palette(
        Shades(
            write(light),
            write(mix(light, BLACK, 0.25)),
            write(WHITE),
            *map(write, (light_tint, light_tint_strong, light)),
        ),
        Shades(
            write(dark),
            write(mix(dark, WHITE, 0.4)),
            write(DARK_GROUND),
            *map(write, (dark_tint, dark_tint_strong, plate)),
        ),
        is_kept=light == accent,
    )


def _readable(colour: Colour, towards: Colour, grounds: tuple[Colour, ...]) -> Colour:
    """Return the colour nearest to `colour`, moving `towards` another, that is readable on every background."""
    ways = (mix(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next(way for way in ways if all(contrast(way, ground) >= TEXT for ground in grounds))


def style_sheet(chosen: Palette) -> str:
    """Return the accent's tokens as CSS; browsers without light-dark() get the light ones."""
    names = ("cobalt", "cobalt-strong", "on-cobalt", "tint", "tint-strong", "plate")
    light, dark = (
        (shades.main, shades.strong, shades.on_main, shades.tint, shades.tint_strong, shades.plate)
        for shades in (chosen.light, chosen.dark)
    )
    plain = "".join(f"--z-{name}:{one};" for name, one in zip(names, light, strict=True))
    both = "".join(f"--z-{name}:light-dark({one},{two});" for name, one, two in zip(names, light, dark, strict=True))
    return f":root{{{plain}}}@supports (color:light-dark(#000,#fff)){{:root{{{both}}}}}"


def version_of(chosen: Palette) -> str:
    """Return a hash for the style sheet's address: browsers keep it for a year, and a release may change it."""
    return hashlib.sha256(style_sheet(chosen).encode()).hexdigest()[:8]
