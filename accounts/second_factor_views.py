"""Pages of the second factor: the code at sign-in, turning it on and off, recovery codes."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import FormView

from accounts.second_factor import app_address, has_second_factor, must_have_second_factor, standing_of
from accounts.second_factor_forms import CodeForm, TurnOnForm, refusal
from accounts.services.second_factor import (
    AlreadyOn,
    NotOn,
    Required,
    WrongCode,
    put_codes_away,
    renew_recovery_codes,
    replace_app,
    turn_off,
    turn_on,
)
from accounts.views import OurAnswers
from common import clock, qr
from common.http import post_only, see_other
from common.mail import site_name
from common.throttle import TooManyAttempts

SECRET = "second_factor_secret"  # noqa: S105 - where the session keeps it until the app has shown a code


@require_safe
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Say whether it is on."""
    context = {"standing": standing_of(request.user), "is_needed": must_have_second_factor(request.user)}
    return render(request, "account/second_factor.html", context)


@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class CodeView(OurAnswers, FormView):
    """The code after the password. allauth keeps the sign-in waiting and goes on with it.

    If the second step has been turned off since, in another tab or by an owner, the password was all that is needed.
    """

    template_name = "account/second_factor_code.html"
    form_class = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return see_other(settings.LOGIN_REDIRECT_URL)
        self.stage = LoginStageController.enter(request, AuthenticateStage.key)
        # Nobody has given a password here, or too long ago.
        return super().dispatch(request, *args, **kwargs) if self.stage else redirect_to_login("/")

    @property
    def is_off(self) -> bool:
        return not has_second_factor(self.stage.login.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.stage.login.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "is_off": self.is_off}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.stage.exit() if self.is_off else super().post(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        form.note(self.request)
        return self.stage.exit()


@method_decorator(
    [never_cache, login_required, reauthentication_required, sensitive_post_parameters("code")], name="dispatch"
)
class TurnOnView(OurAnswers, FormView):
    """Show the secret to an app, and turn it on once the app shows a right code."""

    template_name = "account/second_factor_on.html"
    form_class = TurnOnForm

    change = staticmethod(turn_on)
    is_for_people_with_it = False
    success_url = reverse_lazy("mfa_view_recovery_codes")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (standing_of(request.user) is not None) != self.is_for_people_with_it:
            return redirect("mfa_index")
        return super().get(request, *args, **kwargs)

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer without a secret: it would be kept."""
        return HttpResponse()

    def form_valid(self, form: TurnOnForm) -> HttpResponse:
        session = self.request.session
        try:
            self.change(
                user=self.request.user,
                secret=session.get(SECRET, ""),
                code=form.cleaned_data["code"],
                keep=session.session_key,
                at=clock.now(),
            )
        except (WrongCode, TooManyAttempts) as error:
            form.add_error("code", refusal(error))
            return self.form_invalid(form)
        except (AlreadyOn, NotOn):
            return redirect("mfa_index")
        del session[SECRET]
        return redirect(self.success_url)

    @method_decorator(sensitive_variables("secret", "address"))
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        secret = self.request.session.setdefault(SECRET, generate_totp_secret())
        address = app_address(self.request.user, secret)
        side, path = qr.svg_path(address)
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return {
            **super().get_context_data(**kwargs),
            "qr_side": side,
            "qr_path": path,
            "secret": spaced,
            "app": address,
            "replaces": self.is_for_people_with_it,
        }


class AnotherAppView(TurnOnView):
    """Show a new secret to another app, and ask for its codes once it shows a right one."""

    change = staticmethod(replace_app)
    is_for_people_with_it = True
    success_url = reverse_lazy("mfa_index")

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer without a secret: it would be kept."""
        return HttpResponse()

    def form_valid(self, form: TurnOnForm) -> HttpResponse:
        answer = super().form_valid(form)
        if SECRET not in self.request.session:
            messages.success(self.request, gettext("From now on we ask for codes of the new app."))
        return answer


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required
def turn_off_page(request: HttpRequest) -> HttpResponse:
    """Ask, then turn it off."""
    if request.method != "POST":
        may_turn_off = standing_of(request.user) and not must_have_second_factor(request.user)
        return render(request, "account/second_factor_off.html") if may_turn_off else redirect("mfa_index")
    try:
        turn_off(user=request.user, session=request.session.session_key, at=clock.now())
    except Required as error:
        return render(request, "account/second_factor_off.html", {"refusal": error.message}, status=409)
    except NotOn:
        return see_other(reverse("mfa_index"))
    messages.success(request, gettext("The second step is off."))
    return see_other(reverse("mfa_index"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required
def codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes until the person has kept them; then never again."""
    if request.method == "POST":
        put_codes_away(user=request.user, at=clock.now())
        return see_other(reverse("mfa_index"))
    shown = _shown_codes(request)
    if not shown:  # put away since, and the page is looked at again
        return redirect("mfa_index")
    return render(request, "account/recovery_codes.html", {"codes": shown, "site": site_name()})


@require_safe
@never_cache
@login_required
@reauthentication_required
def codes_file(request: HttpRequest) -> HttpResponse:
    """Send the recovery codes as a text file, as long as they are shown."""
    shown = _shown_codes(request)
    if not shown:
        raise Http404("no codes to show")
    head = gettext("Recovery codes of %(email)s for %(site)s. Each works once.")
    lines = [head % {"email": request.user.email, "site": site_name()}, "", *shown]
    name = "attachment; filename=recovery-codes.txt"
    return HttpResponse("\n".join(lines) + "\n", "text/plain; charset=utf-8", headers={"Content-Disposition": name})


@post_only
@never_cache
@login_required
@reauthentication_required
def new_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them."""
    try:
        renew_recovery_codes(user=request.user, session=request.session.session_key, at=clock.now())
    except NotOn:
        return see_other(reverse("mfa_index"))
    return see_other(reverse("mfa_view_recovery_codes"))


def _shown_codes(request: HttpRequest) -> list[str]:
    standing = standing_of(request.user)
    return standing.codes if standing else []
