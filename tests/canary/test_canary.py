"""`make canary`: fifty customers that can be recognised anywhere; everybody looks everywhere, and finds their own only.

Pages are followed link by link, as each kind of person; then the database, the log, the emails and the messages of the
worker are read. Last, everybody is deleted, and nothing is left.
"""

import logging
import os
import re
from collections import deque
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.urls import get_resolver

from accounts.roles import ROLES
from accounts.services.erase import erase_account
from accounts.tests.factories import make_staff
from common import registry
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.erase import anonymise_orders
from orders.tests.factories import actor_of
from products.tests.factories import make_product
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups
from tests.access_matrix import COUNTER
from tests.canary.birds import BIRDS, Bird, columns, declared, heard, settle
from tests.test_access import walk

pytestmark = [pytest.mark.django_db, pytest.mark.violates]
PAGES_EACH = 60 if os.environ.get("SHORT") else 250
LINK = re.compile(r'(?:href|src|action|hx-get|data-poll)="(/[^"#]*)"')
SKIPPED = ("/static/", "/media/", "/accounts/logout", "/admin/logout", "/admin/jsi18n", "/admin/sprite")
VISITORS = ("anonymous", "guest", "customer", "other customer", "disabled")
MINE, OTHER = BIRDS[1], BIRDS[2]
# What a role needs for its work on an order: its comment. Name, phone and email are masked.
NEEDED = {role: {"comment"} for role in COUNTER}


@pytest.fixture
def site(at):
    """Two shops, everybody who works there, and fifty customers who have ordered."""
    make_groups()
    shops = [make_shop(), make_shop("market")]
    people = {role: make_staff(role) for role in ROLES}
    for person in people.values():
        for shop in shops:
            ShopStaff.objects.create(user=person, shop=shop)
    make_product(title="Loaf", codes=("LOAF",), stock=dict.fromkeys(shops, "90"))
    for bird in BIRDS:
        user, order = settle(bird, shops[bird.number % 2], at)
        people |= {"customer": user} if bird is MINE else {"other customer": user} if bird is OTHER else {}
        if bird.number % 3 == 0:
            cancel_order(order_id=order.pk, reason="They called", actor=actor_of(people["employee"]), at=at)
    people["disabled"] = make_staff("shop_manager")
    return people


def browser(site, name: str) -> Client:
    client = Client()
    if name == "disabled":
        client.force_login(site[name])
        type(site[name]).objects.filter(pk=site[name].pk).update(is_active=False)
    elif name in site:
        client.force_login(site[name])
    return client


def starts() -> list[str]:
    """Return every address that needs no argument, and the tables of the administration as files."""
    paths = sorted({f"/{path}" for path, _name, _pattern in walk(get_resolver())} | {"/"})
    plain = [path for path in paths if not re.search(r"[<(^\\$]", path) and not path.startswith(SKIPPED)]
    reports = [path for path in plain if path.startswith("/admin/reports/")]
    return [*plain, *(f"{path}?export={kind}" for path in reports for kind in ("csv", "xlsx"))]


def known_to(name: str) -> list[str]:
    """Return the addresses that were given to somebody: a guest has that of their order, where they are masked."""
    return [f"/orders/{Order.objects.filter(user=None).first().token}/"] if name == "guest" else []


def visited(client: Client, most: int, known: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (address, text) of pages, link by link from those that are known and all that can be typed."""
    waiting, seen = deque([*known, *starts()]), set()
    while waiting and most:
        path = waiting.popleft()
        if path in seen or path.startswith(SKIPPED):
            continue
        seen.add(path)
        response = client.get(path)
        assert response.status_code < 500, path
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode(errors="replace") + repr(dict(response.headers))
        yield path, text
        most -= 1
        found = {link.replace("&amp;", "&") for link in LINK.findall(text)}
        # New kinds of pages first: a hundred pages of one list tell less.
        waiting.extendleft(sorted(link for link in found - seen if "?" not in link))


def allowed(name: str, path: str, bird: Bird, part: str) -> bool:
    """Return whether a kind of person may read this part of a customer there."""
    own = {"customer": MINE, "other customer": OTHER}.get(name)
    if path.startswith("/admin/"):
        return False
    if name == "owner" and path == "/staff/applications/" and bird.applies:
        # Owners decide about a person; email and phone are masked there, too.
        return part in ("name", "comment")
    return bird is own or (path.startswith("/staff/") and part in NEEDED.get(name, ()))


@pytest.mark.parametrize("name", [*VISITORS, *ROLES])
def test_nobody_reads_of_others_what_they_need_not(site, name, caplog):
    wrong, count = [], 0
    with caplog.at_level(logging.DEBUG):
        for path, text in visited(browser(site, name), PAGES_EACH, known_to(name)):
            count += 1
            wrong += [
                f"{path}: {part} of {number}"
                for part, number in heard(text)
                if not allowed(name, path, BIRDS[number], part)
            ]

    print(f"\n{name}: {count} pages, {len(wrong)} canaries out of place")  # noqa: T201
    assert wrong == []
    assert heard(caplog.text) == set()


def test_a_person_finds_themselves(site):
    """The red control: the crawl sees what is there."""
    texts = dict(visited(browser(site, "customer"), PAGES_EACH, []))

    told = set().union(*(heard(text) for text in texts.values()))
    assert {part for part, number in told if number == MINE.number} >= {"name", "email", "street"}


def test_people_stand_in_columns_that_are_declared_only(site):
    found = columns()

    print(f"\n{sorted(found)}")  # noqa: T201
    assert set(found) <= declared()
    assert {number for told in found.values() for _part, number in told} == {bird.number for bird in BIRDS}


def test_messages_logs_and_caches_name_nobody(site, at, caplog):
    with caplog.at_level(logging.DEBUG):
        while deliver_due(at=at.replace(hour=at.hour + 1)):
            pass

    rows = list(OutboxMessage.objects.values_list("event", "key", "payload", "last_error"))
    kept = [getattr(cache, "_cache", {}) for cache in caches.all(initialized_only=True)]
    assert rows
    assert heard(repr(rows)) == set()
    assert heard(caplog.text) == set()
    assert heard(repr(kept)) == set()


def test_an_email_names_its_reader_only(site, at):
    while deliver_due(at=at.replace(hour=at.hour + 1)):
        pass

    assert len(mail.outbox) >= len(BIRDS)
    for message in mail.outbox:
        (reader,) = message.to
        told = heard(message.message().as_string()) | heard(message.body)
        assert {number for _part, number in told} == {bird.number for bird in BIRDS if bird.email == reader}


def end_all(site, at) -> None:
    """End every order, delete every account, and take the guests out of theirs."""
    later = at.replace(hour=at.hour + 2)
    for order in Order.objects.unfinished():
        cancel_order(order_id=order.pk, reason="They called", actor=actor_of(site["employee"]), at=at)
    while deliver_due(at=later):
        pass
    for bird in BIRDS:
        for user in type(site["owner"]).objects.filter(email=bird.email):
            erase_account(user_id=user.pk, at=later)
    anonymise_orders(before=later, limit=1000)


def test_after_deletion_nothing_is_left(site, at, caplog):
    with caplog.at_level(logging.DEBUG):
        end_all(site, at)

    assert columns() == {}
    assert heard(caplog.text) == set()
    assert Order.objects.count() == len(BIRDS)


def test_what_an_app_forgets_to_erase_is_found(site, at, monkeypatch):
    """The red control of deletion: without one eraser its rows are left, and seen."""
    erasers = {name: value for name, value in registry._erasers.items() if not name.startswith("accounts.privacy")}
    assert len(erasers) < len(registry._erasers)
    monkeypatch.setattr(registry, "_erasers", erasers)

    end_all(site, at)

    assert "accounts_address.street" in columns()
