"""Taking an account back undoes what was changed since, and nothing that is under way brings it back."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, MailRequest, Notice, User
from accounts.second_factor import has_second_factor
from accounts.services.erase import erase_account
from accounts.services.outgoing import CHANGED, PHONE_LOST, SECOND_FACTOR_OFF, mail, tell
from accounts.services.second_factor import renew_recovery_codes, replace_app, turn_off, turn_on
from accounts.services.sessions import Overtaken
from accounts.services.staff import correct_email, deactivate, reactivate
from accounts.tests.factories import PASSWORD, code_of_secret, give_second_factor, make_customer, make_staff
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from accounts.tests.test_take_back import change_email, change_password, told
from common.actors import Actor
from common.outbox.services import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira():
    return make_customer(email="mira@example.com")


def test_the_address_until_now_is_told_without_a_link(mira):
    change_email(mira, "new@example.com")
    path = told()

    Client().post(path)

    mails = {message.to[0]: message for message in deliver_mail()}
    assert {*mails} == {"mira@example.com", "new@example.com"}
    assert mails["new@example.com"].subject.endswith("an account was taken back")
    assert "http" not in mails["new@example.com"].body and "href" not in str(mails["new@example.com"].alternatives)
    assert "an answer to this email reaches us" in mails["new@example.com"].body
    assert not MailRequest.objects.exists()


def test_nobody_else_is_told_if_the_address_is_the_same(mira):
    change_password(mira)

    Client().post(told())

    assert [message.to for message in deliver_mail()] == [["mira@example.com"]]


def test_a_notice_of_something_else_moves_no_address(mira):
    """The address has changed without a notice to the old one."""
    change_password(mira)
    path = told()
    User.objects.filter(pk=mira.pk).update(email="new@example.com")

    assert Client().post(path)["Location"].endswith("?done=shut")

    mira.refresh_from_db()
    assert (mira.email, mira.has_usable_password()) == ("new@example.com", False)
    assert [message.to for message in deliver_mail()] == [["new@example.com"]]


def test_an_earlier_notice_does_as_much_as_the_one_of_the_email(mira):
    change_password(mira)
    path = told()
    change_email(mira, "thief@example.com")

    assert Client().post(path)["Location"].endswith("?done=1")

    mira.refresh_from_db()
    assert mira.email == "mira@example.com"


def turn_on_here(user: User) -> None:
    secret = generate_totp_secret()
    turn_on(user=user, secret=secret, code=code_of_secret(secret), keep=None, at=timezone.now())


def test_a_second_step_that_a_thief_turned_on_is_off_again(mira, client):
    turn_on_here(mira)

    assert client.post(told())["Location"].endswith("?done=1")

    (message,) = deliver_mail()
    client.post(client.get(link_in(message))["Location"], {"password1": PASSWORD})
    sign_in(client, "mira@example.com", PASSWORD)
    assert is_signed_in(client)
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.filter(action="account.second_factor_off", target=f"user:{mira.pk}").count() == 1


@pytest.mark.parametrize("change", ["password", "another app"])
def test_a_second_step_that_was_on_before_stays_and_the_pages_say_so(mira, client, change):
    give_second_factor(mira)
    if change == "password":
        change_password(mira)
    else:
        secret = generate_totp_secret()
        replace_app(user=mira, secret=secret, code=code_of_secret(secret), keep=None, at=timezone.now())
    path, stays = told(), "We go on asking for a code at sign-in"

    assert stays in client.get(path).content.decode()
    answer = client.post(path)

    assert answer["Location"].endswith("?done=code")
    assert stays in client.get(answer["Location"]).content.decode()
    assert has_second_factor(mira)


def test_the_notice_of_the_second_step_helps_after_one_of_the_password(mira):
    turn_on_here(mira)
    first = told()
    change_password(mira)
    Client().post(told())
    assert has_second_factor(mira)

    assert Client().post(first)["Location"].endswith("?done=1")

    assert not has_second_factor(mira)


def test_notices_remember_whether_there_was_a_second_step(mira):
    turn_on_here(mira)
    turn_off(user=mira, at=timezone.now())
    change_password(mira)
    change_email(mira, "second@example.com")

    kept = Notice.objects.order_by("pk").values_list("had_second_factor", "is_of_email")
    assert list(kept) == [(False, False), (True, False), (False, False), (False, True)]


@pytest.mark.parametrize(("after", "is_kept"), [(-1, True), (1, False)])
def test_a_phone_that_was_verified_since_is_not_verified_any_more(mira, after, is_kept):
    change_password(mira)
    verified = Notice.objects.get().created_at + dt.timedelta(minutes=after)
    User.objects.filter(pk=mira.pk).update(phone="+31612345678", phone_verified_at=verified)

    Client().post(told())

    mira.refresh_from_db()
    assert (mira.phone_verified_at is not None, str(mira.phone)) == (is_kept, "+31612345678")


def test_what_an_owner_corrects_is_not_undone_by_the_old_mailbox():
    owner, staff = make_staff("owner"), make_staff("employee", email="old@example.com")
    change_password(staff)
    path = told("old@example.com")

    correct_email(user_id=staff.pk, email="new@example.com", actor=Actor("O", owner.pk), at=timezone.now())

    assert Client().post(path).status_code == 404
    staff.refresh_from_db()
    assert staff.email == "new@example.com"


def test_who_is_shut_out_has_no_notices():
    owner, staff = make_staff("owner"), make_staff("employee")
    change_password(staff)
    path, who = told(staff.email), {"user_id": staff.pk, "actor": Actor("O", owner.pk), "at": timezone.now()}

    deactivate(**who)
    reactivate(**who)

    assert Client().post(path).status_code == 404


@pytest.mark.parametrize("what", [turn_on, replace_app, turn_off, renew_recovery_codes])
def test_a_request_under_way_changes_and_tells_nothing_after_it(mira, what):
    if what != turn_on:
        give_second_factor(mira)
    change_email(mira, "thief@example.com")
    path, under_way, secret = told(), User.objects.get(pk=mira.pk), generate_totp_secret()
    thief = Client()
    thief.force_login(under_way)
    key = thief.session.session_key
    shown = {"secret": secret, "code": code_of_secret(secret), "keep": key}
    before = list(Authenticator.objects.order_by("pk").values_list("pk", "data"))
    assert Client().post(path).status_code == 303

    with pytest.raises(Overtaken):
        what(user=under_way, **(shown if what in (turn_on, replace_app) else {"session": key}), at=timezone.now())

    assert list(Authenticator.objects.order_by("pk").values_list("pk", "data")) == before
    assert not Notice.objects.exists()


def test_an_ended_session_changes_no_second_step(mira):
    """The password is the same: another session has ended this one, or it has signed out."""
    give_second_factor(mira)
    for what in (turn_off, renew_recovery_codes):
        with pytest.raises(Overtaken):
            what(user=mira, session="ended", at=timezone.now())


def test_a_notice_goes_to_the_address_that_the_account_has_now(mira):
    under_way = User.objects.get(pk=mira.pk)
    User.objects.filter(pk=mira.pk).update(email="new@example.com")

    tell(event=CHANGED, user=under_way, at=timezone.now())

    assert Notice.objects.get().email == "new@example.com"


def test_a_deleted_account_gets_no_notice(mira):
    under_way = User.objects.get(pk=mira.pk)
    erase_account(user_id=mira.pk, at=timezone.now())

    tell(event=CHANGED, user=under_way, at=timezone.now())

    assert not Notice.objects.exists()


@pytest.mark.parametrize("event", [CHANGED, SECOND_FACTOR_OFF])
def test_a_warning_queued_before_there_were_notices_is_delivered_with_a_link(mira, event):
    with transaction.atomic():
        enqueue(event=event, key="x:1", payload={"id": mira.pk, "language": "en"}, at=timezone.now())

    assert Client().post(told()).status_code == 303


def test_a_warning_queued_before_there_were_notices_is_dropped_if_the_account_is_gone(mira):
    with transaction.atomic():
        enqueue(event=CHANGED, key="x:1", payload={"id": mira.pk, "language": "en"}, at=timezone.now())
    erase_account(user_id=mira.pk, at=timezone.now())

    assert deliver_mail() == []


def test_who_lost_a_phone_is_not_asked_whether_it_was_them(mira):
    """Somebody else did it, and could."""
    with transaction.atomic():
        mail(event=PHONE_LOST, subject_id=mira.pk, at=timezone.now())

    (message,) = deliver_mail()

    assert "/not-me/" not in message.body + str(message.alternatives) and "/account/phone/" in message.body
    assert not Notice.objects.exists()
