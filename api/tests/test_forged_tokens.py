"""A token that is not ours, not for this, or not good any more opens nothing."""

import pytest
from django.test import Client

from accounts.models import UserSession
from accounts.tests.factories import make_customer
from api.tests.forged import Forger, bearer, cases, make_forger
from api.tests.helpers import LOGOUT, ME, REFRESH, me, send, tokens_of

pytestmark = pytest.mark.django_db
CASES = dict(cases())


@pytest.fixture
def forger():
    return make_forger()


def test_there_are_enough_of_them():
    assert len(CASES) >= 40


def test_the_true_token_opens(forger):
    assert Client().get(ME, **bearer(forger.access)).status_code == 200


def test_a_token_that_is_signed_again_unchanged_opens(forger):
    """So that what is changed below is what is refused."""
    assert Client().get(ME, **bearer(forger.ours_with())).status_code == 200


@pytest.mark.parametrize("name", CASES)
def test_a_forged_token_opens_nothing(forger, name):
    before = UserSession.objects.count()

    seen = Client().get(ME, **CASES[name](forger))
    ended = Client().post(LOGOUT, {}, content_type="application/json", **CASES[name](forger))

    assert (seen.status_code, ended.status_code) == (401, 401)
    assert seen["WWW-Authenticate"] == "Bearer"
    assert seen["Content-Type"] == "application/problem+json"
    assert seen.json()["code"] in ("invalid_token", "token_required")
    assert "mira" not in seen.content.decode().lower()
    assert not seen.cookies
    assert UserSession.objects.count() == before
    assert me(forger.access).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1}, {"aud": "another"}, {"iss": "https://evil.example"}, {"token_use": "access"}, {"sub": "0"},
        {"sid": "%%%"}, {"jti": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_refresh_token_gives_nothing(change):
    tokens = tokens_of(make_customer())
    forger = Forger(tokens["refresh_token"], "", "", "")

    response = send(REFRESH, {"refresh_token": forger.ours_with(**change)})

    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


def test_an_access_token_refreshes_nothing(forger):
    response = send(REFRESH, {"refresh_token": forger.access})

    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert me(forger.access).status_code == 200
