"""Registering a customer at the counter: by a code, by email, by a typed password; nobody gains a foreign address."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.links import ShownLink, SignUpLink, write, write_shown
from accounts.models import AuditEntry, Registration, SignUp, User
from accounts.services.sign_up import purge_requests
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from common import clock
from orders.tests.factories import make_order
from staff.tests import factories

NEW = "/staff/customers/new/"
SENT = "/accounts/confirm-email/"
VERA = {"name": "Vera Berg", "email": "Vera@Example.com", "phone": "06 12345678", "way": "screen", "agreed": "on"}


def register(client, **extra) -> Registration:
    response = client.post(NEW, VERA | extra)
    assert response.status_code == 303, response.content.decode()
    return Registration.objects.latest("pk")


def code_of(registration, at) -> str:
    """Return the path in the code as it is now on the employee's screen."""
    key = write_shown(ShownLink(registration.pk, registration.links), at=at)
    return reverse("account_activate", args=[key])


def screen_of(client, registration) -> str:
    return client.get(reverse("staff:registered", args=[registration.pk])).content.decode()


def nothing_was_made() -> bool:
    return not SignUp.objects.exists() and not Registration.objects.exists()


# --- The three ways --------------------------------------------------------------------------------


def test_a_customer_scans_the_code_chooses_a_password_and_confirms_the_email(client, anna, at):
    registration = register(client, news="on")
    assert deliver_mail() == []
    assert "newcode" in screen_of(client, registration)
    phone, code = Client(), code_of(registration, at)

    page = phone.get(code).content.decode()
    chosen = phone.post(code, {"password1": PASSWORD})

    assert "vera@example.com" in page and "You also agreed to news by email." in page
    assert (chosen.status_code, chosen["Location"]) == (303, SENT)
    assert sign_in(Client(), "vera@example.com", PASSWORD).url == SENT
    assert not User.objects.filter(email="vera@example.com").exists()
    (message, *_) = deliver_mail()
    confirmed = phone.post(link_in(message))
    assert (confirmed.status_code, confirmed["Location"]) == (303, "/accounts/login/")
    sign_in(phone, "vera@example.com", PASSWORD)
    assert is_signed_in(phone)
    registration.refresh_from_db()
    user = User.objects.get(email="vera@example.com")
    assert (user.name, str(user.phone), user.phone_verified_at) == ("Vera Berg", "+31612345678", None)
    assert (registration.user, registration.actor, registration.actor_label) == (user, anna, "Anna")
    assert (registration.agreed_to_account, registration.agreed_to_news, registration.at) == (True, True, at)
    assert "The account works" in screen_of(client, registration)


def test_a_password_typed_at_the_counter_counts_behind_the_email_only_when_it_is_typed_again(client):
    registration = register(client, way="password", password=PASSWORD)
    (message,) = deliver_mail()
    mailbox = Client()

    assert "Now they open the email" in screen_of(client, registration)
    assert mailbox.post(link_in(message)).status_code == 422
    assert client.post(link_in(message)).status_code == 422
    assert mailbox.post(link_in(message), {"password1": PASSWORD}).status_code == 303
    user = User.objects.get(email="vera@example.com")
    assert (user.name, str(user.phone)) == ("Vera Berg", "+31612345678")
    sign_in(mailbox, "vera@example.com", PASSWORD)
    assert is_signed_in(mailbox)


# --- The code --------------------------------------------------------------------------------------


def test_opening_the_code_uses_nothing_and_posting_it_uses_it_up(client, at):
    registration = register(client)
    code = code_of(registration, at)
    for _ in range(3):
        assert "Save my password" in Client().get(code).content.decode()

    assert Client().post(code, {"password1": PASSWORD}).status_code == 303

    assert "has been used" in Client().get(code).content.decode()
    late = Client().post(code, {"password1": "another long passphrase"})
    assert late.status_code == 404
    assert sign_in(Client(), "vera@example.com", PASSWORD).url == SENT
    assert "newcode" not in screen_of(client, registration)


def test_a_new_code_ends_the_old_one_and_the_password_chosen_with_it(client, at):
    registration = register(client)
    old = code_of(registration, at)
    Client().post(old, {"password1": PASSWORD})

    renewed = client.post(reverse("staff:registered-renew", args=[registration.pk]))

    registration.refresh_from_db()
    assert renewed.status_code == 303
    assert Client().post(old, {"password1": PASSWORD}).status_code == 404
    assert sign_in(Client(), "vera@example.com", PASSWORD).status_code == 422
    assert Client().post(code_of(registration, at), {"password1": PASSWORD}).status_code == 303


def test_a_password_that_a_new_code_has_ended_makes_no_account(client, at):
    """The email that was sent with it asks for another password, in the same browser too."""
    registration = register(client)
    phone = Client()
    phone.post(code_of(registration, at), {"password1": PASSWORD})
    (message, *_) = deliver_mail()
    client.post(reverse("staff:registered-renew", args=[registration.pk]))

    answer = phone.post(link_in(message))

    assert answer.status_code == 422
    assert not User.objects.filter(email="vera@example.com").exists()
    assert phone.post(link_in(message), {"name": "Vera", "password1": PASSWORD}).status_code == 303
    assert User.objects.get(email="vera@example.com").has_usable_password()


def test_what_was_agreed_to_at_the_counter_stays_with_a_password_of_an_earlier_sign_up(client, at):
    phone = Client()
    phone.post("/accounts/signup/", {"name": "Vera", "email": "vera@example.com", "password1": PASSWORD})
    deliver_mail()
    registration = register(client, way="email")

    phone.post(link_in(deliver_mail()[-1]), {"name": "Vera", "password1": PASSWORD})

    registration.refresh_from_db()
    assert registration.user == User.objects.get(email="vera@example.com")


@pytest.mark.parametrize(
    ("age", "works"), [(dt.timedelta(days=2, hours=23), True), (dt.timedelta(days=3, seconds=1), False)]
)
def test_a_code_works_for_three_days(client, at, age, works):
    code = code_of(register(client), at - age)

    assert ("Save my password" in Client().get(code).content.decode()) is works


def test_a_shown_code_confirms_no_address_and_a_mailed_link_is_no_code(client, at):
    registration = register(client)
    shown = write_shown(ShownLink(registration.pk, registration.links), at=at)
    mailed = write(SignUpLink(registration.sign_up_id), at=at)

    tried = Client().post(reverse("account_confirm_email", args=[shown]), {"password1": PASSWORD})
    other = Client().post(reverse("account_activate", args=[mailed]), {"password1": PASSWORD})

    assert (tried.status_code, other.status_code) == (404, 404)
    assert not User.objects.filter(email="vera@example.com").exists()
    assert not SignUp.objects.get().password.startswith("md5")


def test_a_weak_or_endless_password_is_refused_and_the_code_still_works(client, at):
    code = code_of(register(client), at)

    answers = [Client().post(code, {"password1": typed}).status_code for typed in ("", "12345678", "x" * 10_000)]

    assert answers == [422, 422, 422]
    assert Client().post(code, {"password1": PASSWORD}).status_code == 303


def test_a_person_signed_in_as_somebody_else_stays_so(client, at):
    other = Client()
    user = make_customer()
    other.force_login(user)

    other.post(code_of(register(client), at), {"password1": PASSWORD})

    assert other.session["_auth_user_id"] == str(user.pk)


def test_the_code_is_printed_until_it_is_used(client, at):
    registration = register(client)
    slip = reverse("staff:registered-slip", args=[registration.pk])

    printed = client.get(slip).content.decode()
    assert "data-print-now" not in printed and "data-print-now" in client.get(f"{slip}?print=1").content.decode()
    Client().post(code_of(registration, at), {"password1": PASSWORD})

    assert "newcode" in printed and "vera@example.com" not in printed and "Vera" not in printed
    assert client.get(slip).status_code == 404


# --- Somebody else's address -----------------------------------------------------------------------


def test_a_code_with_a_foreign_address_shows_no_orders_and_blocks_nobody(client, at):
    order = make_order(at, email="vera@example.com")
    stranger, code = Client(), code_of(register(client, name="Mallory"), at)
    stranger.post(code, {"password1": "the stranger's passphrase"})
    sign_in(stranger, "vera@example.com", "the stranger's passphrase")
    assert not is_signed_in(stranger)
    owner = Client()
    owner.post("/accounts/signup/", {"name": "Vera", "email": "vera@example.com", "password1": PASSWORD})

    owner.post(link_in(deliver_mail()[-1]))
    sign_in(owner, "vera@example.com", PASSWORD)

    assert is_signed_in(owner)
    assert order.number[:4] in owner.get("/account/orders/").content.decode()
    assert sign_in(Client(), "vera@example.com", "the stranger's passphrase").status_code == 422
    assert User.objects.get(email="vera@example.com").phone is None
    assert Registration.objects.get().user is None


def test_an_employee_is_told_of_an_account_with_this_address_and_it_is_recorded(client, anna):
    vera = make_customer(email="vera@example.com", name="Vera Quist")

    response = client.post(NEW, VERA)

    page = response.content.decode()
    assert response.status_code == 409
    assert "There is an account with this email address already." in page
    assert "Quist" not in page and 'value="Vera Berg"' in page
    assert nothing_was_made()
    entry = AuditEntry.objects.get(action="customer.known")
    assert (entry.target, entry.note, entry.actor) == (f"user:{vera.pk}", "email", anna)


def test_only_a_verified_phone_of_another_account_is_reported(client, at):
    holder = make_customer(phone="+31612345678")
    assert client.post(NEW, VERA | {"phone": "0612345678"}).status_code == 303
    User.objects.filter(pk=holder.pk).update(phone_verified_at=at)

    response = client.post(NEW, VERA | {"email": "other@example.com"})

    assert response.status_code == 409
    assert "There is an account with this phone number already." in response.content.decode()
    assert SignUp.objects.count() == 1


def test_look_ups_are_limited_found_or_not(client):
    make_customer(email="vera@example.com")
    answers = [client.post(NEW, VERA | {"email": f"v{n}@example.com"}).status_code for n in range(20)]
    answers += [client.post(NEW, VERA).status_code for _ in range(20)]

    refused = client.post(NEW, VERA | {"email": "one-more@example.com"})

    assert answers == [303] * 20 + [409] * 20
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert SignUp.objects.count() == 20
    assert AuditEntry.objects.filter(action__in=["customer.register", "customer.known"]).count() == 40


# --- What is typed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Enter the customer’s name."),
        ({"email": "vera"}, "Enter an email address like name@example.com."),
        ({"email": "vеra@example.com"}, "cannot stand in an email address"),
        ({"phone": "12"}, "Enter a phone number with its area code"),
        ({"phone": "+1 12345678901234567890"}, "Enter a phone number with its area code"),
        ({"way": ""}, "Choose how they get in."),
        ({"way": "pigeon"}, "Choose how they get in."),
        ({"way": "password", "password": ""}, "Let the customer type a password"),
        ({"way": "password", "password": "12345678"}, "too common"),
        ({"way": "password", "password": "x" * 10_000}, "at most 1000 characters"),
        ({"agreed": ""}, "Ask the customer"),
    ],
)
def test_bad_input_is_explained_and_what_was_typed_is_kept(client, change, sentence):
    response = client.post(NEW, VERA | change)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert change.get("name", "Vera Berg") in page
    assert "x" * 10_000 not in page and 'value="12345678"' not in page
    assert nothing_was_made()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Vera\r\nBcc: all@example.com", "Vera Bcc: all@example.com"),
        ("\u202eVera\u202c Berg", "Vera Berg"),
        ("Ve\u200bra\x07 Berg", "Vera Berg"),
        ("  Vera \t Berg ", "Vera Berg"),
        ("Vеra Bеrg", "Vеra Bеrg"),
        ("Вера Берг 👩\u200d🍳", "Вера Берг 👩\u200d🍳"),
    ],
)
def test_names_are_one_line_without_anything_that_hides_or_reverses(client, typed, kept):
    register(client, name=typed)

    assert SignUp.objects.get().name == kept


SPELLINGS = [
    "0612345678", "06 12345678", "06-12345678", "(06) 12345678", "06.12.34.56.78", "+31612345678", "+31 6 12345678",
    "0031612345678", "+31 (0)6 12345678", "０６１２３４５６７８", "06\u00a012\u200b345678", "\u202a+31612345678\u202c",
]  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_phone_is_one_phone_in_every_spelling(client, typed):
    register(client, phone=typed)

    assert SignUp.objects.get().phone == "+31612345678"


@pytest.mark.parametrize("typed", ["VERA@example.COM", " vera@example.com\u200b", "ｖｅｒａ@example.com"])
def test_an_email_is_known_in_every_spelling(client, typed):
    make_customer(email="vera@example.com")

    assert client.post(NEW, VERA | {"email": typed}).status_code == 409


def test_an_address_with_a_plus_is_an_address_of_its_own(client):
    make_customer(email="vera@example.com")

    register(client, email="Vera+shop@example.com")

    assert SignUp.objects.get().email == "vera+shop@example.com"


# --- Whose it is -----------------------------------------------------------------------------------


def test_a_registration_is_shown_to_the_employee_who_made_it_and_to_nobody_else(client, shop):
    registration = register(client)
    colleague = factories.sign_in(factories.make_employee(shop, role="shop_manager", name="Mark"))
    paths = [f"/staff/customers/registered/{registration.pk}/{end}" for end in ("", "slip/", "renew/", "mail/")]

    answers = [getattr(colleague, "get" if end < 2 else "post")(path).status_code for end, path in enumerate(paths)]

    assert answers == [404] * 4
    assert not AuditEntry.objects.filter(action__in=["customer.link", "customer.mail"]).exists()


def test_the_link_is_sent_again_within_the_limit_of_the_mailbox(client):
    registration = register(client)
    path = reverse("staff:registered-mail", args=[registration.pk])

    answers = [client.post(path).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]
    assert len(deliver_mail()) == 5


def test_a_registration_that_nobody_confirmed_is_over_after_three_days(client, at, monkeypatch):
    registration = register(client)
    code = code_of(registration, at)
    purge_requests(at=at + dt.timedelta(days=3, minutes=1))
    monkeypatch.setattr(clock, "now", lambda: at + dt.timedelta(days=3, minutes=1))

    assert "This registration is over" in screen_of(client, registration)
    assert Client().post(code, {"password1": PASSWORD}).status_code == 404
    assert client.post(reverse("staff:registered-renew", args=[registration.pk])).status_code == 409
    assert client.post(reverse("staff:registered-mail", args=[registration.pk])).status_code == 409


def test_the_counters_records_name_no_customer(client):
    registration = register(client)

    entry = AuditEntry.objects.get(action="customer.register")

    assert (entry.target, entry.note, entry.actor_label) == (f"registration:{registration.pk}", "screen", "Anna")
