"""Rules of prices: what can be one, and which is in force."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.numbers_typed import BadNumber, Kind, read_number
from products.models.price import Price

PLACES = 4
MAX_PRICE = Decimal("9999999.99")
FARTHEST = dt.timedelta(days=3653)
# Of years beyond this no driver can make a date in every zone; a price row can never be deleted.
HORIZON = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


class BadStart(DomainError):
    """The price would begin more than ten years ahead."""

    code = "bad_start"


class BadPrice(BadNumber):
    """The amount is not a price: no number, not positive, too fine or too large."""

    code = "bad_price"


PRICE = Kind(
    places=PLACES,
    least=Decimal("0.0001"),
    most=MAX_PRICE,
    hint=_("Enter the price as a number, for example 3.90."),
    too_small=_("A price must be more than zero."),
    too_large=_("That price is too large."),
    refusal=BadPrice,
)


def read_price(text: object) -> Decimal:
    """Read a price as typed; see `common.numbers_typed`. Raises BadPrice."""
    return read_number(text, PRICE)


def check_start(starts_at: dt.datetime, at: dt.datetime) -> None:
    """Raise BadStart for a beginning that can only be a slip of the finger."""
    if starts_at > at + FARTHEST:
        raise BadStart(gettext("A price can begin within the next ten years."))


def prices_of(sku_ids: Collection[int]) -> QuerySet[Price]:
    """Return the prices of these SKUs, past and coming, the newest first."""
    return Price.objects.filter(sku__in=sku_ids, starts_at__lt=HORIZON).order_by("-starts_at", "-id")


def in_force(sku: OuterRef | int, at: dt.datetime) -> QuerySet[Price]:
    """Return the prices of a SKU that have begun, the one in force first."""
    return Price.objects.filter(sku=sku, starts_at__lte=at).order_by("-starts_at", "-id")
