"""Addresses that customers keep: the usual one, limits, other people's, bad input."""

import threading
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Address
from accounts.services.addresses import (
    AddressDetails,
    TooManyAddresses,
    UnknownAddress,
    add_address,
    change_address,
    remove_address,
)
from accounts.tests.factories import PASSWORD, make_address, make_customer
from accounts.tests.helpers import sign_in

pytestmark = pytest.mark.django_db
FORM = {"street": "Singel 1", "city": "Amsterdam"}


@pytest.fixture
def mira():
    return make_customer()


@pytest.fixture
def page(client, mira):
    sign_in(client, mira.email, PASSWORD)
    return client


def kept(user) -> list[tuple[str, bool]]:
    return list(user.addresses.order_by("pk").values_list("street", "is_usual"))


def test_the_first_address_is_the_usual_one(mira):
    make_address(mira)
    make_address(mira, street="Prinsengracht 2")

    assert kept(mira) == [("Singel 1", True), ("Prinsengracht 2", False)]


def test_another_address_becomes_the_usual_one(mira, at):
    make_address(mira)

    add_address(user_id=mira.pk, details=AddressDetails("Rokin 3", "Amsterdam"), is_usual=True, at=at)

    assert kept(mira) == [("Singel 1", False), ("Rokin 3", True)]


def test_the_same_address_is_kept_once(mira):
    make_address(mira, note="Ring twice")
    make_address(mira, note=" Ring  twice\u200b")

    assert kept(mira) == [("Singel 1", True)]


def test_of_those_left_the_oldest_becomes_the_usual_one(mira):
    first = make_address(mira)
    make_address(mira, street="Prinsengracht 2")
    make_address(mira, street="Rokin 3")

    remove_address(user_id=mira.pk, public_id=first.public_id)

    assert kept(mira) == [("Prinsengracht 2", True), ("Rokin 3", False)]


def test_no_more_are_kept_than_fit(mira):
    for number in range(Address.MOST):
        make_address(mira, street=f"Singel {number}")

    with pytest.raises(TooManyAddresses):
        make_address(mira, street="Rokin 3")

    assert mira.addresses.count() == Address.MOST


def test_an_address_of_somebody_else_is_unknown(mira):
    other = make_address(make_customer())
    details = AddressDetails("Rokin 3", "Amsterdam")

    with pytest.raises(UnknownAddress):
        change_address(user_id=mira.pk, public_id=other.public_id, details=details, is_usual=False)
    with pytest.raises(UnknownAddress):
        remove_address(user_id=mira.pk, public_id=other.public_id)

    assert list(Address.objects.values_list("street", flat=True)) == ["Singel 1"]


@pytest.mark.parametrize("broken", [{"is_usual": True}, {"street": ""}, {"city": ""}])
def test_the_database_refuses_what_the_services_never_write(mira, at, broken):
    make_address(mira)

    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(**{"user": mira, "street": "Rokin 3", "city": "Delft", "created_at": at, **broken})


@pytest.mark.django_db(transaction=True)
def test_of_two_first_addresses_at_once_one_is_the_usual_one(mira):
    def add(street):
        make_address(mira, street=street)
        connection.close()

    threads = [threading.Thread(target=add, args=(f"Singel {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(is_usual for _street, is_usual in kept(mira)) == [False] * 5 + [True]


def test_the_page_adds_changes_and_removes(page, mira):
    added = page.post("/account/addresses/new/", {**FORM, "label": "Home"})
    row = Address.objects.get()
    address = f"/account/addresses/{row.public_id}/"
    changed = page.post(address, {**FORM, "street": "Rokin 3", "note": "Second bell"})
    shown = page.get("/account/addresses/").content.decode()
    removed = page.post(f"{address}remove/")

    assert [(one.status_code, one["Location"]) for one in (added, changed, removed)] == [
        (303, "/account/addresses/")
    ] * 3
    assert "Rokin 3" in shown
    assert "Second bell" in shown
    assert not Address.objects.exists()


@pytest.mark.parametrize("missing", ["street", "city"])
def test_an_address_without_a_part_it_needs_is_asked_again(page, missing):
    answer = page.post("/account/addresses/new/", {**FORM, "note": "Ring twice", missing: " \u200b "})

    assert answer.status_code == 422
    assert "Ring twice" in answer.content.decode()
    assert not Address.objects.exists()


def test_too_many_are_refused_with_what_was_typed(page, mira):
    for number in range(Address.MOST):
        make_address(mira, street=f"Singel {number}")

    answer = page.post("/account/addresses/new/", {**FORM, "street": "Rokin 3"})

    assert answer.status_code == 422
    assert "You keep 20 addresses, which is the most." in answer.content.decode()
    assert 'value="Rokin 3"' in answer.content.decode()


def test_an_address_of_somebody_else_is_answered_like_a_missing_one(page):
    other = make_address(make_customer())

    answers = [page.get(f"/account/addresses/{key}/") for key in (other.public_id, uuid.uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Singel" not in answers[0].content.decode()


def test_an_address_that_is_gone_cannot_be_removed_again(page, mira):
    row = make_address(mira)
    address = f"/account/addresses/{row.public_id}/"
    page.post(f"{address}remove/")

    assert page.post(f"{address}remove/").status_code == 404
