"""What people and programs type about themselves, at every form that takes it: one reading, one answer each.

What is tried elsewhere is not repeated: forged tokens and links (tests/auth, api/tests), forged hosts and addresses
(tests/auth/test_links_and_redirects.py), invitations (accounts/tests/test_invitation.py), spellings at sign-in
(accounts/tests/test_phones.py, test_emails.py), the guest's checkout (checkout/tests/test_forms.py), two owners who
shut each other out (accounts/tests/test_staff.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.models import Address, Registration, SignUp, User
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up, make_staff
from accounts.tests.helpers import deliver_mail, sign_in
from api.tests.helpers import REFRESH, TOKEN
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups
from tests.auth.test_links_and_redirects import NEXT, is_ours

pytestmark = pytest.mark.django_db
VERA = {"name": "Vera Berg", "email": "vera@example.com", "phone": "0612345678", "password": PASSWORD}
ENDLESS = "x" * 10_000


@dataclass
class People:
    """Browsers of those who type: an owner, an employee at the counter, a customer, a visitor."""

    owner: Client
    desk: Client
    mira: Client
    visitor: Client


@pytest.fixture
def people():
    make_groups()
    shop = make_shop()
    staff = [make_staff("owner"), make_staff("employee")]
    for user in staff:
        ShopStaff.objects.create(user=user, shop=shop)
    found = People(Client(), Client(), Client(), Client())
    for client, user in zip(
        (found.owner, found.desk, found.mira), (*staff, make_customer(email="m@example.com")), strict=True
    ):
        sign_in(client, user.email, PASSWORD)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return found


@dataclass(frozen=True)
class Face:
    """One form: how it is sent, and what was kept of it, None if nothing was."""

    name: str
    send: Callable[[People, dict[str, str]], Any]
    kept: Callable[[str], Any]


def of_sign_up(field: str) -> str | None:
    row = SignUp.objects.order_by("-pk").first()
    return getattr(row, field) if row else None


def of_staff(field: str) -> str | None:
    row = User.objects.filter(groups__name="courier").first()
    return str(getattr(row, field) or "") if row else None


def of_mira(field: str) -> str:
    return str(getattr(User.objects.get(email="m@example.com"), field) or "")


def of_address(_field: str) -> str | None:
    row = Address.objects.first()
    return row.recipient if row else None


def of_change(_field: str) -> str | None:
    row = EmailAddress.objects.filter(user__email="m@example.com", verified=False).first()
    return row.email if row else None


def counter(people: People, typed: dict[str, str]):
    return people.desk.post("/staff/customers/new/", {**typed, "way": Registration.Way.PASSWORD, "agreed": "on"})


SIGN_UP = Face(
    "sign-up", lambda p, t: p.visitor.post("/accounts/signup/", {**t, "password1": t["password"]}), of_sign_up
)
COURIER = Face("courier", lambda p, t: p.visitor.post("/courier/apply/", {**t, "password1": t["password"]}), of_sign_up)
COUNTER = Face("counter", counter, of_sign_up)
INVITE = Face("invite", lambda p, t: p.owner.post("/admin/users/new/", {**t, "role": "courier"}), of_staff)
PROFILE = Face("profile", lambda p, t: p.mira.post("/account/profile/", {**t, "language": "en"}), of_mira)
PHONE = Face("phone", lambda p, t: p.mira.post("/account/phone/", {"phone": t["phone"]}), of_mira)
RECIPIENT = Face(
    "address",
    lambda p, t: p.mira.post(
        "/account/addresses/new/", {"recipient": t["name"], "street": "Singel 1", "city": "Delft"}
    ),
    of_address,
)
CHANGE = Face(
    "change of email", lambda p, t: p.mira.post("/accounts/email/", {"action_add": "", "email": t["email"]}), of_change
)
NAMES = [SIGN_UP, COURIER, COUNTER, INVITE, PROFILE, RECIPIENT]
PHONES = [SIGN_UP, COURIER, COUNTER, INVITE, PHONE]
EMAILS = [SIGN_UP, COURIER, COUNTER, INVITE, CHANGE]


def at(faces: list[Face]):
    return pytest.mark.parametrize("face", faces, ids=lambda face: face.name)


def taken(face: Face, people: People, **typed: str) -> Any:
    """Send a form that is taken; return what was kept of the field."""
    response = face.send(people, VERA | typed)
    assert response.status_code in (302, 303), response.content.decode()
    return face.kept(next(iter(typed)))


def refused(face: Face, people: People, **typed: str) -> str:
    """Send a form that is refused; return its page. Nothing is kept."""
    before = face.kept(next(iter(typed)))
    response = face.send(people, VERA | typed)
    # Wagtail shows its forms again with 200.
    assert response.status_code == (200 if face is INVITE else 422), response.status_code
    assert face.kept(next(iter(typed))) == before
    assert deliver_mail() == []
    return response.content.decode()


# Names


@at(NAMES)
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Vera\r\nBcc: all@example.com", "Vera Bcc: all@example.com"),
        ("Vera\nBerg", "Vera Berg"),
        ("Vera\u2028Berg", "Vera Berg"),
        ("\u202eVera\u202c Berg", "Vera Berg"),
        ("\u2067Vera\u2069 \u200fBerg\u200e", "Vera Berg"),
        ("Ve\u200bra\x07 Be\ufeffrg\x1b", "Vera Berg"),
        ("  Vera \t Berg ", "Vera Berg"),
        ("Vera Bеrg", "Vera Bеrg"),  # a Cyrillic twin is a name of its own: people are called what they are
        ("Вера 👩\u200d🍳", "Вера 👩\u200d🍳"),
    ],
    ids=ascii,
)
def test_names_are_one_line_without_anything_that_hides_or_reverses(people, face, typed, kept):
    assert taken(face, people, name=typed) == kept


@at([SIGN_UP, COURIER, COUNTER, INVITE, PROFILE])
@pytest.mark.parametrize("typed", ["", " ", "\u202e", "\u3164", "\u200b\u00a0\u2800", "\r\n", "x" * 151], ids=len)
def test_a_name_that_shows_nothing_or_has_no_end_is_refused(people, face, typed):
    refused(face, people, name=typed)


# Phones

SPELLINGS = [
    "0612345678", "06 12345678", "06-12345678", "(06) 12345678", "06.12.34.56.78", "+31612345678", "+31 6 12345678",
    "0031612345678", "+31 (0)6 12345678", "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    "06\u00a012\u200b345678", "\u202a+31612345678\u202c",
]  # fmt: skip


@at(PHONES)
@pytest.mark.parametrize("typed", SPELLINGS, ids=ascii)
def test_a_phone_is_one_phone_in_every_spelling(people, face, typed):
    assert taken(face, people, phone=typed) == "+31612345678"


@at(PHONES)
def test_a_phone_without_country_is_one_of_here_and_one_from_abroad_names_its_own(people, face):
    assert taken(face, people, phone="020 555 0142") == "+31205550142"


@at(PHONES)
@pytest.mark.parametrize(
    "typed",
    [
        "555 0142",
        "+5550142",
        "12",
        "+31",
        "+999 12345678",
        "0612345678 ext 5",
        "06123456789012345",
        "0612a45678",
        "٠" * 41,
    ],
    ids=ascii,
)
def test_what_is_no_whole_phone_is_refused_with_a_sentence(people, face, typed):
    page = refused(face, people, phone=typed)

    assert any(words in page for words in ("Enter a phone number with its area code", "extension", "at most 40"))


@pytest.mark.parametrize("login", [*SPELLINGS, "VERA@Example.COM", " vera@example.com\u200b"], ids=ascii)
def test_every_spelling_gets_tokens(login):
    make_customer(email="vera@example.com", verified_phone="+31612345678")

    answer = Client().post(TOKEN, {"login": login, "password": PASSWORD}, "application/json")

    assert answer.status_code == 200


# Emails


@at(EMAILS)
@pytest.mark.parametrize(
    "typed",
    [
        "VERA@Example.COM",
        " vera@example.com\u200b",
        "\uff56\uff45\uff52\uff41@example.com",
        "\u202evera@example.com",
        "vera@example\u3002com",
    ],
    ids=ascii,
)
def test_an_email_is_one_mailbox_in_every_spelling(people, face, typed):
    assert taken(face, people, email=typed) == "vera@example.com"


@at(EMAILS)
def test_an_address_with_a_plus_is_one_of_its_own(people, face):
    make_customer(email="vera@example.com")

    assert taken(face, people, email="Vera+Shop@example.com") == "vera+shop@example.com"


@at(EMAILS)
@pytest.mark.parametrize(
    "typed",
    [
        "v\u0435ra@example.com",
        "vera",
        "vera@",
        "@example.com",
        "vera@example.com, all@example.com",
        "vera@example.com\r\nBcc: all@example.com",
        "<vera@example.com>",
        "vera@example..com",
        "v" * 250 + "@example.com",
    ],
    ids=ascii,
)
def test_a_twin_or_what_is_no_address_is_refused(people, face, typed):
    refused(face, people, email=typed)


@at(EMAILS)
def test_a_twin_of_a_domain_is_kept_and_shown_as_what_it_is(people, face):
    assert taken(face, people, email="vera@ex\u0430mple.com") == "vera@xn--exmple-4nf.com"


# Passwords of 10,000 characters are refused before anybody hashes them.


def reset_page(people: People) -> tuple[Client, str]:
    user = User.objects.get(email="m@example.com")
    ids = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    client = Client()
    return client, client.get(reverse("account_reset_password_from_key", kwargs=ids))["Location"]


def by_reset_link(people: People, password: str):
    client, path = reset_page(people)
    return client.post(path, {"password1": password})


def by_confirm_link(people: People, password: str):
    key = links.write(links.SignUpLink(make_sign_up(email="waits@example.com").pk), at=timezone.now())
    return Client().post(f"/accounts/confirm-email/{key}/", {"name": "Vera", "password1": password})


def as_first_password(people: People, password: str):
    user = User.objects.get(email="m@example.com")
    user.set_unusable_password()
    user.save()
    people.mira.force_login(user)
    return people.mira.post("/accounts/password/set/", {"password1": password})


def change_to(people: People, old: str, new: str):
    return people.mira.post("/accounts/password/change/", {"oldpassword": old, "password1": new})


PASSWORDS = {
    "sign-in": lambda p, x: sign_in(p.visitor, "m@example.com", x),
    "sign-in of nobody": lambda p, x: sign_in(p.visitor, "nobody@example.com", x),
    "token": lambda p, x: p.visitor.post(TOKEN, {"login": "m@example.com", "password": x}, "application/json"),
    "refresh": lambda p, x: p.visitor.post(REFRESH, {"refresh_token": x}, "application/json"),
    "sign-up": lambda p, x: SIGN_UP.send(p, VERA | {"password": x}),
    "courier": lambda p, x: COURIER.send(p, VERA | {"password": x}),
    "counter": lambda p, x: COUNTER.send(p, VERA | {"password": x}),
    "invite": lambda p, x: INVITE.send(p, VERA | {"password": x}),
    "confirm": by_confirm_link,
    "reset": by_reset_link,
    "first": as_first_password,
    "current": lambda p, x: change_to(p, x, "quite another passphrase"),
    "new": lambda p, x: change_to(p, PASSWORD, x),
    "again": lambda p, x: p.mira.post("/accounts/reauthenticate/", {"password": x}),
}


@pytest.mark.parametrize("where", PASSWORDS)
def test_an_endless_password_is_refused_and_never_hashed(people, where, monkeypatch):
    real, hashed = MD5PasswordHasher.encode, []

    def encode(self, password: str, salt: str) -> str:
        hashed.append(len(password))
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)

    response = PASSWORDS[where](people, ENDLESS)

    assert response.status_code == (200 if where == "invite" else 422), response.status_code
    # Only the owner's form shows again what was typed for somebody else.
    assert (ENDLESS in response.content.decode()) == (where == "invite")
    assert max(hashed, default=0) < 1_000


# Nobody is led away


LED = {
    "staff": lambda p, x: p.desk.post("/staff/pause/", {"pause": "0", "next": x}),
    "shop picker": lambda p, x: p.visitor.post(
        "/choose-shop/", {"shop": "canal"}, headers={"Sec-Fetch-Site": "same-origin", "Referer": x}
    ),
    "signed out": lambda p, x: p.visitor.post("/account/security/end/", headers={"Referer": x}),
    "reset": lambda p, x: p.visitor.post("/accounts/password/reset/", {"email": "m@example.com", "next": x}),
    "sign-up": lambda p, x: p.visitor.post("/accounts/signup/", {**VERA, "password1": PASSWORD, "next": x}),
    "another password": lambda p, x: p.mira.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "quite another passphrase", "next": x}
    ),
}


@pytest.mark.parametrize("where", LED)
def test_thirty_addresses_of_others_lead_nobody_away(people, where):
    led = {}
    for value in NEXT:
        sent = value.replace("\n", "%0A").replace("\r", "%0D") if where in ("shop picker", "signed out") else value
        sent = sent if sent.isascii() else ascii(sent)
        answer = LED[where](people, sent)
        location = answer.get("Location", "").removeprefix("http://testserver")
        led[value] = is_ours(location) and "evil" not in location.partition("next=")[2]

    assert [value for value, stays in led.items() if not stays] == []
