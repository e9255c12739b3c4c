"""Orders of the last ninety days, made through the services with the clock passed in.

Each order is drawn from a seed, so that writing a day twice finds the orders already made. Goods are received
on the same morning: at the end of a day, stock is what it was at the start.
"""

import datetime as dt
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import User
from checkout.models import Cart, CartLine
from checkout.services.place_order import NewOrder, place_order, quote_cart
from common.actors import GUEST, Actor
from common.errors import DomainError
from common.models import OutboxMessage
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.change_status import change_status
from orders.services.create import Buyer
from orders.services.hand_over import hand_over
from orders.statuses import way_to
from products.models import Sku
from products.offers import offers_for
from stock.hours import openings
from stock.models import Shop
from stock.services import receive
from storefront.demo.read import read

DAYS = 90
# From the order to the latest minute at which it is collected: nobody collects an order in the future.
STORY = dt.timedelta(hours=2)
NAMESPACE = uuid.UUID("6f9b1f0e-4f57-4a6c-9a59-5a3c1f2f7d11")
BAKER = Actor("Baker")


@dataclass
class Plan:
    """A planned order: who, where, when, what and how it ends."""

    key: uuid.UUID
    shop: Shop
    at: dt.datetime
    buyer: Buyer
    wanted: dict[int, Decimal]
    ending: str
    taken: str
    lines: list[Sku] = field(default_factory=list)


class History:
    """A writer of days in a demo shop; it holds the data that every day needs."""

    def __init__(self, *, shops: list[Shop], anna: User, customer: User, seed: int = 7) -> None:
        self.shops, self.customer, self.seed = shops, customer, seed
        self.anna = Actor(anna.get_short_name(), anna.pk)
        people = read("people")
        self.names, self.comments = people["names"], people["comments"]
        self.skus = list(Sku.objects.filter(is_active=True, price_now__isnull=False).select_related("product"))
        self.weights = [sku.product.popularity + 1 for sku in self.skus]

    def write_day(self, day: dt.date, until: dt.datetime) -> int:
        """Write the orders of one date that end by `until`; return how many are new."""
        rng = random.Random(f"{self.seed}:{day}")  # noqa: S311 - plausible, not secret
        plans = [plan for shop in self.shops for plan in self._plans(shop, day, rng) if plan.at + STORY < until]
        new = [plan for plan in plans if not Order.objects.filter(cart_key=plan.key).exists()]
        self._receive(new, day)
        for plan in sorted(new, key=lambda plan: plan.at):
            self._write(plan, rng)
        return len(new)

    def _plans(self, shop: Shop, day: dt.date, rng: random.Random) -> list[Plan]:
        start = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
        opening = next((o for o in openings(shop, start, 1) if o.opens_at.date() == day), None)
        if opening is None:
            return []
        minutes = int((opening.closes_at - opening.opens_at).total_seconds() // 60) - 90
        count = rng.choice((1, 2, 2, 3)) + (1 if day.weekday() >= 4 else 0)
        return [
            self._plan(shop, opening.opens_at + dt.timedelta(minutes=rng.randrange(10, minutes)), f"{day}:{n}", rng)
            for n in range(count)
        ]

    def _plan(self, shop: Shop, at: dt.datetime, name: str, rng: random.Random) -> Plan:
        wanted: dict[int, Decimal] = {}
        for sku in rng.choices(self.skus, weights=self.weights, k=rng.choice((1, 2, 2, 3, 4))):
            steps = rng.choice((1, 1, 2, 3)) if sku.unit in ("pc", "pack") else rng.randrange(2, 8)
            wanted[sku.pk] = max(sku.min_quantity, sku.step * steps)
        return Plan(
            key=uuid.uuid5(NAMESPACE, f"{self.seed}:{shop.code}:{name}"),
            shop=shop,
            at=at,
            buyer=self._buyer(rng),
            wanted=wanted,
            ending=rng.choices(("collected", "cancelled"), weights=(94, 6))[0],
            taken=rng.choice(("card", "card", "cash")),
        )

    def _buyer(self, rng: random.Random) -> Buyer:
        comment = rng.choice(self.comments)
        if rng.random() < 0.06:
            user = self.customer
            return Buyer(name=user.name, phone=str(user.phone), email=user.email, comment=comment, user_id=user.pk)
        number = rng.randrange(len(self.names))
        name = self.names[number]
        email = f"{name.split()[0].lower()}.{number}@customers.example"
        return Buyer(name=name, phone=f"+31205550{200 + number}", email=email, comment=comment, user_id=None)

    def _receive(self, plans: list[Plan], day: dt.date) -> None:
        """Receive the stock that the day's orders will collect, or hold until they are cancelled."""
        needed: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for plan in plans:
            if plan.ending == "collected":
                for sku_id, quantity in plan.wanted.items():
                    needed[(plan.shop.pk, sku_id)] += quantity
        morning = dt.datetime.combine(day, dt.time(4, 0), tzinfo=dt.UTC)
        for (shop_id, sku_id), quantity in sorted(needed.items()):
            receive.receive(
                shop_id=shop_id, sku_id=sku_id, quantity=quantity, actor=BAKER, at=morning, reason="Morning bake"
            )

    def _write(self, plan: Plan, rng: random.Random) -> None:
        order = self.place(plan)
        if order is None:
            return
        if plan.ending == "cancelled":
            cancel_order(
                order_id=order.pk, reason="Plans changed", actor=self.anna, at=plan.at + dt.timedelta(minutes=4)
            )
        else:
            self.prepare(order, plan.at)
            hand_over(
                order_id=order.pk,
                nonce=str(plan.key),
                taken=plan.taken,
                actor=self.anna,
                at=order.promised_at + dt.timedelta(minutes=rng.randrange(0, 50)),
                shop_ids=[plan.shop.pk],
            )
        silence(order)

    def place(self, plan: Plan) -> Order | None:
        """Put the plan's goods in a cart and place the order; return None if the shop cannot fulfil it."""
        moment = {"created_at": plan.at, "updated_at": plan.at}
        cart, _ = Cart.objects.get_or_create(public_id=plan.key, defaults=moment)
        offers = offers_for(list(plan.wanted), plan.at)
        CartLine.objects.bulk_create(
            [
                CartLine(cart=cart, sku_id=sku_id, quantity=quantity, price_seen=offers[sku_id].price, added_at=plan.at)
                for sku_id, quantity in plan.wanted.items()
            ],
            ignore_conflicts=True,
        )
        try:
            new = NewOrder(
                cart_id=cart.pk,
                buyer=plan.buyer,
                shop_id=plan.shop.pk,
                payment_method="on_collection",
                confirmed_total=quote_cart(cart_id=cart.pk, at=plan.at).total,
                language="en",
            )
            return place_order(new=new, actor=GUEST, at=plan.at)
        except DomainError:
            cart.delete()
            return None

    def prepare(self, order: Order, at: dt.datetime, *, ready: bool = True) -> None:
        """Move the order to preparing, and on to ready."""
        order = self._take_to(order, "preparing", at + dt.timedelta(minutes=2))
        if ready:
            self._take_to(order, "ready", order.promised_at)

    def _take_to(self, order: Order, status: str, at: dt.datetime) -> Order:
        for step in way_to(order, status):
            order = change_status(order_id=order.pk, to=step, actor=self.anna, at=at)
        return order

    def write_open_orders(self, at: dt.datetime) -> int:
        """Give each shop's board a few orders from this hour in every column; return how many are new."""
        rng = random.Random(f"{self.seed}:open:{at.date()}")  # noqa: S311 - plausible, not secret
        made = 0
        for shop in self.shops:
            for number, stage in enumerate(("new", "new", "preparing", "preparing", "ready", "ready")):
                moment = at - dt.timedelta(minutes=(6 - number) * 3)
                plan = self._plan(shop, moment, f"open:{at.date()}:{number}", rng)
                if Order.objects.filter(cart_key=plan.key).exists():
                    continue
                order = self.place(plan)
                if order is None:
                    continue
                made += 1
                if stage != "new":
                    self.prepare(order, moment, ready=False)
                if stage == "ready":
                    order.refresh_from_db()
                    self._take_to(order, "ready", at)
                silence(order)
        return made


def silence(order: Order) -> None:
    """Mark the emails about an invented order as delivered, so that nobody gets them."""
    OutboxMessage.objects.filter(event__startswith="order.", payload__order_id=order.pk, done_at=None).update(
        done_at=order.placed_at
    )
