"""Closing a day of the cash book."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.money import format_money
from orders.cash_book import NOTHING, figures_of, today_at
from orders.models import CashDay
from orders.permissions import require
from stock.models import Shop

RIGHT = "orders.close_cash"


class AlreadyClosed(DomainError):
    """The day was closed before."""

    code = "already_closed"


class NotOverYet(DomainError):
    """The day has not begun on the shop's clock."""

    code = "not_over_yet"


class ReasonMissing(DomainError):
    """The counted money is not the expected one, and nothing says why. extra["difference"]."""

    code = "reason_missing"


def close_day(
    *, shop_id: int, date: dt.date, opening: Decimal, counted: Decimal, reason: str, actor: Actor, at: dt.datetime
) -> CashDay:
    """Close a day of a shop: `opening` was in the till in the morning, `counted` is there now, in the site's currency.

    What is expected is the opening amount with the cash taken that day, less the cash refunded; a difference needs a
    `reason`. Raises AlreadyClosed, NotOverYet, ReasonMissing, NotAllowed, ValueError for a negative amount.
    """
    if min(opening, counted) < 0:
        raise ValueError("money in a till is not negative")
    try:
        with transaction.atomic():
            require(actor, RIGHT)
            shop = Shop.objects.get(pk=shop_id)
            if CashDay.objects.filter(shop=shop, date=date).exists():
                raise _already_closed()
            if date > today_at(shop, at):
                raise NotOverYet(gettext("This day has not begun yet."))
            expected = opening + figures_of(shop, date, date).get(date, NOTHING).till
            if counted != expected and not reason.strip():
                raise _reason_missing(counted, expected)
            return CashDay.objects.create(
                shop=shop,
                date=date,
                currency=settings.SHOP_CURRENCY,
                opening=opening,
                expected=expected,
                counted=counted,
                reason=reason.strip()[:255],
                actor_id=actor.user_id,
                actor_label=actor.label,
                at=at,
            )
    except IntegrityError as error:
        # Somebody else closed it at the same moment.
        raise _already_closed() from error


def _already_closed() -> AlreadyClosed:
    return AlreadyClosed(gettext("This day has already been closed."))


def _reason_missing(counted: Decimal, expected: Decimal) -> ReasonMissing:
    difference = counted - expected
    words = {"difference": format_money(abs(difference)), "expected": format_money(expected)}
    if difference < 0:
        text = gettext("%(difference)s is missing: %(expected)s is expected. Count again, or say why.") % words
    else:
        text = gettext("There is %(difference)s too much: %(expected)s is expected. Count again, or say why.") % words
    return ReasonMissing(text, extra={"difference": difference})
