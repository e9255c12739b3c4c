"""Addresses, methods and bodies that the API does not take: problem details with a sentence, never a page."""

import pytest
from django.test import Client

from accounts.tests.factories import make_customer
from api.tests.helpers import ME, TOKEN, tokens_of

pytestmark = pytest.mark.django_db
NO_ADDRESS = "The API has no such address. Check the spelling; every address ends with a slash."
NO_JSON = "Send JSON, and say so: Content-Type: application/json. Nothing was changed."
TOO_MUCH = "That is too much at once: a body has at most 16,000 bytes. Nothing was changed."
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
FILE = b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nq\r\n--x--\r\n'
PARTS = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nq\r\n--x--\r\n'


def problem(response) -> tuple[int, str, str]:
    """Return status, code and sentence of an answer that is what programs expect."""
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies
    told = response.json()
    assert (told["status"], told["type"], told["message"]) == (response.status_code, "about:blank", told["detail"])
    return response.status_code, told["code"], told["detail"]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/png", "*/*"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/auth/me/", "/api/v1/auth/me/1/"])
def test_an_unknown_address(path, method, accept):
    response = getattr(Client(), method)(path, headers={"Accept": accept})

    assert problem(response) == (404, "not_found", NO_ADDRESS)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_missing_slash_is_named_and_not_added(settings, method, debug):
    settings.DEBUG = debug

    response = getattr(Client(), method)(TOKEN.rstrip("/"), headers={"Accept": "text/html"})

    assert debug or problem(response) == (404, "not_found", NO_ADDRESS)
    assert response.status_code == 404


def test_pages_are_still_given_their_slash():
    assert Client().get("/accounts/login")["Location"] == "/accounts/login/"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_an_address_does_not_take(method):
    response = Client().generic(method, TOKEN, b"{}", JSON)

    assert (response.status_code, response["Allow"]) == (405, "POST")
    if method != "HEAD":
        sentence = f"This address takes POST, not {method}. Nothing was changed."
        assert problem(response) == (405, "method_not_allowed", sentence)


def test_all_methods_that_an_address_takes_are_named():
    headers = {"Authorization": f"Bearer {tokens_of(make_customer())['access_token']}"}

    response = Client().post(ME, headers=headers)

    assert problem(response)[2] == "This address takes GET or HEAD, not POST. Nothing was changed."


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"login=a&password=b", FORM),
        (b"<login/>", "text/xml"),
        (b"{}", ""),
        (b"{}", "text/plain"),
        (b"{}", "application/vnd.example+json"),
        (b"{}", "json"),
        (PARTS, "multipart/form-data; boundary=x"),
        (FILE, "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_of_another_kind(body, kind):
    response = Client().generic("POST", TOKEN, body, kind)

    assert problem(response) == (415, "content_type", NO_JSON)


@pytest.mark.parametrize("kind", [JSON, FORM, "text/xml", "multipart/form-data; boundary=x"])
def test_a_body_that_is_too_large(kind):
    response = Client().generic("POST", TOKEN, b"[" * 16_001, kind)

    assert problem(response) == (413, "too_large", TOO_MUCH)


def test_a_body_that_is_no_json():
    response = Client().generic("POST", TOKEN, b"{login", JSON)

    assert problem(response) == (400, "json", "The body is not valid JSON. Nothing was changed.")
