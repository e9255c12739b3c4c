"""Minimal valid orders, shops and SKUs for tests."""

import datetime as dt
import itertools
import uuid
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import User
from common.actors import GUEST, SETUP, WORKER, Actor
from common.money import round_money, tax_included
from orders import numbers
from orders.models import Order, Payment, SellerSettings
from orders.services.change_status import change_status
from orders.services.create import Buyer, NewLine, Terms, create_order
from orders.statuses import way_to
from products.models import Product, Sku
from stock.models import Shop, ShopHours
from stock.services import receive, reserve

_serial = itertools.count(1)
RATE = Decimal("0.10")


def make_shop(**extra) -> Shop:
    """Return an open shop; its letter is unique for up to 26 shops at a time."""
    number = next(_serial)
    letters = set(Shop.objects.values_list("letter", flat=True))
    letter = next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in letters)
    defaults = {
        "code": f"shop-{number}",
        "letter": letter,
        "name": {"en": "Canal"},
        "address": {"en": "12 Canal Quay"},
        "timezone": "Europe/Amsterdam",
    }
    shop = Shop.objects.create(**{**defaults, **extra})
    for weekday in range(7):
        ShopHours.objects.create(shop=shop, weekday=weekday, opens=dt.time(7), closes=dt.time(20))
    return Shop.objects.get(pk=shop.pk)


def make_sku(**extra) -> Sku:
    """Return a SKU that no page shows: archived, as it may be by the time its orders are handled."""
    return Sku.objects.create(product=Product.objects.create(), code=f"SKU-{next(_serial)}", is_active=False, **extra)


def make_person(role: str | None = None, **extra) -> User:
    """Return a user; with a role they are a member of its group and have verified their address."""
    user = User.objects.create_user(email=f"person{next(_serial)}@example.com", **{"name": "Anna Berg", **extra})
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def actor_of(user: User) -> Actor:
    return Actor(user.get_short_name(), user.pk)


def make_order(
    at: dt.datetime,
    *,
    shop: Shop | None = None,
    sku: Sku | None = None,
    quantity: str = "2",
    price: str = "2.60",
    stock: str | None = "10",
    online: bool = False,
    gateway: str = "demo_bank",
    user: User | None = None,
    email: str = "mira@example.com",
    phone: str = "+31205550112",
    language: str = "en",
    hold: dt.timedelta = dt.timedelta(minutes=30),
) -> Order:
    """Return an order of one line with its stock reserved, as place_order leaves it. `stock=None`: receive none."""
    shop, sku = shop or make_shop(), sku or make_sku()
    if stock is not None:
        receive.receive(shop_id=shop.pk, sku_id=sku.pk, quantity=Decimal(stock), actor=SETUP, at=at)
    number, wanted = numbers.new_number(), Decimal(quantity)
    reserve.reserve(shop_id=shop.pk, wanted={sku.pk: wanted}, reference=number, expires_at=at + hold, at=at)
    amount = round_money(wanted * Decimal(price))
    line = NewLine(
        sku_id=sku.pk, code=sku.code, name="Butter croissant", options="", allergens="wheat, milk", unit=sku.unit,
        quantity=wanted, unit_price=Decimal(price), amount=amount, discount=Decimal(0), tax_rate=RATE,
        tax_amount=tax_included(amount, RATE),
    )  # fmt: skip
    terms = Terms(
        number=number, cart_key=uuid.uuid4(), shop_id=shop.pk,
        buyer=Buyer("Mira Jansen", phone, email, "Sliced, please", user.pk if user else None), language=language,
        payment_method=gateway if online else "on_collection", currency="EUR", lines=[line],
        goods_total=amount, discount_total=Decimal(0), delivery_total=Decimal(0), tax_total=line.tax_amount,
        total=amount, promised_at=at + dt.timedelta(minutes=20), expires_at=at + hold,
    )  # fmt: skip
    return create_order(terms=terms, actor=GUEST, at=at)


def make_basket(
    at: dt.datetime, *bought: tuple[str, str, str], shop: Shop | None = None, online: bool = False
) -> Order:
    """Return an order of several lines, each (quantity, unit price, discount) of a SKU of its own, with its stock."""
    shop, number = shop or make_shop(), numbers.new_number()
    lines, wanted = [], {}
    for position, (quantity, price, discount) in enumerate(bought, start=1):
        sku = make_sku(unit="pc" if Decimal(quantity) % 1 == 0 else "kg")
        receive.receive(shop_id=shop.pk, sku_id=sku.pk, quantity=Decimal(20), actor=SETUP, at=at)
        amount = round_money(Decimal(quantity) * Decimal(price))
        tax = tax_included(amount - Decimal(discount), RATE)
        wanted[sku.pk] = Decimal(quantity)
        lines.append(
            NewLine(
                sku_id=sku.pk, code=sku.code, name=f"Loaf {position}", options="", allergens="", unit=sku.unit,
                quantity=Decimal(quantity), unit_price=Decimal(price), amount=amount, discount=Decimal(discount),
                tax_rate=RATE, tax_amount=tax,
            )
        )  # fmt: skip
    reserve.reserve(shop_id=shop.pk, wanted=wanted, reference=number, expires_at=at + dt.timedelta(minutes=30), at=at)
    goods, discounts = (sum((getattr(line, name) for line in lines), Decimal(0)) for name in ("amount", "discount"))
    terms = Terms(
        number=number, cart_key=uuid.uuid4(), shop_id=shop.pk,
        buyer=Buyer("Mira Jansen", "+31205550112", "mira@example.com"), language="en",
        payment_method="demo_bank" if online else "on_collection", currency="EUR", lines=lines, goods_total=goods,
        discount_total=discounts, delivery_total=Decimal(0), tax_total=sum(line.tax_amount for line in lines),
        total=goods - discounts, promised_at=at + dt.timedelta(minutes=20), expires_at=at + dt.timedelta(minutes=30),
    )  # fmt: skip
    return create_order(terms=terms, actor=GUEST, at=at)


def pay_at_counter(order: Order, at: dt.datetime, amount: Decimal | None = None) -> Payment:
    """Return the payment of an order, or of a part of it, taken in cash."""
    return Payment.objects.create(
        order=order, gateway="on_collection", amount=amount or order.total, currency=order.currency, state="captured",
        taken="cash", created_at=at, captured_at=at,
    )  # fmt: skip


def make_seller(**extra) -> SellerSettings:
    """Return the settings with a seller who may issue invoices."""
    values = {"legal_name": "Canal Bakery B.V.", "address": "12 Canal Quay\n1011 AB Amsterdam", **extra}
    return SellerSettings.objects.update_or_create(defaults=values)[0]


def take_to_ready(order: Order, at: dt.datetime) -> Order:
    """Return a placed order that is ready for collection."""
    return take_to(order, Order.Status.READY, at)


def take_to(order: Order, status: str, at: dt.datetime, actor: Actor = WORKER) -> Order:
    """Return an order moved to `status`, step by step."""
    order.refresh_from_db()
    for step in way_to(order, status):
        order = change_status(order_id=order.pk, to=step, actor=actor, at=at)
    return order
