"""The pages after somebody had a link sent: whether emails go to that address now, never whether it has an account."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

ASKED, LIMIT = "asked", "limit"


def sent_url(name: str = "account_email_verification_sent", *, is_mailed: bool, is_asked: bool = False) -> str:
    """Return the address of the page. `is_asked`: an email was asked for that only some addresses get."""
    how = (ASKED if is_asked else "") if is_mailed else LIMIT
    return f"{reverse(name)}?{urlencode({'how': how})}" if how else reverse(name)


@method_decorator(never_cache, name="dispatch")
class SentView(TemplateView):
    """After signing up, or asking for the link to confirm an address."""

    template_name = "account/verification_sent.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "how": self.request.GET.get("how", "")}


class ResetSentView(SentView):
    """After asking for a link to choose a password."""

    template_name = "account/password_reset_done.html"
