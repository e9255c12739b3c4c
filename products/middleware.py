"""Refusals to publish where no form can show them: a message on the page's editor, never a 500."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages

from common.refusals import wants_json
from products.publishing import NotReady


class NotReadyMiddleware:
    """Answer NotReady for approvals and bulk actions of the CMS; forms say it beside their fields."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotReady):
            return None
        editor = reverse("wagtailadmin_pages:edit", args=[exception.page_id])
        is_modal = request.resolver_match is not None and request.resolver_match.url_name == "workflow_action"
        if wants_json(request) and not is_modal:
            return JsonResponse({"message": exception.sentence, "code": "not_ready"}, status=422)
        messages.error(request, exception.sentence)
        # The dashboard's dialog follows the URL of an answer that says success.
        return JsonResponse({"step": "success", "redirect": editor}) if wants_json(request) else redirect(editor)
