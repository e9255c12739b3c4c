"""Prices: rows that are only added, and the column that lists sort by, moved when a price comes into force."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from products.models import Price, Sku
from products.prices import MAX_PRICE, PLACES, BadPrice, amount_in_force, check_start
from products.services import rows
from products.services.locks import lock_products, lock_sku


class SkuGone(DomainError):
    """There is no such SKU."""

    code = "sku_gone"


def check_amount(amount: Decimal | int) -> Decimal:
    """Return `amount` as a price. Raises BadPrice for what is no number, <= 0, too large or has over 4 decimals.

    A text is for `products.prices.read_price`: it is not read here.
    """
    price = Decimal(amount) if isinstance(amount, Decimal | int) else Decimal("NaN")
    if not price.is_finite():
        raise BadPrice(gettext("Enter the price as a number, for example 3.90."))
    if price <= 0:
        raise BadPrice(gettext("A price must be more than zero."))
    if price > MAX_PRICE:
        raise BadPrice(gettext("That price is too large."))
    if round(price, PLACES) != price:
        raise BadPrice(gettext("A price has at most four decimals."))
    return price


def set_price(
    *, sku_id: int, amount: Decimal, starts_at: dt.datetime | None, source: str, actor: Actor, at: dt.datetime
) -> Price:
    """Add a price that begins at `starts_at` (None: at once); move price_now and from_price when it is in force.

    Raises BadPrice, BadStart, SkuGone.
    """
    price = check_amount(amount)
    check_start(starts_at or at, at)
    with transaction.atomic():
        sku = lock_sku(sku_id)
        if sku is None:
            raise SkuGone(gettext("This variant no longer exists."))
        row = Price.objects.create(
            sku=sku,
            amount=price,
            starts_at=starts_at or at,
            source=source,
            actor_id=actor.user_id,
            actor_label=actor.label,
            created_at=at,
        )
        if row.starts_at <= at:
            Sku.objects.filter(pk=sku.pk).update(price_now=amount_in_force(at))
            rows.refresh([sku.product_id])
    return row


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
