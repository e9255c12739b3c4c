"""The content security policy: django-csp for the shop, a fixed relaxed one under /admin/."""

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ContentPolicyMiddleware(CSPMiddleware):
    """Send our policy everywhere; Wagtail's editor needs inline code and gets its own."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if request.path_info.startswith("/admin/"):
            response.headers.setdefault("Content-Security-Policy", settings.ADMIN_CONTENT_POLICY)
        return response
