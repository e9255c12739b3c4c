"""An employee who sees the owner of a phone verifies it: whole numbers only, each look-up and each proof on record."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.selectors import find_by_login
from accounts.tests.factories import make_customer, make_staff

LOOK = "/staff/customers/verify-phone/"
PHONE = "+31612345678"


def verify(client, user, phone: str = PHONE):
    return client.post(reverse("staff:verified-phone", args=[user.pk]), {"phone": phone})


def is_verified(user) -> bool:
    user.refresh_from_db()
    return user.phone_verified_at is not None


def test_a_phone_is_looked_up_seen_and_verified(client, anna, at):
    mila = make_customer(email="mila@example.com", name="Mila Berg", phone=PHONE)

    page = client.post(LOOK, {"phone": "06 12 34 56 78"}).content.decode()
    response = verify(client, mila, "06 12345678")

    assert "Mila" in page and "m•••@example.com" in page
    assert "Berg" not in page and "mila@example.com" not in page
    assert (response.status_code, response["Location"]) == (303, f"{LOOK}?verified=1")
    mila.refresh_from_db()
    assert mila.phone_verified_at == at
    assert find_by_login(PHONE) == mila
    entries = AuditEntry.objects.filter(actor=anna).order_by("pk").values_list("action", "target", "at")
    assert list(entries) == [("customer.look_up", f"user:{mila.pk}", at), ("customer.phone", f"user:{mila.pk}", at)]


def test_everybody_who_entered_the_number_is_listed_and_one_is_verified(client):
    mila, noor = make_customer(name="Mila", phone=PHONE), make_customer(name="Noor", phone=PHONE)
    page = client.post(LOOK, {"phone": PHONE}).content.decode()

    verify(client, noor)

    assert "2 accounts have this number" in page and "Mila" in page and "Noor" in page
    assert is_verified(noor) and not is_verified(mila)


@pytest.mark.parametrize(
    "typed", ["", "12345678", "0612", "61234567", "+3161234567%", "06_2345678", "mila@example.com"]
)
def test_a_part_of_a_number_finds_nobody(client, typed):
    make_customer(name="Mila", phone=PHONE)

    response = client.post(LOOK, {"phone": typed})

    assert response.status_code == 422
    assert "Mila" not in response.content.decode()
    assert not AuditEntry.objects.filter(action__startswith="customer.").exists()


def test_an_unknown_number_is_recorded_without_the_number(client, anna):
    page = client.post(LOOK, {"phone": PHONE}).content.decode()

    assert "No customer has entered this number." in page
    entry = AuditEntry.objects.get(actor=anna)
    assert (entry.action, entry.target, entry.note) == ("customer.not_found", "", "")


def test_staff_deleted_and_disabled_accounts_are_not_found(client, at):
    make_staff("editor", name="Eva", phone=PHONE)
    gone = make_customer(name="Gone", phone=PHONE)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    page = client.post(LOOK, {"phone": PHONE}).content.decode()

    assert "Eva" not in page and "Gone" not in page


def test_an_account_with_another_number_is_not_verified(client):
    mila = make_customer(phone="+31205550142")
    nobody = User(pk=mila.pk + 1000)

    answers = [verify(client, user).status_code for user in (mila, nobody)]

    assert answers == [409, 409]
    assert not is_verified(mila)
    assert verify(client, mila, "12").status_code == 404


def test_look_ups_and_proofs_are_limited(client):
    mila = make_customer(phone=PHONE)
    answers = [client.post(LOOK, {"phone": f"02055501{n:02}"}).status_code for n in range(39)]
    answers.append(verify(client, User(pk=0)).status_code)

    refused = client.post(LOOK, {"phone": PHONE})

    assert answers == [200] * 39 + [409]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert verify(client, mila).status_code == 429
    assert not is_verified(mila)


def test_a_get_looks_nobody_up(client):
    make_customer(name="Mila", phone=PHONE)

    assert "Mila" not in client.get(f"{LOOK}?phone={PHONE}").content.decode()
    assert not AuditEntry.objects.exclude(action__in=["account.create", "staff.create"]).exists()
