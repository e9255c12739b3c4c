"""Tags and filters of the interface: money, quantities, prices, icons and shop markers."""

from decimal import Decimal

from babel.numbers import get_currency_symbol
from django import template
from django.conf import settings
from django.forms import BaseForm
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from common.icons import ICONS
from common.models import Picture, PictureRendition
from common.money import SYMBOLS, format_exact, format_money
from common.numbers_typed import spell
from common.pictures import cutting
from common.quantity import UNITS, format_quantity
from common.unit_prices import unit_price_text

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Return an amount as the reader writes it: {{ order.total|money:order.currency }}."""
    return "" if amount is None else format_money(amount, currency)


@register.filter
def quantity(amount: Decimal | None, unit: str = "pc") -> str:
    """Return a quantity with its unit: 2 pc, 300 g."""
    return "" if amount is None else format_quantity(amount, unit)


@register.filter
def plain_number(amount: Decimal | None) -> str:
    """Return a number as inputs and buttons send it: read back, it is the same number."""
    return "" if amount is None else spell(amount)


@register.filter
def unit_label(unit: str) -> str:
    """Return the label of a unit code."""
    return str(UNITS[unit].label)


@register.simple_tag
def unit_price(amount: Decimal | None, unit: str, currency: str | None = None) -> str:
    """Return the price of one unit in words: €3.90 each, €1.25 per 100 g."""
    return "" if amount is None else unit_price_text(amount, unit, currency)


@register.simple_tag
def price(amount: Decimal | None, currency: str | None = None, exact: bool = False) -> str:
    """Return a price as on a shelf label: large figures, a small raised currency symbol.

    With `exact`, for unit prices, all decimals are shown.
    """
    if amount is None:
        return ""
    currency = currency or settings.SHOP_CURRENCY
    language = (get_language() or "en").replace("-", "_")
    symbol = SYMBOLS.get(currency) or get_currency_symbol(currency, locale=language)
    text = format_exact(amount, currency) if exact else format_money(amount, currency)
    figures = text.replace(symbol, "").strip("\xa0 ")
    if language.startswith("en"):
        return format_html('<span><span class="price__cur">{}</span>{}</span>', symbol, figures)
    return format_html('<span>{}<span class="price__cur price__cur--after">{}</span></span>', figures, symbol)


@register.simple_tag
def cut(picture: Picture | None, spec: str) -> PictureRendition | None:
    """Return a picture cut to `spec`, or None: {% cut page.hero_image "width-1000|format-webp" as hero %}."""
    return cutting.cut(picture, [spec]).get(spec)


@register.simple_tag
def icon(name: str, classname: str = "") -> SafeString:
    """Return an icon, as decoration: the words are beside it or on the button."""
    extra = f" {classname}" if classname else ""
    # Names and classes come from our own templates, the drawings from our own files.
    return mark_safe(  # noqa: S308
        f'<svg class="icon{extra}" viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg>'
    )


@register.simple_tag
def marker(shop: object, classname: str = "", out: bool = False) -> SafeString:
    """Return the letter and shape of a shop, hollow when it is sold out there."""
    letter = str(getattr(shop, "letter", "A"))
    shape = "abc"[(ord(letter[-1]) - ord("A")) % 3]
    size = "marker--two" if len(letter) > 1 else ""
    parts = ("marker", f"marker--{shape}", size, classname, "marker--out" if out else "")
    classes = " ".join(part for part in parts if part)
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, letter)


@register.simple_tag
def title_error(form: BaseForm | None) -> str:
    """Return the prefix of the page's title after a refused form, which screen readers read first."""
    return f"{gettext('Error:')} " if form and form.errors else ""
