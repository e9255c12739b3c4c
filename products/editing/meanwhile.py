"""Prices changed by others since a draft was begun: the editor is told, as publishing changes none of them."""

from django.utils import formats, timezone
from django.utils.translation import gettext
from wagtail.models import PageLogEntry

from accounts.models import User
from products.models import Price, ProductPage

PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")
EDITED = ("wagtail.edit", "wagtail.revert")


def changed_meanwhile(page: ProductPage, user: User) -> str:
    """Say who last changed a price since the draft of a live page was begun, "" if nobody else did."""
    if not (page.live and page.has_unpublished_changes and page.product_id):
        return ""
    entries = PageLogEntry.objects.filter(page=page.pk)
    published = entries.filter(action__in=PUBLISHED).order_by("-timestamp", "-pk").first()
    edits = entries.filter(action__in=EDITED)
    if published is not None:
        edits = edits.filter(timestamp__gt=published.timestamp)
    begun = edits.order_by("timestamp", "pk").first()
    if begun is None:
        return ""
    prices = Price.objects.filter(sku__product=page.product_id, created_at__gt=begun.timestamp)
    latest = prices.exclude(actor=user.pk).order_by("-created_at", "-pk").first()
    if latest is None:
        return ""
    moment = formats.date_format(timezone.localtime(latest.created_at), "j F Y, H:i")
    told = {"who": latest.actor_label, "when": moment}
    return gettext("%(who)s changed prices on %(when)s, after this draft was begun. Publishing keeps them.") % told
