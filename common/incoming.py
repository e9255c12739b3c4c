"""Reading requests: one that cannot be read is refused before anybody acts on it.

Encoding, sizes, parts, JSON, cookies and numbers in addresses are checked in one place, so that every view can rely
on getting text, numbers and files. REQUEST_LIMITS sets the sizes for each address.
"""

import http
import json
import logging
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.paginator import InvalidPage
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.translation import gettext, gettext_lazy

from common.errors import DomainError
from common.json_body import MAX_DIGITS, read_json
from common.limits import Limits
from common.refusals import API, Refusal, answer

logger = logging.getLogger(__name__)

URLENCODED, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
# ASCII is UTF-8 as well.
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
BIGGEST = 2**63 - 1
SEND_JSON = gettext_lazy("Send JSON, and say so: Content-Type: application/json. Nothing was changed.")
# Value out of range, text too long, character not in the encoding, character that cannot be converted.
_BAD_VALUES = frozenset({"22003", "22001", "22021", "22P05"})


class Unreadable(DomainError):
    """A request that no view can read."""

    code = "unreadable"


class IncomingMiddleware:
    """Refuse unreadable requests with 400; nothing behind this middleware sees them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404("no address has a NUL")
        try:
            check_request(request)
        except Unreadable as error:
            return refuse(request, error)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]) -> None:
        """Answer 404 to a number in the address that no row can have."""
        is_counted = request.resolver_match is not None and r"\d" in request.resolver_match.route
        for value in (*args, *kwargs.values()):
            if isinstance(value, int) and value > BIGGEST:
                raise Http404("no row has this number")
            if is_counted and isinstance(value, str) and value.isdigit() and len(value) > MAX_DIGITS:
                raise Http404("no row has this number")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Refuse input that a view, usually a third-party one, did not check and could not use."""
        if not is_input_fault(error):
            return None
        logger.warning("%s could not use what was sent", request.path, exc_info=error)
        return answer(request, unreadable())


def unreadable(code: str = "unreadable", sentence: str = "") -> Refusal:
    """Return the refusal of a request that cannot be read."""
    sentence = sentence or gettext(
        "Something that was sent could not be read. Nothing was changed. Go back and try again."
    )
    return Refusal(400, code, gettext("We could not read that"), sentence)


def refuse(request: HttpRequest, error: Unreadable) -> HttpResponse:
    """Answer a request that cannot be read, and say in the log which and why."""
    logger.warning("Unreadable request to %s: %s", request.path, error.code)
    if request.path_info.startswith(API):
        return answer(request, unreadable_by_api(error))
    return answer(request, unreadable(error.code, error.message))


def unreadable_by_api(error: Unreadable) -> Refusal:
    """Return the refusal in the API's words, which are for those who write programs."""
    if error.code == "too_large":
        sentence = gettext("That is too much at once: a body has at most %(most)s bytes. Nothing was changed.")
        return in_words(413, error.code, sentence % {"most": f"{limits_of(API).body:,}"})
    if error.code in ("content_type", "file"):
        return in_words(415, "content_type", str(SEND_JSON))
    if error.code == "json":
        return in_words(400, error.code, gettext("The body is not valid JSON. Nothing was changed."))
    return in_words(400, error.code, error.message)


def in_words(status: int, code: str, sentence: str) -> Refusal:
    """Return a refusal whose title is what HTTP calls its status."""
    return Refusal(status, code, http.HTTPStatus(status).phrase, sentence)


def check_request(request: HttpRequest) -> None:
    """Read a request's query, cookies and body. Raises Unreadable."""
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if charset.strip("\"'").lower() not in CHARSETS:
        raise _not_utf8()
    _drop_broken_cookies(request)
    try:
        _refuse_nul(request.GET)
    except SuspiciousOperation as error:
        raise Unreadable(gettext("The address has too many parameters. Nothing was changed."), code="query") from error
    if request.method in ("POST", "PUT", "PATCH", "DELETE"):
        _check_body(request, limits_of(request.path_info))


def limits_of(path: str) -> Limits:
    """Return the limits of an address, by the first prefix that matches."""
    return next(limits for prefix, limits in settings.REQUEST_LIMITS if path.startswith(prefix))


def _drop_broken_cookies(request: HttpRequest) -> None:
    """Ignore cookies we cannot have set; refusing them would lock the browser out."""
    for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
        del request.COOKIES[name]


def _check_body(request: HttpRequest, limits: Limits) -> None:
    length = _length(request)
    if not length:
        return
    if length > (limits.upload or limits.body if request.content_type == MULTIPART else limits.body):
        raise _too_much()
    if limits.any_type:
        return
    if request.content_type in (URLENCODED, MULTIPART):
        _check_form(request, length, limits)
        if limits.only_json and request.POST:
            raise Unreadable(str(SEND_JSON), code="content_type")
    elif request.content_type == JSON or (request.content_type or "").endswith("+json"):
        _check_json(_whole_body(request, length))
    else:
        raise Unreadable(gettext("We cannot read this kind of content. Nothing was changed."), code="content_type")


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise Unreadable(gettext("The length of what was sent is not a number. Nothing was changed."), code="length")
    return int(text)


def _whole_body(request: HttpRequest, length: int) -> bytes:
    """Return the whole body. Raises Unreadable when it was cut off on its way."""
    try:
        body = request.body
    except SuspiciousOperation as error:
        raise _too_much() from error
    except UnreadablePostError as error:
        raise _cut_off() from error
    if len(body) != length:
        raise _cut_off()
    return body


def _check_form(request: HttpRequest, length: int, limits: Limits) -> None:
    if request.content_type == URLENCODED or request.method != "POST":
        _check_encoding(_whole_body(request, length))
    else:
        _watch_upload(request, length)
    try:
        fields = request.POST
    except SuspiciousOperation as error:
        raise _too_much() from error
    except UnreadablePostError as error:
        raise _cut_off() from error
    except (BadRequest, MultiPartParserError, LookupError, ValueError) as error:
        raise Unreadable(unreadable().sentence) from error
    if request.FILES and not limits.upload:
        raise Unreadable(gettext("No file can be sent here. Nothing was changed."), code="file")
    _refuse_nul(fields)


def _check_encoding(body: bytes) -> None:
    """Refuse bytes that are not UTF-8: Django would store a replacement character for them."""
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _check_json(body: bytes) -> None:
    try:
        read_json(body)
    except ValueError as error:
        raise Unreadable(unreadable().sentence, code="json") from error


def _watch_upload(request: HttpRequest, length: int) -> None:
    """Make Django's parser report a missing end; on its own it takes a broken upload for a whole one."""
    parse = request.parse_file_upload

    def parse_whole(meta: dict[str, Any], data: Any) -> Any:
        watched = _Watched(data)
        parsed = parse(meta, cast(Any, watched))
        closing = b"--" + str((request.content_params or {}).get("boundary", "")).encode("latin-1", "replace") + b"--"
        if watched.count != length or closing not in watched.tail:
            raise _cut_off()
        return parsed

    # The parser is looked up on the request.
    request.parse_file_upload = parse_whole  # type: ignore[method-assign, assignment]


class _Watched:
    """A stream that records how much was read and how it ended."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.count = 0
        self.tail = b""

    def read(self, *size: int) -> bytes:
        chunk = self.stream.read(*size)
        self.count += len(chunk)
        self.tail = (self.tail + chunk)[-512:]
        return chunk


def _refuse_nul(fields: Any) -> None:
    if any("\0" in text for name, values in fields.lists() for text in (name, *values)):
        raise Unreadable(unreadable().sentence, code="nul")


def _not_utf8() -> Unreadable:
    return Unreadable(gettext("We can read text in UTF-8 only. Nothing was changed."), code="charset")


def _too_much() -> Unreadable:
    return Unreadable(
        gettext("That is too much at once. Nothing was changed. Go back and send less."), code="too_large"
    )


def _cut_off() -> Unreadable:
    return Unreadable(
        gettext("What was sent did not arrive whole. Nothing was changed. Go back and try again."), code="cut_off"
    )


def is_input_fault(error: BaseException) -> bool:
    """Return whether a view failed because of its input: a missing field, broken JSON, a value too large to store."""
    if isinstance(error, MultiValueDictKeyError | RawPostDataException | InvalidPage | json.JSONDecodeError):
        return True
    if isinstance(error, RecursionError):
        return _raised_in_json(error)
    if isinstance(error, DataError):
        return getattr(error.__cause__, "pgcode", None) in _BAD_VALUES
    if isinstance(error, OverflowError):
        return "SQLite INTEGER" in str(error)
    if isinstance(error, UnicodeEncodeError):
        return "surrogates not allowed" in error.reason
    return isinstance(error, ValueError) and ("NUL (0x00)" in str(error) or "expected a number but got" in str(error))


def _raised_in_json(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("json.")
