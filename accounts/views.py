"""Signing up, in and out: allauth's views with our status codes, limits, demo sign-ins and cookie."""

from typing import Any

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, View

from accounts import links
from accounts.actors import actor_of
from accounts.adapter import LOCKED, STATE_COOKIE
from accounts.browser import remember_sign_up, sign_ups_of
from accounts.confirmation import Behind, look_behind
from accounts.demo import account_for, shown_accounts
from accounts.forms import ConfirmForm, LinkForm
from accounts.middleware import ENDED
from accounts.models import MailRequest
from accounts.selectors import has_owner
from accounts.sent_views import sent_url
from accounts.services.change_email import (
    OtherAccount,
    confirm_email_change,
    drop_email_change,
    resend_email_change,
)
from accounts.services.outgoing import request_link
from accounts.services.register import EmailTaken
from accounts.services.sessions import Overtaken
from accounts.services.sign_up import LinkIsGone, PasswordNeeded, confirm_account, remind, request_account
from common import clock
from common.actors import GUEST
from common.http import client_network
from common.throttle import TooManyAttempts

WANTED_EMAIL = "wanted_email"


class OurAnswers:
    """422 for a form with errors, 429 with a time to wait for too many attempts, 303 after success."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302:
            response.status_code = 303
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        for errors in form.errors.as_data().values():
            for error in errors:
                if error.code == LOCKED:
                    response.status_code = 429
                    response.headers["Retry-After"] = str(error.params["retry_after"])
        return response

    def refuse(self, form: Any, error: TooManyAttempts) -> HttpResponse:
        """Show the form again, with what was typed and the time to wait."""
        form.add_error(None, error.message)
        response = super().form_invalid(form)
        response.status_code = 429
        response.headers["Retry-After"] = str(error.extra["retry_after"])
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

    def form_valid(self, form: Any) -> HttpResponse:
        if form.unconfirmed is None:
            return super().form_valid(form)
        is_mailed = remind(sign_up_id=form.unconfirmed, at=clock.now())
        remember_sign_up(self.request, form.unconfirmed)
        return redirect(sent_url(is_mailed=is_mailed))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        target = context.get("redirect_field_value") or self.request.path
        is_for_work = target.startswith((reverse("wagtailadmin_home"), reverse("staff:board")))
        return {
            **context,
            "demo_accounts": shown_accounts(),
            "is_for_work": is_for_work,
            "was_signed_out": ENDED in self.request.GET,
            "has_no_owner": is_for_work and not has_owner(),
        }


class SignOutView(OurAnswers, allauth_views.LogoutView):
    """Ask, then sign out; the browser drops its cookie for personal fragments."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        response.delete_cookie(STATE_COOKIE, samesite="Lax")
        return response


class SignUpView(OurAnswers, allauth_views.SignupView):
    """Record a sign-up. The account exists once its address is verified."""

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        try:
            row = request_account(
                email=data["email"],
                name=data["name"],
                password=data["password1"],
                phone=data.get("phone") or "",
                network=client_network(self.request),
                at=clock.now(),
            )
        except TooManyAttempts as error:
            return self.refuse(form, error)
        remember_sign_up(self.request, row.pk)
        return redirect(sent_url(is_mailed=row.mailed_at is not None))


@method_decorator([never_cache, sensitive_post_parameters("password1")], name="dispatch")
class ConfirmEmailView(OurAnswers, View):
    """The link shows a page, its button confirms: mail scanners follow links and must not use them up.

    People who are signed in stay signed in, as themselves.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        behind = self._behind(links.read(key, at=clock.now()))
        return self._show(behind, form=self._form(behind) if behind.state == "password" else None)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        link = links.read(key, at=clock.now())
        behind = self._behind(link)
        if behind.state in ("account", "password"):
            return self._make_account(link, behind)
        if behind.state == "change":
            return self._change(link)
        return self._show(behind, status=404 if behind.state == "gone" else 409)

    def _behind(self, link: links.Link | None) -> Behind:
        return look_behind(link, browser=sign_ups_of(self.request), user=self.request.user)

    @staticmethod
    def _form(behind: Behind, typed: QueryDict | None = None) -> ConfirmForm:
        return ConfirmForm(typed, sign_up=behind.sign_up, is_noted=behind.is_noted)

    def _make_account(self, link: links.SignUpLink, behind: Behind) -> HttpResponse:
        chosen = {}
        if behind.state == "password":
            form = self._form(behind, self.request.POST)
            if not form.is_valid():
                return self._show(behind, form=form, status=422)
            data = form.cleaned_data
            chosen = {"password": data["password1"], "name": data["name"], "phone": data["phone"]}
        try:
            confirm_account(
                sign_up_id=link.sign_up_id, browser=sign_ups_of(self.request), **chosen, actor=GUEST, at=clock.now()
            )
        except (LinkIsGone, EmailTaken, PasswordNeeded):  # somebody was quicker
            return self._show(self._behind(link), status=409)
        messages.success(self.request, gettext("Your email is confirmed. You can sign in now."))
        # A signed-in person stays signed in; that page says as whom, and offers to sign out.
        return redirect("account_logout" if self.request.user.is_authenticated else "account_login")

    def _change(self, link: links.ChangeLink) -> HttpResponse:
        user = self.request.user
        try:
            confirm_email_change(user_id=user.pk, address_id=link.address_id, actor=actor_of(user), at=clock.now())
        except (LinkIsGone, OtherAccount, EmailTaken):  # somebody was quicker
            return self._show(self._behind(link), status=409)
        messages.success(self.request, gettext("Your email address has been changed."))
        return redirect("account_email")

    def _show(self, behind: Behind, *, form: ConfirmForm | None = None, status: int = 200) -> HttpResponse:
        context = {"behind": behind, "form": form, "key": self.kwargs["key"], "path": self.request.path}
        return render(self.request, "account/email_confirm.html", context, status=status)


class _LinkView(OurAnswers, FormView):
    """Send a link. Neither the answer nor its timing reveals whether anybody has this address."""

    form_class = LinkForm
    kind: MailRequest.Kind
    page_after: str

    def form_valid(self, form: LinkForm) -> HttpResponse:
        try:
            is_mailed = request_link(
                kind=self.kind,
                email=form.cleaned_data["email"],
                network=client_network(self.request),
                at=clock.now(),
            )
        except TooManyAttempts as error:
            return self.refuse(form, error)
        return redirect(sent_url(self.page_after, is_mailed=is_mailed, is_asked=True))


@method_decorator(never_cache, name="dispatch")
class ResendView(_LinkView):
    """A new link to confirm an address."""

    template_name = "account/resend.html"
    page_after = "account_email_verification_sent"
    kind = MailRequest.Kind.CONFIRM


@method_decorator(never_cache, name="dispatch")
class PasswordResetView(_LinkView):
    """A link to choose a new password."""

    template_name = "account/password_reset.html"
    page_after = "account_reset_password_done"
    kind = MailRequest.Kind.RESET


class EmailView(OurAnswers, allauth_views.EmailView):
    """Changing the email address; the old one stays until the new one is verified.

    What was typed waits in the session while the person gives the password again. Visitors' is not kept.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.method == "POST" and "action_add" in request.POST:
            request.session[WANTED_EMAIL] = request.POST.get("email", "")[:254]
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "email": self.request.session.get(WANTED_EMAIL, "")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "action_add" in request.POST:
            return super().post(request, *args, **kwargs)
        if "action_send" in request.POST:
            if resend_email_change(user_id=request.user.pk, at=clock.now()):
                messages.success(request, gettext("We have sent a new link."))
            else:
                messages.warning(request, _no_more_links())
        elif "action_remove" in request.POST and drop_email_change(user_id=request.user.pk):
            messages.success(request, gettext("You keep your old address."))
        return redirect("account_email")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response = super().form_valid(form)
        except TooManyAttempts as error:
            return self.refuse(form, error)
        self.request.session.pop(WANTED_EMAIL, None)
        if not form.is_mailed:
            messages.warning(self.request, _no_more_links())
        return response


def _no_more_links() -> str:
    return gettext("No more links can be sent there for now. Please try again later.")


class _OwnPassword(OurAnswers):
    """A password that the session's owner sets; it may have ended by the time it is set."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Overtaken as error:
            messages.error(self.request, error.message)
        except SessionInterrupted:  # just after it was set
            messages.success(self.request, gettext("Your password has been changed. Please sign in with it."))
        self.request.session.flush()
        return redirect("account_login")


class PasswordChangeView(_OwnPassword, allauth_views.PasswordChangeView):
    """A new password for the old one."""


class PasswordSetView(_OwnPassword, allauth_views.PasswordSetView):
    """A first password."""


class PasswordResetFromKeyView(OurAnswers, allauth_views.PasswordResetFromKeyView):
    """The page behind the link to a new password. People who are signed in here stay signed in."""

    def logout(self) -> None:
        """Do nothing: a link signs nobody out."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Overtaken:  # somebody was quicker with the same link
            return self.render_to_response(self.get_context_data(token_fail=True), status=409)


class ReauthenticateView(OurAnswers, allauth_views.ReauthenticateView):
    """Ask for the password again before a sensitive action."""

    def get_default_success_url(self) -> str:
        return reverse("account_email")
