"""Product drafts whose schedule could not be kept and that nobody has completed since."""

from django.db.models import F, Q
from wagtail.models import PageLogEntry

from products.models import ProductPage
from products.services.schedules import REFUSED


def unkept_schedules() -> list[ProductPage]:
    """Return the drafts as they were to go live, the newest first."""
    entries = PageLogEntry.objects.filter(action=REFUSED, revision=F("page__latest_revision"))
    waiting = entries.filter(Q(page__live_revision=None) | ~Q(page__live_revision=F("revision")))
    found = waiting.order_by("-timestamp", "-pk").select_related("revision")
    return [entry.revision.as_object() for entry in found[:50]]
