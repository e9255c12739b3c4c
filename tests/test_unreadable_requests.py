"""An unreadable request is refused at every address: 400 with a sentence, as a page or as JSON, and nothing is done."""

import io

import pytest
from django.test import Client, RequestFactory
from django.utils.datastructures import MultiValueDictKeyError

from accounts.models import User
from checkout.models import Cart
from common.incoming import IncomingMiddleware
from common.json_body import read_json
from orders.models import Order
from products.tests.factories import make_product
from stock.tests.factories import make_shop
from tests.access_matrix import OURS
from tests.addresses import every_address

FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"
PART = b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\nRYE\r\n--x--\r\n'
FILE = PART.replace(b'name="code"', b'name="code"; filename="a.txt"')
UNREADABLE = {
    "charset utf-7": (f"{FORM}; charset=utf-7", b"code=RYE"),
    "charset utf-16": (f"{FORM}; charset=utf-16", b"code=RYE"),
    "charset that is not text": (f"{FORM}; charset=hex", b"code=RYE"),
    "charset unknown": (f"{FORM}; charset=none-such", b"code=RYE"),
    "charset latin": (f"{FORM}; charset=iso-8859-1", b"code=RYE"),
    "charset of parts": (f"{PARTS}; charset=hex", PART),
    "charset of JSON": (f"{JSON}; charset=utf-7", b"{}"),
    "bytes that are not UTF-8": (FORM, b"code=%ff%fe"),
    "NUL": (FORM, b"code=%00"),
    "NUL in a name": (FORM, b"co%00de=RYE"),
    "NUL in a part": (PARTS, PART.replace(b"RYE", b"R\0E")),
    "parts without boundary": ("multipart/form-data", PART),
    "parts with a broken boundary": ("multipart/form-data; boundary=\xe9", PART),
    "a part without end": (PARTS, PART.removesuffix(b"--x--\r\n")),
    "a part that is cut off": (PARTS, PART[:40]),
    "too many fields": (FORM, b"&".join(b"a=" for _ in range(10_001))),
    "too long": (FORM, b"code=" + b"x" * 600_000),
    "parts too long": (PARTS, PART.replace(b"RYE", b"x" * 600_000)),
    "not JSON": (JSON, b"{rows: 1}"),
    "deep JSON": (JSON, b"[" * 40_000),
    "JSON within the stack but too deep": (JSON, b"[" * 40 + b"]" * 40),
    "NaN": (JSON, b'{"rows": NaN}'),
    "infinite": (JSON, b'{"rows": 1e999}'),
    "a number past every column": (JSON, b'{"rows": 1' + b"0" * 18 + b"}"),
    "NUL in JSON": (JSON, b'{"rows": "\\u0000"}'),
    "half a character": (JSON, b'{"rows": "\\ud800"}'),
    "JSON that is not UTF-8": (JSON, '{"rows": "é"}'.encode("latin-1")),
}
NOT_FORMS = {"neither form nor JSON": ("text/csv", b"code,RYE"), "XML": ("application/xml", b"<code/>")}
UPLOADS = {"a file where text is expected": (PARTS, FILE)}


@pytest.fixture
def owner(client):
    """Return a client who is signed in everywhere and whose CSRF tokens are checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss@example.com", "a password that is long"))
    return client


def post(client: Client, path: str, sent: tuple[str, bytes], accept: str = "*/*", **environ: object):
    content_type, body = sent
    headers = {"sec-fetch-site": "same-origin", "accept": accept}
    return client.generic("POST", path, body, content_type=content_type, headers=headers, **environ)


def not_refused(answers: dict[str, int]) -> dict[str, int]:
    """Return the answers that are no refusals; the API names a size and a type that it does not take."""
    return {
        path: status
        for path, status in answers.items()
        if status not in ((400, 413, 415) if path.startswith("/api/") else (400,))
    }


@pytest.mark.django_db
@pytest.mark.parametrize("kind", UNREADABLE)
def test_it_is_refused_at_every_address(owner, kind):
    # A bank's notice is read by its adapter, after the signature: orders/tests/test_webhook.py.
    addresses = [path for path in every_address() if not path.startswith("/payments/")]

    answers = {path: post(owner, path, UNREADABLE[kind]).status_code for path in addresses}

    assert len(addresses) > 250
    assert not_refused(answers) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*NOT_FORMS, *UPLOADS])
def test_files_and_other_types_are_refused_where_no_view_reads_them(owner, kind):
    addresses = [path for path in every_address() if not path.startswith(("/admin/", "/payments/"))]

    answers = {path: post(owner, path, (NOT_FORMS | UPLOADS)[kind]).status_code for path in addresses}

    assert not_refused(answers) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["charset utf-7", "a part without end", "NUL", "too long"])
@pytest.mark.parametrize("path", ["/cart/add/", "/ru/cart/add/", "/admin/products/1/variants/", "/nowhere/"])
def test_scripts_are_answered_in_json_and_people_with_a_page(owner, kind, path):
    page = post(owner, path, UNREADABLE[kind], accept="text/html")
    problem = post(owner, path, UNREADABLE[kind], accept="application/json")

    assert page.headers["Content-Type"].startswith("text/html")
    assert "<h1" in page.content.decode()
    assert problem.headers["Content-Type"] == "application/problem+json"
    details = problem.json()
    assert details["status"] == 400
    assert details["message"] == details["detail"]
    assert details["detail"].endswith(".")
    assert details["detail"] in page.content.decode()


@pytest.mark.django_db
def test_json_is_answered_in_json(owner):
    response = post(owner, "/admin/products/1/variants/", UNREADABLE["deep JSON"])

    assert (response.status_code, response.json()["code"]) == (400, "json")


@pytest.mark.django_db
def test_an_unreadable_request_does_nothing(client):
    make_product(title="Rye", codes=("RYE",), stock={make_shop(): "5"})

    for sent in (UNREADABLE | NOT_FORMS | UPLOADS).values():
        post(client, "/cart/add/", sent)
        post(client, "/checkout/", sent)

    assert not Cart.objects.exists()
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_body_shorter_than_its_length_is_refused(client):
    make_product(title="Rye", codes=("RYE",), stock={make_shop(): "5"})
    answers = []
    for content_type, body in ((FORM, b"code=RYE&quantity=1"), (PARTS, PART), (JSON, b"{}")):
        for length in (str(len(body) + 1), "many", "-1", "9" * 20):
            stream = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": length}
            answers.append(post(client, "/cart/add/", (content_type, body), **stream).status_code)

    assert answers == [400] * 12
    assert not Cart.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["q=%00", "%00=q", "id=%00&p=%00", "&".join(f"a{n}=" for n in range(10_001))])
def test_an_unreadable_query_is_refused_at_every_address(owner, query):
    answers = {path: owner.get(f"{path}?{query}").status_code for path in every_address()}

    assert {path: status for path, status in answers.items() if status != 400} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "page=" + "9" * 40, "after=" + "9" * 4_000, "p=-1", "id=", "shop=%F0%9F"]
)
def test_rubbish_in_a_query_causes_no_server_error(client, query):
    client.raise_request_exception = False

    answers = {path: client.get(f"{path}?{query}").status_code for path in every_address()}

    assert {path: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["id=abc&p=0&ordering=none", "p=" + "9" * 40 + "&id=" + "9" * 40])
def test_rubbish_in_a_query_causes_no_server_error_in_the_admin(owner, query):
    owner.raise_request_exception = False
    paths = [path for path in every_address() if path.startswith("/admin/") and "logout" not in path]

    answers = {path: owner.get(f"{path}?{query}").status_code for path in paths}

    assert {path: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["9" * 40, str(2**31)], ids=len)
def test_a_number_without_a_row_causes_no_server_error(owner, number):
    addresses = [path.replace("/1/", f"/{number}/") for path in every_address() if "/1/" in path]
    owner.raise_request_exception = False

    answers = {path: owner.get(path).status_code for path in addresses}

    assert len(addresses) > 50
    assert {path[:60]: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["9" * 40, "9" * 5_000, str(2**63), str(2**31), "\u0661" * 40], ids=len)
@pytest.mark.parametrize("path", ["/documents/{}/a.pdf", "/admin/pages/{}/edit/", "/admin/products/{}/variants/"])
def test_a_number_without_a_row_is_not_found(owner, path, number):
    assert owner.get(path.format(number)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/%00/", "/products/a%00b/", "/documents/1/%00", "/media/%00", "/c/%00/", "/ru/%00"])
def test_a_nul_in_an_address_is_not_found(owner, path):
    assert owner.get(path).status_code == 404
    assert post(owner, path, (FORM, b"code=RYE")).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/products/%ff%fe/", "/%ff", "/search/%E9", "/orders/%ff/", "/ru/%fe/"])
def test_an_address_that_is_not_text_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sessionid", "cart", "shop", "csrftoken", "messages"])
def test_a_cookie_with_a_nul_is_ignored(name):
    client = Client(headers={"cookie": f'{name}="\\000a"'})

    answers = {row.name: client.get(f"/{row.name}").status_code for row in OURS if "/" in row.name}

    assert client.get("/cart/").status_code == 200
    assert client.get("/accounts/login/").status_code == 200
    assert {status for status in answers.values() if status >= 500} == set()


@pytest.mark.django_db
def test_wagtails_test_of_its_error_page_is_not_found(owner):
    assert owner.get("/admin/failwhale/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "fault"), [("", "MultiValueDictKeyError"), ("?id=abc", "expected a number")])
def test_input_unchecked_by_a_packages_view_is_refused(rf: RequestFactory, query, fault, caplog):
    request = rf.get(f"/{query}")
    with pytest.raises((MultiValueDictKeyError, ValueError)) as raised:
        User.objects.get(pk=request.GET["id"])

    response = IncomingMiddleware(lambda request: None).process_exception(request, raised.value)

    assert response.status_code == 400
    assert fault in caplog.text


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours"), RecursionError(), OverflowError("ours")])
def test_a_fault_of_ours_remains_a_server_error(rf: RequestFactory, error):
    assert IncomingMiddleware(lambda request: None).process_exception(rf.get("/"), error) is None


@pytest.mark.parametrize(
    "body", [b"{}", b'{"rows": [{"key": "\xc3\xa9", "price": "1.25"}], "tax_class": 3}', b"-12", b"1.5"]
)
def test_json_is_read(body):
    assert read_json(body) is not None


@pytest.mark.parametrize("body", [sent[1] for name, sent in UNREADABLE.items() if sent[0] == JSON])
def test_json_that_no_column_can_hold_is_refused(body):
    with pytest.raises(ValueError):
        read_json(body)
