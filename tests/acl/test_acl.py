"""`make acl`: every address by every method as every kind of person, against the table in tests/access_matrix.py.

A cell is right when a person is let in, sent to sign in, or told that there is nothing, as the row of the address says.
What belongs to somebody else is answered byte for byte like what does not exist.
"""

import re
import uuid
from collections import Counter

import pytest
from django.http import HttpResponse
from django.urls import reverse

from orders.models import Order, OrderEvent
from tests import access_matrix
from tests.access_matrix import ADMIN_OPEN, CMS, COUNTER, OURS, Row, Who
from tests.acl.people import NAMES, VISITORS, World, build
from tests.test_access import ROLES_OF, address, admin_paths, exists

pytestmark = [pytest.mark.django_db, pytest.mark.violates]
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
SIGNED_OUT = ("anonymous", "guest", "disabled")
LEAST_CELLS = 3_000


@pytest.fixture
def world(at) -> World:
    return build(at)


def answer(response: HttpResponse) -> str:
    """Put a response into one word: let in, signed out, without a token, nothing, refused the method, broken."""
    if response.status_code >= 500:
        return "broken"
    if response.status_code == 405:
        return "method"
    if response.status_code == 401:
        return "token"
    if response.status_code == 404:
        return "nothing"
    to = response.headers.get("Location", "")
    return "sign in" if response.status_code in (302, 303) and to.startswith("/accounts/login/") else "in"


def allowed(row: Row, name: str, method: str) -> set[str]:
    """Return the answers that are right. A method that the view does not take may be refused before or after."""
    first = method == row.method or (method == "head" and row.method == "get")
    more = set() if first else {"method"}
    if row.who is Who.DEVELOPER:
        return {"nothing"} | more
    if row.who is Who.TOKEN:
        return {"token"}
    if row.who is Who.MACHINE:
        # What is not signed gets no further than this.
        return {"in", "method", "token"}
    if row.who is Who.PUBLIC:
        # What an address names may not exist.
        return {"in", "nothing", "method"} if row.kwargs or not first else {"in", "method"}
    if name in SIGNED_OUT:
        return {"sign in"} | more
    if row.who is not Who.SIGNED_IN and name not in ROLES_OF[row.who]:
        return {"nothing"} | more
    return {"in", "method"} | ({"nothing"} if row.kwargs else set())


def mismatches(world: World, rows: list[Row], methods=METHODS) -> tuple[list[str], Counter]:
    """Ask every cell; return those that are wrong, and how many answers there were of each kind."""
    wrong, seen = [], Counter()
    for row in rows:
        path = address(row)
        for name in NAMES:
            for method in methods:
                found = answer(getattr(world.client(name), method)(path))
                seen[found] += 1
                if found not in allowed(row, name, method):
                    wrong.append(f"{method} {row.name} as {name}: {found}")
    return wrong, seen


def test_every_address_answers_every_person_as_its_row_says(world):
    rows = [row for row in OURS if exists(row)]
    before = (Order.objects.count(), OrderEvent.objects.count())

    wrong, seen = mismatches(world, rows)

    print(f"\n{sum(seen.values())} cells: {dict(seen)}; {len(wrong)} mismatches")  # noqa: T201
    assert wrong == []
    assert sum(seen.values()) >= LEAST_CELLS
    assert (Order.objects.count(), OrderEvent.objects.count()) == before


def test_wagtails_administration_lets_in_who_works_in_it(world):
    wrong, cells = [], 0
    for path in admin_paths():
        if path in ADMIN_OPEN:
            continue
        for name in NAMES:
            found = answer(world.client(name).get(path))
            cells += 1
            is_in = found == "in" and name not in CMS
            if found == "broken" or is_in:
                wrong.append(f"{path} as {name}: {found}")

    print(f"\n{cells} cells of the administration; {len(wrong)} mismatches")  # noqa: T201
    assert wrong == []


# The red control: a row that says too much or too little is noticed.
@pytest.mark.parametrize(("name", "says"), [("staff:board", Who.SIGNED_IN), ("orders:list", Who.PUBLIC)])
def test_a_wrong_row_is_a_mismatch(world, name, says):
    row = next(row for row in access_matrix.OURS if row.name == name)

    wrong, _seen = mismatches(world, [Row(row.name, says, row.kwargs, row.method)], methods=("get",))

    assert wrong


def nothing_there(text: bytes) -> bytes:
    """Take out what is new in each answer: the token of its forms."""
    return re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]*', rb"\1", text)


STAFF_POSTS = ("staff:step", "staff:undo", "staff:cancel", "staff:show-phone", "staff:hand-over")


def foreign(world: World) -> list[tuple[str, str, dict, dict]]:
    """Return (method, name, keys of what is somebody else's, keys of nothing)."""
    order, none = {"number": world.order.number}, {"number": "0A1B2C3D"}
    pages = [("get", name, order, none) for name in ("staff:order", "staff:slip")]
    pages += [("post", name, order, none) for name in STAFF_POSTS]
    pages.append(("post", "staff:attention-order", {**order, "verb": "charge"}, {**none, "verb": "charge"}))
    for method, name in (("get", "mine:address"), ("post", "mine:address"), ("post", "mine:address-remove")):
        pages.append((method, name, {"key": world.address.public_id}, {"key": uuid.UUID(int=7)}))
    pages.append(("get", "collect", {"secret": world.order.collect_secret}, {"secret": "0" * 26}))
    return pages


def test_what_belongs_to_somebody_else_is_answered_like_what_does_not_exist(world):
    different, cells = [], 0
    for method, name, theirs, none in foreign(world):
        for person in NAMES:
            if person == "customer" and name.startswith("mine:"):
                continue
            # A code shown at the wrong counter is answered with the right one: who holds it may know.
            if name == "collect" and person in COUNTER:
                continue
            client = world.client(person)
            # An owner works in every shop.
            if person == "owner" and not name.startswith("mine:"):
                continue
            one = getattr(client, method)(reverse(name, kwargs=theirs))
            other = getattr(client, method)(reverse(name, kwargs=none))
            cells += 1
            same_body = nothing_there(one.content) == nothing_there(other.content)
            if one.status_code != other.status_code or not same_body:
                different.append(f"{method} {name} as {person}: {one.status_code}, {other.status_code}")

    print(f"\n{cells} foreign things; {len(different)} differ from missing ones")  # noqa: T201
    assert different == []


def test_what_is_ones_own_is_answered_otherwise(world):
    """The red control of the test above."""
    mine = world.client("customer").get(reverse("mine:address", kwargs={"key": world.address.public_id}))
    none = world.client("customer").get(reverse("mine:address", kwargs={"key": uuid.UUID(int=7)}))
    board = world.client("owner").get(reverse("staff:order", kwargs={"number": world.order.number}))

    assert (mine.status_code, none.status_code, board.status_code) == (200, 404, 200)


@pytest.mark.parametrize("change", ["cut", "of another order", "guessed", "number"])
def test_an_order_opens_by_its_whole_token_only(world, change):
    token = world.guest_order.token
    tokens = {
        "cut": token[:-1],
        "of another order": token[:20] + world.order.token[20:],
        "guessed": "A" * 43,
        "number": world.guest_order.number,
    }

    answers = [world.client(name).get(f"/orders/{tokens[change]}/") for name in VISITORS]

    assert [one.status_code for one in answers] == [404] * len(VISITORS)
    assert all(world.guest_order.number.encode() not in one.content for one in answers)
