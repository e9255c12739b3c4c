"""The front answers as Django does, with the same bytes, and leaves to it whatever takes thought."""

import io
import runpy

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from common import kept_pages
from common.page_changes.feed import feed
from products.models import Sku
from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
from storefront.front import Front, find_answer

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, br"}


@pytest.fixture
def django(monkeypatch) -> WSGIHandler:
    # After each request Django would close the connection of the test.
    monkeypatch.setattr(connections["default"], "close_if_unusable_or_obsolete", lambda: None)
    return WSGIHandler()


@pytest.fixture
def path(settings) -> str:
    # In tests the feed is asked for each request.
    settings.PAGE_FEED_SECONDS = 60
    make_tree()
    page = make_product("Rye", codes=("RYE",), stock={make_shop(): "9"}, categories=[make_category("Bread")])
    return page.url


def environ(path: str, method: str = "GET", query: str = "", **headers: str) -> dict:
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver",
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.7",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), **GZIP, **headers,
    }  # fmt: skip


def ask(application, asked: dict) -> tuple[str, list, bytes]:
    told = []
    answer = application(asked, lambda status, headers, _error=None: told.extend([status, sorted(headers)]))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return told[0], told[1], body


def asleep(_environ, _start_response):
    raise AssertionError("Django was asked")


def etag_of(answer: tuple) -> str:
    return dict(answer[1])["ETag"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_answer_is_the_one_that_django_gave(path, django, method):
    ask(django, environ(path))
    told = ask(django, environ(path, method))

    assert told[0] == "200 OK"
    assert ask(Front(asleep), environ(path, method)) == told


def test_a_page_that_is_known_is_not_sent_again(path, django):
    etag = etag_of(ask(django, environ(path)))
    told = ask(django, environ(path, HTTP_IF_NONE_MATCH=etag))

    assert told[0] == "304 Not Modified"
    assert ask(Front(asleep), environ(path, HTTP_IF_NONE_MATCH=etag)) == told


def test_parameters_that_no_page_reads_are_no_reason_to_ask(path, django):
    told = ask(django, environ(path))

    assert ask(Front(asleep), environ(path, query="utm_source=letter")) == told


@pytest.mark.parametrize(
    "changes",
    [
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "OPTIONS"},
        {"CONTENT_LENGTH": "3"},
        {"CONTENT_TYPE": "text/plain; charset=utf-7"},
        {"HTTP_COOKIE": "cart=1"},
        {"HTTP_COOKIE": "a=b; sessionid=2"},
        {"HTTP_ACCEPT_ENCODING": ""},
        {"HTTP_ACCEPT_ENCODING": "gzip;q=0"},
        {"HTTP_IF_NONE_MATCH": '"another"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MODIFIED_SINCE": "Sat, 28 Nov 2026 09:00:00 GMT"},
        {"HTTP_IF_MATCH": '"another"'},
        {"HTTP_HOST": "another.example"},
        {"HTTP_X_FORWARDED_HOST": "another.example"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"wsgi.url_scheme": "https"},
        {"QUERY_STRING": "sku=RYE"},
        {"QUERY_STRING": "sku=%00"},
        {"QUERY_STRING": "q=" + "x" * 2000},
        {"PATH_INFO": ""},
        {"SCRIPT_NAME": "/x"},
        {"HTTP_HOST": ""},
        {"PATH_INFO": "/products/r\xc3\xbcgen/"},
    ],
    ids=lambda changes: "=".join(next(iter(changes.items())))[:40],
)
def test_what_takes_thought_is_left_to_django(path, django, changes):
    for method in ("GET", "HEAD"):
        ask(django, environ(path, method))

    assert find_answer({**environ(path), **changes}) is None


def test_nothing_is_answered_when_somebody_has_to_ask(path, django, monkeypatch):
    ask(django, environ(path))
    assert find_answer(environ(path)) is not None

    monkeypatch.setattr(feed, "_asked", feed._asked - 60)

    assert find_answer(environ(path)) is None


def test_a_page_that_has_changed_is_not_answered(path, django):
    ask(django, environ(path))
    page = Sku.objects.get(code="RYE").product.pages.get()
    page.title = "Rye, sliced"
    page.save_revision().publish()
    # As another request would find out.
    feed.current(at_once=True)

    assert find_answer(environ(path)) is None
    assert b"Rye, sliced" in ask(django, environ(path, HTTP_ACCEPT_ENCODING="identity"))[2]


def test_nothing_is_answered_when_nothing_is_kept(path, django, settings):
    ask(django, environ(path))

    settings.PAGES_KEPT = False

    assert find_answer(environ(path)) is None


@pytest.mark.parametrize("forwarded", ["https", "http", "https, http"])
def test_behind_a_proxy_of_ours_the_scheme_is_the_one_it_names(path, django, settings, forwarded):
    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    asked = {"HTTP_X_FORWARDED_PROTO": forwarded, "HTTP_X_FORWARDED_FOR": "203.0.113.5"}
    told = ask(django, environ(path, **asked))

    assert ask(Front(asleep), environ(path, **asked)) == told
    other = "http" if forwarded.startswith("https") else "https"
    assert find_answer(environ(path, **{**asked, "HTTP_X_FORWARDED_PROTO": other})) is None


def test_a_new_page_counts_as_read_when_the_front_answers(path, django):
    ask(django, environ(path))
    trial = len(kept_pages.store._trial)

    ask(Front(asleep), environ(path))

    assert len(kept_pages.store._trial) == trial - 1


def test_no_header_says_where_the_shop_is_mounted():
    """Links of kept pages would lead there for everybody: gunicorn believes SCRIPT_NAME from a proxy beside it."""
    config = Config()
    for name, value in runpy.run_path("deploy/gunicorn.conf.py").items():
        if name in config.settings:
            config.set(name, value)
    sent = b"GET /products/ HTTP/1.1\r\nHost: shop.example\r\nSCRIPT_NAME: /x\r\nPATH_INFO: /y\r\n\r\n"

    def headers(settings: Config) -> set[str]:
        return {name for name, _ in Request(settings, IterUnreader([sent]), ("127.0.0.1", 1)).headers}

    assert headers(config) == {"HOST"}
    assert headers(Config()) == {"HOST", "SCRIPT_NAME", "PATH_INFO"}
