"""Nobody sees a masked field without saying why; what they typed goes with the person it may name."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, CourierApplication, User
from accounts.reveals import OF_APPLICATION, OF_ORDER
from accounts.services import audit
from accounts.services.applications import AlreadyDecided, erase_refused, reveal_applicant
from accounts.services.erase import erase_account
from accounts.tests.factories import make_customer, make_staff
from common.actors import SETUP
from orders.services.erase import anonymise_orders, erase_contacts
from staff.tests.factories import make_cancelled, make_open_order, sign_in
from staff.tests.test_applications import LIST, make_application
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
PHONE = "+31612345612"


def show(client, order, **posted: str):
    return client.post(reverse("staff:show-phone", args=[order.number]), posted)


def reasons() -> list[str]:
    return list(AuditEntry.objects.filter(action="reveal").order_by("pk").values_list("reason", flat=True))


@pytest.fixture
def order(shop):
    return make_open_order("placed", shop=shop, phone=PHONE)


@pytest.fixture
def owner(db):
    make_groups()
    return sign_in(make_staff("owner"))


def test_each_reason_is_one_press_of_a_button_in_a_form_of_its_own(client, order):
    page = client.get(reverse("staff:order", args=[order.number])).content.decode()

    assert re.findall(r'<button class="[^"]*" name="reason" value="(\w+)">([^<]+)</button>', page) == [
        (code, str(words)) for code, words in OF_ORDER.items()
    ]


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ({"reason": "call"}, "call"),
        ({"reason": "collect"}, "collect"),
        ({"words": "  They forgot\u202e a bag. "}, "They forgot a bag."),
        ({"reason": "other", "words": "They forgot a bag."}, "They forgot a bag."),
        ({"reason": "call", "words": "ignored"}, "call"),
    ],
)
def test_the_reason_is_recorded(client, order, posted, kept):
    assert show(client, order, **posted).status_code == 303

    assert reasons() == [kept]


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Say why you need to see it."),
        ({"reason": "because"}, "Say why you need to see it."),
        ({"reason": "other"}, "Say why you need to see it."),
        ({"words": "other"}, "Say why you need to see it."),
        ({"words": " \u200b\u202e "}, "Say why you need to see it."),
        ({"words": "x" * 201}, "Keep the reason to 200 characters."),
    ],
)
def test_without_a_reason_nothing_is_shown(client, order, posted, sentence):
    refused = show(client, order, **posted)

    assert refused.status_code == 422
    page = refused.content.decode()
    assert sentence in page and "<title>Error:" in " ".join(page.split()).replace("<title> ", "<title>")
    assert PHONE not in page
    assert PHONE not in client.get(reverse("staff:order", args=[order.number])).content.decode()
    assert reasons() == []


def test_an_order_without_a_phone_offers_nothing_to_show(client, shop):
    order = make_open_order("placed", shop=shop, phone="")

    assert "Show in full:" not in client.get(reverse("staff:order", args=[order.number])).content.decode()


def test_an_owner_says_why_they_look_at_an_applicant(owner, at):
    first, second = (make_application(at) for _ in range(2))
    path = f"{LIST}{first.pk}/show/"

    refused = owner.post(path, {"words": ""}).content.decode()
    owner.post(path, {"reason": next(iter(OF_APPLICATION))})

    assert refused.count("Say why you need to see it.") == 1
    assert f'id="words-{first.pk}-error"' in refused and f'id="words-{second.pk}-error"' not in refused
    assert reasons() == ["answer"]
    assert "Looked at the email, phone of application no." in owner.get("/admin/audit/").content.decode()
    assert ": Talk to the applicant" in owner.get("/admin/audit/").content.decode()


def test_own_words_are_blanked_with_the_order_they_are_about(at):
    orders = [make_cancelled(at, phone=PHONE, user=make_customer(email=f"m{n}@example.com")) for n in range(2)]
    for order in orders:
        for reason in ("call", "Mila Berg forgot a bag."):
            audit.reveal(target=f"order:{order.number}", field="phone", reason=reason, actor=SETUP, at=at)

    erase_account(user_id=orders[0].user_id, at=at)

    assert reasons() == ["call", "other", "call", "Mila Berg forgot a bag."]


def test_own_words_about_a_guest_go_when_the_order_is_anonymised(at):
    order = make_cancelled(at, phone=PHONE)
    audit.reveal(target=f"order:{order.number}", field="phone", reason="Mila forgot a bag.", actor=SETUP, at=at)

    anonymise_orders(before=at.replace(year=at.year + 1), limit=10)

    assert reasons() == ["other"]


def test_own_words_about_an_applicant_go_with_the_account(at):
    application = make_application(at)
    audit.reveal(target=f"application:{application.pk}", field="phone", reason="Kim called.", actor=SETUP, at=at)

    erase_account(user_id=application.user_id, at=at)

    assert reasons() == ["other"]


def test_words_typed_in_an_old_tab_about_an_erased_order_are_not_kept(client, order):
    erase_contacts([order])

    answer = show(client, order, words="Call Mira Sato about the bag")

    assert (answer.status_code, "This order has no phone number." in answer.content.decode()) == (409, True)
    assert reasons() == []


def test_words_typed_in_an_old_tab_about_a_deleted_applicant_are_not_kept(at):
    application = make_application(at)
    erase_account(user_id=application.user_id, at=at)

    with pytest.raises(AlreadyDecided):
        reveal_applicant(application_id=application.pk, reason="Call Mira Sato", actor=SETUP, at=at)

    assert reasons() == []


@pytest.mark.parametrize("why_kept", ["came back", "buys here"])
def test_words_about_a_refused_applicant_whose_account_stays_go_with_the_application(at, why_kept, shop):
    application = make_application(at)
    row = CourierApplication.objects.filter(pk=application.pk)
    row.update(state="refused", reason="no", decided_at=at - dt.timedelta(days=200), decided_label="O")
    audit.reveal(target=f"application:{application.pk}", field="phone", reason="Call Mira Sato", actor=SETUP, at=at)
    if why_kept == "came back":
        User.objects.filter(pk=application.user_id).update(last_login=at - dt.timedelta(days=10))
    else:
        make_open_order("placed", shop=shop, user=User.objects.get(pk=application.user_id))

    assert erase_refused(at=at) == 1

    assert not row.exists()
    assert reasons() == ["other"]
