"""Using an address that is not one's own, before or after its owner, gains nothing and blocks nobody."""

import itertools

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import SignUp, User
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import SIGN_IN, deliver_mail, is_signed_in, link_in, sign_in
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"
RESEND = "/accounts/confirm-email/new/"
RESET = "/accounts/password/reset/"
CHANGE = "/accounts/email/"
ADDRESS = "vera@example.com"
THEIRS, HERS = "the attacker's passphrase", "the owner's own passphrase"


class Person:
    """A person with a browser, who may or may not have access to the mailbox."""

    def __init__(self, password: str, name: str) -> None:
        self.browser, self.password, self.name = Client(), password, name

    def sign_up(self, **extra: str):
        form = {"name": self.name, "email": ADDRESS, "phone": "", "password1": self.password}
        return self.browser.post(SIGN_UP, form | extra)

    def open(self, link: str):
        """Open a link from an email and follow the page's instructions."""
        page = self.browser.get(link, follow=True)
        form = page.redirect_chain[-1][0] if page.redirect_chain else link
        return self.browser.post(form, {"password1": self.password, "name": self.name})

    def gets_in(self) -> bool:
        visitor = Client()
        sign_in(visitor, ADDRESS, self.password)
        return is_signed_in(visitor)


@pytest.fixture
def attacker() -> Person:
    return Person(THEIRS, "Mallory")


@pytest.fixture
def owner() -> Person:
    return Person(HERS, "Vera Berg")


def ask_again(owner: Person) -> None:
    owner.browser.post(RESEND, {"email": ADDRESS})


def ask_for_a_password(owner: Person) -> None:
    owner.browser.post(RESET, {"email": ADDRESS})


def sign_up(owner: Person) -> None:
    owner.sign_up()


STEPS = {"signs up": sign_up, "asks for a link": ask_again, "asks for a password": ask_for_a_password}
ONE_OR_NONE = [(), *((step,) for step in STEPS)]
EVERY_ORDER = [(before, after) for before, after in itertools.product(ONE_OR_NONE, repeat=2) if before or after]


@pytest.mark.parametrize(("before", "after"), EVERY_ORDER)
@pytest.mark.parametrize("opened", ["first", "last"])
def test_only_the_owner_of_the_mailbox_gets_in_whatever_the_order(attacker, owner, before, after, opened):
    for step in before:
        STEPS[step](owner)
    attacker.sign_up(phone="06 12345678")
    for step in after:
        STEPS[step](owner)
    mails = deliver_mail()

    response = owner.open(link_in(mails[0 if opened == "first" else -1]))

    assert response.status_code == 303
    assert owner.gets_in()
    assert not attacker.gets_in()
    user = User.objects.get()
    assert (user.name, user.phone) == ("Vera Berg", None)
    assert all(owner.open(link_in(message)).status_code in (200, 404) for message in mails)
    assert not attacker.gets_in()
    assert User.objects.count() == 1


def test_signing_up_after_the_owner_confirmed_changes_nothing(attacker, owner):
    owner.sign_up()
    owner.open(link_in(deliver_mail()[0]))
    attacker.sign_up()

    (message,) = deliver_mail()

    assert "you have an account" in message.subject
    assert owner.gets_in() and not attacker.gets_in()
    assert User.objects.get().name == "Vera Berg"


def test_a_link_opened_by_the_owner_never_adopts_the_name_phone_or_password_of_others(attacker, owner):
    attacker.sign_up(phone="06 12345678")
    (message,) = deliver_mail()

    page = owner.browser.get(link_in(message)).content.decode()
    refused = owner.browser.post(link_in(message))

    assert "Mallory" not in page and "12345678" not in page
    assert (refused.status_code, User.objects.count()) == (422, 0)


def test_a_second_sign_up_by_others_does_not_invalidate_the_owners_link(attacker, owner):
    owner.sign_up(phone="06 87654321")
    (message,) = deliver_mail()
    for _ in range(3):
        attacker.sign_up()

    assert owner.open(link_in(message)).status_code == 303
    assert str(User.objects.get().phone) == "+31687654321"
    assert owner.gets_in() and not attacker.gets_in()


def test_a_sign_up_shows_no_orders_and_signs_nobody_in(attacker, at):
    order = make_order(at, email=ADDRESS)
    attacker.sign_up()

    for login in (ADDRESS, ADDRESS.upper()):
        sign_in(attacker.browser, login, THEIRS)

    assert not is_signed_in(attacker.browser)
    page = attacker.browser.get(reverse("orders:list"), follow=True).content.decode()
    assert order.token not in page


def test_guest_orders_are_shown_to_the_person_with_the_verified_address(attacker, owner, at):
    order = make_order(at, email=ADDRESS)
    deliver_mail()
    attacker.sign_up()
    owner.open(link_in(deliver_mail()[0]))
    sign_in(owner.browser, ADDRESS, HERS)

    assert order.token in owner.browser.get(reverse("orders:list")).content.decode()


# Changing the address


@pytest.fixture
def other_account() -> Client:
    """Return a browser signed in to the attacker's account, with a pending change to the owner's address."""
    browser = Client()
    sign_in(browser, make_customer(email="mallory@example.com", password=THEIRS).email, THEIRS)
    reauthenticate(browser, THEIRS)
    assert browser.post(CHANGE, {"action_add": "", "email": ADDRESS}).status_code == 303
    return browser


def reauthenticate(browser: Client, password: str) -> None:
    browser.post("/accounts/reauthenticate/", {"password": password})


def test_a_pending_change_keeps_nobody_from_signing_up(other_account, owner):
    deliver_mail()
    owner.sign_up()
    (message,) = deliver_mail()

    owner.open(link_in(message))

    assert owner.gets_in()
    assert set(User.objects.values_list("email", flat=True)) == {ADDRESS, "mallory@example.com"}
    assert not EmailAddress.objects.filter(verified=False).exists()


@pytest.mark.parametrize("path", [RESEND, RESET])
def test_requested_links_never_confirm_a_pending_change(other_account, path):
    deliver_mail()

    Client().post(path, {"email": ADDRESS})

    assert deliver_mail() == []


@pytest.mark.parametrize("opens", ["a visitor", "another account"])
def test_the_link_of_a_change_works_only_in_the_account_that_asked(other_account, opens):
    (message,) = deliver_mail()
    browser = Client()
    if opens == "another account":
        sign_in(browser, make_customer(email="vera@home.example").email, PASSWORD)
    was_signed_in = is_signed_in(browser)

    page = browser.get(link_in(message)).content.decode()
    response = browser.post(link_in(message))

    assert response.status_code == 409
    assert "mallory" not in page and ADDRESS not in page
    assert is_signed_in(browser) is was_signed_in
    assert User.objects.filter(email="mallory@example.com").exists()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_a_pending_address_signs_nobody_in(other_account):
    deliver_mail()
    visitor = Client()

    response = sign_in(visitor, ADDRESS, THEIRS)

    assert response.status_code == 422
    assert deliver_mail() == []


def test_a_pending_change_shows_no_orders(other_account, at):
    order = make_order(at, email=ADDRESS)

    assert order.token not in other_account.get(reverse("orders:list")).content.decode()


def test_only_the_owner_is_told_of_a_change_to_an_address_with_an_account(other_account, owner):
    make_customer(email="known@example.com")
    deliver_mail()

    response = other_account.post(CHANGE, {"action_add": "", "email": "Known@example.com"})

    assert response.status_code == 303
    (message,) = deliver_mail()
    assert message.to == ["known@example.com"]
    assert "you have an account" in message.subject


def test_a_change_confirmed_after_the_owner_signed_up_is_refused(other_account, owner):
    (change,) = deliver_mail()
    make_customer(email=ADDRESS)
    EmailAddress.objects.create(user=User.objects.get(email="mallory@example.com"), email=ADDRESS, verified=False)

    response = other_account.post(link_in(change))

    assert response.status_code in (404, 409)
    assert User.objects.filter(email="mallory@example.com").exists()


@pytest.mark.parametrize("action", ["action_primary", "action_remove", "action_send"])
def test_no_button_on_the_page_adopts_an_unverified_address(other_account, action):
    for email in (ADDRESS, "mallory@example.com"):
        other_account.post(CHANGE, {action: "", "email": email})

    user = User.objects.get(email="mallory@example.com")
    assert list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", "primary")) == [
        ("mallory@example.com", True)
    ]


# Links and sessions


def test_a_link_does_not_switch_accounts_for_a_signed_in_person(attacker, owner):
    attacker.sign_up()
    (message,) = deliver_mail()
    other = make_customer()
    sign_in(owner.browser, other.email, PASSWORD)

    response = owner.open(link_in(message))

    assert (response.status_code, response.url) == (303, "/accounts/logout/")
    assert owner.browser.session["_auth_user_id"] == str(other.pk)
    assert f"You are signed in as {other.email}" in owner.browser.get(response.url).content.decode()
    assert owner.gets_in()


def test_a_reset_link_leaves_the_signed_in_person_signed_in(client):
    other, forgetful = make_customer(), make_customer()
    sign_in(client, other.email, PASSWORD)
    client.post(RESET, {"email": forgetful.email})
    (message,) = deliver_mail()

    page = client.get(link_in(message), follow=True)
    response = client.post(page.redirect_chain[-1][0], {"password1": HERS})

    assert response.status_code == 303
    assert client.session["_auth_user_id"] == str(other.pk)
    assert sign_in(Client(), forgetful.email, HERS).status_code == 303


def test_choosing_a_password_drops_requests_of_others_for_the_address(attacker):
    make_customer(email=ADDRESS)
    attacker.sign_up()
    Client().post(RESET, {"email": ADDRESS})
    exists, reset = deliver_mail()
    owner = Person(HERS, "Vera Berg")

    owner.open(link_in(reset))

    assert owner.gets_in() and not attacker.gets_in()
    assert not SignUp.objects.exists()
    assert link_in(exists) == SIGN_IN


def test_an_account_created_without_sign_up_is_verified_by_choosing_a_password(client):
    root = User.objects.create_superuser(ADDRESS, THEIRS)

    response = sign_in(client, ADDRESS, THEIRS)

    assert (response.status_code, response.url) == (303, "/accounts/confirm-email/")
    assert not is_signed_in(client)
    owner = Person(HERS, "Vera Berg")
    owner.open(link_in(deliver_mail()[0]))
    assert owner.gets_in()
    assert not Person(THEIRS, "").gets_in()
    assert EmailAddress.objects.get(user=root).verified
