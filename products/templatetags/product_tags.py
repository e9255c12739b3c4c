"""Pictures of products, from renditions that were loaded with the page."""

from dataclasses import dataclass

from django import template
from django.template.loader import get_template

from common.models import Picture, PictureRendition
from common.page_changes.parts import drawn_once
from products import pictures
from products.catalogue.cards import Card

register = template.Library()

_KINDS = {
    "card": (pictures.CARD_SPECS, "(min-width: 69rem) 282px, (min-width: 48rem) 30vw, 46vw"),
    "large": ((*pictures.CARD_SPECS, *pictures.LARGE_SPECS), "(min-width: 48rem) 50vw, 96vw"),
    "thumb": (pictures.THUMB_SPECS, "104px"),
}


@dataclass(frozen=True)
class CutPicture:
    """A picture cut for one place on the page."""

    src: str
    width: int
    height: int
    webp_srcset: str


@register.simple_tag
def product_card(card: Card, level: int = 3, eager: bool = False) -> str:
    """Draw a product in a list: {% product_card card level=2 %}. `eager`: it is on the first screen.

    A kept card is drawn once; all that its HTML shows is in the card.
    """
    context = {"card": card, "level": level, "eager": eager}
    return drawn_once(card.drawn, (level, eager), lambda: get_template("products/_card.html").render(context))


@register.inclusion_tag("components/picture.html")
def photo(picture: Picture | None, kind: str = "card", alt: str = "", eager: bool = False) -> dict[str, object]:
    """Draw a picture: {% photo page.cover "card" alt=page.title %}; the shop's mark if there is no picture."""
    specs, sizes = _KINDS[kind]
    cuts = pictures.cut(picture, specs)
    return {"cut": _cut(list(cuts.values())) if cuts else None, "alt": alt, "eager": eager, "sizes": sizes}


def _cut(renditions: list[PictureRendition]) -> CutPicture:
    by_size = sorted(renditions, key=lambda rendition: rendition.width)
    webp = [rendition for rendition in by_size if rendition.url.endswith(".webp")]
    plain = [rendition for rendition in by_size if not rendition.url.endswith(".webp")] or webp
    widths = {rendition.width: rendition.url for rendition in webp}
    return CutPicture(
        src=plain[-1].url,
        width=plain[-1].width,
        height=plain[-1].height,
        webp_srcset=", ".join(f"{url} {width}w" for width, url in widths.items()),
    )
