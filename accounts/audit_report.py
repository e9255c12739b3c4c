"""The audit in the CMS, for owners: who did what, and when."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from accounts.audit_words import actors, moment_text, sentences
from accounts.exports import cell
from accounts.models import AuditEntry, User
from accounts.roles import may
from accounts.selectors import staff_users

KINDS = {
    "staff.": _("People who work here"),
    "account.": _("Accounts"),
    "customer.": _("Customers at the counter"),
    "courier.": _("Applications of couriers"),
    "reveal": _("Looks at personal data"),
    "shop.": _("Shops"),
    "outbox.": _("Messages that were given up"),
}


def _moment(entry: AuditEntry) -> str:
    """An audit is read to the minute, not as "two days ago"."""
    return moment_text(entry.at)


class AuditFilterSet(WagtailFilterSet):
    """By person, kind and day."""

    person = django_filters.CharFilter(label=_("Person"), method="of_person")
    action = django_filters.ChoiceFilter(label=_("Kind"), choices=list(KINDS.items()), lookup_expr="startswith")
    at = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    def of_person(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """Find by the name of a machine or of somebody who works here; nobody looks for customers in the CMS."""
        return queryset.filter(Q(actor=None) | Q(actor__in=staff_users()), actor_label__icontains=value)

    class Meta:
        model = AuditEntry
        fields: ClassVar[list[str]] = []


class AuditReportView(ReportView):
    """Newest first; each page takes as many queries as there are kinds of targets on it."""

    model = AuditEntry
    page_title = _("Who did what")
    header_icon = "history"
    index_url_name = "accounts_admin:audit"
    index_results_url_name = "accounts_admin:audit-results"
    # Entries are only ever added.
    default_ordering = "-pk"
    filterset_class = AuditFilterSet
    columns: ClassVar = [
        Column("at", accessor=_moment, label=_("When")),
        Column("who", label=_("Who")),
        Column("sentence", label=_("What")),
    ]
    list_export: ClassVar = ["at", "who", "sentence", "action", "target", "note"]
    export_headings: ClassVar = {"at": _("When"), "who": _("Who"), "sentence": _("What")}
    custom_field_preprocess: ClassVar[dict[str, Any]] = {
        **ReportView.custom_field_preprocess,
        **{name: {ReportView.FORMAT_CSV: cell} for name in ("who", "sentence", "note")},
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not may(user, "staff.manage"):
            raise Http404("only owners read the audit")
        return super().dispatch(request, *args, **kwargs)

    def decorate_paginated_queryset(self, object_list: Any) -> list[AuditEntry]:
        entries = list(object_list)
        for entry, who, sentence in zip(entries, actors(entries), sentences(entries), strict=True):
            entry.who, entry.sentence = who, sentence
        return entries

    def get_filename(self) -> str:
        return "who-did-what"
