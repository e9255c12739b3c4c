"""The link "This wasn't me" in emails about changes: it gives the account back, once, and to nobody else."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.core import signing
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.models import AuditEntry, MailRequest, Notice, User, UserSession
from accounts.second_factor import has_second_factor
from accounts.services.change_email import confirm_email_change, request_email_change
from accounts.services.erase import erase_account
from accounts.services.outgoing import CHANGED, PHONE_LOST, SECOND_FACTOR_OFF, mail, tell
from accounts.services.passwords import choose_password
from accounts.services.second_factor import renew_recovery_codes, replace_app, turn_off, turn_on
from accounts.services.sessions import Overtaken
from accounts.services.sign_up import purge_requests
from accounts.services.staff import correct_email, deactivate, reactivate
from accounts.tests.factories import PASSWORD, code_of_secret, give_second_factor, make_customer, make_staff
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from api.tests.helpers import me, tokens_of
from common.actors import GUEST, Actor
from common.outbox.services import enqueue

pytestmark = pytest.mark.django_db
THEIRS = "a password of somebody else"
SENT = "We have sent you an email with a link to choose a new password."
GONE = "This link does not work any more"


@pytest.fixture
def mira():
    return make_customer(email="mira@example.com")


def change_email(user: User, email: str) -> None:
    row, _is_mailed = request_email_change(user_id=user.pk, email=email, at=timezone.now())
    confirm_email_change(user_id=user.pk, address_id=row.pk, actor=GUEST, at=timezone.now())
    user.refresh_from_db()


def change_password(user: User) -> None:
    choose_password(user=user, password=THEIRS, at=timezone.now())
    user.refresh_from_db()


def not_me(message) -> str:
    """Return the path of the link in an email."""
    (path,) = {word for word in message.body.split() if "/not-me/" in word}
    return path.partition("//")[2].partition("/")[2].join(["/", ""])


def told(to: str = "mira@example.com") -> str:
    """Deliver what is due; return the link in the one email that told somebody of a change."""
    (message,) = [one for one in deliver_mail() if "/not-me/" in one.body and one.to == [to]]
    return not_me(message)


def test_a_change_of_email_is_told_to_the_old_address_and_taken_back(mira, client):
    change_email(mira, "thief@example.com")
    change_password(mira)
    thief, token = Client(), tokens_of(mira, THEIRS)["access_token"]
    sign_in(thief, "thief@example.com", THEIRS)
    assert is_signed_in(thief)
    path = told()

    page = client.get(path).content.decode()
    assert "The email address of the account will be mira@example.com again." in page
    assert mira.email == "thief@example.com"
    answer = client.post(path)

    mira.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, f"{path}?done=1")
    assert SENT in client.get(answer["Location"]).content.decode()
    assert GONE in client.get(path).content.decode()
    assert (mira.email, mira.has_usable_password()) == ("mira@example.com", False)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("mira@example.com", True, True)]
    assert not UserSession.objects.filter(user=mira).exists()
    assert [thief.get("/account/security/").status_code, me(token).status_code] == [302, 401]
    assert AuditEntry.objects.filter(action="account.take_back", target=f"user:{mira.pk}").count() == 1
    (message,) = [one for one in deliver_mail() if one.to == ["mira@example.com"]]
    choose = client.get(link_in(message))["Location"]
    assert client.post(choose, {"password1": PASSWORD}).status_code == 303
    sign_in(client, "mira@example.com", PASSWORD)
    assert is_signed_in(client)


@pytest.mark.parametrize("change", ["password", "second step off"])
def test_other_changes_end_all_sessions_and_leave_the_address(mira, change):
    if change == "password":
        change_password(mira)
    else:
        give_second_factor(mira)
        turn_off(user=mira, at=timezone.now())
    there = Client()
    there.force_login(mira)

    assert Client().post(told()).status_code == 303

    mira.refresh_from_db()
    assert (mira.email, mira.has_usable_password()) == ("mira@example.com", False)
    assert there.get("/account/security/").status_code == 302


def test_a_change_on_the_site_is_told_too(client, mira):
    sign_in(client, mira.email, PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": THEIRS})

    client.post(told())

    assert client.get("/account/security/").status_code == 302


def test_opening_the_link_changes_nothing(mira):
    change_password(mira)
    path, reader = told(), Client()

    assert [reader.get(path).status_code, reader.head(path).status_code, reader.options(path).status_code] == [
        200, 200, 405,
    ]  # fmt: skip
    mira.refresh_from_db()
    assert mira.check_password(THEIRS)
    assert deliver_mail() == []


def test_it_works_once(mira):
    change_password(mira)
    path = told()
    Client().post(path)
    deliver_mail()
    User.objects.get(pk=mira.pk)
    choose_password(user=User.objects.get(pk=mira.pk), password=PASSWORD, at=timezone.now())

    again = Client().post(path)

    assert (again.status_code, GONE in again.content.decode()) == (404, True)
    assert GONE in Client().get(path).content.decode()
    mira.refresh_from_db()
    assert mira.check_password(PASSWORD)


def test_what_the_thief_is_told_does_not_undo_it(mira):
    """The address changes twice; whose link is older has the better right."""
    change_email(mira, "thief@example.com")
    first = told()
    change_email(mira, "second@example.com")
    theirs = told("thief@example.com")

    assert Client().post(theirs).status_code == 303
    assert Client().post(first).status_code == 303
    assert Client().post(theirs).status_code == 404
    mira.refresh_from_db()
    assert mira.email == "mira@example.com"


def test_an_unconfirmed_new_address_is_dropped(mira):
    change_password(mira)
    path = told()
    request_email_change(user_id=mira.pk, email="thief@example.com", at=timezone.now())

    Client().post(path)

    assert not EmailAddress.objects.filter(email="thief@example.com").exists()


def test_somebody_else_stays_signed_in_as_themselves(mira, client):
    change_password(mira)
    path, other = told(), make_customer()
    sign_in(client, other.email, PASSWORD)

    assert "You are signed in with another account here." in client.get(path).content.decode()
    client.post(path)

    assert client.session["_auth_user_id"] == str(other.pk)
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def forged(notice: Notice, now: int) -> dict[str, str]:
    key = links.write_notice(notice.pk, at=timezone.now())
    body, stamp, signature = key.split(":")
    return {
        "cut": key[:-3],
        "a letter changed": key[:-1] + ("A" if key[-1] != "A" else "B"),
        "another number": f"{signing.dumps([notice.pk + 1, now]).split(':')[0]}:{stamp}:{signature}",
        "of a mailed address": links.write(links.SignUpLink(notice.pk), at=timezone.now()),
        "of a shown link": links.write_shown(links.ShownLink(notice.pk, now), at=timezone.now()),
        "without salt": signing.dumps([notice.pk, now]),
        "of no notice": links.write_notice(notice.pk + 1000, at=timezone.now()),
        "too old": links.write_notice(notice.pk, at=timezone.now() - links.KEPT_NOTICE - dt.timedelta(minutes=1)),
        "nothing": "x",
        "signed nonsense": f"{body}:{stamp}:{'A' * 43}",
    }


def test_forged_swapped_and_old_links_are_refused(mira):
    change_password(mira)
    notice = Notice.objects.get()

    for name, key in forged(notice, int(timezone.now().timestamp())).items():
        answer = Client().post(f"/accounts/not-me/{key}/")
        assert (answer.status_code, GONE in answer.content.decode()) == (404, True), name

    mira.refresh_from_db()
    assert mira.check_password(THEIRS)
    elsewhere = links.write_notice(notice.pk, at=timezone.now())
    assert Client().post(f"/accounts/confirm-email/{elsewhere}/").status_code == 404
    assert Client().post(f"/accounts/activate/{elsewhere}/").status_code == 404
    assert Client().post(told()).status_code == 303


def test_an_address_that_has_another_account_by_now_is_not_taken_from_it(mira, client):
    """Everybody is shut out all the same, and the page says that there is no link."""
    change_email(mira, "thief@example.com")
    there = Client()
    there.force_login(mira)
    path, other = told(), make_customer(email="mira@example.com")

    assert "mira@example.com now belongs to another account" in client.get(path).content.decode()
    answer = client.post(path)

    mira.refresh_from_db()
    other.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, f"{path}?done=shut")
    page = client.get(answer["Location"]).content.decode()
    assert "your address now belongs to another account" in page and SENT not in page
    assert (mira.email, mira.has_usable_password()) == ("thief@example.com", False)
    assert (other.email, other.check_password(PASSWORD)) == ("mira@example.com", True)
    assert there.get("/account/security/").status_code == 302
    (message,) = deliver_mail()
    assert message.to == ["thief@example.com"] and "http" not in message.body
    assert client.post(path).status_code == 404


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


@pytest.mark.parametrize("gone", ["shut out", "deleted"])
def test_an_account_that_is_not_used_any_more_is_not_taken_back(mira, gone):
    change_password(mira)
    path = told()
    if gone == "shut out":
        User.objects.filter(pk=mira.pk).update(is_active=False)
    else:
        Notice.objects.all().delete()

    assert Client().post(path).status_code == 404


def test_notices_are_kept_for_seven_days(mira):
    change_password(mira)
    kept = Notice.objects.get().created_at + dt.timedelta(days=7)

    assert purge_requests(at=kept) == 0
    assert purge_requests(at=kept + dt.timedelta(seconds=1)) == 1


def test_the_link_is_in_both_parts_of_each_email(mira):
    give_second_factor(mira)
    turn_off(user=mira, at=timezone.now())
    change_password(mira)
    change_email(mira, "second@example.com")

    messages = deliver_mail()[:]

    warnings = [one for one in messages if "/not-me/" in one.body]
    assert [one.subject.partition(": ")[2] for one in warnings] == [
        "the second step is off", "your password was changed", "your email was changed",
    ]  # fmt: skip
    assert all(not_me(one) in str(one.alternatives) for one in warnings)
    assert {one.to[0] for one in warnings} == {"mira@example.com"}


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
