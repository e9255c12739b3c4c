"""Customers whose every personal word can be found again, wherever it went."""

import re
from dataclasses import dataclass, replace

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import user_pk_to_url_str
from django.db import connection

from accounts.models import CourierApplication, PhoneCode, User
from accounts.sessions import SessionStore
from accounts.tests.factories import make_address, make_customer
from checkout.tests.factories import BUYER, make_cart, place
from common.registry import personal_fields
from orders.models import Order
from stock.models import Shop

COUNT = 50


@dataclass(frozen=True)
class Bird:
    """A customer: everything that says who they are is unmistakable. `is_guest`: without an account."""

    number: int

    @property
    def is_guest(self) -> bool:
        return self.number % 5 == 0

    @property
    def applies(self) -> bool:
        """Return whether this customer would like to deliver."""
        return self.number % 10 == 3

    @property
    def surname(self) -> str:
        return f"Vogelzang{self.number:02d}x"

    @property
    def email(self) -> str:
        return f"kanarie{self.number:02d}@canary.example"

    @property
    def phone(self) -> str:
        return f"+3120555{1000 + self.number}"

    @property
    def street(self) -> str:
        return f"Kanariestraat {7000 + self.number}"

    @property
    def comment(self) -> str:
        return f"No seeds for kanarie{self.number:02d}x"

    @property
    def spellings(self) -> dict[str, re.Pattern[str]]:
        """Return what each part looks like in a text, however a phone is grouped."""
        tail = f"{1000 + self.number}"
        return {
            "name": re.compile(self.surname, re.IGNORECASE),
            "email": re.compile(re.escape(self.email), re.IGNORECASE),
            "phone": re.compile(rf"20[\s\-).]*555[\s\-]*{tail[:2]}[\s\-]*{tail[2:]}(?!\d)"),
            "street": re.compile(re.escape(self.street), re.IGNORECASE),
            "comment": re.compile(f"kanarie{self.number:02d}x", re.IGNORECASE),
        }


BIRDS = tuple(Bird(number) for number in range(COUNT))
_PARTS = {
    "name": r"Vogelzang(\d\d)x",
    "email": r"kanarie(\d\d)@canary\.example",
    "phone": r"20[\s\-).]*555[\s\-]*10[\s\-]*(\d\d)(?!\d)",
    "street": r"Kanariestraat 70(\d\d)",
    "comment": r"kanarie(\d\d)x",
}
_FINDERS = {part: re.compile(pattern, re.IGNORECASE) for part, pattern in _PARTS.items()}


def heard(text: str) -> set[tuple[str, int]]:
    """Return (part, number of the customer) of everybody a text tells of."""
    return {(part, int(number)) for part, finder in _FINDERS.items() for number in finder.findall(text)}


def settle(bird: Bird, shop: Shop, at) -> tuple[User | None, Order]:
    """Let a customer sign up, keep an address, order, and leave something in the cart."""
    buyer = replace(BUYER, name=f"Piet {bird.surname}", email=bird.email, phone=bird.phone, comment=bird.comment)
    if bird.is_guest:
        return None, place(make_cart(at, LOAF="1"), shop, at, buyer=buyer)
    user = make_customer(email=bird.email, name=f"Piet {bird.surname}", phone=bird.phone)
    make_address(user, street=bird.street, recipient=f"Piet {bird.surname}")
    order = place(make_cart(at, user=user, LOAF="1"), shop, at, buyer=replace(buyer, user_id=user.pk))
    make_cart(at, user=user, LOAF="1")
    wait_for_code(user)
    PhoneCode.objects.create(user=user, phone=bird.phone, salt="0" * 32, created_at=at)
    if bird.applies:
        CourierApplication.objects.create(user=user, message=bird.comment, created_at=at)
    return user, order


def wait_for_code(user: User) -> None:
    """Leave a browser in which the password was given, and the code was not."""
    session = SessionStore()
    session[LOGIN_SESSION_KEY] = {"user_pk": user_pk_to_url_str(user), "email": user.email}
    session.create()


def columns() -> dict[str, set[tuple[str, int]]]:
    """Return {table.column: who is named there} of the whole database."""
    found: dict[str, set[tuple[str, int]]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            for name in names:
                quoted = connection.ops.quote_name(name)
                cursor.execute(
                    f"SELECT {quoted}::text FROM {connection.ops.quote_name(table)} WHERE {quoted} IS NOT NULL"
                )
                texts = [text for (text,) in cursor.fetchall()]
                if name == "session_data":
                    texts = [str(SessionStore().decode(text)) for text in texts]
                told = set().union(*(heard(text) for text in texts))
                if told:
                    found[f"{table}.{name}"] = told
    return found


def declared() -> set[str]:
    """Return table.column of every personal field in the map."""
    return {f"{one.model.replace('.', '_').lower()}.{one.field}" for one in personal_fields()}
