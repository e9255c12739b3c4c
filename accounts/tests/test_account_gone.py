"""An account deleted in another tab, while this one was saving something: signed out, told so, nothing saved."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Address, AuditEntry, User
from accounts.services.erase import erase_account
from accounts.services.lock import AccountGone, lock_account
from accounts.services.passwords import choose_password
from accounts.tests.factories import PASSWORD, code_of_secret, give_second_factor, make_address, make_customer
from accounts.tests.helpers import is_signed_in, sign_in
from tests.sources import sources

pytestmark = pytest.mark.django_db
TOLD = "This account has been deleted. Nothing was saved."
NEW = "another long passphrase"
ADDRESS = {"street": "Rokin 3", "city": "Amsterdam"}
POSTS = {
    "profile": ("/account/profile/", {"name": "Mila", "language": "en"}),
    "news": ("/account/profile/news/", {"news": "yes"}),
    "new address": ("/account/addresses/new/", ADDRESS),
    "address": ("/account/addresses/{address}/", ADDRESS),
    "remove address": ("/account/addresses/{address}/remove/", {}),
    "phone": ("/account/phone/", {"phone": "06 12345679"}),
    "phone code": ("/account/phone/code/", {}),
    "email": ("/accounts/email/", {"action_add": "", "email": "new@example.com"}),
    "password": ("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW}),
    "second step": ("/accounts/2fa/on/", {"code": "{code}"}),
    "download": ("/account/privacy/download/", {"form": "json"}),
}


@pytest.fixture
def mira():
    return make_customer(email="mira@example.com", phone="+31612345678")


def in_a_tab(user) -> tuple[Client, dict[str, str]]:
    """Return a browser in which a person has just given the password, and what its forms hold."""
    client = Client()
    sign_in(client, user.email, PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', client.get("/accounts/2fa/on/").content.decode())
    code = code_of_secret(shown[1].replace(" ", "")) if shown else ""
    return client, {"address": str(make_address(user).public_id), "code": code}


@contextlib.contextmanager
def deleted_meanwhile(user, at) -> Iterator[None]:
    """Delete the account when a service is about to lock it: after the request was let in, in the same transaction."""
    seen = []

    def delete_first(execute, sql, params, many, context):
        if not seen and "accounts_user" in sql and sql.rstrip().endswith("UPDATE"):
            seen.append(sql)
            User.objects.filter(pk=user.pk).update(erased_at=at, is_active=False)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        yield
    assert seen, "nobody locked the account"


@pytest.mark.parametrize("name", POSTS)
def test_the_person_is_signed_out_and_told(mira, at, settings, name):
    settings.SMS_SENDER = "console"
    client, held = in_a_tab(mira)
    before, path = User.objects.values().get(), POSTS[name][0].format(**held)
    entries = AuditEntry.objects.count()
    posted = {key: value.format(**held) for key, value in POSTS[name][1].items()}

    with deleted_meanwhile(mira, at):
        answer = client.post(path, posted)

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert not is_signed_in(client)
    assert TOLD in client.get("/accounts/login/").content.decode()
    after = User.objects.values().get()
    assert {key: after[key] for key in before} | {"erased_at": None, "is_active": True} == before
    assert AuditEntry.objects.count() == entries
    assert list(Address.objects.values_list("street", flat=True)) == ["Singel 1"]


def test_another_app_for_the_second_step_is_refused_in_the_same_way(mira, at):
    client, _held = in_a_tab(mira)
    give_second_factor(mira)
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)<', client.get("/accounts/2fa/another/").content.decode())

    with deleted_meanwhile(mira, at):
        answer = client.post("/accounts/2fa/another/", {"code": code_of_secret(shown[1].replace(" ", ""))})

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")


def test_a_link_to_a_new_password_signs_nobody_else_out(mira, client, at, monkeypatch):
    other = make_customer()
    client.force_login(other)
    monkeypatch.setattr(
        "accounts.mine_views.change_profile", lambda **_: choose_password(user=mira, password=NEW, at=at)
    )
    erase_account(user_id=mira.pk, at=at)

    answer = client.post("/account/profile/", {"name": "Mila", "language": "en"})

    assert answer.status_code == 303
    assert client.session["_auth_user_id"] == str(other.pk)


def test_an_account_that_never_was_is_gone_too():
    with pytest.raises(AccountGone):
        lock_account(0)


def test_no_service_fails_on_a_deleted_account():
    """A `get` of an account that is not deleted raises DoesNotExist, which nobody answers."""
    found = [source.path.name for source in sources() if re.search(r"\.get\([^)]*erased_at=None", source.text)]

    assert found == []
