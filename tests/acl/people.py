"""The eleven kinds of visitors that every address is asked by, and the things of one that the others must not see."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.test import Client

from accounts.models import Address, User
from accounts.roles import ROLES
from accounts.tests.factories import make_address, make_customer, make_staff
from checkout.tests.factories import make_cart
from orders.models import Order
from orders.tests.factories import make_order
from products.tests.factories import make_product
from stock.models import Shop, ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups

VISITORS = ("anonymous", "guest", "customer", "other customer", "disabled")


@dataclass
class World:
    """Two shops; the order and address of a customer at the first; everybody who works here works at the second."""

    shop: Shop
    own: Shop
    people: dict[str, User]
    order: Order
    address: Address
    guest_order: Order
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, name: str) -> Client:
        """Return the browser of a person, signed in if they can be."""
        client = self.clients.setdefault(name, Client())
        person = self.people.get(name)
        if person is not None and person.is_active and "_auth_user_id" not in client.session:
            client.force_login(person)
        return client


def build(at) -> World:
    """Build it."""
    make_groups()
    first, second = make_shop(), make_shop("market")
    people = {role: make_staff(role) for role in ROLES}
    for person in people.values():
        ShopStaff.objects.create(user=person, shop=second)
    people |= {"customer": make_customer(name="Canary Berg"), "other customer": make_customer()}
    people["disabled"] = make_staff("shop_manager", name="Dora Lang")
    User.objects.filter(pk=people["disabled"].pk).update(is_active=False)
    people["disabled"].refresh_from_db()
    make_product(title="Loaf", codes=("LOAF",), stock={first: "9", second: "9"})
    order = make_order(at, shop=first, user=people["customer"], email=people["customer"].email)
    guest_order = make_order(at, shop=first)
    world = World(first, second, people, order, make_address(people["customer"]), guest_order)
    world.client("guest").post("/cart/add/", {"code": "LOAF", "quantity": "1"}, HTTP_SEC_FETCH_SITE="same-origin")
    make_cart(at, user=people["customer"], LOAF="1")
    return world


NAMES: tuple[str, ...] = (*VISITORS, *ROLES)
Ask = Callable[[Client], object]
