"""Staff without a password are invited by email and choose one before they sign in."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client
from wagtail.models import Site

from accounts.models import AuditEntry, User
from accounts.services import staff
from accounts.services.register import EmailTaken
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from common.actors import SETUP, Actor
from common.outbox.models import OutboxMessage
from common.throttle import TooManyAttempts

pytestmark = pytest.mark.django_db
BOSS = Actor("Olga")
NEW_PASSWORD = "another long passphrase"


def invite(at, **extra) -> User:
    fields = {"email": "ben@example.com", "name": "Ben Vos", "role": "employee"} | extra
    return staff.create_staff(**fields, actor=BOSS, at=at)


def choose(link: str, password: str = NEW_PASSWORD):
    """Open a link in a separate browser and choose a password; return the answer."""
    browser = Client()
    page = browser.get(link, follow=True)
    form_url = page.redirect_chain[-1][0] if page.redirect_chain else link
    return browser.post(form_url, {"password1": password})


def is_verified(user: User) -> bool:
    return EmailAddress.objects.get(user=user, email=user.email).verified


def test_without_a_password_an_invitation_is_emailed(at):
    user = invite(at)

    mails = deliver_mail()

    assert [(mail.to, mail.subject) for mail in mails] == [
        (["ben@example.com"], f"Welcome to the staff of {site_name()}")
    ]
    assert "/accounts/password/reset/key/" in link_in(mails[0])
    assert not is_verified(user)
    assert not user.has_usable_password()


def test_an_invited_person_signs_in_after_choosing_a_password(at, client):
    user = invite(at)
    link = link_in(deliver_mail()[0])

    assert choose(link).status_code == 303

    assert is_verified(user)
    sign_in(client, "ben@example.com", NEW_PASSWORD)
    assert is_signed_in(client)


def test_an_invitation_works_once(at, client):
    user = invite(at)
    link = link_in(deliver_mail()[0])
    choose(link)

    answer = Client().get(link, follow=True)

    assert "This link has been used or is too old." in answer.content.decode()
    assert User.objects.get(pk=user.pk).check_password(NEW_PASSWORD)


def test_an_invitation_expires(at, monkeypatch):
    invite(at)
    link = link_in(deliver_mail()[0])
    later = dt.datetime.now() + dt.timedelta(days=3, minutes=1)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later)

    answer = Client().get(link, follow=True)

    assert "This link has been used or is too old." in answer.content.decode()


def test_with_a_password_no_invitation_is_sent(at):
    user = make_staff("employee")

    assert deliver_mail() == []
    assert is_verified(user)


def test_a_person_who_has_left_since_gets_no_email(at):
    make_staff("owner")
    user = invite(at)
    staff.deactivate(user_id=user.pk, actor=BOSS, at=at)

    assert deliver_mail() == []


def test_the_outbox_row_contains_no_personal_data(at):
    user = invite(at)

    row = OutboxMessage.objects.get()

    assert (row.event, row.payload) == ("account.invite", {"id": user.pk, "language": row.payload["language"]})


def test_an_invitation_is_sent_again(at):
    user = invite(at)
    first = deliver_mail()[0]

    staff.send_link(user_id=user.pk, actor=BOSS, at=at)

    second = deliver_mail()[0]
    assert second.subject == first.subject
    assert choose(link_in(second)).status_code == 303
    actions = AuditEntry.objects.filter(target=f"user:{user.pk}").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["staff.create", "staff.invite", "account.password"]


def test_somebody_with_a_password_gets_a_reset_link(at):
    user = make_staff("employee")

    staff.send_link(user_id=user.pk, actor=BOSS, at=at)

    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == ([user.email], f"{site_name()}: choose a new password")
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="staff.reset_link", target=f"user:{user.pk}", actor_label="Olga").exists()


def test_an_inactive_person_gets_no_link(at):
    make_staff("owner")
    user = make_staff("employee")
    staff.deactivate(user_id=user.pk, actor=BOSS, at=at)

    with pytest.raises(staff.Inactive):
        staff.send_link(user_id=user.pk, actor=BOSS, at=at)

    assert deliver_mail() == []


def test_a_customer_gets_no_link_from_an_owner(at):
    with pytest.raises(staff.NotStaff):
        staff.send_link(user_id=make_customer().pk, actor=BOSS, at=at)

    assert deliver_mail() == []


def test_a_mailbox_gets_at_most_five_links_an_hour(at):
    user = invite(at)
    for _time in range(4):
        staff.send_link(user_id=user.pk, actor=BOSS, at=at)

    with pytest.raises(TooManyAttempts):
        staff.send_link(user_id=user.pk, actor=BOSS, at=at)

    assert len(deliver_mail()) == 5
    assert AuditEntry.objects.filter(action="staff.invite").count() == 4


def test_a_corrected_email_is_invited_again_and_cannot_sign_in_until_then(at, client):
    make_staff("owner")
    user = make_staff("employee", email="ben@exmaple.com")
    sign_in(client, user.email, PASSWORD)

    user = staff.correct_email(user_id=user.pk, email="Ben@Example.com", actor=BOSS, at=at)

    assert (user.email, user.has_usable_password(), is_verified(user)) == ("ben@example.com", False, False)
    assert not is_signed_in(client)
    assert EmailAddress.objects.filter(user=user).count() == 1
    assert [mail.to for mail in deliver_mail()] == [["ben@example.com"]]
    assert AuditEntry.objects.get(action="staff.email").target == f"user:{user.pk}"


def test_a_link_sent_to_the_wrong_address_is_invalid_after_the_correction(at):
    make_staff("owner")
    user = invite(at, email="ben@exmaple.com")
    wrong = link_in(deliver_mail()[0])
    staff.correct_email(user_id=user.pk, email="ben@example.com", actor=BOSS, at=at)

    answer = Client().get(wrong, follow=True)

    assert "This link has been used or is too old." in answer.content.decode()
    assert choose(link_in(deliver_mail()[0])).status_code == 303


def test_a_corrected_email_that_is_taken_changes_nothing(at):
    make_staff("owner")
    user, other = make_staff("employee"), make_customer()

    with pytest.raises(EmailTaken):
        staff.correct_email(user_id=user.pk, email=other.email, actor=BOSS, at=at)

    fresh = User.objects.get(pk=user.pk)
    assert (fresh.email, fresh.check_password(PASSWORD), is_verified(fresh)) == (user.email, True, True)
    assert deliver_mail() == []


def test_the_same_email_in_a_different_spelling_changes_nothing(at):
    user = make_staff("employee", email="ben@example.com")

    staff.correct_email(user_id=user.pk, email=" BEN@example.com", actor=BOSS, at=at)

    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert not AuditEntry.objects.filter(action="staff.email").exists()


@pytest.mark.parametrize("act", ["deactivate", "change_role", "correct_email"])
def test_an_invited_owner_does_not_count_as_one_who_can_sign_in(at, act):
    owner = make_staff("owner")
    invite(at, role="owner")
    extra = {"change_role": {"role": "editor"}, "correct_email": {"email": "typo@example.com"}}.get(act, {})

    with pytest.raises(staff.LastOwner):
        getattr(staff, act)(user_id=owner.pk, actor=SETUP, at=at, **extra)

    fresh = User.objects.get(pk=owner.pk)
    assert (fresh.is_active, fresh.email, fresh.check_password(PASSWORD)) == (True, owner.email, True)


def site_name() -> str:
    return Site.objects.get(is_default_site=True).site_name or "Vitrine"


def invited(at) -> str:
    """Invite Ben; return the link in the email."""
    invite(at)
    return link_in(deliver_mail()[0])


def test_an_invitation_that_is_opened_by_somebody_else_leaves_them_as_they_are(at, client):
    link, other, ben = invited(at), make_customer(), Client()
    sign_in(client, other.email, PASSWORD)

    assert client.post(client.get(link)["Location"], {"password1": NEW_PASSWORD}).status_code == 303

    other.refresh_from_db()
    assert client.session["_auth_user_id"] == str(other.pk)
    assert (other.check_password(PASSWORD), other.groups.count()) == (True, 0)
    sign_in(ben, "ben@example.com", NEW_PASSWORD)
    assert is_signed_in(ben)


def test_an_invitation_that_was_used_in_another_browser_is_over_in_the_first(at):
    link, first, second = invited(at), Client(), Client()
    forms = [client.get(link)["Location"] for client in (first, second)]
    assert second.post(forms[1], {"password1": NEW_PASSWORD}).status_code == 303

    late = first.post(forms[0], {"password1": "another one for Ben"})

    assert "password1" not in late.content.decode()
    assert User.objects.get(email="ben@example.com").check_password(NEW_PASSWORD)


def test_an_invitation_of_somebody_shut_out_meanwhile_opens_nothing(at, client):
    form = client.get(invited(at))["Location"]
    User.objects.filter(email="ben@example.com").update(is_active=False)

    client.post(form, {"password1": NEW_PASSWORD})

    sign_in(client, "ben@example.com", NEW_PASSWORD)
    assert not is_signed_in(client)
