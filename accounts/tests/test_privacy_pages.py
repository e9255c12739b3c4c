"""What the pages about one's data say is all that is in the download, and all that is deleted."""

import pytest

from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import sign_in
from common.registry import export_of
from tests.test_personal_tables import EMPTIED

pytestmark = pytest.mark.django_db
PAGE = "/account/privacy/"
# Words on the page for each section of the download.
SECTIONS = {
    "account": "name, email addresses, phone, language",
    "account_history": "what you did with your account",
    "addresses": "your addresses",
    "cart": "your cart",
    "documents": "receipts and invoices",
    "courier_applications": "an application to deliver",
    "email_addresses": "email addresses",
    "notices": "the changes we wrote to you about",
    "order_events": "history",
    "order_lines": "lines",
    "orders": "your orders",
    "payments": "payments",
    "refunds": "refunds",
    "registrations": "what you agreed to at the counter",
    "second_factor": "the second step",
    "sessions": "where you are signed in: browsers and programs",
    "shop": "the shop you chose",
}
# Words on the page for each table that deletion empties; links and codes on their way go unmentioned.
DELETED = {
    "account.EmailAddress": "email",
    "accounts.Address": "your addresses",
    "accounts.CourierApplication": "an application to deliver",
    "accounts.UserSession": "all sessions: you are signed out in every browser and every program",
    "checkout.Cart": "your cart",
    "mfa.Authenticator": "the second step and its recovery codes",
    "stock.ShopChoice": "the shop you chose",
}
UNDER_WAY = {
    "account.EmailConfirmation", "accounts.MailRequest", "accounts.Notice", "accounts.PhoneCode", "accounts.SignUp",
}  # fmt: skip


@pytest.fixture
def mila(client):
    user = make_customer()
    sign_in(client, user.email, PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


def words_of(client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split()).lower()


def test_the_page_names_every_section_of_the_download(client, mila):
    page = words_of(client, PAGE)

    assert set(SECTIONS) == set(export_of(mila.pk))
    assert [words for words in SECTIONS.values() if words not in page] == []
    assert "whether you agreed to news" in page


def test_the_page_names_everything_that_is_deleted(client, mila):
    page = words_of(client, f"{PAGE}delete/")

    assert {*DELETED, *UNDER_WAY} == {*EMPTIED}
    assert [words for words in DELETED.values() if words not in page] == []
    assert "your password" in page and "your consent to news" in page
