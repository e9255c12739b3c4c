"""A page with a refused form says "Error:" first in its title, once."""

import re

import pytest
from django.test import Client

from accounts.tests.factories import make_customer, make_sign_up
from accounts.tests.helpers import deliver_mail, link_in
from staff.tests.factories import make_employee, make_open_order
from staff.tests.factories import sign_in as sign_in_staff
from stock.tests.factories import make_shop
from tests.sources import ROOT

pytestmark = pytest.mark.django_db
WRONG = dict.fromkeys(("oldpassword", "password", "password1", "password2", "email", "number", "login"), "x")


def title_of(response) -> str:
    text = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return " ".join(text[1].split())


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("login/", "Error: Sign in"),
        ("signup/", "Error: Create an account"),
        ("password/reset/", "Error: Choose a new password"),
        ("confirm-email/new/", "Error: "),
    ],
)
def test_a_refused_form_of_a_visitor_says_error_once(client, path, start):
    title = title_of(client.post(f"/accounts/{path}", WRONG))

    assert title.startswith(start)
    assert title.count("Error:") == 1


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("password/change/", "Error: Change your password"),
        ("reauthenticate/", "Error: Confirm it’s you"),
    ],
)
def test_a_refused_form_of_a_customer_says_error_once(client, path, start):
    client.force_login(make_customer())

    title = title_of(client.post(f"/accounts/{path}", WRONG))

    assert title.startswith(start)
    assert title.count("Error:") == 1


def test_a_refused_new_password_says_error_once(client):
    user = make_customer()
    client.post("/accounts/password/reset/", {"email": user.email})
    key = client.get(link_in(deliver_mail()[0]), follow=True).request["PATH_INFO"]

    title = title_of(client.post(key, {"password1": "x", "password2": "x"}))

    assert title.startswith("Error: Choose a new password")
    assert title.count("Error:") == 1


def test_a_refused_confirmation_says_error_once(client):
    client.post("/accounts/confirm-email/new/", {"email": make_sign_up().email})

    title = title_of(client.post(link_in(deliver_mail()[0]), {"password1": "wrong"}))

    assert title.startswith("Error: Confirm your email")
    assert title.count("Error:") == 1


def test_a_refused_cancellation_of_staff_says_error_once():
    shop = make_shop()
    order = make_open_order("placed", shop=shop)
    client: Client = sign_in_staff(make_employee(shop))

    title = title_of(client.post(f"/staff/orders/{order.number}/cancel/", {"version": order.version, "reason": ""}))

    assert title == f"Error: {order.number[:4]} {order.number[4:]} · Staff"


def test_no_title_repeats_the_prefix_that_its_frame_puts_first():
    titles = {
        str(path.relative_to(ROOT)): title
        for path in ROOT.glob("templates/**/*.html")
        for title in re.findall(r"{% block title %}(.*?){% endblock", path.read_text(), re.DOTALL)
    }

    assert titles
    assert [name for name, title in titles.items() if "Error:" in title or "errors" in title] == []
