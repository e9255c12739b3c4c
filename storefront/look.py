"""A site's look: logo, icon, accent colour and sharing picture, ready for the head and header of every page."""

from dataclasses import dataclass

from django.urls import reverse

from common.models import Picture
from common.pictures import cutting
from common.urls import absolute_path
from storefront.accent import Palette, palette, parse, version_of
from storefront.models import DEFAULT_ACCENT, Identity

LOGO = "height-96"
ICON = "fill-64x64|format-png"
TOUCH_ICON = "fill-180x180|format-png"
SHARED = "fill-1200x630|format-jpeg"


@dataclass(frozen=True)
class Cut:
    """A picture resized for its place."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """The parts of the identity that base.html draws; `accent` is "" for the style sheet's own colour."""

    logo: Cut | None
    logo_dark: Cut | None
    icon: Cut | None
    touch_icon: Cut | None
    shared: Cut | None
    accent: str
    bar: str


def look_of(identity: Identity) -> Look:
    """Return the look of a site. A picture that cannot be resized is left out."""
    chosen = palette_of(identity)
    is_own = identity.accent.lower() != DEFAULT_ACCENT
    return Look(
        logo=_cut(identity.logo, LOGO),
        logo_dark=_cut(identity.logo_dark, LOGO),
        icon=_cut(identity.icon, ICON),
        touch_icon=_cut(identity.icon, TOUCH_ICON),
        shared=_absolute(_cut(identity.share_picture, SHARED)),
        accent=reverse("accent", args=[identity.accent.lower().lstrip("#"), version_of(chosen)]) if is_own else "",
        bar=chosen.light.main,
    )


def palette_of(identity: Identity) -> Palette:
    """Return the shades of a site's accent."""
    return palette(parse(identity.accent))


def _cut(picture: Picture | None, spec: str) -> Cut | None:
    made = cutting.cut(picture, [spec]).get(spec)
    return Cut(made.url, made.width, made.height) if made else None


def _absolute(cut: Cut | None) -> Cut | None:
    """Return the cut with an absolute address, for readers outside the page."""
    return Cut(absolute_path(cut.url), cut.width, cut.height) if cut else None
