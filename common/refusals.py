"""Answers given outside views: a sentence in the shop's words, as a page or as JSON, without a query."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language

logger = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
SCRIPTS = ("fetch", "XMLHttpRequest")
API = "/api/"


@dataclass(frozen=True)
class Refusal:
    """An answer: `code` is stable and for machines, `heading` and `sentence` are for people.

    `members` stand beside them in problem details.
    """

    status: int
    code: str
    heading: str
    sentence: str
    retry_after: int | None = None
    members: Mapping[str, object] = field(default_factory=dict)


def wants_json(request: HttpRequest) -> bool:
    """Return whether a script asks: one of ours, one that sends JSON or prefers it to a page, any at the API."""
    if request.path_info.startswith(API):
        return True
    if request.headers.get("X-Requested-With") in SCRIPTS or (request.content_type or "").endswith("json"):
        return True
    return request.get_preferred_type(["text/html", "application/json", PROBLEM]) in ("application/json", PROBLEM)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the refusal as problem details (RFC 9457) or as a page that no cache keeps."""
    response = _problem(refusal) if wants_json(request) else _page(refusal)
    response.headers["Cache-Control"] = "private, no-store"
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _problem(refusal: Refusal) -> HttpResponse:
    """Return problem details; `message` repeats the sentence under the name the shop's own scripts read."""
    details: dict[str, object] = {
        "type": "about:blank",
        "title": refusal.heading,
        "status": refusal.status,
        "detail": refusal.sentence,
        "code": refusal.code,
        "message": refusal.sentence,
    }
    details |= refusal.members
    if refusal.retry_after is not None:
        details["retry_after"] = refusal.retry_after
    return JsonResponse(details, status=refusal.status, content_type=PROBLEM)


def _page(refusal: Refusal) -> HttpResponse:
    context = {"refusal": refusal, "language": get_language()}
    try:
        html: str = render_to_string("refused.html", context)
    except ValueError:
        # Static files were not collected: the sentence must reach the visitor all the same.
        logger.exception("Could not draw the page of a refusal")
        html = f"<!doctype html><h1>{escape(refusal.heading)}</h1><p>{escape(refusal.sentence)}</p>"
    return HttpResponse(html, status=refusal.status)
