"""Notes that a cart shows once: codes and figures, put into words in the language of the page that shows them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from common.quantity import format_number, format_quantity
from products.offers import Offer

Note = dict[str, object]


def merged(count: int) -> Note:
    """Note that items of a guest's cart were added at sign-in."""
    return {"code": "merged", "count": count}


def full() -> Note:
    """Note that some items were not added because the cart was full."""
    return {"code": "full"}


def at_most(sku_id: int, most: Decimal) -> Note:
    """Note that a line was reduced to the maximum of one order."""
    return {"code": "at_most", "sku": sku_id, "most": format_number(most)}


def only(sku_id: int, left: Decimal) -> Note:
    """Note that of an earlier order's article there is less than it had."""
    return {"code": "only", "sku": sku_id, "most": format_number(left)}


def gone(names: Sequence[str]) -> Note:
    """Note the articles of an earlier order that cannot be bought now."""
    return {"code": "gone", "names": list(names)}


def note_text(note: object, offers: Mapping[int, Offer]) -> str:
    """Return a note in words, empty if its SKU is gone; older notes are plain text and returned as they are."""
    if not isinstance(note, dict):
        return str(note)
    if note.get("code") == "merged":
        count = int(note["count"])
        return ngettext(
            "We added %(count)d item from your cart on this device.",
            "We added %(count)d items from your cart on this device.",
            count,
        ) % {"count": count}
    if note.get("code") == "full":
        return gettext("Your cart is full. Please order these items first.")
    if note.get("code") == "gone":
        names = [str(name) for name in note["names"]]
        return gettext("Cannot be bought at the moment: %(names)s.") % {"names": ", ".join(names)}
    offer = offers.get(int(note.get("sku", 0)))
    if offer is None:
        return ""
    most = format_quantity(Decimal(str(note["most"])), offer.unit)
    if note.get("code") == "only":
        return gettext("“%(name)s”: only %(most)s can be bought now.") % {"name": offer.name, "most": most}
    return gettext("“%(name)s”: at most %(most)s in one order.") % {"name": offer.name, "most": most}
