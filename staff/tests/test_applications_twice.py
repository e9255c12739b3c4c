"""Of several sign-ups and applications for one mailbox, one application goes on."""

import pytest
from django.test import Client

from accounts.models import CourierApplication, User
from accounts.tests.factories import PASSWORD
from accounts.tests.helpers import deliver_mail, link_in
from staff.tests.test_applications import APPLY, KIM

pytestmark = pytest.mark.django_db


def test_an_application_goes_on_whichever_sign_up_gives_the_password(at):
    browser = Client()
    browser.post(APPLY, KIM)
    applied = link_in(deliver_mail()[-1])
    browser.post("/accounts/signup/", {"name": "Kim", "email": "kim@example.com", "password1": PASSWORD})

    browser.post(applied)

    assert CourierApplication.objects.get().user == User.objects.get(email="kim@example.com")


def test_an_application_that_was_sent_twice_is_kept_once(at):
    browser = Client()
    browser.post(APPLY, KIM | {"message": "The first."})
    browser.post(APPLY, KIM | {"message": "The second."})

    browser.post(link_in(deliver_mail()[-1]))

    assert CourierApplication.objects.get().user == User.objects.get(email="kim@example.com")
