"""Rules of prices: the amounts that can be one, and the price in force."""

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.composed import Hole
from common.errors import DomainError
from common.numbers_typed import BadNumber, Kind, read_number
from products.models.price import Price

PLACES = 4
MAX_PRICE = Decimal("9999999.99")
FARTHEST = dt.timedelta(days=3653)
# Beyond this year no database driver makes a date in every zone; a price row can never be deleted.
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


# --- In force is the newest that has begun; of two for one moment, the later row. ------------------


def prices_of(sku_ids: Collection[int]) -> QuerySet[Price]:
    """Return the prices of these SKUs, past and coming, the newest first."""
    return Price.objects.filter(sku__in=sku_ids, starts_at__lt=HORIZON).order_by("-starts_at", "-id")


def in_force(sku: OuterRef | int, at: dt.datetime | Hole) -> QuerySet[Price]:
    """Return the prices of a SKU that have begun, the one in force first."""
    return Price.objects.filter(sku=sku, starts_at__lte=at).order_by("-starts_at", "-id")


def amount_in_force(at: dt.datetime | Hole) -> Subquery:
    """Return the amount in force of the SKU of a query's row, NULL without one."""
    return Subquery(in_force(OuterRef("pk"), at).values("amount")[:1])


def price_in_force(prices: Iterable[Price], at: dt.datetime) -> Price | None:
    """Return the same for rows at hand: the one in force of all prices of one SKU, in any order."""
    begun = [price for price in prices if price.starts_at <= at]
    return max(begun, key=lambda price: (price.starts_at, price.pk), default=None)


def price_to_come(prices: Iterable[Price], at: dt.datetime) -> Price | None:
    """Return the price that will be in force next, None when none is planned."""
    planned = [price for price in prices if price.starts_at > at]
    return price_in_force(planned, min(price.starts_at for price in planned)) if planned else None
