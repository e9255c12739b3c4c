"""The link "This wasn't me" in emails about changes: it gives the account back, once, and to nobody else."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.models import AuditEntry, Notice, User, UserSession
from accounts.services.change_email import confirm_email_change, request_email_change
from accounts.services.passwords import choose_password
from accounts.services.second_factor import turn_off
from accounts.services.sign_up import purge_requests
from accounts.tests.factories import PASSWORD, give_second_factor, make_customer
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from api.tests.helpers import me, tokens_of
from common.actors import GUEST

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
