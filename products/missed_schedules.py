"""Product drafts that did not go live as scheduled and still wait for somebody."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q
from wagtail.models import PageLogEntry

from products.models import ProductPage
from products.services.schedules import DISMISSED, REFUSED

MAX_ENTRIES = 200


def missed_schedules() -> Iterator[ProductPage]:
    """Yield the drafts as they were to go live, the newest first; each is built when it is asked for.

    A draft leaves the list when it is edited, published or dismissed.
    """
    dismissed = PageLogEntry.objects.filter(action=DISMISSED, revision=OuterRef("revision"), pk__gt=OuterRef("pk"))
    entries = PageLogEntry.objects.filter(action=REFUSED, revision=F("page__latest_revision"))
    waiting = entries.filter(Q(page__live_revision=None) | ~Q(page__live_revision=F("revision")), ~Exists(dismissed))
    found = waiting.order_by("-timestamp", "-pk").select_related("revision")
    for entry in found[:MAX_ENTRIES]:
        yield entry.revision.as_object()
