"""Known and unknown people get the same answer in the same time, wherever an address can be typed."""

import os
import re
import statistics
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from accounts.backends import SignInBackend
from accounts.selectors import find_by_email
from accounts.services import change_email as changes
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up
from accounts.tests.helpers import sign_in as give_password
from api.tests.helpers import TOKEN
from checkout.services import submit
from checkout.tests.browsing import add
from checkout.tests.browsing import submit as send_checkout
from common.models import ThrottleCount
from common.outbox.services import deliver_due
from products.tests.factories import make_product, make_tree
from stock.tests.factories import make_shop
from tests.moments import AT

pytestmark = pytest.mark.django_db
SAMPLES = int(os.environ.get("SAMPLES", "60"))
CONTROL = 20
BAR = 0.005
PHONE = "+31612345678"
KNOWN, UNKNOWN = "mira@example.com", "nina@example.com"
# What names an order, or only this one answer.
RANDOM = (
    (re.compile(r'name="csrfmiddlewaretoken" value="\w+"'), ""),
    (re.compile(r"/orders/[\w-]{43}/"), "/orders/token/"),
    (re.compile(r"\b[0-9A-Z]{4} ?[0-9A-Z]{4}\b"), "number"),
    (re.compile(r"<svg.*?</svg>", re.DOTALL), "picture"),
    (re.compile(r"/c/\w{26}/"), "/c/secret/"),
    (re.compile(r'data-poll-tag="\w+"'), ""),
    (re.compile(r"\w•••@"), "typed@"),
)


class Hasher(Argon2PasswordHasher):
    """The shop's hasher with less memory: still a few times the bar, and a round takes less than a minute."""

    time_cost, memory_cost, parallelism = 3, 12_288, 1


@pytest.fixture(autouse=True)
def people(settings):
    settings.PASSWORD_HASHERS = ["tests.auth.test_equal_answers.Hasher"]
    make_customer(email=KNOWN, verified_phone=PHONE)


@pytest.fixture(autouse=True)
def goods():
    make_tree()
    make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={make_shop(): "10000"})


@pytest.fixture(autouse=True)
def curious():
    """Return the browser of a customer who would like to know who else has an account."""
    user = make_customer(email="curious@example.com")
    give_password(CURIOUS, user.email, PASSWORD)
    CURIOUS.post("/accounts/reauthenticate/", {"password": PASSWORD})
    yield
    CURIOUS.cookies.clear()


def sign_in(email: str):
    return Client().post("/accounts/login/", {"login": email, "password": "wrong"})


def sign_in_by_phone(email: str):
    phone = PHONE if email == KNOWN else "+31687654321"
    return Client().post("/accounts/login/", {"login": phone, "password": "wrong"})


def token(email: str):
    return Client().post(TOKEN, {"login": email, "password": "wrong"}, content_type="application/json")


def reset(email: str):
    return Client().post("/accounts/password/reset/", {"email": email})


def sign_up(email: str):
    form = {"name": "Mira", "email": email, "password1": "a long enough passphrase"}
    return Client().post("/accounts/signup/", form)


def resend(email: str):
    return Client().post("/accounts/confirm-email/new/", {"email": email})


def apply_as_courier(email: str):
    form = {"name": "Mira", "email": email, "phone": "020 555 0142", "password1": "a long enough passphrase"}
    return Client().post("/courier/apply/", form)


def change_email(email: str):
    return CURIOUS.post("/accounts/email/", {"action_add": "", "email": email})


def page_of_change(email: str):
    change_email(email)
    return CURIOUS.get("/accounts/email/")


def buy(email: str):
    guest = Client()
    add(guest)
    return send_checkout(guest, email=email)


def page_of_order(email: str):
    guest = Client()
    add(guest)
    return guest.get(send_checkout(guest, email=email)["Location"])


CURIOUS = Client()
FLOWS = [sign_in, sign_in_by_phone, token, reset, sign_up, resend, apply_as_courier, change_email, buy]
PAGES = [page_of_change, page_of_order]
Flow = Callable[[str], object]


def answer_of(flow: Flow, email: str) -> tuple[int, str, dict[str, str]]:
    """Return all of an answer but the address that was typed and what is random in every one."""
    ThrottleCount.objects.all().delete()
    response = flow(email)
    text = response.content.decode().replace(email, "typed").replace(PHONE, "typed").replace("+31687654321", "typed")
    for pattern, word in RANDOM:
        text = pattern.sub(word, text)
    cookies = {name: (bool(morsel.value), morsel["max-age"]) for name, morsel in response.cookies.items()}
    # Expires is the second of the answer, which may have passed between the two.
    left_out = ("Content-Length", "ETag", "Expires")
    headers = {name: value for name, value in response.headers.items() if name not in left_out}
    headers["Location"] = RANDOM[1][0].sub(RANDOM[1][1], headers.get("Location", ""))
    return response.status_code, text, {**headers, "cookies": str(cookies)}


def difference(flow: Flow, samples: int = SAMPLES) -> float:
    """Return the difference of the medians in seconds; known and unknown take turns on the same machine."""
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(2 * samples):
        # In pairs, each of them first in every other pair.
        email = (KNOWN, UNKNOWN, UNKNOWN, KNOWN)[number % 4]
        ThrottleCount.objects.all().delete()
        began = time.perf_counter()
        flow(email)
        taken[email].append(time.perf_counter() - began)
    found = abs(statistics.median(taken[KNOWN]) - statistics.median(taken[UNKNOWN]))
    print(f"{flow.__name__}: medians differ by {found * 1000:.2f} ms over {samples}")  # noqa: T201
    return found


def is_equal(flow: Flow) -> bool:
    """Return whether the times are equal; a machine that was busy gets a second look."""
    return difference(flow) <= BAR or difference(flow) <= BAR


@pytest.mark.parametrize(
    ("flow", "status"),
    [(flow, 303) for flow in (reset, sign_up, resend, apply_as_courier, change_email, buy)]
    + [(page, 200) for page in PAGES],
)
def test_what_is_compared_is_a_success(flow, status):
    assert flow(UNKNOWN).status_code == status


@pytest.mark.parametrize("flow", FLOWS + PAGES)
def test_status_body_and_headers_are_equal(flow):
    assert answer_of(flow, KNOWN) == answer_of(flow, UNKNOWN)


@pytest.mark.parametrize("flow", FLOWS + PAGES)
def test_an_address_that_waits_for_its_confirmation_is_like_an_unknown_one(flow):
    make_sign_up(email="waits@example.com")

    assert answer_of(flow, "waits@example.com") == answer_of(flow, UNKNOWN)


@pytest.mark.parametrize("flow", FLOWS)
def test_times_are_equal(flow):
    assert is_equal(flow)


@pytest.mark.parametrize("flow", [sign_in, token])
def test_control_without_a_hash_for_unknown_people_the_times_differ(flow, monkeypatch):
    monkeypatch.setattr(SignInBackend, "_mitigate_timing_attack", lambda self, password: None)

    assert difference(flow, CONTROL) > BAR


def test_control_an_email_sent_at_once_shows_in_the_time(monkeypatch):
    """As the worker does later: here the visitor waits for it. The email takes a hash to stand for its server."""
    real = Client.post

    def post(self, *args, **kwargs):
        response = real(self, *args, **kwargs)
        if deliver_due(at=AT.replace(year=AT.year + 10)) and len(args) > 1 and args[1].get("email") == KNOWN:
            Hasher().encode("mail", "0123456789abcdef")
        return response

    monkeypatch.setattr(Client, "post", post)

    assert difference(reset, CONTROL) > BAR


@pytest.mark.parametrize(
    ("flow", "where", "name"), [(change_email, changes, "normalise"), (buy, submit, "place_order")]
)
def test_control_more_work_for_known_people_shows_in_the_time(flow, where, name, monkeypatch):
    """Somebody looks the address up while the visitor waits, and does something for those who have an account."""
    real = getattr(where, name)

    def look_up(*args, **kwargs):
        email = kwargs["new"].buyer.email if "new" in kwargs else args[0]
        if find_by_email(email) is not None:
            Hasher().encode("welcome", "0123456789abcdef")
        return real(*args, **kwargs)

    monkeypatch.setattr(where, name, look_up)

    assert difference(flow, CONTROL) > BAR


@pytest.mark.parametrize("flow", [change_email, buy])
def test_control_a_refusal_of_known_addresses_is_seen(flow, monkeypatch):
    def told(email: str):
        response = flow(email)
        response.status_code = 409 if find_by_email(email) else response.status_code
        return response

    assert answer_of(told, KNOWN) != answer_of(told, UNKNOWN)


def test_control_a_word_more_in_the_body_is_seen(monkeypatch):
    def told(email: str):
        response = reset(email)
        response.content += b"" if email == UNKNOWN else b" "
        return response

    assert answer_of(told, KNOWN) != answer_of(told, UNKNOWN)
