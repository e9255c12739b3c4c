"""Forty forged tokens and more, sent to a running shop; and what a reader lets in that leaves one check out."""

import time

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt import internal
from django.test import Client

from accounts import signing_key, tokens
from accounts.models import UserSession
from accounts.tests.factories import make_customer
from api.tests.forged import Forger, bearer, cases, make_forger
from api.tests.helpers import ME
from tests.races.harness import Answer, running

pytestmark = pytest.mark.django_db(transaction=True)
CASES = dict(cases())


@pytest.fixture
def forger():
    return make_forger()


def sent_to(shop, case: dict) -> Answer:
    query = "&".join(f"{name}={value}" for name, value in case.get("query_params", {}).items())
    return shop.ask(shop.request("GET", f"{ME}?{query}" if query else ME, case.get("headers", {})))


def test_a_running_shop_refuses_all_of_them(tmp_path, settings, monkeypatch):
    # The shop signs and reads with the key that the test has; its clock is the test's.
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "jwt.pem").write_text(signing_key.pem())
    with running(tmp_path, workers=2, threads=8, offset=0) as shop:
        settings.SITE_URL = shop.environment["SITE_URL"]
        forger = make_forger()

        true = sent_to(shop, bearer(forger.access)).status
        answers = {name: sent_to(shop, case(forger)) for name, case in CASES.items()}

        assert true == 200
        assert len(answers) >= 40
        assert {name: answer.status for name, answer in answers.items() if answer.status != 401} == {}
        assert not [name for name, answer in answers.items() if answer.cookies]
        began = time.monotonic()
        UserSession.objects.filter(is_app=True).delete()
        assert sent_to(shop, bearer(forger.access)).status == 401
        assert time.monotonic() - began < 5
        print(f"Forged tokens: {len(answers)} sent, {len(answers)} refused")  # noqa: T201


def entering(forger: Forger, names: set[str]) -> set[str]:
    return {name for name in names if Client().get(ME, **CASES[name](forger)).status_code == 200}


def unsigned(token: str, use: str):
    try:
        return jwt.decode(token, options={"verify_signature": False, "verify_exp": True, "verify_aud": False})
    except jwt.PyJWTError:
        return None


def any_use(token: str, use: str):
    config = internal._get_jwt_config()
    try:
        return jwt.decode(token, config.verifying_key, algorithms=["RS256"], options={"verify_aud": False})
    except jwt.PyJWTError:
        return None


@pytest.mark.parametrize(
    ("careless", "let_in"),
    [
        (unsigned, {"alg none", "another key", "HS256 by our public key", "the signature taken off"}),
        (any_use, {"the refresh token", "of another use", "of no use"}),
    ],
)
def test_control_a_reader_without_one_check_lets_some_in(forger, monkeypatch, careless, let_in):
    monkeypatch.setattr(internal, "decode_token", careless)

    assert entering(forger, let_in) == let_in


def test_control_a_reader_that_believes_any_audience_lets_some_in(forger, monkeypatch):
    monkeypatch.setattr(tokens, "read", internal.decode_token)

    let_in = {"for another audience", "of another issuer", "without an end"}
    assert entering(forger, let_in) == let_in


def test_control_a_reader_that_asks_for_no_session_lets_ended_tokens_in(forger, monkeypatch):
    monkeypatch.setattr(tokens, "person_in", lambda session, payload: make_customer())

    assert entering(forger, {"of another person"}) == {"of another person"}
