"""Two hundred attempts at the same moment, each from another claimed address, never get more than the limit."""

from collections import Counter

import pytest

from accounts import limits
from accounts.tests.factories import PASSWORD, make_customer
from api.tests.helpers import TOKEN
from common.models import ThrottleCount
from tests.races.harness import Shop, comes_up, running

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 200
CSRF = "t" * 32


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("auth"), workers=2, threads=40) as shop:
        yield shop


def claimed(number: int) -> dict[str, str]:
    """Return the headers of somebody who says that they come from somewhere else each time."""
    address = f"203.0.{number // 250}.{number % 250 + 1}"
    return {"X-Forwarded-For": f"{address}, 198.51.100.{number % 250 + 1}", "X-Real-IP": address, "Forwarded": address}


def by_form(shop: Shop, number: int, login: str, password: str = "wrong") -> bytes:
    form = {"login": login, "password": password, "csrfmiddlewaretoken": CSRF}
    head, _, body = shop.post("/accounts/login/", form, {"csrftoken": CSRF}).partition(b"\r\n\r\n")
    added = "".join(f"\r\n{name}: {value}" for name, value in claimed(number).items())
    return head + added.encode() + b"\r\n\r\n" + body


def by_program(shop: Shop, number: int, login: str, password: str = "wrong") -> bytes:
    body = f'{{"login": "{login}", "password": "{password}"}}'.encode()
    return shop.request("POST", TOKEN, {"Content-Type": "application/json", **claimed(number)}, body)


ATTEMPTS = [by_form, by_program]
REFUSED_PASSWORD = {by_form: 422, by_program: 401}


def statuses(shop: Shop, requests: list[bytes]) -> Counter:
    ThrottleCount.objects.all().delete()
    return Counter(answer.status for answer in shop.at_once(requests))


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=["form", "program"])
@pytest.mark.parametrize("login", ["mira@example.com", "nobody@example.com"])
def test_one_account(site, attempt, login):
    make_customer(email="mira@example.com")

    found = statuses(site, [attempt(site, number, login) for number in range(AT_ONCE)])

    allowed = limits.SIGN_IN.amount
    assert found == {REFUSED_PASSWORD[attempt]: allowed, 429: AT_ONCE - allowed}
    print(f"One account: {AT_ONCE} at once, {allowed} looked at")  # noqa: T201


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=["form", "program"])
def test_many_accounts_from_one_network(site, attempt):
    found = statuses(site, [attempt(site, number, f"person{number}@example.com") for number in range(AT_ONCE)])

    allowed = limits.SIGN_IN_NETWORK.amount
    assert found == {REFUSED_PASSWORD[attempt]: allowed, 429: AT_ONCE - allowed}
    print(f"Many accounts: {AT_ONCE} at once, {allowed} looked at")  # noqa: T201


def test_form_and_program_share_one_limit(site):
    make_customer(email="mira@example.com")
    requests = [ATTEMPTS[number % 2](site, number, "mira@example.com") for number in range(AT_ONCE)]

    found = statuses(site, requests)

    assert found[422] + found[401] == limits.SIGN_IN.amount


def test_a_right_password_among_the_guesses_is_found_within_the_limit_only(site):
    """A hundred right ones past the limit sign nobody in: the limit stands before the password."""
    make_customer(email="mira@example.com")
    statuses(site, [by_form(site, number, "mira@example.com") for number in range(limits.SIGN_IN.amount)])

    right = [by_form(site, number, "mira@example.com", PASSWORD) for number in range(100)]

    assert Counter(answer.status for answer in site.at_once(right)) == {429: 100}


@pytest.fixture(params=["counting", "addresses"])
def careless(request, tmp_path, monkeypatch):
    monkeypatch.setenv("CARELESS", request.param)
    with running(tmp_path, workers=2, threads=40, application="tests.auth.careless:application") as shop:
        yield request.param, shop


def test_control_without_a_guard_more_get_through(careless):
    guard, shop = careless
    login = "mira@example.com" if guard == "counting" else "person{}@example.com"
    most = limits.SIGN_IN.amount if guard == "counting" else limits.SIGN_IN_NETWORK.amount

    requests = [by_program(shop, number, login.format(number)) for number in range(AT_ONCE)]

    assert comes_up(lambda _round: statuses(shop, requests)[401] > most, rounds=10)
