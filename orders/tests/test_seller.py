"""The seller's settings: what numbers begin with, and who may change them."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.tests.factories import make_staff
from orders.models import SellerSettings
from orders.tests.documents import paid, receipt
from orders.tests.factories import make_seller
from staff.tests.factories import sign_in
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db


def clean(**values) -> SellerSettings:
    seller = SellerSettings(**values)
    seller.full_clean()
    return seller


@pytest.mark.parametrize("prefix", ["", "r", "TOOLONGER", "R-1", "R 1", "Ж", "R\n", "../X"])
def test_a_prefix_is_made_of_capital_letters_and_figures(prefix):
    with pytest.raises(ValidationError):
        clean(receipt_prefix=prefix)


def test_two_kinds_never_share_a_prefix():
    with pytest.raises(ValidationError):
        clean(receipt_prefix="INV")


def test_a_prefix_is_not_taken_from_documents_of_another_kind(at):
    receipt(paid(at), at)

    with pytest.raises(ValidationError):
        clean(receipt_prefix="X", invoice_prefix="R")
    assert clean(receipt_prefix="X").receipt_prefix == "X"


def test_another_prefix_goes_on_with_the_numbers(at):
    receipt(paid(at), at)
    make_seller(receipt_prefix="BON")

    assert receipt(paid(at), at).name == "BON-2026-000002"


# Who may change them


@pytest.mark.parametrize("role", ["owner", "shop_manager", "editor", "price_manager"])
def test_only_owners_change_the_seller(role):
    make_groups()
    make_staff("owner")
    client = sign_in(make_staff(role))
    given = {
        "legal_name": "Canal Bakery B.V.",
        "address": "Singel\u202e 1",
        "receipt_prefix": "R",
        "invoice_prefix": "INV",
        "credit_prefix": "CN",
    }

    address = reverse("wagtailsettings:edit", args=["orders", "sellersettings"])
    client.post(client.get(address).headers.get("Location", address), given)

    changed = SellerSettings.current()
    assert (changed.legal_name, changed.address) == (("Canal Bakery B.V.", "Singel 1") if role == "owner" else ("", ""))
