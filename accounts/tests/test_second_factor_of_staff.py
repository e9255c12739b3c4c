"""The second step of staff: turned off for a person who lost their phone, and required of owners where it is set."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import limits
from accounts.models import AuditEntry
from accounts.second_factor import has_second_factor
from accounts.second_factor_views import SECRET
from accounts.services import second_factor
from accounts.tests.factories import (
    PASSWORD,
    code_of,
    code_of_secret,
    give_second_factor,
    make_customer,
    make_staff,
    recovery_codes_of,
)
from accounts.tests.helpers import deliver_mail, is_signed_in
from accounts.tests.test_second_factor import OFF, ON, PAGE, secret_on, signed_in
from api.tests.helpers import REFRESH, me, send, tokens_of
from common import throttle
from common.models import ThrottleCount
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
ANOTHER = "/accounts/2fa/another/"


@pytest.fixture
def protected():
    user = make_customer(email="mira@example.com")
    give_second_factor(user)
    return user


@pytest.fixture
def boss():
    make_groups()
    return make_staff("owner", email="boss@example.com", name="Olga Weiss")


def edit_page(user) -> str:
    return f"/admin/users/edit/{user.pk}/"


def test_an_owner_turns_it_off_for_a_person_who_lost_their_phone(boss):
    anna = make_staff("employee", email="anna@example.com", name="Anna Berg")
    give_second_factor(anna)
    client = signed_in(boss)
    assert "Turn off the second step" in client.get(edit_page(anna)).content.decode()

    client.post(edit_page(anna), {"second_factor_off": "1"})

    assert not has_second_factor(anna)
    entry = AuditEntry.objects.get(action="staff.second_factor_off")
    assert (entry.actor, entry.target) == (boss, f"user:{anna.pk}")
    assert [message.to for message in deliver_mail()] == [["anna@example.com"]]
    assert "Turn off the second step" not in client.get(edit_page(anna)).content.decode()


@pytest.mark.parametrize("role", ["shop_manager", "editor", "employee"])
def test_nobody_else_turns_it_off_for_others(boss, role):
    give_second_factor(boss)
    client = signed_in(make_staff(role))

    client.post(edit_page(boss), {"second_factor_off": "1"})

    assert has_second_factor(boss)


def test_an_owner_has_no_way_to_the_second_step_of_a_customer(boss, protected, at):
    client = signed_in(boss)

    assert client.post(edit_page(protected), {"second_factor_off": "1"}).status_code == 404
    with pytest.raises(second_factor.NotOn):
        second_factor.turn_off_for(user_id=protected.pk, actor=None, at=at)
    assert has_second_factor(protected)


def test_the_last_owner_is_helped_by_a_command(boss, capsys):
    give_second_factor(boss)

    call_command("turn_off_second_factor", email=boss.email, dry_run=True)
    assert has_second_factor(boss)
    call_command("turn_off_second_factor", email="BOSS@example.com")

    assert not has_second_factor(boss)
    assert AuditEntry.objects.get(action="staff.second_factor_off").actor_label == "setup"


def test_a_customer_whom_somebody_shut_out_is_helped_by_the_command(protected):
    call_command("turn_off_second_factor", email=protected.email)

    assert not has_second_factor(protected)
    assert AuditEntry.objects.get(action="staff.second_factor_off").target == f"user:{protected.pk}"
    assert [message.to for message in deliver_mail()] == [[protected.email]]


def test_the_command_lifts_the_limits_of_wrong_codes(protected, at):
    for limit in (limits.SECOND_FACTOR, limits.SECOND_FACTOR_DAY):
        throttle.take(limit, f"user:{protected.pk}", at=at)

    call_command("turn_off_second_factor", email=protected.email)

    assert not ThrottleCount.objects.exists()


@pytest.mark.parametrize("email", ["nobody@example.com", "boss@example.com"])
def test_the_command_refuses_people_it_is_not_for(boss, protected, email):
    with pytest.raises(CommandError):
        call_command("turn_off_second_factor", email=email)

    assert has_second_factor(protected)


def test_an_owner_cannot_go_past_the_password_to_turn_off_their_own(boss):
    give_second_factor(boss)
    client = signed_in(boss, code_of(boss))

    answer = client.post(edit_page(boss), {"second_factor_off": "1"}, follow=True)

    assert "Your own second step is turned off on the site, under Security." in answer.content.decode()
    assert has_second_factor(boss)
    assert not AuditEntry.objects.filter(action="staff.second_factor_off").exists()


# Required of owners


@pytest.fixture
def required(settings):
    settings.OWNERS_NEED_SECOND_FACTOR = True


@pytest.mark.parametrize("path", ["/admin/", "/admin/users/", "/staff/", "/c/" + "0" * 26 + "/"])
def test_owners_set_it_up_before_they_work(boss, required, path):
    client = signed_in(boss)

    answer = client.get(path)

    assert (answer.status_code, answer["Location"]) == (303, ON)
    assert client.get(ON).status_code == 200
    client.post(ON, {"code": code_of_secret(secret_on(client))})
    assert client.get("/admin/").status_code == 200


def test_the_rest_of_the_site_stays_open_to_them(boss, required):
    client = signed_in(boss)

    assert [client.get(path).status_code for path in ("/account/orders/", PAGE, "/accounts/logout/")] == [200] * 3


def test_others_are_not_asked(boss, required):
    assert signed_in(make_staff("editor")).get("/admin/").status_code == 200


def test_without_the_setting_owners_are_not_asked(boss):
    assert signed_in(boss).get("/admin/").status_code == 200


def test_it_cannot_be_turned_off_where_it_is_required(boss, required):
    give_second_factor(boss)
    client = signed_in(boss, code_of(boss))

    asked, answer = client.get(OFF), client.post(OFF)

    assert (asked.status_code, asked["Location"]) == (302, PAGE)
    assert answer.status_code == 409
    assert has_second_factor(boss)


def test_owners_who_need_it_take_another_app(boss, required):
    give_second_factor(boss)
    recovery, before = recovery_codes_of(boss), Authenticator.objects.get(type="totp").pk
    client, other = signed_in(boss, code_of(boss)), Client()
    other.force_login(boss)
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', client.get(ANOTHER).content.decode())[1]

    answer = client.post(ANOTHER, {"code": code_of_secret(secret.replace(" ", ""))})

    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert recovery_codes_of(boss) == recovery
    assert Authenticator.objects.get(type="totp").pk != before
    assert [is_signed_in(browser) for browser in (client, other)] == [True, False]
    assert AuditEntry.objects.latest("pk").action == "account.second_factor_app"
    assert [message.to for message in deliver_mail()] == [[boss.email]]


def test_a_wrong_code_of_another_app_leaves_the_one_in_use(boss, required):
    give_second_factor(boss)
    client, kept = signed_in(boss, code_of(boss)), Authenticator.objects.get(type="totp").pk
    client.get(ANOTHER)

    answer = client.post(ANOTHER, {"code": "000000"})

    assert answer.status_code == 422
    assert Authenticator.objects.get(type="totp").pk == kept


def test_without_an_app_there_is_none_to_replace(boss):
    client = signed_in(boss)
    client.get(ON)

    answers = [client.get(ANOTHER), client.post(ANOTHER, {"code": code_of_secret(client.session[SECRET])})]

    assert [answer["Location"] for answer in answers] == [PAGE, PAGE]
    assert not has_second_factor(boss)


def test_tokens_from_before_it_was_required_end(boss, settings):
    tokens = tokens_of(boss)
    settings.OWNERS_NEED_SECOND_FACTOR = True

    answers = [me(tokens["access_token"]), send(REFRESH, {"refresh_token": tokens["refresh_token"]})]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_programs_of_owners_need_it_too(boss, required):
    form = {"login": boss.email, "password": PASSWORD}

    answer = Client().post("/api/v1/auth/token/", form, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_missing")
