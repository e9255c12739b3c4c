"""The buyer's page of an order: plain values for the template, computed in one place."""

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.translation import gettext

from common.models import columns_of
from orders import masking, numbers, qr
from orders.models import Order, OrderEvent, OrderLine
from orders.models.status import OPEN
from orders.presenters.documents import Documents, documents_on_page
from orders.presenters.money import MoneyWords, money_words, refund_lines
from orders.presenters.promise import expected_at, held_text, ready_text
from orders.presenters.timeline import TimelineStep, steps
from orders.presenters.wording import then_text
from orders.selectors import documents_of, history, lines_of, payments_of, shop_with_hours
from orders.standing import Standing, stand
from orders.statuses import CUSTOMER, DELIVERY, may_cancel
from products import pictures
from products.shown_pages import known_pages
from stock.hours import SpecialHours, special_hours, week
from stock.models import Shop
from stock.moments import is_today, local, say

# The small rendition, which cards use already.
THUMB = pictures.CARD_SPECS[0]
Status = Order.Status
DELIVERED = (Status.READY, Status.IN_TRANSIT, Status.COMPLETED)
DID_NOT_GO_THROUGH = (Standing.FAILED, Standing.UNFINISHED)


@dataclass(frozen=True)
class Said:
    """What the page says with days and hours, in the words of one reader."""

    heading: str
    next_text: str
    held_until: str


@dataclass(frozen=True)
class StatusPage:
    """Everything the status page shows. Times are texts in the shop's time zone.

    `dated` is what is read on another day: on paper and in emails.
    """

    order: Order
    number: str
    lines: list[OrderLine]
    heading: str
    next_text: str
    money: MoneyWords
    refunds: list[str]
    documents: Documents
    steps: list[TimelineStep]
    held_until: str
    can_cancel: bool
    is_live: bool
    can_reorder: bool
    is_thanked: bool
    shop_says: str
    name: str
    email: str
    phone: str
    comment: str
    hours: list
    special_hours: list[SpecialHours]
    dated: Said
    qr_side: int = 0
    qr_path: str = ""

    def for_email(self) -> "StatusPage":
        """Return the page with the day of every time named."""
        return replace(self, **vars(self.dated))


def build(order: Order, *, at: dt.datetime, is_owner: bool) -> StatusPage:
    """Build the page of an order in the active language; personal data is masked unless `is_owner`."""
    events, payments, shop = history(order), payments_of(order), shop_with_hours(order)
    standing = stand(order, payments, at)
    money = money_words(order, standing)
    side, path = qr.svg_path(order) if order.status in OPEN else (0, "")
    has_ended = order.status in (Status.COMPLETED, Status.CANCELLED)
    said = _said(order, money, shop, at, read_at=at)
    return StatusPage(
        order=order,
        number=numbers.group(order.number),
        lines=lines_of(order),
        heading=said.heading,
        next_text=said.next_text,
        money=money,
        refunds=refund_lines(payments),
        documents=documents_on_page(order, documents_of(order), standing),
        steps=steps(order, events, at),
        held_until=said.held_until,
        can_cancel=may_cancel(order, CUSTOMER),
        is_live=not has_ended,
        can_reorder=has_ended,
        is_thanked=order.status not in (Status.AWAITING_PAYMENT, Status.CANCELLED),
        shop_says=_shop_says(order, events),
        name=(order.name or "").partition(" ")[0] if is_owner else "",
        email=(order.email or "") if is_owner else masking.mask_email(order.email),
        phone=(order.phone or "") if is_owner else masking.mask_phone(order.phone),
        comment=(order.comment or "") if is_owner else "",
        hours=week(shop),
        special_hours=special_hours(shop, at),
        dated=_said(order, money, shop, at, read_at=None),
        qr_side=side,
        qr_path=path,
    )


def add_pictures(lines: list[OrderLine]) -> None:
    """Set `thumb` on each line: the product's current picture, or None."""
    pages = known_pages({line.sku.product_id for line in lines if line.sku})
    for line in lines:
        page = pages.get(line.sku.product_id) if line.sku else None
        line.thumb = pictures.cut(page.cover if page else None).get(THUMB)


def _said(order: Order, money: MoneyWords, shop: Shop, at: dt.datetime, *, read_at: dt.datetime | None) -> Said:
    if order.status in (Status.AWAITING_PAYMENT, Status.PLACED, Status.PREPARING):
        ready = ready_text(order, shop, at, read_at=read_at)
    else:
        ready = ""
    held_until = held_text(order, read_at)
    return Said(
        heading=_heading(order, money, shop, ready, read_at),
        next_text=_next_text(order, money, at, {"ready": ready, "time": held_until}),
        held_until=held_until,
    )


def _heading(order: Order, money: MoneyWords, shop: Shop, ready: str, read_at: dt.datetime | None) -> str:
    """Return the heading of the page, which is also the subject of the emails: time first."""
    if order.status == Status.AWAITING_PAYMENT:
        return _heading_unpaid(money)
    if order.status == Status.CANCELLED:
        is_expired = order.cancel_reason == Order.CancelReason.EXPIRED
        return gettext("Your order has expired") if is_expired else gettext("Order cancelled")
    if order.fulfilment == DELIVERY and order.status in DELIVERED:
        return _heading_delivery(order, shop, read_at)
    if order.status == Status.READY:
        return gettext("Ready now at %(shop)s") % {"shop": shop.name_text}
    if order.status == Status.COMPLETED:
        when = order.status_changed_at
        text = gettext("Collected at %(time)s") if is_today(when, shop, read_at) else gettext("Collected %(time)s")
        return text % {"time": say(when, shop, read_at)}
    return ready


def _heading_delivery(order: Order, shop: Shop, read_at: dt.datetime | None) -> str:
    if order.status == Status.READY:
        return gettext("Waiting for the courier")
    if order.status == Status.IN_TRANSIT:
        return gettext("On its way")
    when = order.status_changed_at
    text = gettext("Delivered at %(time)s") if is_today(when, shop, read_at) else gettext("Delivered %(time)s")
    return text % {"time": say(when, shop, read_at)}


def _heading_unpaid(money: MoneyWords) -> str:
    if money.standing == Standing.CHECKING:
        return gettext("We are checking your payment")
    if money.standing in DID_NOT_GO_THROUGH:
        return gettext("The payment did not go through")
    return gettext("Waiting for payment")


def _shop_says(order: Order, events: list[OrderEvent]) -> str:
    """Return the shop's reason for cancelling; the form tells staff that the customer reads it."""
    if order.status != Status.CANCELLED or order.cancel_reason != Order.CancelReason.SHOP:
        return ""
    return next((event.note for event in reversed(events) if event.is_step), "")


def _next_text(order: Order, money: MoneyWords, at: dt.datetime, times: dict[str, str]) -> str:
    if order.status == Status.AWAITING_PAYMENT:
        return _next_unpaid(order, money, at, times)
    if order.status == Status.CANCELLED and order.cancel_reason == Order.CancelReason.EXPIRED:
        return gettext("We could not hold your order any longer. You can order again.")
    return then_text(order)


def _next_unpaid(order: Order, money: MoneyWords, at: dt.datetime, times: dict[str, str]) -> str:
    if money.standing == Standing.CHECKING:
        return gettext("We will hold your order until this is done.")
    if order.expires_at is not None and order.expires_at <= at:
        return gettext("We are no longer holding your order.")
    if money.standing == Standing.APPROVED or not times["time"]:
        return gettext("We start as soon as the bank confirms the payment. %(ready)s.") % times
    if money.standing in DID_NOT_GO_THROUGH:
        return gettext("Pay again by %(time)s. %(ready)s.") % times
    return gettext("Pay by %(time)s. %(ready)s.") % times


def version(order: Order, *, at: dt.datetime, is_owner: bool) -> str:
    """Return a short text that changes with anything the live part of the page says at a moment. No query.

    `order` comes from selectors.order_by_token. All columns go in, not what is picked of them, and the moment as far as
    words depend on it: the day, the end of the hold, and the time an unpaid order would be ready.
    """
    shop = order.shop
    is_over = order.expires_at is not None and order.expires_at <= at
    times = [local(at, shop).date(), is_over]
    if order.status == Status.AWAITING_PAYMENT and not is_over:
        times.append(expected_at(order, shop, at).replace(second=0, microsecond=0))
    parts = (columns_of(order), columns_of(shop), order.beside, times, is_owner, translation.get_language())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
