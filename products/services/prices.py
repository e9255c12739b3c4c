"""Prices: rows that are only added, and the column that lists sort by, moved when a price comes into force."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from products.models import Price, Sku
from products.prices import MAX_PRICE, PLACES, PRICE, BadPrice, amount_in_force, check_start
from products.services import rows
from products.services.locks import lock_products, lock_skus


class SkuGone(DomainError):
    """There is no such SKU."""

    code = "sku_gone"


class TwicePriced(DomainError):
    """One list has two prices of a SKU for one moment."""

    code = "twice_priced"


def check_amount(amount: Decimal | int) -> Decimal:
    """Return `amount` as a price. Raises BadPrice for what is no number, <= 0, too large or has over 4 decimals.

    A text is for `products.prices.read_price`: it is not read here.
    """
    price = Decimal(amount) if isinstance(amount, Decimal | int) else Decimal("NaN")
    if not price.is_finite():
        raise BadPrice(str(PRICE.hint))
    if price <= 0:
        raise BadPrice(str(PRICE.too_small))
    if price > MAX_PRICE:
        raise BadPrice(str(PRICE.too_large))
    if round(price, PLACES) != price:
        raise BadPrice(gettext("A price has at most four decimals."))
    return price


@dataclass(frozen=True)
class NewPrice:
    """One line of a list of prices; without `starts_at` it begins at once."""

    sku_id: int
    amount: Decimal
    starts_at: dt.datetime | None = None


class PricesRefused(DomainError):
    """Nothing was set; `problems` has the refusal of each line that is wrong, by its place in the list."""

    code = "prices_refused"

    def __init__(self, problems: Mapping[int, DomainError]) -> None:
        super().__init__(
            gettext("No price was set. Correct the marked lines first."),
            extra={"lines": {line: problem.message for line, problem in problems.items()}},
        )
        self.problems = problems


def set_price(
    *, sku_id: int, amount: Decimal, starts_at: dt.datetime | None, source: str, actor: Actor, at: dt.datetime
) -> Price:
    """Add a price that begins at `starts_at` (None: at once); move price_now and from_price when it is in force.

    Raises BadPrice, BadStart, SkuGone.
    """
    try:
        return set_prices(prices=[NewPrice(sku_id, amount, starts_at)], source=source, actor=actor, at=at)[0]
    except PricesRefused as refused:
        raise refused.problems[0] from None


def set_prices(*, prices: Sequence[NewPrice], source: str, actor: Actor, at: dt.datetime) -> list[Price]:
    """Add every price as `set_price` does, or none of them; return the rows in the order of the list.

    The number of statements depends on the thousands of SKUs, not on the SKUs. Raises PricesRefused with all problems:
    BadPrice, BadStart, SkuGone, and TwicePriced for a SKU that is listed twice for one moment.
    """
    with transaction.atomic():
        skus = lock_skus(price.sku_id for price in prices)
        new = _rows(prices, skus, source, actor, at)
        Price.objects.bulk_create(new, batch_size=rows.CHUNK)
        _move([skus[row.sku_id] for row in new if row.starts_at <= at], at)
    return new


def _rows(
    prices: Sequence[NewPrice], skus: Mapping[int, Sku], source: str, actor: Actor, at: dt.datetime
) -> list[Price]:
    problems: dict[int, DomainError] = {}
    new: dict[tuple[int, dt.datetime], Price] = {}
    for line, price in enumerate(prices):
        starts_at = price.starts_at or at
        try:
            amount = check_amount(price.amount)
            check_start(starts_at, at)
            if price.sku_id not in skus:
                raise SkuGone(gettext("This variant no longer exists."))
            if (price.sku_id, starts_at) in new:
                raise TwicePriced(gettext("This variant has another price for the same moment in this list."))
        except DomainError as problem:
            problems[line] = problem
        else:
            new[price.sku_id, starts_at] = Price(
                sku_id=price.sku_id,
                amount=amount,
                starts_at=starts_at,
                source=source,
                actor_id=actor.user_id,
                actor_label=actor.label,
                created_at=at,
            )
    if problems:
        raise PricesRefused(problems)
    return list(new.values())


def _move(skus: Collection[Sku], at: dt.datetime) -> None:
    """Bring price_now of locked SKUs and the columns of their products up to date."""
    ids = sorted({sku.pk for sku in skus})
    for start in range(0, len(ids), rows.CHUNK):
        Sku.objects.filter(pk__in=ids[start : start + rows.CHUNK]).update(price_now=amount_in_force(at))
    rows.refresh(sku.product_id for sku in skus)


def due(*, at: dt.datetime) -> QuerySet[Sku]:
    """Return the SKUs whose price_now is not the price in force at `at`, annotated with it as `due`."""
    found = Sku.objects.annotate(due=amount_in_force(at))
    return found.filter(due__isnull=False).filter(Q(price_now__isnull=True) | ~Q(price_now=F("due")))


def apply_due(*, at: dt.datetime) -> int:
    """Move price_now and from_price of every SKU whose scheduled price has begun; return how many SKUs changed."""
    changed = list(due(at=at).order_by("pk").values_list("pk", "product_id"))
    for start in range(0, len(changed), rows.CHUNK):
        part = changed[start : start + rows.CHUNK]
        with transaction.atomic():
            lock_products(product for _pk, product in part)
            Sku.objects.filter(pk__in=[pk for pk, _product in part]).update(price_now=amount_in_force(at))
            rows.refresh([product for _pk, product in part])
    return len(changed)
