"""Whole public pages kept in the process as compressed bytes, and what every public page is sent with.

Only what the law of public pages declares to be the same for everybody is kept (common/public_pages.py).
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from common.page_changes.feed import feed

LONGEST_QUERY, MOST_PARAMETERS = 1000, 50
# What was asked for once may take this share: a robot with a thousand searches drives out no page that is read.
SEEN_ONCE_SHARE = 0.25
# The demo's home page takes 8.3 KB at 5 and 7.8 at 6, for a tenth of a millisecond more.
COMPRESSION = 6
# Set anew for each answer.
_OWN_HEADERS = frozenset({"content-length", "content-encoding", "vary", "etag"})
_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")
# Who has one of these may have changed something, and is to see it at once.
COOKIES_OF_CHANGERS = ("sessionid", "cart")

Key = tuple[str, ...]
Reads = Callable[[str], bool]
_parameters: set[str] = set()
_rules: list[Reads] = []


def reads_parameters(*names: str) -> None:
    """Declare parameters that public pages read; all others make no difference to a page."""
    _parameters.update(names)


def reads_parameters_like(rule: Reads) -> Reads:
    """Register the decorated rule: whether public pages read a parameter of this name."""
    if rule not in _rules:
        _rules.append(rule)
    return rule


def read_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the parameters of a request that public pages read, as Django has understood them."""
    return [(name, text) for name, texts in request.GET.lists() for text in texts if _is_read(name)]


def _is_read(name: str) -> bool:
    return name in _parameters or any(rule(name) for rule in _rules)


def _pairs(query: str) -> list[tuple[str, str]]:
    """Return the same without Django's help. Raises ValueError for what is too long or no text."""
    if not query:
        return []
    if len(query) > LONGEST_QUERY:
        raise ValueError("too long to be looked up")
    pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    if any("\0" in text for pair in pairs for text in pair):
        raise ValueError("a NUL is no text")
    return [pair for pair in pairs if _is_read(pair[0])]


@dataclass(frozen=True)
class Answer:
    """What a page was answered with, as a WSGI server takes it."""

    status: str
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Page:
    """A page ready to be sent: compressed, with its headers; fresh while no tag changed after `made`.

    `answers` are those that it was sent with, by the kind of request (see `kind_of`).
    """

    body: bytes
    length: int
    headers: Mapping[str, str]
    etag: str
    tags: frozenset[str] = frozenset()
    made: int = 0
    answers: dict[str, Answer] = field(default_factory=dict, compare=False)

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        words = sum(len(name) + len(value) for name, value in self.headers.items()) + sum(map(len, self.tags))
        return len(self.body) + words + 6000


class Store:
    """Pages by key, at most so many bytes; the least recently used go first.

    A new page is on trial until it is asked for again.
    """

    def __init__(self) -> None:
        self._trial: OrderedDict[Key, Page] = OrderedDict()
        self._proven: OrderedDict[Key, Page] = OrderedDict()
        self._sizes = {id(self._trial): 0, id(self._proven): 0}
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Return how many bytes are taken."""
        return sum(self._sizes.values())

    def __len__(self) -> int:
        return len(self._trial) + len(self._proven)

    def __contains__(self, key: Key) -> bool:
        return key in self._proven or key in self._trial

    def get(self, key: Key) -> Page | None:
        """Return the page, None when it is not kept or no longer fresh."""
        page = self._proven.get(key) or self._trial.get(key)
        if page is None:
            return None
        with self._lock:
            if not feed.is_fresh(page.tags, page.made):
                self._drop(key)
                return None
            if key in self._proven:
                self._proven.move_to_end(key)
            elif key in self._trial:
                self._remove(self._trial, key)
                self._put(self._proven, key, page, settings.PAGES_KEPT_BYTES)
        return page

    def put(self, key: Key, page: Page) -> None:
        """Keep a page."""
        with self._lock:
            was_proven = key in self._proven
            self._drop(key)
            most = settings.PAGES_KEPT_BYTES
            if was_proven:
                self._put(self._proven, key, page, most)
            else:
                self._put(self._trial, key, page, int(most * SEEN_ONCE_SHARE))

    def clear(self) -> None:
        """Drop every page."""
        with self._lock:
            for pages in (self._trial, self._proven):
                pages.clear()
                self._sizes[id(pages)] = 0

    def _drop(self, key: Key) -> None:
        for pages in (self._trial, self._proven):
            if key in pages:
                self._remove(pages, key)

    def _remove(self, pages: OrderedDict[Key, Page], key: Key) -> None:
        self._sizes[id(pages)] -= pages.pop(key).size

    def _put(self, pages: OrderedDict[Key, Page], key: Key, page: Page, most: int) -> None:
        pages[key] = page
        self._sizes[id(pages)] += page.size
        while pages and (self._sizes[id(pages)] > most or self.size > settings.PAGES_KEPT_BYTES):
            self._remove(pages, next(iter(pages)))


store = Store()


def key_of(scheme: str, path: str, meta: Mapping[str, Any]) -> Key | None:
    """Return what the page of a request is kept under, None for one that is not looked up.

    Parameters that no page reads are left out; what cannot be read as text is left to those who refuse it.
    """
    try:
        pairs = _pairs(meta.get("QUERY_STRING", ""))
    except ValueError:
        return None
    if meta.get("HTTP_HOST") == "":
        # Refused, unlike a request without the header.
        return None
    host, forwarded = meta.get("HTTP_HOST", ""), meta.get("HTTP_X_FORWARDED_HOST", "")
    # Where the shop is mounted stands in every link.
    root = meta.get("SCRIPT_NAME", "")
    return (scheme, host, forwarded, root, path, *(text for pair in pairs for text in pair))


def is_looked_up(request: HttpRequest) -> bool:
    """Return whether this request may be answered with a kept page: nothing stands in it that has to be read first.

    Wagtail sends a preview through the middleware as a request for the live page's address.
    """
    return not getattr(request, "is_dummy", False) and is_simple(request.META)


def is_simple(meta: Mapping[str, Any]) -> bool:
    """Return whether a request asks for a page and brings nothing along."""
    is_plain = meta.get("CONTENT_LENGTH") in (None, "", "0") and "charset" not in meta.get("CONTENT_TYPE", "")
    return meta["REQUEST_METHOD"] in ("GET", "HEAD") and is_plain


def kind_of(meta: Mapping[str, Any], etag: str) -> str | None:
    """Return which of a page's answers a request gets if that takes no thought, None if it does."""
    if not accepts_gzip(meta.get("HTTP_ACCEPT_ENCODING", "")) or any(name in meta for name in _CONDITIONS):
        return None
    known = meta.get("HTTP_IF_NONE_MATCH")
    if known is None:
        return meta["REQUEST_METHOD"]
    return "unchanged" if known == etag else None


@lru_cache(maxsize=200)
def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding allows gzip: `gzip;q=0` refuses it, `*` includes it."""
    allowed: dict[str, bool] = {}
    for part in header.lower().split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=") or "1"
        allowed[coding.strip()] = weight.strip("0.") != ""
    return allowed.get("gzip", allowed.get("*", False))


def freeze(response: HttpResponse, tags: frozenset[str] = frozenset(), made: int = 0) -> Page:
    """Return an answer as it is kept and sent."""
    headers = {name: value for name, value in response.items() if name.lower() not in _OWN_HEADERS}
    # Weak: the compressed bytes and the plain ones have the same.
    etag = f'W/"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    body = gzip.compress(response.content, COMPRESSION, mtime=0)
    return Page(body, len(response.content), headers, etag, tags, made)


def thaw(request: HttpRequest, page: Page) -> HttpResponse:
    """Return the answer to this request: 304, compressed or plain; for HEAD without the body."""
    is_compressed = accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    response = HttpResponse(headers={**page.headers, "ETag": page.etag, "Vary": "Accept-Encoding"})
    not_modified = get_conditional_response(request, etag=page.etag, response=response)
    if not_modified is not None and not_modified is not response:
        return not_modified
    if request.method != "HEAD":
        response.content = page.body if is_compressed else gzip.decompress(page.body)
    if is_compressed:
        response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(page.body) if is_compressed else page.length)
    return response


def answer_with(request: HttpRequest, page: Page) -> HttpResponse:
    """Answer with a page and remember how, for the next such request (storefront/front.py)."""
    response = thaw(request, page)
    kind = kind_of(request.META, page.etag)
    if kind is not None and kind not in page.answers:
        status = f"{response.status_code} {response.reason_phrase}"
        page.answers[kind] = Answer(status, tuple(response.items()), response.content)
    return response


def current_epoch(request: HttpRequest) -> int | None:
    """Return what the feed says now; who may have changed something is not told what it said before."""
    return feed.current(at_once=_may_have_changed_something(request))


def begin_to_draw(request: HttpRequest) -> int | None:
    """Return the same at the moment from which the page of a request is read."""
    return feed.begin(at_once=_may_have_changed_something(request))


def _may_have_changed_something(request: HttpRequest) -> bool:
    return any(name in request.COOKIES for name in COOKIES_OF_CHANGERS)


def look_up(request: HttpRequest, key: Key) -> Page | None:
    """Return the page of a request if it is kept and fresh. The feed is asked only when there is one."""
    return store.get(key) if key in store and current_epoch(request) is not None else None
