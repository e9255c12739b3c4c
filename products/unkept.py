"""Product drafts whose schedule could not be kept and that nobody has completed since."""

from collections.abc import Iterator

from django.db.models import F, Q
from wagtail.models import PageLogEntry

from products.models import ProductPage
from products.services.schedules import REFUSED

MOST_LOOKED_AT = 200


def unkept_schedules() -> Iterator[ProductPage]:
    """Yield the drafts as they were to go live, the newest first; each is built when it is asked for."""
    entries = PageLogEntry.objects.filter(action=REFUSED, revision=F("page__latest_revision"))
    waiting = entries.filter(Q(page__live_revision=None) | ~Q(page__live_revision=F("revision")))
    found = waiting.order_by("-timestamp", "-pk").select_related("revision")
    for entry in found[:MOST_LOOKED_AT]:
        yield entry.revision.as_object()
