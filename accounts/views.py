"""Signing up, in and out: allauth's views with our status codes, demo sign-ins and cookie."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.decorators import rate_limit
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from accounts.adapter import LOCKED_SECONDS, STATE_COOKIE
from accounts.demo import account_for, shown_accounts
from accounts.forms import ResendForm

LOCKED = "too_many_login_attempts"
LIMIT_SECONDS = 60


class OurAnswers:
    """422 for a form with errors, 429 with a time to wait for too many tries, 303 after success."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302:
            response.status_code = 303
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(LIMIT_SECONDS))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        if form.has_error("__all__", LOCKED):
            response.status_code = 429
            response.headers["Retry-After"] = str(LOCKED_SECONDS)
        return response


class SignInView(OurAnswers, allauth_views.LoginView):
    """The one sign-in for site, staff and CMS. In a demo it offers the demo's accounts."""

    def get_initial(self) -> dict[str, Any]:
        account = account_for(self.request.GET.get("demo"))
        return {**super().get_initial(), **({"login": account.email, "password": account.password} if account else {})}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        # Only the demo's public password is ever written into the page.
        form.fields["password"].widget.render_value = not form.is_bound and bool(form.initial.get("password"))
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_accounts": shown_accounts()}


class SignOutView(OurAnswers, allauth_views.LogoutView):
    """Asks, then signs out; the browser forgets that there was something personal."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        response.delete_cookie(STATE_COOKIE, samesite="Lax")
        return response


class SignUpView(OurAnswers, allauth_views.SignupView):
    """Makes an account that cannot sign in until its mailbox is proven."""


class ConfirmEmailView(OurAnswers, allauth_views.ConfirmEmailView):
    """The link shows a button, the button confirms: mail scanners follow links and must not use them up."""


@method_decorator([never_cache, rate_limit(action="resend_confirmation")], name="dispatch")
class ResendView(OurAnswers, FormView):
    """Sends a new confirmation link. The answer does not say whether there is such an account."""

    template_name = "account/resend.html"
    form_class = ResendForm
    success_url = reverse_lazy("account_email_verification_sent")

    def form_valid(self, form: ResendForm) -> HttpResponse:
        email = form.cleaned_data["email"].lower()
        address = EmailAddress.objects.filter(email=email, verified=False, user__is_active=True).first()
        if address:
            send_verification_email_to_address(self.request, address, signup=True)
        return super().form_valid(form)


class EmailView(OurAnswers, allauth_views.EmailView):
    """Changing the e-mail address; the old one stays until the new one is proven."""


class PasswordChangeView(OurAnswers, allauth_views.PasswordChangeView):
    """A new password for the old one."""


class PasswordSetView(OurAnswers, allauth_views.PasswordSetView):
    """A first password."""


class PasswordResetView(OurAnswers, allauth_views.PasswordResetView):
    """Sends a link to a new password. The answer does not say whether there is such an account."""


class PasswordResetFromKeyView(OurAnswers, allauth_views.PasswordResetFromKeyView):
    """The page behind that link."""


class ReauthenticateView(OurAnswers, allauth_views.ReauthenticateView):
    """Asks for the password once more before something delicate."""
