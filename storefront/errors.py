"""Error pages for requests that no view answers: handler400, handler404, handler500."""

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.defaults import page_not_found

from common.incoming import in_words, unreadable
from common.outages import outage_of
from common.refusals import API, Refusal, answer, wants_json


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refused: a forged host, a path outside its folder."""
    return answer(request, unreadable())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the shop's "page not found"; answer scripts in JSON."""
    if request.path_info.startswith(API):
        sentence = gettext("The API has no such address. Check the spelling; every address ends with a slash.")
        return answer(request, in_words(404, "not_found", sentence))
    if not wants_json(request):
        return page_not_found(request, exception)
    sentence = gettext("If you typed the address, check it. If you followed a link, the page may have moved.")
    return answer(request, Refusal(404, "not_found", gettext("Page not found"), sentence))


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise for an error of ours, which Django logs; an outage met in a middleware is reported as an outage."""
    outage = outage_of(sys.exception())
    if outage is not None:
        return answer(request, outage)
    sentence = gettext(
        "Your cart is safe and nothing was charged twice. "
        "Please try again in a minute; if that does not help, call the shop."
    )
    return answer(request, Refusal(500, "fault", gettext("Something went wrong on our side"), sentence))
