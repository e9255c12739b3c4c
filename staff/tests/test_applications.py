"""Couriers apply on the site; an owner approves or refuses; until then they see only that they wait."""

import datetime as dt
import sys

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import AuditEntry, CourierApplication, SignUp, User, UserSession
from accounts.roles import role_of
from accounts.services.applications import AlreadyDecided, approve, erase_refused, refuse
from accounts.services.erase import WorksHere, erase_account
from accounts.services.sign_up import purge_requests
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import deliver_mail, link_in, sign_in
from common import registry
from common.actors import Actor
from orders.tests.factories import make_order
from staff.tests import factories
from storefront.services.role_groups import make_groups
from tests.sessions import Beside, holding

pytestmark = pytest.mark.django_db
APPLY, COURIER, LIST, SENT = "/courier/apply/", "/courier/", "/staff/applications/", "/accounts/confirm-email/"
KIM = {
    "name": "Kim Vos", "email": "Kim@Example.com", "phone": "06 12345678", "message": "By cargo bike, at weekends.",
    "password1": PASSWORD,
}  # fmt: skip
OLGA = Actor("Olga")


def apply(browser: Client | None = None, **extra) -> Client:
    """Apply and confirm the address in the same browser; return it."""
    browser = browser or Client()
    browser.post(APPLY, KIM | extra)
    browser.post(link_in(deliver_mail()[-1]))
    return browser


def make_application(at, **extra) -> CourierApplication:
    user = make_customer(name="Kim Vos", phone="+31612345678")
    return CourierApplication.objects.create(**{"user": user, "message": "By bike.", "created_at": at, **extra})


def decide(client, application, verb, **data):
    return client.post(f"{LIST}{application.pk}/{verb}/", data)


def state_of(application) -> str:
    application.refresh_from_db()
    return application.state


@pytest.fixture
def olga(shop):
    return factories.make_employee(shop, role="owner", name="Olga Zernova")


@pytest.fixture
def desk(olga):
    return factories.sign_in(olga)


# --- Applying --------------------------------------------------------------------------------------


def test_an_applicant_confirms_waits_is_approved_and_is_a_courier(desk, olga, at):
    kim = Client()
    sent = kim.post(APPLY, KIM)
    assert (sent.status_code, sent["Location"]) == (303, SENT)
    assert "Kim" not in desk.get(LIST).content.decode()
    kim.post(link_in(deliver_mail()[0]))

    arrived = sign_in(kim, "kim@example.com", PASSWORD)
    waiting = kim.get(COURIER).content.decode()
    listed = desk.get(LIST).content.decode()
    application = CourierApplication.objects.get()
    approved = decide(desk, application, "approve")

    assert arrived.url == COURIER
    assert "The owner reads it and decides." in waiting
    assert "Kim Vos" in listed and "By cargo bike" in listed
    assert (approved.status_code, approved["Location"]) == (303, f"{LIST}?done=approve")
    user = User.objects.get(email="kim@example.com")
    assert (role_of(user), user.is_superuser, user.user_permissions.count()) == ("courier", False, 0)
    application.refresh_from_db()
    assert (application.state, application.decided_by, application.decided_at) == ("approved", olga, at)
    assert application.message == ""
    assert "You are one of our couriers." in kim.get(COURIER).content.decode()
    [message] = deliver_mail()
    assert message.to == ["kim@example.com"] and "you can deliver for us" in message.subject
    entry = AuditEntry.objects.get(action="courier.approve")
    assert (entry.target, entry.actor) == (f"user:{user.pk}", olga)


def test_tokens_that_name_no_role_end_with_the_approval_and_browsers_stay_signed_in(desk, at):
    application = make_application(at)
    kim = factories.sign_in(application.user)
    UserSession.objects.create(
        session_key="a" * 32, user=application.user, is_app=True, expire_date=at.replace(year=2100)
    )

    decide(desk, application, "approve")

    assert not UserSession.objects.filter(user=application.user, is_app=True).exists()
    assert "You are one of our couriers." in kim.get(COURIER).content.decode()


def test_a_refused_applicant_reads_the_reason_and_keeps_no_role(desk, at):
    kim = apply()
    sign_in(kim, "kim@example.com", PASSWORD)
    application = CourierApplication.objects.get()

    refused = decide(desk, application, "refuse", reason="  We have enough couriers \u202ein town. ")

    assert refused.status_code == 303
    page = kim.get(COURIER).content.decode()
    assert "We have enough couriers in town." in page
    [message] = deliver_mail()
    assert "We have enough couriers in town." in message.body
    assert role_of(User.objects.get(email="kim@example.com")) is None
    assert AuditEntry.objects.get(action="courier.refuse").note == ""


@pytest.mark.parametrize("path", [LIST, "/staff/", "/staff/scan/", "/admin/"])
def test_an_applicant_enters_no_page_of_staff(path, at):
    kim = factories.sign_in(make_application(at).user)

    assert kim.get(path).status_code == 404


def test_the_couriers_page_is_a_missing_page_for_customers_and_other_staff(client):
    customer = factories.sign_in(make_customer())

    assert [one.get(COURIER).status_code for one in (customer, client)] == [404, 404]


def test_applying_is_answered_alike_for_known_and_unknown_addresses():
    make_customer(email="known@example.com")
    answers = [Client().post(APPLY, KIM | {"email": f"{who}@example.com"}) for who in ("known", "new")]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, SENT)] * 2
    subjects = {message.to[0]: message.subject for message in deliver_mail()}
    assert "you have an account" in subjects["known@example.com"]
    assert User.objects.filter(email="new@example.com").count() == 0


def test_applying_with_a_foreign_address_applies_for_nobody(at):
    Client().post(APPLY, KIM | {"email": "vera@example.com", "name": "Mallory"})
    owner = Client()
    owner.post("/accounts/signup/", {"name": "Vera", "email": "vera@example.com", "password1": PASSWORD})

    owner.post(link_in(deliver_mail()[-1]))

    assert not CourierApplication.objects.exists()
    assert sign_in(owner, "vera@example.com", PASSWORD).url == "/"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "kim"}, "Enter an email address"),
        ({"phone": ""}, "Enter your phone number."),
        ({"phone": "12"}, "Enter a phone number with its area code"),
        ({"message": "x" * 1001}, "at most 1000 characters"),
        ({"password1": "12345678"}, "too common"),
        ({"password1": "x" * 10_000}, "at most 1000 characters"),
    ],
)
def test_a_bad_application_is_explained_and_kept(change, sentence):
    response = Client().post(APPLY, KIM | change)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page and change.get("name", "Kim Vos") in page
    assert not SignUp.objects.exists() and not CourierApplication.objects.exists()


def test_applications_are_limited_for_a_network():
    answers = [Client().post(APPLY, KIM | {"email": f"k{n}@example.com"}) for n in range(21)]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert CourierApplication.objects.count() == 20


# --- Deciding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "  \u200b ", "x" * 501])
def test_a_refusal_needs_a_reason_and_without_one_nothing_changes(desk, at, reason):
    application = make_application(at)

    response = decide(desk, application, "refuse", reason=reason)

    assert response.status_code == 422
    assert state_of(application) == "waiting"
    assert deliver_mail() == []


@pytest.mark.parametrize("first", ["approve", "refuse"])
@pytest.mark.parametrize("second", ["approve", "refuse"])
def test_the_second_owner_is_told_who_was_quicker(desk, shop, at, first, second):
    application = make_application(at)
    pia = factories.sign_in(factories.make_employee(shop, role="owner", name="Pia Holt"))
    decide(desk, application, first, reason="Not now.")
    state = state_of(application)

    late = decide(pia, application, second, reason="Not now.")

    assert late.status_code == 409
    assert f"Olga has {state} this application already." in late.content.decode()
    assert state_of(application) == state
    assert AuditEntry.objects.filter(action__startswith="courier.").count() == 1
    assert len(deliver_mail()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_decide_at_once_one_wins(at):
    application = make_application(at)
    with holding(application.user):
        rivals = [
            Beside(lambda: approve(application_id=application.pk, actor=OLGA, at=at)),
            Beside(lambda: refuse(application_id=application.pk, reason="No.", actor=Actor("Pia"), at=at)),
        ]
        for rival in rivals:
            rival.wait_until_blocked()
    outcomes = [outcome_of(rival) for rival in rivals]

    assert sorted(outcomes) == ["decided", "told"]
    is_courier = role_of(User.objects.get(pk=application.user_id)) == "courier"
    assert (state_of(application) == "approved") is is_courier
    assert AuditEntry.objects.filter(action__startswith="courier.").count() == 1


def outcome_of(rival: Beside) -> str:
    try:
        rival.join()
    except AlreadyDecided:
        return "told"
    return "decided"


def test_email_and_phone_are_masked_until_an_owner_asks_and_that_is_recorded(desk, olga, at, stopped_clock):
    application = make_application(at)
    masked = desk.get(LIST).content.decode()

    response = decide(desk, application, "show", reason="answer")

    shown = desk.get(LIST).content.decode()
    stopped_clock(at + dt.timedelta(seconds=61))
    later = desk.get(LIST).content.decode()
    assert response.status_code == 303
    for page, is_shown in ((masked, False), (shown, True), (later, False)):
        assert ("+31612345678" in page, application.user.email in page) == (is_shown, is_shown)
    entry = AuditEntry.objects.get(action="reveal")
    assert (entry.target, entry.note, entry.actor) == (f"application:{application.pk}", "email, phone", olga)
    assert entry.reason == "answer"


@pytest.mark.parametrize("verb", ["approve", "refuse", "show", "erase"])
def test_nobody_but_owners_decides(shop, at, verb):
    application = make_application(at)
    manager = factories.sign_in(factories.make_employee(shop, role="shop_manager", name="Mark"))

    assert decide(manager, application, verb, reason="No.").status_code == 404
    assert state_of(application) == "waiting"
    assert not AuditEntry.objects.filter(action="reveal").exists()


@pytest.mark.parametrize("path", [f"{LIST}0/approve/", f"{LIST}0/show/", f"{LIST}99999/refuse/"])
def test_an_unknown_application_is_a_missing_page(desk, path):
    assert desk.post(path, {"reason": "No."}).status_code == 404


def test_an_application_of_an_account_that_is_gone_cannot_be_decided(at):
    application = make_application(at)
    erase_account(user_id=application.user_id, at=at)

    with pytest.raises(AlreadyDecided):
        approve(application_id=application.pk, actor=OLGA, at=at)

    assert not CourierApplication.objects.exists()


@pytest.mark.parametrize("fields", [{"state": "refused"}, {"state": "approved"}, {"reason": "x", "state": "refused"}])
def test_the_database_refuses_half_a_decision(at, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_application(at, **fields)


def test_the_users_area_counts_applicants_and_names_none(at):
    make_groups()
    make_application(at)
    boss = factories.sign_in(make_staff("owner"))

    page = boss.get("/admin/users/").content.decode()

    assert "Courier applications (1)" in page
    assert "Kim" not in page


# --- What is kept ----------------------------------------------------------------------------------


def test_a_refused_application_is_erased_with_its_account_after_half_a_year(at):
    application = make_application(at)
    refuse(application_id=application.pk, reason="No.", actor=OLGA, at=at)

    assert erase_refused(at=at + dt.timedelta(days=180)) == 0
    assert erase_refused(at=at + dt.timedelta(days=180, seconds=1)) == 1

    assert not CourierApplication.objects.exists()
    assert User.objects.get(pk=application.user_id).erased_at is not None
    assert erase_refused(at=at + dt.timedelta(days=200)) == 0


def test_a_refused_applicant_who_buys_here_keeps_the_account(at):
    application = make_application(at)
    make_order(at, user=application.user)
    refuse(application_id=application.pk, reason="No.", actor=OLGA, at=at)

    erase_refused(at=at + dt.timedelta(days=181))

    assert not CourierApplication.objects.exists()
    assert User.objects.get(pk=application.user_id).erased_at is None


def test_an_application_that_nobody_confirmed_is_deleted_after_three_days(at):
    Client().post(APPLY, KIM)

    purge_requests(at=at + dt.timedelta(days=3, minutes=1))

    assert not CourierApplication.objects.exists() and not SignUp.objects.exists()


def test_the_mail_about_a_decision_is_not_sent_to_an_account_that_is_gone(at):
    application = make_application(at)
    refuse(application_id=application.pk, reason="No.", actor=OLGA, at=at)
    erase_account(user_id=application.user_id, at=at)

    deliver_mail()

    assert mail.outbox == []


def test_a_refused_applicant_who_came_back_keeps_the_account(at):
    application = make_application(at)
    refuse(application_id=application.pk, reason="No.", actor=OLGA, at=at)
    User.objects.filter(pk=application.user_id).update(last_login=at + dt.timedelta(days=2))

    erase_refused(at=at + dt.timedelta(days=181))

    assert not CourierApplication.objects.exists()
    assert User.objects.get(pk=application.user_id).erased_at is None


def test_what_is_left_of_a_person_is_known_in_a_process_that_asks_first(at, monkeypatch):
    """The worker may ask before anything else has loaded what each app keeps."""
    application = make_application(at)
    make_order(at, user=application.user)
    monkeypatch.setattr(registry, "_erasers", {})
    for name in [name for name in sys.modules if name.endswith(".privacy")]:
        monkeypatch.delitem(sys.modules, name)

    assert registry.is_person_left(application.user_id)


def test_a_customer_does_not_become_a_courier_with_the_same_account(desk, at):
    application = make_application(at)
    make_order(at, user=application.user)

    answer = decide(desk, application, "approve")

    assert answer.status_code == 409
    assert "buys here with the same account" in answer.content.decode()
    assert state_of(application) == "waiting"
    assert role_of(User.objects.get(pk=application.user_id)) is None


def test_an_approval_that_comes_between_stops_the_deletion_of_the_account(at, monkeypatch):
    application = make_application(at)

    def approved_meanwhile(user_id, at):
        approve(application_id=application.pk, actor=OLGA, at=at)
        return []

    monkeypatch.setattr("accounts.services.erase.erase_person", approved_meanwhile)

    with pytest.raises(WorksHere):
        erase_account(user_id=application.user_id, at=at)

    assert User.objects.get(pk=application.user_id).name == "Kim Vos"
