"""In production the site has an API once there is a key for its tokens, and does not start with one it cannot use."""

import pytest

from accounts.tests.test_signing_key import GOOD
from tests.test_house import manage

ASK = (
    "from django.urls import resolve, Resolver404\n"
    "try: print(resolve('/api/v1/auth/token/').view_name)\n"
    "except Resolver404: print('none')"
)


@pytest.mark.parametrize(
    ("key", "answer"),
    [("", "wagtail_serve"), (" ", "wagtail_serve"), (GOOD, "api:token")],
    ids=["no key", "a blank", "a key"],
)
def test_the_api_exists_once_there_is_a_key(tmp_path, key, answer):
    result = manage("shell", "--no-imports", "-v0", "-c", ASK, VAR_DIR=str(tmp_path), JWT_PRIVATE_KEY=key)

    assert result.stdout.split() == [answer], result.stderr
    assert not (tmp_path / "keys").exists()


def test_a_key_that_cannot_sign_stops_the_start():
    result = manage("check", JWT_PRIVATE_KEY="/no/such/file")

    assert result.returncode == 1
    assert result.stderr.startswith("JWT_PRIVATE_KEY has a value that cannot be used.")
    assert len(result.stderr.splitlines()) == 1
