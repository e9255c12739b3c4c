"""Tax classes as people choose them, each with today's rate."""

import datetime as dt
from typing import TYPE_CHECKING, TypedDict

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.quantity import format_number
from products.models.tax import TaxClass, TaxRate

NONE_YET = _("There is no tax class yet. Add one under Shop, Tax classes.")

if TYPE_CHECKING:
    from decimal import Decimal

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    class Rate(TypedDict):
        """Columns that `tax_classes` adds."""

        rate: Decimal | None

    RatedClass = WithAnnotations[TaxClass, Rate]


def tax_classes(at: dt.datetime) -> "QuerySet[RatedClass]":
    """Return the tax classes, each with `rate`: what holds at `at` by the site's time zone, None before the first."""
    today = timezone.localdate(at, timezone.get_default_timezone())
    rates = TaxRate.objects.filter(tax_class=OuterRef("pk"), since__lte=today).order_by("-since")
    return TaxClass.objects.annotate(rate=Subquery(rates.values("rate")[:1])).order_by("id")


def only_tax_class() -> TaxClass | None:
    """Return the tax class when the shop has exactly one; among several somebody must choose."""
    known = list(TaxClass.objects.order_by("id")[:2])
    return known[0] if len(known) == 1 else None


def with_rate(tax_class: "RatedClass") -> str:
    """Return a class with its rate: "Reduced rate (9%)"."""
    return str(tax_class) if tax_class.rate is None else f"{tax_class} ({format_number(tax_class.rate * 100)}%)"
