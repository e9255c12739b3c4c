"""Limits of the whole site: forty simultaneous attempts on several workers get what one process allows (STF-04)."""

from collections import Counter

import pytest
from django.urls import reverse

from accounts import limits
from accounts.tests.factories import PASSWORD, make_customer
from common.models import ThrottleCount
from orders import numbers
from orders.limits import FIND_ORDER, UNKNOWN_CODES
from orders.tests.factories import make_shop
from staff.tests.factories import make_employee, sign_in
from tests.races.harness import Shop, running

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "t" * 32
AT_ONCE = 40
ROUNDS = 5


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("limits")) as shop:
        yield shop


def post(shop: Shop, path: str, form: dict[str, str]) -> bytes:
    return shop.post(path, form | {"csrfmiddlewaretoken": TOKEN}, {"csrftoken": TOKEN})


def statuses(shop: Shop, requests: list[bytes]) -> Counter:
    ThrottleCount.objects.all().delete()
    return Counter(answer.status for answer in shop.at_once(requests))


@pytest.mark.parametrize("login", ["mira@example.com", "nobody@example.com"])
def test_wrong_passwords_are_limited(site, login):
    make_customer(email="mira@example.com")
    for _ in range(ROUNDS):
        wrong = post(site, "/accounts/login/", {"login": login, "password": "wrong"})

        allowed = limits.SIGN_IN.amount
        assert statuses(site, [wrong] * AT_ONCE) == {422: allowed, 429: AT_ONCE - allowed}


def test_the_right_password_is_refused_past_the_limit(site):
    user = make_customer()
    wrong = post(site, "/accounts/login/", {"login": user.email, "password": "wrong"})
    right = post(site, "/accounts/login/", {"login": user.email, "password": PASSWORD})
    statuses(site, [wrong] * limits.SIGN_IN.amount)

    assert Counter(answer.status for answer in site.at_once([right] * AT_ONCE)) == {429: AT_ONCE}


def test_look_ups_without_a_result_are_limited(site):
    for _ in range(ROUNDS):
        miss = post(site, "/orders/find/", {"number": "0000 0000", "contact": "x@y.example"})

        allowed = FIND_ORDER.amount
        assert statuses(site, [miss] * AT_ONCE) == {422: allowed, 429: AT_ONCE - allowed}


def test_unknown_codes_are_limited_for_staff(site):
    session = sign_in(make_employee(make_shop())).cookies["sessionid"].value
    scans = [
        site.request("GET", reverse("collect", args=[numbers.new_secret()]), {"Cookie": f"sessionid={session}"})
        for _ in range(AT_ONCE)
    ]

    allowed = UNKNOWN_CODES.amount
    assert statuses(site, scans) == {404: allowed, 429: AT_ONCE - allowed}
